"""`qbx walkforward`: choose settings on the past, try them on what came next, again and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..backtest.search.loop import Progress
from ..backtest.search.study import walk
from ..backtest.search.walk_forward import PEAK, PLATEAU, WalkForward
from ..data.bar_files import read_bars
from ..domain.clock import server_text
from .backtest_options import Parser, input_of, input_options, whole
from .search_options import Told, combo_text, opened, request_of, search_options, write_json


def run(arguments: Sequence[str]) -> int:
    """Run `qbx walkforward`. Raises UserMistake for wrong input; returns the exit code."""
    parser = Parser(
        prog="qbx walkforward",
        description="Search on a stretch of days, trade the best on the next, move on, and join the tests.",
        allow_abbrev=False,
    )
    input_options(parser)
    search_options(parser)
    parser.add_argument("--train", type=whole, required=True, metavar="DAYS", help="days to search on")
    parser.add_argument("--test", type=whole, required=True, metavar="DAYS", help="days to trade the best on")
    parser.add_argument("--anchored", action="store_true", help="every training begins at the first bar")
    parser.add_argument(
        "--choose",
        choices=(PEAK, PLATEAU),
        default=PEAK,
        help="the best of each training, or its plateau (peak)",
    )
    options = parser.parse_args(list(arguments))
    request = request_of(options)
    given = input_of(options, read_bars(options.bars))
    told = Told()

    def heard(number: int, total: int, news: Progress) -> None:
        told.heard(news, f"Window {number + 1} of {total}: ")

    with opened(options) as db:
        found = walk(
            db, given, request, options.train, options.test, anchored=options.anchored, choose=options.choose,
            title=f"{given.strategy} {given.spec.symbol}", progress=heard,
        )  # fmt: skip
    told.end()
    print("\n".join(lines_of(found, given.account.currency)))
    write_json(options.json, lambda: forward_json(found))
    return 0


def lines_of(found: WalkForward, currency: str) -> list[str]:
    """A walk-forward as text to read."""
    lines = [f"{'test from':<17} {'to':<17} {'in sample':>12} {'out of it':>12} {'trades':>7}  chosen"]
    for each in found.windows:
        chosen = "nothing counted" if each.combo is None else combo_text(each.combo)
        lines.append(
            f"{server_text(each.window.test):<17} {server_text(each.window.end):<17} {each.train_profit:>12,.2f} "
            f"{each.test_profit:>12,.2f} {each.test_trades:>7,}  {chosen}"
        )
    efficiency = "–" if found.efficiency is None else f"{100 * found.efficiency:.0f} %"
    steady = ", ".join(f"{name} {100 * value:.0f} %" for name, value in found.stability.items())
    return [
        *lines,
        "",
        f"Out of sample: {found.test_profit:+,.2f} {currency} in {len(found.trades):,} trades; "
        f"{found.profitable} of {len(found.windows)} tests earned money.",
        f"Efficiency (profit per day out of sample over in sample): {efficiency}",
        f"Stability of the choice: {steady}",
    ]


def forward_json(found: WalkForward) -> dict[str, Any]:
    """A walk-forward as plain JSON values, with the stitched curve of its tests."""
    return {
        "windows": [
            {
                "train": each.window.train, "test": each.window.test, "end": each.window.end,
                "combination": each.combo, "value": each.value, "train_profit": each.train_profit,
                "test_profit": each.test_profit, "test_trades": each.test_trades, "efficiency": each.efficiency,
            }
            for each in found.windows
        ],
        "train_profit": found.train_profit, "test_profit": found.test_profit, "efficiency": found.efficiency,
        "profitable": found.profitable, "stability": found.stability,
        "curve": {"time": found.times.tolist(), "equity": found.equity.tolist()},
        "trades": [dict(vars(each)) for each in found.trades],
    }  # fmt: skip
