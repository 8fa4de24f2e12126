"""`qbx backtest`: one strategy over one file of bars, without a window; or a saved result once more."""

from __future__ import annotations

import argparse
import csv
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..backtest import compiled
from ..backtest.appraisal import Appraisal, appraise
from ..backtest.baseline import runs_without_engine
from ..backtest.html import page_of
from ..backtest.input import BacktestInput
from ..backtest.result import BacktestResult
from ..backtest.run import run as run_backtest
from ..backtest.search.stored import trial_of
from ..backtest.summary import appraisal_of, summary_of
from ..backtest.trade import Trade
from ..data import trials
from ..data.bar_files import BarFile, read_bars
from ..data.home import Home
from ..domain.clock import SystemClock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import backtest_again
from .backtest_options import Parser, input_of, input_options, whole

_OUTPUT = declare("backtest.output", "{path} cannot be written: {why}. The backtest itself ran.")
_ROUNDED = declare(
    "backtest.rounded",
    "The prices have {have} digits, the specification of {symbol} has {digits}: they were rounded to {digits}.",
)
_FEWER = declare(
    "backtest.fewer_runs",
    "Without the fast engine only {runs} random runs were made; --baseline N asks for more. The backtest is complete.",
)
_NO_RUNS = declare(
    "backtest.no_runs",
    "Without the fast engine the comparison with chance was left out; --baseline N asks for it. The backtest is complete.",
)


def run(arguments: Sequence[str]) -> int:
    """Run `qbx backtest`. Raises UserMistake for wrong input; returns the exit code."""
    if any(each.split("=")[0] == "--reproduce" for each in arguments):
        return backtest_again.run(arguments)
    options = _parser().parse_args(list(arguments))
    compiled.prepare()
    bar_file = read_bars(options.bars)
    given = input_of(options, bar_file)
    result = run_backtest(given)
    print(summary_of(given, result), flush=True)
    # Tried is tried, wherever: the doubt about a later search depends on the true count.
    trials.note_beside(Home.default().database, trial_of(given, result, round(SystemClock().now() * 1000)))
    for note in _notes(bar_file, given):
        print(f"note: {note}")
    appraisal = appraise(given, result, runs=_random_runs(options, len(result.times)))
    print(appraisal_of(given, appraisal))
    if options.json:
        _write(options.json, json.dumps(_whole_of(options, result, appraisal), allow_nan=False))
    if options.trades:
        _write_trades(options.trades, result)
    if options.html:
        _write(options.html, page_of(given, result, appraisal))
    return 0


def _parser() -> Parser:
    parser = Parser(
        prog="qbx backtest",
        description="Run one strategy over a file of bars and print what it would have earned.",
        epilog="docs/backtest.md explains every option and every field of the JSON.",
        allow_abbrev=False,
    )
    input_options(parser)
    parser.add_argument(
        "--baseline", type=whole, metavar="N", help="random runs to compare with (0 none; default: 50 to 500)"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything as JSON")
    parser.add_argument("--trades", type=Path, metavar="OUT.csv", help="write the trades as CSV")
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="write a report to read or print")
    parser.add_argument(
        "--reproduce", metavar="OUT.json|ID", help="instead: run a saved result again and say what changed"
    )
    return parser


def _random_runs(options: argparse.Namespace, bars: int) -> int | None:
    """As many as were asked for, None for the usual number; fewer, and why, where the fast engine is not there."""
    if options.baseline is not None or not compiled.ready().plain:
        return None if options.baseline is None else int(options.baseline)
    runs = runs_without_engine(bars)
    for note in (compiled.why_slow(), _FEWER(runs=runs) if runs else _NO_RUNS()):
        if note is not None:
            print(f"note: {note.text}", flush=True)
    return runs


def _notes(bar_file: BarFile, given: BacktestInput) -> list[str]:
    notes = list(bar_file.problems)
    if bar_file.digits > given.spec.digits:
        notes.append(_ROUNDED(have=bar_file.digits, symbol=given.spec.symbol, digits=given.spec.digits))
    return [note.text for note in notes]


def _whole_of(options: argparse.Namespace, result: BacktestResult, appraisal: Appraisal) -> dict[str, Any]:
    """The result, what stands beside it, and where its inputs came from, so that it can be run again."""
    files = {name: getattr(options, name) for name in ("bars", "spec", "rate", "detail")}
    source = {
        name: str(Path(path).resolve()) for name, path in files.items() if path and Path(path).is_file()
    }
    return {**result.to_json(curves=True), **appraisal.to_json(), "source": source}


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise UserMistake(_OUTPUT(path=path, why=error.strerror or str(error))) from error


def _write_trades(path: Path, result: BacktestResult) -> None:
    names = [each.name for each in dataclasses.fields(Trade)]
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(dataclasses.asdict(trade) for trade in result.trades)
    except OSError as error:
        raise UserMistake(_OUTPUT(path=path, why=error.strerror or str(error))) from error
