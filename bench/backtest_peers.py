"""One whole backtest (signals, fills, costs, curves, report) beside vectorbt, backtesting.py, a bare loop and memory.

Interleaved in one process; CPU time; medians of the rounds' ratios. Task: SMA 10/30 crossing, next open, always in the
market until SL or TP, 0.1 lot, 1 pip of spread, 3.50 a lot and side.

Usage: uv pip install '.[bench]' && python bench/backtest_peers.py [BARS or FILE.csv.gz] [ROUNDS]
"""

from __future__ import annotations

import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench.backtest_speed import walk_of_prices
from qbx_desktop.backtest import compiled
from qbx_desktop.backtest.engine import Walk
from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.run import run
from qbx_desktop.backtest.tape import tape_of
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit

_FAST, _SLOW, _LOTS, _SIDE, _SPREAD, _CASH = 10, 30, 0.1, 3.5, 1e-4, 2_000_000.0


def ours(bars: Bars, sl: float, tp: float) -> BacktestInput:
    return BacktestInput(
        bars=bars, spec=known_symbol("EURUSD"), strategy="MA_CROSSOVER",
        params={"fast_period": _FAST, "slow_period": _SLOW}, account=Account(balance=_CASH),
        costs=Costs(spread_points=10, commission_per_lot=_SIDE), sizing=Sizing(lots=_LOTS),
        sl=StopDistance(StopUnit.PIPS, sl), tp=StopDistance(StopUnit.PIPS, tp),
    )  # fmt: skip


def by_vectorbt(frame: pd.DataFrame, sl: float, tp: float) -> Callable[[], int]:
    import vectorbt as vbt

    def go() -> int:
        close, opened = frame["Close"], frame["Open"]
        fast, slow = vbt.MA.run(close, _FAST), vbt.MA.run(close, _SLOW)
        up, down = fast.ma_crossed_above(slow), fast.ma_crossed_below(slow)
        units = _LOTS * 100_000
        portfolio = vbt.Portfolio.from_signals(
            close, up.vbt.signals.fshift(1), short_entries=down.vbt.signals.fshift(1), price=opened, open=opened,
            high=frame["High"], low=frame["Low"], size=units, size_type="amount", fixed_fees=_SIDE * _LOTS,
            slippage=_SPREAD / 2 / close, sl_stop=sl * 1e-4 / close, tp_stop=tp * 1e-4 / close, init_cash=_CASH,
            freq="1min", upon_opposite_entry="reverse",
        )  # fmt: skip
        portfolio.value()
        portfolio.total_profit()
        portfolio.max_drawdown()
        return len(portfolio.trades.records)

    return go


def by_backtesting(frame: pd.DataFrame, sl: float, tp: float) -> Callable[[], int]:
    from backtesting import Backtest, Strategy
    from backtesting.lib import crossover

    def mean(values: Any, period: int) -> Any:
        return pd.Series(values).rolling(period).mean()

    class Cross(Strategy):
        def init(self) -> None:
            self.fast, self.slow = self.I(mean, self.data.Close, _FAST), self.I(mean, self.data.Close, _SLOW)

        def next(self) -> None:
            price, units = self.data.Close[-1], int(_LOTS * 100_000)
            if crossover(self.fast, self.slow):
                self.position.close()
                self.buy(size=units, sl=price - sl * 1e-4, tp=price + tp * 1e-4)
            elif crossover(self.slow, self.fast):
                self.position.close()
                self.sell(size=units, sl=price + sl * 1e-4, tp=price - tp * 1e-4)

    def go() -> int:
        test = Backtest(
            frame, Cross, cash=_CASH, spread=_SPREAD, commission=(_SIDE * _LOTS, 0.0), margin=0.01,
            finalize_trades=True,
        )  # fmt: skip
        return int(test.run()["# Trades"])

    return go


@numba.njit  # type: ignore[untyped-decorator]
def bare(low: Any, high: Any, close: Any) -> float:
    """The least a compiled loop over these bars can do: three comparisons and a sum."""
    worth = 0.0
    for t in range(len(low)):
        if low[t] <= 0.5 or high[t] >= 2.0:
            worth += 1.0
        worth += close[t]
    return worth


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.process_time()
    found = work()
    return time.process_time() - begin, found


def main() -> None:
    warnings.simplefilter("ignore")
    source = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    begin = time.process_time()
    made = compiled.make()
    loaded = time.process_time() - begin
    bars = walk_of_prices(int(source)) if source.isdigit() else read_bars(source).bars
    n = len(bars)
    sl, tp = (10.0, 20.0) if n > 100_000 else (30.0, 60.0)
    given = ours(bars, sl, tp)
    frame = pd.DataFrame(
        {"Open": bars.open, "High": bars.high, "Low": bars.low, "Close": bars.close},
        index=pd.to_datetime(bars.time, unit="s"),
    )
    tape = tape_of(given)
    columns = tape.columns

    def the_pass() -> int:
        walk = Walk(given, tape, curves=room)
        walk.advance(0, n)
        return len(walk.trades)

    room = Walk(given, tape).curves
    works: dict[str, Callable[[], Any]] = {
        "whole run": lambda: len(run(given).trades),
        "the pass alone": the_pass,
        "vectorbt": by_vectorbt(frame, sl, tp),
        "bare loop": lambda: bare(columns.low, columns.high, columns.close),
        "memory": lambda: sum(int(each.sum()) for each in columns[1:5]),
    }
    if n <= 100_000 or "--slow" in sys.argv:
        works["backtesting.py"] = by_backtesting(frame, sl, tp)
    for work in works.values():
        work()  # compiled, loaded, warm
    seconds: dict[str, list[float]] = {name: [] for name in works}
    counts: dict[str, Any] = {}
    for _ in range(rounds):
        for name, work in works.items():
            # short works are measured over several calls: the clock of CPU time ticks coarsely
            repeats = 1 if name == "backtesting.py" else max(1, 300_000 // n)
            best = [timed(work) for _ in range(repeats)]
            seconds[name].append(statistics.median(each for each, _ in best))
            counts[name] = best[0][1]
    print(f"{n:,} bars, {rounds} rounds, plain pass: {made.plain}, loading the engine took {loaded:.2f} s")
    for name, each in seconds.items():
        ratio = statistics.median(a / b for a, b in zip(each, seconds["whole run"], strict=True))
        middle = statistics.median(each)
        print(
            f"{name:<16}{middle * 1e3:>10.2f} ms {n / middle / 1e6:>9.2f} M bars/s  x{ratio:<9.3g} {counts[name]:>12,.0f}"
        )


if __name__ == "__main__":
    main()
