"""The options that the searching commands share, their progress on the terminal, and where their results are kept."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..backtest.search.loop import Progress
from ..backtest.search.plan import GRID, METHODS
from ..backtest.search.space import Combo, axis_of_text
from ..backtest.search.study import Request
from ..backtest.search.surface import Ranked
from ..data.database import Database
from ..data.home import Home
from ..domain.errors import UserMistake
from ..domain.messages import declare

_OUTPUT = declare("search.output", "{path} cannot be written: {why}. The results are kept in the database.")
_JOBS = declare("search.jobs", "--jobs takes 1 or more; {value} was given. Nothing was run.")
_COUNT = declare("search.count", "--count takes 1 or more; {value} was given. Nothing was run.")
_EVERY_SECONDS = 0.5


def search_options(parser: argparse.ArgumentParser, *, resume: bool = True) -> None:
    """What is varied, how it is searched, what is better, and on how many cores."""
    add = parser.add_argument
    add(
        "--range",
        dest="ranges",
        action="append",
        default=[],
        metavar="NAME=START:STOP:STEP",
        help="vary a strategy parameter, sl, tp, lots, risk or atr_period; or NAME=A,B,C; repeat for more",
    )
    add(
        "--criterion",
        default="net_profit",
        metavar="FORMULA",
        help="what is better: a report field or a formula such as 'net_profit / equity_drawdown_maximal'",
    )
    add(
        "--require",
        dest="conditions",
        action="append",
        default=[],
        metavar="FORMULA",
        help="what a result must fulfil to count, such as 'total_trades >= 100'; repeat for more",
    )
    add(
        "--method", choices=METHODS, default=GRID, help="all of the grid, a random sample, or Bayesian (grid)"
    )
    add(
        "--count",
        type=int,
        default=200,
        metavar="N",
        help="combinations of a sample or Bayesian search (200)",
    )
    add("--seed", type=int, default=0, metavar="N", help="of the sample or the Bayesian search (0)")
    add("--jobs", type=int, metavar="N", help="processes (default: one per core)")
    add("--scheduler", default="", metavar="ADDRESS", help="run on this Dask cluster, e.g. tcp://host:8786")
    if resume:
        add("--resume", action="store_true", help="go on with the newest search of exactly these settings")
    output_options(parser)


def output_options(parser: argparse.ArgumentParser) -> None:
    """Where results are kept and written."""
    parser.add_argument(
        "--home", type=Path, metavar="DIR", help="the data folder (default: QBX_HOME, else yours)"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="write everything as JSON")


def request_of(options: argparse.Namespace) -> Request:
    """The options as a request. Raises UserMistake."""
    if options.jobs is not None and options.jobs < 1:
        raise UserMistake(_JOBS(value=options.jobs))
    if options.count < 1:
        raise UserMistake(_COUNT(value=options.count))
    return Request(
        axes=tuple(axis_of_text(each) for each in options.ranges), method=options.method, count=options.count,
        seed=options.seed, goal=options.criterion, conditions=tuple(options.conditions), resume=options.resume,
        jobs=options.jobs, scheduler=options.scheduler,
    )  # fmt: skip


@contextmanager
def opened(options: argparse.Namespace) -> Iterator[Database]:
    """The database of the data folder."""
    home = (Home(options.home.absolute()) if options.home else Home.default()).prepare()
    with Database.open(home.database, backups=home.backups) as db:
        yield db


class Told:
    """Progress on the terminal: one line that is written over, nothing when nobody watches."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._at = 0.0

    def heard(self, news: Progress, before: str = "") -> None:
        """Say how far it is, at most twice a second."""
        now = time.monotonic()
        if not self._watched or (now - self._at < _EVERY_SECONDS and news.done < news.total):
            return
        self._at = now
        left = "" if news.seconds_left is None else f", about {max(0, round(news.seconds_left))} s left"
        sys.stderr.write(f"\r{before}{news.done:,} of {news.total:,} combinations{left}   ")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._watched:
            sys.stderr.write("\n")


def write_json(path: Path | None, value: Callable[[], Any]) -> None:
    """Write `value()` as JSON where a path is given. Raises UserMistake when it cannot be written."""
    if path is None:
        return
    try:
        path.write_text(json.dumps(value(), allow_nan=False), "utf-8")
    except OSError as error:
        raise UserMistake(_OUTPUT(path=path, why=error.strerror or str(error))) from error


def combo_text(combo: Combo) -> str:
    """A combination to read: `fast_period 10, slow_period 40`."""
    return ", ".join(f"{name} {value}" for name, value in combo.items())


def table_of(rows: Sequence[Ranked], names: Sequence[str], most: int) -> list[str]:
    """The best rows as text, with the axes' values first."""
    heads = [*names, "criterion", "plateau", "net profit", "drawdown", "trades"]
    lines = [heads]
    for row in rows[:most]:
        figures = row.outcome.figures
        lines.append(
            [
                *(str(row.outcome.combo[name]) for name in names),
                _figure(row.value), _figure(row.plateau), _figure(figures.get("net_profit")),
                _figure(figures.get("equity_drawdown_maximal")), _figure(figures.get("total_trades"), 0),
            ]
        )  # fmt: skip
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads))]
    return ["  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines]


def row_json(row: Ranked) -> dict[str, Any]:
    """One result as plain JSON values."""
    outcome = row.outcome
    return {
        "number": outcome.number,
        "combination": dict(outcome.combo),
        "value": row.value,
        "plateau": row.plateau,
        "figures": dict(outcome.figures),
        "error": None if outcome.error is None else outcome.error.text,
    }


def _figure(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
