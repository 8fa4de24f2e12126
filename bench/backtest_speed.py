"""How fast one backtest is, stage by stage, against a bare Python loop over the same bars in the same run.

Usage: python bench/backtest_speed.py [BARS] [ROUNDS]. CPU time; medians of the rounds' ratios.
"""

from __future__ import annotations

import statistics
import sys
import time
from itertools import pairwise

import numpy as np

from qbx_desktop.backtest.engine import Walk
from qbx_desktop.backtest.input import BacktestInput, Costs
from qbx_desktop.backtest.run import run
from qbx_desktop.backtest.tape import tape_of
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit


def walk_of_prices(n: int) -> Bars:
    """A seeded random walk of M1 bars with five digits."""
    rng = np.random.default_rng(7)
    close = np.round(1.1 + np.cumsum(rng.normal(0, 6e-5, n)) * 0.3, 5)
    opened = np.concatenate(([1.1], close[:-1]))
    high = np.round(np.maximum(opened, close) + np.abs(rng.normal(0, 3e-5, n)), 5)
    low = np.round(np.minimum(opened, close) - np.abs(rng.normal(0, 3e-5, n)), 5)
    return Bars.from_prices(1_577_836_800 + 60 * np.arange(n), opened, high, low, close)


def bare_loop(bars: Bars) -> float:
    """CPU seconds of the least a Python loop over these bars can do: two comparisons a bar."""
    begin = time.process_time()
    hits = 0
    for low, high in zip(bars.low.tolist(), bars.high.tolist(), strict=True):
        if low <= 0.5 or high >= 2.0:
            hits += 1
    return time.process_time() - begin + 0 * hits


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    given = BacktestInput(
        bars=walk_of_prices(n), spec=known_symbol("EURUSD"), strategy="MA_CROSSOVER",
        params={"fast_period": 10, "slow_period": 30}, costs=Costs(spread_points=10, commission_per_lot=3.5),
        sizing=Sizing(lots=0.01), sl=StopDistance(StopUnit.PIPS, 10), tp=StopDistance(StopUnit.PIPS, 20),
    )  # fmt: skip
    ratios, worst_gap = [], 0.0
    for _ in range(rounds):
        bare = bare_loop(given.bars)
        begin = time.process_time()
        tape = tape_of(given)
        prepared = time.process_time() - begin
        walk = Walk(given, tape)
        begin = time.process_time()
        walk.advance(0, n)
        walked = time.process_time() - begin
        asked = [time.perf_counter()]

        def cancelled(asked: list[float] = asked) -> bool:
            asked.append(time.perf_counter())
            return False

        begin = time.process_time()
        result = run(given, cancelled=cancelled)
        whole = time.process_time() - begin
        worst_gap = max(worst_gap, *(b - a for a, b in pairwise(asked)))
        ratios.append(whole / bare)
        print(
            f"{n:,} bars, {len(result.trades):,} trades, {walk.bars_in_market / n:.0%} in the market: "
            f"prepare {prepared:.2f} s, walk {walked:.2f} s, whole run {whole:.2f} s "
            f"({n / whole:,.0f} bars/s), bare loop {bare:.3f} s"
        )
    print(f"whole run / bare loop: median {statistics.median(ratios):.1f}")
    print(f"longest time between two questions whether to cancel: {worst_gap:.2f} s")


if __name__ == "__main__":
    main()
