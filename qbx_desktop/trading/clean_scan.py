"""A clean scan: everything the broker knows about a stretch of time, read while the link was up from start to end."""

from __future__ import annotations

from dataclasses import dataclass

from ..broker.errors import TerminalError
from ..broker.terminal import Terminal
from ..domain.errors import Temporary
from ..domain.messages import declare
from ..domain.records import TradeDeal, TradeOrder, TradePosition

_NO_LINK = declare(
    "scan.no_link", "MetaTrader 5 has no connection to the broker. Nothing is decided until it is back."
)
_OTHER_ACCOUNT = declare(
    "scan.account", "The terminal shows account {found}, not {wanted}. Nothing is decided until it is back."
)

# History is asked for with room on both sides: the server's clock runs on its own.
BEFORE = 3_600
AFTER = 2 * 86_400


@dataclass(frozen=True)
class Scan:
    """The broker's records. `server_time` when it was taken; `since` where its history begins, server seconds."""

    positions: tuple[TradePosition, ...]
    orders: tuple[TradeOrder, ...]
    history_orders: tuple[TradeOrder, ...]
    deals: tuple[TradeDeal, ...]
    server_time: int
    since: int


class NotClean(Temporary):
    """The scan proves nothing; not to be read as "nothing there"."""


def take_scan(terminal: Terminal, account: int, server: str, since: int) -> Scan:
    """Read positions, orders and the history from `since` (server seconds) to two days ahead of the server's clock.

    Raises NotClean when the broker link was down before or after, or on another account; TerminalError when a
    single read failed.
    """
    _check_link(terminal, account, server)
    server_time = terminal.server_time()
    until = server_time + AFTER
    # The history first: what fills in between is then seen in the positions, and never the other way round.
    history_orders = tuple(terminal.history_orders(since, until))
    deals = tuple(terminal.history_deals(since, until))
    orders = tuple(terminal.orders())
    positions = tuple(terminal.positions())
    _check_link(terminal, account, server)
    return Scan(positions, orders, history_orders, deals, server_time, since)


def _check_link(terminal: Terminal, account: int, server: str) -> None:
    if not terminal.terminal_info().connected:
        raise NotClean(_NO_LINK())
    found = terminal.account()
    if found.login != account or found.server != server:
        raise NotClean(_OTHER_ACCOUNT(found=found.login, wanted=account))


__all__ = ["AFTER", "BEFORE", "NotClean", "Scan", "TerminalError", "take_scan"]
