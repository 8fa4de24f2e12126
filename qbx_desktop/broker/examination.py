"""Looks a connected terminal over: account, permissions, server time, latency of each kind of call."""

from __future__ import annotations

import time
from collections.abc import Mapping

from ..domain.clock import Clock, server_text, utc_text
from ..domain.messages import declare
from ..domain.mt5 import AccountTradeMode, MarginMode
from ..domain.records import Tick
from ..domain.timeframe import Timeframe
from .errors import TerminalError
from .terminal import Terminal

NO_SYMBOL = declare(
    "doctor.no_symbol",
    "The terminal offers no symbol with a price now. Nothing was sent; look again while the market is open.",
)
NO_OFFSET = declare(
    "doctor.no_offset",
    "The server's time could not be measured: no fresh price came in {seconds} seconds (market closed?). "
    "Nothing is wrong with your money; look again while prices move.",
)
WRONG_CLOCK = declare(
    "doctor.wrong_clock",
    "This computer's clock is wrong by about {seconds} seconds. Orders are not affected; set the clock, because the "
    "times shown are.",
)

_WORTH_MENTIONING = 5
_LISTEN_SECONDS = 8


def examine(terminal: Terminal, clock: Clock, calls: int, symbol: str | None) -> dict[str, object]:
    """Everything the doctor says, as plain values; `problems` are sentences. Sends no order. Raises TerminalError."""
    info, account = terminal.terminal_info(), terminal.account()
    problems = [each.remedy.text for each in terminal.switches() if not each.on]
    if terminal.client.reason is not None:
        problems.append(terminal.client.reason.text)
    chosen = symbol or _symbol_with_price(terminal)
    if chosen is None:
        problems.append(NO_SYMBOL().text)
    else:
        terminal.select(chosen)
        _measure(terminal, chosen, calls)
    found: dict[str, object] = {
        "link": terminal.link.value,
        "module": dict(terminal.client.about),
        "terminal": {
            "name": info.name, "company": info.company, "build": info.build, "path": info.path,
            "connected": info.connected, "ping_ms": round(info.ping_last / 1000, 1), "maxbars": info.maxbars,
            "language": info.language,
        },
        "account": {
            "login": account.login, "server": account.server, "currency": account.currency,
            "trade_mode": _word(AccountTradeMode, account.trade_mode),
            "margin_mode": _word(MarginMode, account.margin_mode),
            "leverage": account.leverage, "balance": account.balance, "equity": account.equity,
        },
        "permissions": [
            {"switch": each.name, "on": each.on, "remedy": "" if each.on else each.remedy.text}
            for each in terminal.switches()
        ],
        "symbol": chosen,
        "time": _time(terminal, clock, chosen, problems),
        "latency": [
            {"function": each.name, "calls": each.calls, "p50_ms": round(each.p50, 3),
             "p95_ms": round(each.p95, 3), "worst_ms": round(each.worst, 3)}
            for each in terminal.client.health().statistics
        ],
        "errors": [{"function": name, "code": code, "text": text} for name, (code, text) in terminal.client.health().errors],
        "problems": problems,
    }  # fmt: skip
    return found


def _symbol_with_price(terminal: Terminal) -> str | None:
    offered = terminal.symbols()
    for info in sorted(offered, key=lambda each: not each.visible):
        terminal.select(info.name)
        if terminal.symbol(info.name).bid > 0:
            return info.name
        if not info.visible:
            # More than one try would only fill the trader's Market Watch.
            return None
    return None


def _measure(terminal: Terminal, symbol: str, calls: int) -> None:
    for _ in range(calls):
        terminal.client.call("symbol_info_tick", symbol)
        terminal.client.call("copy_rates_from_pos", symbol, Timeframe.M1.mt5, 0, 500)
        terminal.client.call("positions_get")
        terminal.client.call("account_info")


def _time(terminal: Terminal, clock: Clock, symbol: str | None, problems: list[str]) -> Mapping[str, object]:
    utc = clock.now()
    if terminal.simulated:
        server = terminal.server_time()
        return {"utc": utc_text(utc), "server": server_text(server, True), "offset_seconds": None}
    measured = symbol is not None and _listen(terminal, clock, symbol)
    if not measured:
        problems.append(NO_OFFSET(seconds=_LISTEN_SECONDS).text)
    wrong_by = terminal.server_clock.computer_clock_wrong_by
    if abs(wrong_by) > _WORTH_MENTIONING:
        problems.append(WRONG_CLOCK(seconds=abs(wrong_by)).text)
    try:
        server_now = server_text(terminal.server_time(), True)
    except TerminalError:
        server_now = ""
    offset = terminal.server_clock.offset
    return {
        "utc": utc_text(utc),
        "server": server_now,
        "offset_seconds": None if offset is None else offset.seconds,
    }


def _listen(terminal: Terminal, clock: Clock, symbol: str) -> bool:
    end = clock.monotonic() + _LISTEN_SECONDS
    while clock.monotonic() < end:
        reply = terminal.client.call("symbol_info_tick", symbol)
        if isinstance(reply.value, Tick):
            terminal.server_clock.observe(symbol, reply.value.time, clock.now(), clock.monotonic())
        if terminal.server_clock.offset is not None:
            return True
        time.sleep(0.25)
    return False


def _word(kinds: type[AccountTradeMode] | type[MarginMode], value: int) -> str:
    try:
        return kinds(value).name
    except ValueError:
        return f"unknown ({value})"


def as_text(found: Mapping[str, object]) -> str:
    """The findings as lines for a person."""
    lines: list[str] = []
    for section, content in found.items():
        if isinstance(content, Mapping):
            lines.append(f"{section}:")
            lines.extend(f"  {name}: {value}" for name, value in content.items())
        elif isinstance(content, list):
            lines.append(f"{section}: {'none' if not content else ''}".rstrip())
            lines.extend(f"  {_line(each)}" for each in content)
        else:
            lines.append(f"{section}: {content}")
    return "\n".join(lines)


def _line(value: object) -> str:
    if isinstance(value, Mapping):
        return "  ".join(f"{name}={each}" for name, each in value.items() if each != "")
    return str(value)
