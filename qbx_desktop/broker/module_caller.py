"""The only road to the module's functions: coerces, guards each order at the last moment, reads last_error at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..domain.errors import UserMistake
from ..domain.mt5 import AccountTradeMode, TradeAction
from ..domain.records import AccountInfo
from .command import BROKEN_CALL, HALTED, INTERNAL_FAIL, SUCCESS, WRONG_ACCOUNT, Error, Reply
from .convert import FUNCTIONS, WrongAnswerError, to_argument, to_plain, to_request


@dataclass(frozen=True)
class Identity:
    """The account that orders may go to; None where any will do."""

    account: int | None = None
    server: str | None = None
    margin_mode: int | None = None
    trade_mode: int | None = None
    demo_only: bool = True

    def mismatch(self, found: AccountInfo) -> str:
        """Which of the account's features differs: "account", "server", "margin_mode", "trade_mode", or ""."""
        if self.account is not None and found.login != self.account:
            return "account"
        if self.server is not None and found.server != self.server:
            return "server"
        if self.demo_only and found.trade_mode not in (AccountTradeMode.DEMO, AccountTradeMode.CONTEST):
            return "trade_mode"
        if self.trade_mode is not None and found.trade_mode != self.trade_mode:
            return "trade_mode"
        if self.margin_mode is not None and found.margin_mode != self.margin_mode:
            return "margin_mode"
        return ""

    def pinned_to(self, found: AccountInfo) -> Identity:
        """This identity with every open point filled from the account found."""
        return Identity(found.login, found.server, found.margin_mode, found.trade_mode, self.demo_only)


class ModuleCaller:
    """Calls an object that looks like the `MetaTrader5` module. One thread only: the module is not thread-safe."""

    def __init__(self, module: object, halt_file: Path | None, identity: Identity) -> None:
        self._module = module
        self._halt_file = halt_file
        self.identity = identity

    def call(self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object], flatten: bool) -> Reply:
        """Call one function. Never raises for what the module does; see :class:`Reply` for the outcomes.

        `flatten` marks a command that an emergency gave: only that may close positions in spite of the HALT file.
        """
        if name not in FUNCTIONS and not name.startswith("sim_"):
            return Reply(None, (BROKEN_CALL, "no such function"), sent=False, exception=f"unknown: {name}")
        if name in _REQUESTS and len(args) == 1 and isinstance(args[0], Mapping):
            args = (to_request(args[0]),)
        else:
            args = tuple(to_argument(each) for each in args)
        if name == "order_send":
            refused = self._refusal(args, flatten)
            if refused is not None:
                return refused
        return self._call(name, args, {key: to_argument(value) for key, value in kwargs.items()})

    def _call(self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Reply:
        try:
            function = getattr(self._module, name)
            # An empty `**kwargs` makes the real order_send answer "Unnamed arguments not allowed".
            value = function(*args, **kwargs) if kwargs else function(*args)
        except UserMistake as mistake:
            return Reply(None, (BROKEN_CALL, mistake.sentence), sent=False, exception=mistake.sentence)
        except Exception as error:  # noqa: BLE001 - whatever the module raises is an answer, not our bug
            cause = f" ({error.__cause__})" if error.__cause__ else ""
            text = f"{type(error).__name__}: {error}{cause}"
            sent = False if isinstance(error, _REFUSED_ARGUMENTS) else None
            return Reply(None, self._last_error(), sent=sent, exception=text)
        error_now = SUCCESS if name.startswith("sim_") else self._last_error()
        if value is None and name in _MISLEADING and error_now[0] == _INCOMPATIBLE:
            # Without a connection these two speak of incompatible versions.
            probe = self._call("terminal_info", (), {})
            error_now = probe.error if probe.failed else error_now
        try:
            return Reply(to_plain(name, value), error_now)
        except WrongAnswerError as wrong:
            unknown = None if name == "order_send" else True
            return Reply(None, (INTERNAL_FAIL, f"IPC call failed: {wrong}"), sent=unknown)

    def _last_error(self) -> Error:
        try:
            code, text = self._module.last_error()  # type: ignore[attr-defined]  # the module is duck-typed
            return int(code), str(text)
        except Exception as error:  # noqa: BLE001 - a module too broken to say why
            return INTERNAL_FAIL, f"last_error failed: {error}"

    def _refusal(self, args: tuple[object, ...], flatten: bool) -> Reply | None:
        if self._halt_file is not None and not (flatten and _only_closes(args)) and self._halt_file.exists():
            return Reply(None, (HALTED, "halted, not sent"), sent=False)
        account = self._call("account_info", (), {})
        if not isinstance(account.value, AccountInfo):
            return Reply(None, account.error, sent=False, exception=account.exception)
        wrong = self.identity.mismatch(account.value)
        if wrong:
            text = f"another account, not sent: {wrong} is {_found(account.value, wrong)!r}"
            return Reply(None, (WRONG_ACCOUNT, text), sent=False)
        return None


# What the module raises while it still reads the arguments: nothing was sent then.
_REFUSED_ARGUMENTS = (TypeError, SystemError, ValueError, OverflowError, AttributeError)
_MISLEADING = frozenset({"symbols_total", "symbols_get"})
_INCOMPATIBLE = -5
_REQUESTS = frozenset({"order_send", "order_check"})
_CLOSING = frozenset({TradeAction.REMOVE, TradeAction.CLOSE_BY})


def _only_closes(args: tuple[object, ...]) -> bool:
    request = args[0] if args else None
    if not isinstance(request, dict):
        return False
    action = request.get("action")
    return action in _CLOSING or (action == TradeAction.DEAL and bool(request.get("position")))


def _found(account: AccountInfo, name: str) -> object:
    return account.login if name == "account" else getattr(account, name)
