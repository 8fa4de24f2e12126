"""`qbx optimise`: a strategy's best settings on a file of bars, and how much of them is luck."""

from __future__ import annotations

import math
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from ..backtest.doubt.verdict import AGAINST, FOR, Verdict
from ..backtest.input import BacktestInput
from ..backtest.search.loop import Progress
from ..backtest.search.study import Request, Study, optimise, walk, with_forward
from ..backtest.search.walk_forward import WalkForward
from ..data.bar_files import read_bars
from ..data.database import Database
from ..domain.errors import UserMistake
from ..domain.messages import declare
from .backtest_options import Parser, input_of, input_options, whole
from .search_options import (
    Told,
    combo_text,
    opened,
    request_of,
    row_json,
    search_options,
    table_of,
    write_json,
)

_HALF = declare(
    "search.half_forward",
    "A walk-forward needs both --train and --test (days), or neither. Nothing was run.",
)
_SIGNS = {FOR: "ok", AGAINST: "!!"}


def run(arguments: Sequence[str]) -> int:
    """Run `qbx optimise`. Raises UserMistake for wrong input; returns the exit code."""
    parser = Parser(
        prog="qbx optimise",
        description="Search the best settings of a strategy on a file of bars, and say how much of it is luck.",
        allow_abbrev=False,
    )
    input_options(parser)
    search_options(parser)
    parser.add_argument(
        "--top", type=int, default=10, metavar="N", help="how many of the best are printed (10)"
    )
    parser.add_argument(
        "--train", type=whole, metavar="DAYS", help="also walk forward: days to search on; needs --test"
    )
    parser.add_argument(
        "--test", type=whole, metavar="DAYS", help="days to trade the best of each training on"
    )
    options = parser.parse_args(list(arguments))
    if (options.train is None) != (options.test is None):
        raise UserMistake(_HALF())
    request = request_of(options)
    given = input_of(options, read_bars(options.bars))
    told = Told()
    with opened(options) as db:
        title = f"{given.strategy} {given.spec.symbol}"
        study = optimise(db, given, request, title=title, progress=told.heard)
        if options.train is not None:
            study = with_forward(study, _walked(db, given, request, options, told))
    told.end()
    print("\n".join(lines_of(study, max(1, options.top))))
    write_json(options.json, lambda: study_json(study))
    return 0


def _walked(
    db: Database, given: BacktestInput, request: Request, options: Namespace, told: Told
) -> WalkForward:
    """The same search walked forward, whose tests enter the verdict."""

    def heard(number: int, total: int, news: Progress) -> None:
        told.heard(news, f"Window {number + 1} of {total}: ")

    title = f"{given.strategy} {given.spec.symbol}"
    return walk(db, given, request, options.train, options.test, title=title, progress=heard)


def lines_of(study: Study, most: int) -> list[str]:
    """A study as text to read."""
    count = len(study.rows)
    lines = [
        f"Search {study.id}: {count:,} combinations, {study.failed:,} could not be run; "
        f"{study.trials.count:,} different settings were ever tried on this market.",
    ]
    if study.best is None:
        return [*lines, "No combination counts: none has a value of the criterion and meets the conditions."]
    lines += ["", *table_of(study.rows, [axis.name for axis in study.axes], most), ""]
    lines.append(f"Peak:    {combo_text(study.best.outcome.combo)} ({study.best.value:,.4g})")
    steady = study.steady
    if steady is not None and steady.plateau is not None:
        lines.append(
            f"Plateau: {combo_text(steady.outcome.combo)} (its neighbourhood's median is {steady.plateau:,.4g})"
        )
    lines.append(f"{count:,} runs were tried. The best one will look better than it is.")
    if study.verdict is not None:
        lines += ["", *verdict_lines(study.verdict)]
    return lines


def verdict_lines(verdict: Verdict) -> list[str]:
    """The verdict and its reasons as text."""
    return [
        verdict.message.text,
        *(f"  [{_SIGNS.get(each.side, '??')}] {each.message.text}" for each in verdict.reasons),
    ]


def verdict_json(verdict: Verdict | None) -> dict[str, Any] | None:
    """The verdict as plain JSON values."""
    if verdict is None:
        return None
    return {
        "word": verdict.word,
        "text": verdict.message.text,
        "deflated_sharpe": verdict.deflated,
        "least_days": verdict.least_days,
        "reasons": [
            {"name": each.name, "side": each.side, "text": each.message.text} for each in verdict.reasons
        ],
    }


def study_json(study: Study) -> dict[str, Any]:
    """A study as plain JSON values: every run, the peak, the plateau, the map of the first two axes, the verdict."""
    maps = []
    if len(study.axes) > 1:
        x, y = study.axes[0].name, study.axes[1].name
        picture = study.map(x, y)
        cells = [[None if math.isnan(value) else value for value in row] for row in picture.values.tolist()]
        maps.append({"x": x, "y": y, "columns": picture.x.values, "rows": picture.y.values, "values": cells})
    return {
        "search": study.id,
        "request": study.request.to_json(),
        "runs": [row_json(row) for row in sorted(study.rows, key=lambda row: row.outcome.number)],
        "best": None if study.best is None else row_json(study.best),
        "plateau": None if study.steady is None else row_json(study.steady),
        "heat_maps": maps,
        "trials": study.trials.count,
        "overfitting": None if study.doubts.overfitting is None else study.doubts.overfitting.probability,
        "verdict": verdict_json(study.verdict),
    }
