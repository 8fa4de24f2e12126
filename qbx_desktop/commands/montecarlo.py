"""`qbx montecarlo`: the trades of one backtest in many other orders, at other costs, with other settings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..backtest.doubt.jitter import Jittered, jittered
from ..backtest.doubt.monte_carlo import METHODS, QUANTILES, Resampled, Resampling, point_costs, resampled
from ..backtest.run import run as run_backtest
from ..backtest.search.outcome import outcome_of
from ..backtest.search.runner import runner_for
from ..backtest.search.stored import Ledger
from ..data.bar_files import read_bars
from .backtest_options import Parser, input_of, input_options, number
from .search_options import opened, output_options, write_json


def run(arguments: Sequence[str]) -> int:
    """Run `qbx montecarlo`. Raises UserMistake for wrong input; returns the exit code."""
    parser = Parser(
        prog="qbx montecarlo",
        description="Run one backtest, then tell its trades in many other ways: how deep could it have gone?",
        allow_abbrev=False,
    )
    input_options(parser)
    add = parser.add_argument
    add("--method", choices=(*METHODS, "all"), default="all", help="one way of resampling, or all (all)")
    add("--paths", type=int, default=2_000, metavar="N", help="histories per way (2000)")
    add("--seed", type=int, default=0, metavar="N", help="of the random numbers (0)")
    add("--skip", type=number, default=10.0, metavar="PCT", help="percent of the trades left out (10)")
    add("--block", type=int, default=5, metavar="N", help="trades that stay together (5)")
    add(
        "--cost-points", type=number, default=10.0, metavar="X", help="at most this much worse per trade (10)"
    )
    add(
        "--ruin",
        type=number,
        default=50.0,
        metavar="PCT",
        help="loss of the deposit that counts as ruin (50)",
    )
    add(
        "--jitter",
        type=number,
        default=0.0,
        metavar="PCT",
        help="also vary every number by up to PCT percent",
    )
    add("--jitter-runs", type=int, default=50, metavar="N", help="runs with varied numbers (50)")
    add("--jobs", type=int, metavar="N", help="processes for --jitter (default: one per core)")
    output_options(parser)
    options = parser.parse_args(list(arguments))
    given = input_of(options, read_bars(options.bars))
    result = run_backtest(given)
    with opened(options) as db:
        Ledger(db, given).note([outcome_of(0, {}, result, given.account.balance)])
    nets = np.array([each.net for each in result.trades])
    costs = point_costs(result.trades, given.spec.point)
    found = []
    for method in METHODS if options.method == "all" else (options.method,):
        how = Resampling(
            method, options.paths, options.seed, options.skip / 100.0, options.block, options.cost_points,
            options.ruin / 100.0, compounding=given.sizing.risk_percent is not None,
        )  # fmt: skip
        each = resampled(nets, given.account.balance, how, costs=costs)
        assert each is not None
        found.append(each)
    shaken = None
    if options.jitter > 0:
        with runner_for(given, options.jobs) as workers:
            shaken = jittered(given, options.jitter / 100.0, options.jitter_runs, options.seed, workers)
    print("\n".join(lines_of(found, shaken, given.account.currency)))
    write_json(options.json, lambda: monte_carlo_json(found, shaken))
    return 0


def lines_of(found: Sequence[Resampled], shaken: Jittered | None, currency: str) -> list[str]:
    """What came of it as text to read."""
    lines = [
        f"{'':<8} {'final balance, ' + currency:^38} {'deepest fall':^24} {'ruin':>14}",
        f"{'':<8} {'5 %':>12} {'50 %':>12} {'95 %':>12} {'50 %':>8} {'95 %':>7} {'99 %':>7}",
    ]
    lines += [
        f"{each.method:<8} {each.final(0.05):>12,.2f} {each.final(0.5):>12,.2f} {each.final(0.95):>12,.2f} "
        f"{100 * each.drawdown(0.5):>7.1f}% {100 * each.drawdown(0.95):>6.1f}% {100 * each.drawdown(0.99):>6.1f}% "
        f"{100 * each.ruin:>7.2f} ±{100 * each.ruin_error:.2f} %"
        for each in found
    ]
    if shaken is not None:
        lines += [
            "",
            f"{len(shaken.nets):,} runs with every number varied by up to {100 * shaken.share:g} %: "
            f"{100 * shaken.earning:.0f} % earned money, half of them more than {shaken.middle:,.2f} {currency} "
            f"({shaken.failed} could not be run).",
        ]
    return lines


def monte_carlo_json(found: Sequence[Resampled], shaken: Jittered | None) -> dict[str, Any]:
    """Everything as plain JSON values; `cones` has a row per quantile and a column per step."""
    return {
        "quantiles": list(QUANTILES),
        "methods": {
            each.method: {
                "paths": each.paths, "steps": each.steps.tolist(), "cones": each.cones.tolist(),
                "final": np.quantile(each.finals, QUANTILES).tolist(),
                "drawdown": np.quantile(each.drawdowns, QUANTILES).tolist(),
                "ruin": each.ruin, "ruin_error": each.ruin_error, "ruin_level": each.ruin_level,
            }
            for each in found
        },
        "jitter": None
        if shaken is None
        else {"share": shaken.share, "net_profits": shaken.nets.tolist(), "failed": shaken.failed},
    }  # fmt: skip
