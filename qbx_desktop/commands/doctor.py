"""`qbx doctor`: look at the terminal, the account, the permissions, the time and the latency; sends no order."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from .. import __version__
from ..broker import finder
from ..broker.client import TerminalClient
from ..broker.examination import as_text, examine
from ..broker.spec import TerminalSpec
from ..broker.terminal import Terminal
from ..broker.transcript import FORMAT, compare, questions, record
from ..broker.transports import ProcessTransport
from ..domain.clock import Clock, SystemClock
from ..domain.errors import QbxError, UserMistake
from ..domain.messages import declare

_UNREADABLE = declare(
    "doctor.transcript_unreadable",
    "{path} is no transcript that this version can read ({why}). Nothing was changed. Record one with "
    "'qbx doctor --transcript FILE'.",
)
_UNWRITABLE = declare(
    "doctor.transcript_unwritable",
    "{path} cannot be written ({why}). Nothing was changed. Choose another file.",
)
_USAGE = declare("doctor.usage", "{why}. 'qbx doctor --help' explains every option. Nothing was looked at.")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserMistake(_USAGE(why=message[:1].upper() + message[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the doctor; 0 when all is well, 1 when something keeps orders from passing. Raises QbxError."""
    chosen = _arguments(arguments)
    clock = SystemClock()
    if chosen.mt5 is None:
        spec = TerminalSpec(profile=chosen.profile)
    else:
        spec = TerminalSpec(kind="mt5", path=chosen.mt5, demo_only=False)
    terminal = Terminal(TerminalClient(ProcessTransport(spec), clock=clock), clock)
    found: dict[str, Any] = {
        "program": __version__,
        "installed": [str(each.program) for each in finder.installed()],
        "serving": finder.serving(),
    }
    try:
        terminal.open()
        found.update(examine(terminal, clock, chosen.calls, chosen.symbol))
        if chosen.transcript is not None or chosen.compare is not None:
            _transcript(terminal, clock, found, chosen)
    except UserMistake:
        raise
    except QbxError as error:
        found["link"] = terminal.link.value
        found["problems"] = [*found.get("problems", ()), error.sentence]
    finally:
        terminal.close()
    print(json.dumps(found, indent=2) if chosen.json else as_text(found))
    return 1 if found["problems"] else 0


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="qbx doctor",
        description="Look at the terminal, the account and the connection. Looks at the practice terminal unless "
        "--mt5 is given. No order is ever sent.",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--mt5", nargs="?", const="", metavar="TERMINAL64_EXE", help="look at the real MetaTrader 5 instead"
    )
    parser.add_argument("--profile", default="Demo-Hedging", help="profile of the practice terminal")
    parser.add_argument("--symbol", help="symbol to measure with (default: the first with a price)")
    parser.add_argument("--calls", type=int, default=20, help="calls per function to measure (default 20)")
    parser.add_argument(
        "--transcript",
        type=Path,
        metavar="FILE",
        help="you agree to write the terminal's answers to FILE; account number, names and paths are blanked",
    )
    parser.add_argument(
        "--compare", type=Path, metavar="FILE", help="say where this terminal answers otherwise than FILE"
    )
    return parser.parse_args(list(arguments))


def _transcript(terminal: Terminal, clock: Clock, found: dict[str, Any], chosen: argparse.Namespace) -> None:
    symbol = found["symbol"]
    if symbol is None:
        return
    price = terminal.tick(symbol).ask
    try:
        server_time = terminal.server_time()
    except QbxError:
        server_time = int(clock.now())
    most_bars = int(found["terminal"]["maxbars"])
    calls = record(terminal.client, questions(symbol, price, server_time, most_bars))
    if chosen.compare is not None:
        found["differences"] = compare(calls, _read(chosen.compare))
    if chosen.transcript is not None:
        content = {"format": FORMAT, "program": __version__, "module": found["module"], "calls": calls}
        try:
            chosen.transcript.write_text(json.dumps(content, indent=1), encoding="utf-8")
        except OSError as error:
            raise UserMistake(_UNWRITABLE(path=str(chosen.transcript), why=error.strerror)) from error
        print(f"Wrote {len(calls)} answers to {chosen.transcript}.", file=sys.stderr)


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}")
        calls: list[dict[str, Any]] = content["calls"]
        if any({"function", "answer", "error"} - set(each) for each in calls):
            raise ValueError("a call lacks its answer")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserMistake(_UNREADABLE(path=str(path), why=error)) from error
    return calls
