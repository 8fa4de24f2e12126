"""The server as JSON bytes and back: accounts, counters, clock and chance; prices follow from the seed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from ..domain.errors import Stop
from ..domain.messages import declare
from ..domain.mt5 import Side
from ..domain.records import TradeDeal, TradeOrder
from .account import Account, Holding
from .clock import SimClock
from .execution import Counters
from .history_texts import HistoryTexts, json_text
from .server import SimServer

VERSION = 1

_DAMAGED = declare(
    "simulator.snapshot",
    "The practice account's file cannot be read ({detail}). It is practice money only. Restore the file from a backup, "
    "or remove it to start a new practice account.",
)
_NEWER = declare(
    "simulator.snapshot_newer",
    "The practice account was written by a newer version of the program. It was left as it is; update the program.",
)


def ledger_of(account: Account, texts: HistoryTexts | None = None) -> str:
    """Everything that was booked and everything open, as one JSON object; the same run gives the same bytes."""
    texts = texts or HistoryTexts()
    holdings = [dataclasses.astuple(holding) for holding in account.holdings.values()]
    head = {
        "login": account.login, "password": account.password, "settings": dict(account.settings),
        "balance": account.balance, "credit": account.credit, "holdings": holdings,
        "orders": [dataclasses.astuple(order) for order in account.orders.values()],
    }  # fmt: skip
    return f'{json_text(head)[:-1]},"past_orders":{texts.orders(account)},"deals":{texts.deals(account)}}}'


def snapshot_of(server: SimServer, clock: SimClock, login: int, selected: Mapping[str, bool]) -> bytes:
    """The whole server, for :func:`restore`."""
    head = {
        "version": VERSION, "profile": server.profile.name, "seed": server.seed, "path": server.path,
        "now_ms": server.now_ms, "origin_week": server.origin_week, "clock": clock.saved(), "login": login,
        "selected": dict(selected),
        "counters": dataclasses.asdict(server.counters), "drawn": server.chance.drawn,
        "low_first": {
            name: series.low_first for name, series in server.market.series.items() if series.low_first
        },
    }  # fmt: skip
    accounts = ",".join(
        ledger_of(account, server.texts.setdefault(account.login, HistoryTexts()))
        for account in server.accounts.values()
    )
    return f'{json_text(head)[:-1]},"accounts":[{accounts}]}}'.encode()


@dataclasses.dataclass(frozen=True)
class Restored:
    """What a snapshot holds."""

    profile: str
    seed: int
    path: str
    now_ms: int
    origin_week: int
    login: int
    clock: Mapping[str, Any]
    selected: dict[str, bool]
    counters: Counters
    drawn: int
    low_first: Mapping[str, Mapping[str, bool]]
    accounts: dict[int, Account]


def read_snapshot(content: bytes) -> Restored:
    """Read a snapshot. Raises Stop when it is damaged or from a newer version."""
    try:
        data = json.loads(content)
        if data["version"] > VERSION:
            raise Stop(_NEWER())
        return Restored(
            profile=data["profile"], seed=data["seed"], path=data["path"], now_ms=data["now_ms"],
            origin_week=data["origin_week"], login=data["login"], clock=data["clock"],
            selected=data["selected"], counters=Counters(**data["counters"]), drawn=data["drawn"],
            low_first=data["low_first"],
            accounts={each["login"]: _account(each) for each in data["accounts"]},
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Stop(_DAMAGED(detail=f"{type(error).__name__}: {error}")) from error


def _account(data: Mapping[str, Any]) -> Account:
    holdings = [Holding(*row) for row in data["holdings"]]
    for holding in holdings:
        holding.side = Side(holding.side)
    orders = [TradeOrder(*row) for row in data["orders"]]
    return Account(
        login=data["login"], password=data["password"], settings=data["settings"], balance=data["balance"],
        credit=data["credit"], holdings={holding.ticket: holding for holding in holdings},
        orders={order.ticket: order for order in orders},
        past_orders=[TradeOrder(*row) for row in data["past_orders"]],
        deals=[TradeDeal(*row) for row in data["deals"]],
    )  # fmt: skip
