"""Attach to the terminal and prove that it is the agreed account before anything else is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from ..domain.messages import Message, declare
from ..domain.records import AccountInfo, TerminalInfo
from .command import Reply
from .module_caller import Identity
from .sentences import explain, needs_a_person
from .spec import TerminalSpec

Kind = TypeVar("Kind")
Ask = Callable[[str, tuple[object, ...], Mapping[str, object]], Reply]

OTHER_ACCOUNT = declare(
    "connection.other_account",
    "MetaTrader is logged in to account {found}, agreed was {wanted}. No order gets through and bots are frozen; "
    "open positions keep their stops. Log in to {wanted} in MetaTrader, or connect to {found} on purpose.",
)
OTHER_SERVER = declare(
    "connection.other_server",
    "MetaTrader is connected to the server {found}, agreed was {wanted}. No order gets through and bots are frozen; "
    "open positions keep their stops. Log in to the right server, or connect to this one on purpose.",
)
REAL_MONEY = declare(
    "connection.real_money",
    "This is not a demo account (account {found}). No order gets through; nothing was opened. "
    "Log in to a demo account, or allow real money for this account in the connect dialog.",
)
OTHER_TRADE_MODE = declare(
    "connection.other_trade_mode",
    "The account changed between demo and real money. No order gets through and bots are frozen; open positions keep "
    "their stops. Log in to the agreed account, or connect to this one on purpose.",
)
OTHER_MARGIN_MODE = declare(
    "connection.other_margin_mode",
    "The account changed between hedging and netting. No order gets through and bots are frozen; open positions keep "
    "their stops. Log in to the agreed account, or connect to this one on purpose.",
)

_TERMINAL_WAITS_MS = 60_000


@dataclass(frozen=True)
class Greeting:
    """What was found at the other end."""

    account: AccountInfo
    terminal: TerminalInfo


class HandshakeError(Exception):
    """The attempt failed; `final` when only a person can mend it."""

    def __init__(self, reason: Message, *, final: bool = False) -> None:
        self.reason = reason
        self.final = final
        super().__init__(reason.text)


def greet(
    ask: Ask, spec: TerminalSpec, identity: Identity, password: Callable[[], str | None] | None
) -> Greeting:
    """Attach, without credentials first; log in only when the account differs and `password` gives one.

    Raises HandshakeError.
    """
    _must(ask("initialize", *_initialize_arguments(spec)))
    account = _record(ask("account_info", (), {}), AccountInfo)
    if (
        identity.mismatch(account) in ("account", "server")
        and spec.account is not None
        and password is not None
    ):
        secret = password()
        if secret is not None:
            more = {"password": secret, "timeout": _TERMINAL_WAITS_MS}
            if spec.server is not None:
                more["server"] = spec.server
            _must(ask("login", (spec.account,), more))
            account = _record(ask("account_info", (), {}), AccountInfo)
    wrong = difference(identity, account)
    if wrong is not None:
        raise HandshakeError(wrong)
    return Greeting(account, _record(ask("terminal_info", (), {}), TerminalInfo))


def difference(identity: Identity, account: AccountInfo) -> Message | None:
    """Why orders may not go to `account`; None when it is the agreed one."""
    wrong = identity.mismatch(account)
    if wrong == "account":
        return OTHER_ACCOUNT(found=account.login, wanted=identity.account)
    if wrong == "server":
        return OTHER_SERVER(found=account.server, wanted=identity.server)
    if wrong == "trade_mode":
        known = identity.trade_mode is not None and not identity.demo_only
        return OTHER_TRADE_MODE() if known else REAL_MONEY(found=account.login)
    if wrong == "margin_mode":
        return OTHER_MARGIN_MODE()
    return None


def _initialize_arguments(spec: TerminalSpec) -> tuple[tuple[object, ...], Mapping[str, object]]:
    if spec.simulated:
        return (), {}
    named: dict[str, object] = {"timeout": _TERMINAL_WAITS_MS}
    if spec.portable:
        named["portable"] = True
    return ((spec.path,) if spec.path else ()), named


def _must(reply: Reply) -> None:
    if reply.failed:
        raise HandshakeError(explain(reply.cause), final=needs_a_person(reply.error))


def _record(reply: Reply, kind: type[Kind]) -> Kind:
    _must(reply)
    if not isinstance(reply.value, kind):
        raise HandshakeError(explain(reply.cause))
    return reply.value
