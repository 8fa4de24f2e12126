"""Disturbances that change the terminal, the account or the market: each begins, and most end again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.mt5 import OrderType, TradeAction, TradeExecution
from ..domain.records import TradeRequest
from .account import Account
from .altered_feed import AlteredFeed
from .terminal_state import Seen, TerminalState

_SYMBOL = declare("simulator.fault_symbol", "The disturbance names {symbol!r}, which is not offered.")

_NEVER_MS = 2**62

# kind -> its own settings and their defaults. With `seconds` it ends by itself; the market's changes stay.
SETTINGS: dict[str, dict[str, Any]] = {
    "algo_off": {},
    "api_disabled": {},
    "experts_off": {},
    "investor": {},
    "disconnected": {},
    "real_account": {},
    "account_switched": {"login": 50_099_999},
    "restarted": {"build": 0},
    "frozen": {"symbol": "*"},
    "spread": {"symbol": "*", "factor": 20.0},
    "jump": {"symbol": "*", "points": 500},
    "bar_revised": {"symbol": "*", "points": 20},
    "bars_missing": {"symbol": "*", "length": 600},
    "clock_shift": {"hours": -1},
    "symbol_removed": {"symbol": ""},
    "contract_changed": {"symbol": "", "values": {"trade_contract_size": 10.0}},
    "comments": {"length": 16, "text": ""},
    "big_tickets": {},
    "stranger_deal": {"symbol": "EURUSD", "side": "buy", "volume": 0.01, "magic": 1},
    "deposit": {"amount": 1_000.0},
}


def begin(kind: str, state: TerminalState, settings: dict[str, Any]) -> Any:
    """Start a disturbance; what is needed to end it is returned."""
    return _BEGIN[kind](state, settings)


def end(kind: str, state: TerminalState, before: Any) -> None:
    """Undo a disturbance."""
    if kind in _END:
        _END[kind](state, before)


# --- terminal and account ---


def _terminal_flag(name: str, value: bool) -> Callable[[TerminalState, dict[str, Any]], Any]:
    def start(state: TerminalState, _settings: dict[str, Any]) -> Any:
        before = state.flags.get(name)
        state.flags[name] = value
        return name, before

    return start


def _restore_terminal(state: TerminalState, before: tuple[str, Any]) -> None:
    name, value = before
    if value is None:
        state.flags.pop(name, None)
    else:
        state.flags[name] = value


def _account_flag(name: str, value: Any) -> Callable[[TerminalState, dict[str, Any]], Any]:
    def start(state: TerminalState, _settings: dict[str, Any]) -> Any:
        account = state.account
        before = account, name, account.settings.get(name)
        account.settings = {**account.settings, name: value}
        return before

    return start


def _restore_account(_state: TerminalState, before: tuple[Account, str, Any]) -> None:
    account, name, value = before
    account.settings = {**account.settings, name: value}


def _disconnect(state: TerminalState, _settings: dict[str, Any]) -> None:
    state.flags["connected"] = False
    state.stale_ms = state.server.now_ms
    state.seen = Seen.of(state.account, _NEVER_MS, 0)


def _reconnect(state: TerminalState, _before: Any) -> None:
    state.flags["connected"] = True
    state.stale_ms = state.seen = None


def _switch_account(state: TerminalState, settings: dict[str, Any]) -> int:
    before, number = state.account.login, int(settings["login"])
    if number not in state.server.accounts:
        other = Account(number, "", {**state.account.settings, "name": "Another account"})
        state.server.accounts[number] = other
        state.server.execution.deposit(other, 5_000.0, "Deposit")
    state.use_account(number)
    return before


def _restart(state: TerminalState, settings: dict[str, Any]) -> None:
    """The terminal was closed and opened again, perhaps updated: the pipe stays dead until `initialize`."""
    state.flags["build"] = int(settings["build"]) or int(state.flags["build"]) + 1
    state.break_link(-10001, "IPC send failed")


# --- market ---


def _names(state: TerminalState, settings: dict[str, Any]) -> list[str]:
    name = settings["symbol"]
    market = state.server.market
    if name == "*":
        return list(market.setups)
    if name not in market.setups:
        raise UserMistake(_SYMBOL(symbol=name))
    return [name]


def _freeze(state: TerminalState, settings: dict[str, Any]) -> list[str]:
    names = _names(state, settings)
    for name in names:
        state.server.market.frozen[name] = state.server.now_ms
    return names


def _thaw(state: TerminalState, names: list[str]) -> None:
    for name in names:
        state.server.market.frozen.pop(name, None)


def _widen(state: TerminalState, settings: dict[str, Any]) -> list[str]:
    names = _names(state, settings)
    for name in names:
        state.server.market.spread_factors[name] = float(settings["factor"])
    return names


def _narrow(state: TerminalState, names: list[str]) -> None:
    for name in names:
        state.server.market.spread_factors.pop(name, None)


def _altered(state: TerminalState, name: str) -> AlteredFeed:
    series = state.server.market.series[name]
    if not isinstance(series.feed, AlteredFeed):
        series.feed = AlteredFeed(series.feed, series.setup.digits)
    series.forget()
    return series.feed


def _jump(state: TerminalState, settings: dict[str, Any]) -> None:
    for name in _names(state, settings):
        point = state.server.market.setups[name].point
        _altered(state, name).jump(state.server.now_ms // 1_000, float(settings["points"]) * point)


def _revise(state: TerminalState, settings: dict[str, Any]) -> None:
    """Change the close of the last bar that is complete."""
    for name in _names(state, settings):
        series = state.server.market.series[name]
        found = series.locate(state.server.now_ms - series.feed.seconds * 1_000)
        if found is not None:
            time = int(found.week.time[found.index])
            _altered(state, name).revise(time, float(settings["points"]) * series.setup.point)


def _hole(state: TerminalState, settings: dict[str, Any]) -> None:
    first = state.server.now_ms // 1_000 + 1
    for name in _names(state, settings):
        _altered(state, name).hole(first, first + int(settings["length"]))


def _shift_clock(state: TerminalState, settings: dict[str, Any]) -> None:
    """The broker moves its clock; moved back, its feed rests until the hour is over."""
    state.clock.shift += round(float(settings["hours"]) * 3_600)


def _remove_symbol(state: TerminalState, settings: dict[str, Any]) -> list[str]:
    names = _names(state, settings)
    state.removed.update(names)
    return names


def _return_symbol(state: TerminalState, names: list[str]) -> None:
    state.removed.difference_update(names)


def _change_contract(state: TerminalState, settings: dict[str, Any]) -> None:
    market = state.server.market
    market.revision += 1
    for name in _names(state, settings):
        setup = market.setups[name]
        info = {**setup.info, **settings["values"]}
        market.setups[name] = replace(
            setup, info=info, tick_price=setup.tick_price / setup.info["trade_contract_size"] * info["trade_contract_size"]
        )  # fmt: skip


# --- server ---


def _rewrite_comments(state: TerminalState, settings: dict[str, Any]) -> None:
    text, length = str(settings["text"]), int(settings["length"])
    state.server.comment_rule = (lambda _: text) if text else (lambda comment: comment[:length])


def _keep_comments(state: TerminalState, _before: Any) -> None:
    state.server.comment_rule = None


def _raise_tickets(state: TerminalState, _settings: dict[str, Any]) -> None:
    state.server.counters.order += 2**33
    state.server.counters.deal += 2**33


def _stranger(state: TerminalState, settings: dict[str, Any]) -> None:
    """Somebody else trades this account, perhaps with our magic."""
    name = str(settings["symbol"])
    quote = state.server.market.quote(name) if name in state.server.market.setups else None
    if quote is None:
        raise UserMistake(_SYMBOL(symbol=name))
    kind = OrderType.BUY if settings["side"] == "buy" else OrderType.SELL
    setup = state.server.market.setups[name]
    exchange = setup.info["trade_exemode"] == TradeExecution.EXCHANGE
    filling = 2 if exchange else 0 if setup.info["filling_mode"] & 1 else 1
    request = TradeRequest(
        action=TradeAction.DEAL, symbol=name, volume=float(settings["volume"]), type=kind,
        price=quote[1] if kind == OrderType.BUY else quote[0], magic=int(settings["magic"]),
        type_filling=filling, deviation=1_000,
    )  # fmt: skip
    state.server.send(state.account, request)


def _pay_in(state: TerminalState, settings: dict[str, Any]) -> None:
    state.server.execution.deposit(state.account, float(settings["amount"]), "Deposit")
    state.server.timeline.changed = True


_BEGIN: dict[str, Callable[[TerminalState, dict[str, Any]], Any]] = {
    "algo_off": _terminal_flag("trade_allowed", False),
    "api_disabled": _terminal_flag("tradeapi_disabled", True),
    "experts_off": _account_flag("trade_expert", False),
    "investor": _account_flag("trade_allowed", False),
    "real_account": _account_flag("trade_mode", 2),
    "disconnected": _disconnect,
    "account_switched": _switch_account,
    "restarted": _restart,
    "frozen": _freeze,
    "spread": _widen,
    "jump": _jump,
    "bar_revised": _revise,
    "bars_missing": _hole,
    "clock_shift": _shift_clock,
    "symbol_removed": _remove_symbol,
    "contract_changed": _change_contract,
    "comments": _rewrite_comments,
    "big_tickets": _raise_tickets,
    "stranger_deal": _stranger,
    "deposit": _pay_in,
}

_END: dict[str, Callable[[TerminalState, Any], None]] = {
    "algo_off": _restore_terminal,
    "api_disabled": _restore_terminal,
    "experts_off": _restore_account,
    "investor": _restore_account,
    "real_account": _restore_account,
    "disconnected": _reconnect,
    "account_switched": lambda state, before: state.use_account(before),
    "frozen": _thaw,
    "spread": _narrow,
    "symbol_removed": _return_symbol,
    "comments": _keep_comments,
}
