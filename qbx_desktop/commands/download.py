"""`qbx data download`: bars from a terminal into the bar store, resumable, with the quality report."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NoReturn

from ..broker.client import TerminalClient
from ..broker.spec import TerminalSpec
from ..broker.terminal import Terminal
from ..broker.transports import ProcessTransport
from ..data.bar_quality import check
from ..data.bar_report import QualityReport
from ..data.bar_store import BarStore
from ..data.home import Home
from ..domain.clock import server_text
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from ..trading.fetch_bars import Fetched, fetch_bars

_USAGE = declare(
    "download.usage", "{why}. 'qbx data download --help' explains every option. Nothing was downloaded."
)
_DATE = declare("download.date", "{text!r} is no date; write it as 2024-01-31. Nothing was downloaded.")
_NONE = declare(
    "download.none",
    "The terminal has no {timeframe} bars of {symbol} between these days. Nothing was stored; open its chart in "
    "MetaTrader once, or ask for other days.",
)
_YEAR = timedelta(days=365)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserMistake(_USAGE(why=message[:1].upper() + message[1:]))


def run(arguments: Sequence[str]) -> int:
    """Download; 0 when done. Ctrl+C keeps what was stored, and the next run goes on there. Raises QbxError."""
    chosen = _parser().parse_args(list(arguments))
    timeframe = Timeframe.named(chosen.timeframe)
    start, stop = _day(chosen.start), _day(chosen.stop)
    spec = (
        TerminalSpec() if chosen.mt5 is None else TerminalSpec(kind="mt5", path=chosen.mt5, demo_only=False)
    )
    terminal = Terminal(TerminalClient(ProcessTransport(spec)))
    waiting = threading.Event()
    with BarStore(Home.default().prepare().bars) as store:
        try:
            terminal.open()
            terminal.select(chosen.symbol)
            now = int(terminal.bars(chosen.symbol, timeframe, 0, 1).time[-1])
            fetched = fetch_bars(
                terminal, store, chosen.symbol, timeframe,
                now - int(_YEAR.total_seconds()) if start is None else start,
                now if stop is None else stop - 1,
                progress=_say, pause=waiting.wait,
            )  # fmt: skip
        finally:
            terminal.close()
        if not fetched.bars:
            raise UserMistake(_NONE(symbol=chosen.symbol, timeframe=timeframe.name))
        bars = store.get(chosen.symbol, timeframe, server=fetched.server)
        digits = store.find(chosen.symbol, timeframe, server=fetched.server).digits
    report = check(bars, timeframe, digits=digits, name=f"{chosen.symbol} {timeframe.name}")
    first, last = int(bars.time[0]), int(bars.time[-1])
    print(_as_json(fetched, report, first, last) if chosen.json else _as_text(fetched, report, first, last))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="qbx data download",
        description="Bars from the practice terminal, or with --mt5 from the real one, into the bar store. "
        "What is stored already is not asked for again.",
    )
    parser.add_argument("symbol")
    parser.add_argument("timeframe")
    parser.add_argument(
        "--from", dest="start", metavar="DATE", help="first day, server time (default: a year back)"
    )
    parser.add_argument("--to", dest="stop", metavar="DATE", help="the day after the last (default: now)")
    parser.add_argument(
        "--mt5", nargs="?", const="", metavar="TERMINAL64_EXE", help="from the real MetaTrader 5"
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON value")
    return parser


def _say(done: float, bars: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:4.0%}  {bars} bars", end="" if done < 1 else "\n", file=sys.stderr, flush=True)


def _as_json(fetched: Fetched, report: QualityReport, first: int, last: int) -> str:
    value = {
        "server": fetched.server, "read": fetched.bars, "added": fetched.added, "changed": fetched.changed,
        "begins_late": fetched.begins_late, "first": server_text(first), "last": server_text(last),
        "verdict": report.verdict.value, "findings": [each.message.text for each in report.findings],
    }  # fmt: skip
    return json.dumps(value, indent=2)


def _as_text(fetched: Fetched, report: QualityReport, first: int, last: int) -> str:
    lines = [
        f"{fetched.bars} bars read from {fetched.server}: {fetched.added} new, {fetched.changed} changed.",
        f"Stored now: {server_text(first)} to {server_text(last)}, server time.",
    ]
    if fetched.begins_late:
        lines.append("The terminal has no bars as old as you asked for.")
    lines.append(f"Quality: {report.verdict.value}.")
    lines.extend(f"  {each.message.text}" for each in report.findings)
    return "\n".join(lines)


def _day(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise UserMistake(_DATE(text=text)) from None
