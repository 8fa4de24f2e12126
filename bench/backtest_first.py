"""The first result of a fresh process, from starting Python to the figures: this engine beside vectorbt.

With the engine's machine code kept, as after the first minute on a computer, and (`--cold`) with nothing kept by either.
Rounds alternate; CPU and wall seconds of the whole process, medians of the rounds' ratios.

Usage: uv pip install '.[bench]' && python bench/backtest_first.py [BARS or FILE.csv.gz] [ROUNDS] [--cold]
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.backtest_speed import walk_of_prices
from qbx_desktop.data.bar_files import read_bars

ROOT = Path(__file__).resolve().parent.parent

_READ = """
import sys, numpy as np
time, opened, high, low, close = np.load(sys.argv[1])
"""
OURS = (
    _READ
    + """
from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.run import run
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
result = run(BacktestInput(
    bars=Bars.from_prices(time, opened, high, low, close), spec=known_symbol("EURUSD"), strategy="MA_CROSSOVER",
    params={"fast_period": 10, "slow_period": 30}, account=Account(balance=2e6),
    costs=Costs(spread_points=10, commission_per_lot=3.5), sizing=Sizing(lots=0.1),
    sl=StopDistance(StopUnit.PIPS, 30.0), tp=StopDistance(StopUnit.PIPS, 60.0),
))
print(len(result.trades), result.report["net_profit"])
"""
)
VECTORBT = (
    _READ
    + """
import warnings; warnings.simplefilter("ignore")
import pandas as pd, vectorbt as vbt
index = pd.to_datetime(time.astype("int64"), unit="s")
opened, high, low, close = (pd.Series(each, index) for each in (opened, high, low, close))
fast, slow = vbt.MA.run(close, 10), vbt.MA.run(close, 30)
up, down = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
portfolio = vbt.Portfolio.from_signals(
    close, up.vbt.signals.fshift(1), short_entries=down.vbt.signals.fshift(1), price=opened, open=opened, high=high,
    low=low, size=10_000, size_type="amount", fixed_fees=0.35, slippage=5e-5 / close, sl_stop=30e-4 / close,
    tp_stop=60e-4 / close, init_cash=2e6, freq="1h", upon_opposite_entry="reverse",
)
portfolio.value(); portfolio.max_drawdown()
print(len(portfolio.trades.records), portfolio.total_profit())
"""
)


def spent(code: str, bars: Path, cache: Path) -> tuple[float, float, str]:
    """CPU and wall seconds of a fresh process, and what it said."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    begin, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-c", code, str(bars)], env=environment, capture_output=True, text=True, check=True
    )
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, time.perf_counter() - begin, done.stdout.strip().splitlines()[-1]


def main() -> None:
    words = [each for each in sys.argv[1:] if not each.startswith("--")]
    source = words[0] if words else "35000"
    rounds = int(words[1]) if len(words) > 1 else 3
    cold = "--cold" in sys.argv
    bars = walk_of_prices(int(source)) if source.isdigit() else read_bars(source).bars
    with tempfile.TemporaryDirectory(prefix="qbx-bench-") as folder:
        kept = Path(folder) / "kept"
        kept.mkdir()
        path = Path(folder) / "bars.npy"
        np.save(path, np.array([bars.time, bars.open, bars.high, bars.low, bars.close], np.float64))
        made = "from qbx_desktop.backtest import compiled; print(compiled.make().plain)"
        print(f"making the engine: {spent(made, path, kept)[1]:.1f} s, once per computer")
        works = {"ours": OURS, "vectorbt": VECTORBT}
        seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
        if not cold:
            spent(VECTORBT, path, kept)  # its own code is kept as far as it keeps any
        for number in range(rounds):
            for name, code in works.items():
                cache = kept
                if cold:
                    cache = Path(folder) / f"{name}-{number}"
                    cache.mkdir()
                cpu, wall, said = spent(code, path, cache)
                seconds[name].append((cpu, wall))
                print(f"  {name:<10}{cpu:>7.2f} s cpu {wall:>7.2f} s wall   trades and net: {said}")
    for at, clock in enumerate(("cpu", "wall")):
        ratio = statistics.median(
            b[at] / a[at] for a, b in zip(seconds["ours"], seconds["vectorbt"], strict=True)
        )
        print(
            f"first result of {len(bars):,} bars {'with nothing kept' if cold else 'with kept code'}, {clock}: "
            f"vectorbt takes x{ratio:.1f}"
        )


if __name__ == "__main__":
    main()
