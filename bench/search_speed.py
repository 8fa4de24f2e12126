"""A grid of moving-average pairs: combinations per second and peak memory beside vectorbt, backtesting.py and vnpy.

Usage: python bench/search_speed.py [--bars N] [--pairs N] [--rounds N] [--peers vectorbt,backtesting,vnpy] [--first]. The
peers (vnpy: vnpy and vnpy_ctastrategy) are installed for the bench only; one that is not there is said and left out. One
engine after the other in each round, in a process of its own (so that memory is its own), warmed up before the clock
starts. One core: CPU time of the whole process tree. Two cores: wall time, to be read only on a machine with two free
cores. backtesting.py and vnpy run a twentieth of the pairs (of many bars two), their rate is per pair. `--first` measures
instead how long a fresh process takes from its start to its first result, ours with its engine kept on disk (`qbx prepare`).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
LEAST_TRADES = 30_000
SL, TP, SPREAD, FEE = 10e-4, 20e-4, 1e-4, 0.35


def prices(n: int) -> dict[str, Any]:
    """A seeded random walk of M1 bars with five digits, sigma 0.6 pip a minute."""
    rng = np.random.default_rng(7)
    close = np.round(1.1 + np.cumsum(rng.normal(0, 6e-5, n)) * 0.3, 5)
    opened = np.concatenate(([1.1], close[:-1]))
    high = np.round(np.maximum(opened, close) + np.abs(rng.normal(0, 3e-5, n)), 5)
    low = np.round(np.minimum(opened, close) - np.abs(rng.normal(0, 3e-5, n)), 5)
    return {
        "time": 1_577_836_800 + 60 * np.arange(n),
        "open": opened,
        "high": high,
        "low": low,
        "close": close,
    }


def pairs_of(count: int) -> list[tuple[int, int]]:
    """The first pairs of a grid of 20 fast by 20 slow averages."""
    grid = [(fast, slow) for fast in range(5, 25) for slow in range(30, 130, 5)]
    return grid[:: max(1, len(grid) // count)][:count]


def ours(bars: dict[str, Any], pairs: list[tuple[int, int]], workers: int) -> dict[str, Any]:
    from qbx_desktop.backtest.input import Account, BacktestInput, Costs
    from qbx_desktop.backtest.search.evaluate import Batch
    from qbx_desktop.backtest.search.runner import runner_for
    from qbx_desktop.domain.bars import Bars
    from qbx_desktop.domain.known_symbols import known_symbol
    from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit

    given = BacktestInput(
        bars=Bars.from_prices(*(bars[name] for name in ("time", "open", "high", "low", "close"))),
        spec=known_symbol("EURUSD"), strategy="MA_CROSSOVER", account=Account(balance=2_000_000.0),
        costs=Costs(spread_points=10, commission_per_lot=3.5), sizing=Sizing(lots=0.1),
        sl=StopDistance(StopUnit.PIPS, 10), tp=StopDistance(StopUnit.PIPS, 20),
    )  # fmt: skip
    combos = [{"fast_period": fast, "slow_period": slow} for fast, slow in pairs]
    with runner_for(given, workers) as runner:
        for future in [runner.submit(Batch(((0, combos[0]),))) for _ in range(workers)]:
            future.result()
        wall, cpu = time.perf_counter(), _cpu()
        parts = [tuple(enumerate(combos))[at::workers] for at in range(workers)]
        outcomes = [
            each for future in [runner.submit(Batch(part)) for part in parts] for each in future.result()
        ]
        took = time.perf_counter() - wall
    outcomes.sort(key=lambda each: each.number)
    # A worker's CPU time is known once it has ended.
    first = outcomes[0].figures
    return {
        "wall": took, "cpu": _cpu() - cpu, "trades": max(each.figures["total_trades"] or 0 for each in outcomes),
        "nets": [each.figures["net_profit"] for each in outcomes], "first": first["net_profit"],
    }  # fmt: skip


def vectorbt(bars: dict[str, Any], pairs: list[tuple[int, int]], _: int) -> dict[str, Any]:
    import vectorbt as vbt

    def grid(chosen: list[tuple[int, int]], part: slice) -> Any:
        close = bars["close"][part]
        fast, slow = (vbt.MA.run(close, [pair[at] for pair in chosen]).ma.to_numpy() for at in (0, 1))
        above = fast > slow
        up, down = np.zeros_like(above), np.zeros_like(above)
        up[2:], down[2:] = above[1:-1] & ~above[:-2], ~above[1:-1] & above[:-2]
        warm = max(slow for _, slow in chosen) + 2
        up[:warm], down[:warm] = False, False
        columns = {name: bars[name][part].reshape(-1, 1) for name in ("open", "high", "low")}
        made = vbt.Portfolio.from_signals(
            close.reshape(-1, 1), entries=up, short_entries=down, price=columns["open"], **columns, size=10_000.0,
            sl_stop=SL / 1.1, tp_stop=TP / 1.1, slippage=SPREAD / 2 / 1.1, fixed_fees=FEE, init_cash=2_000_000.0,
            upon_opposite_entry="reverse", freq="1min",
        )  # fmt: skip
        return made.trades.count(), made.total_profit(), made.max_drawdown()

    grid(pairs[:2], slice(0, 5_000))
    wall, cpu, trades, nets = time.perf_counter(), _cpu(), 0, []
    for at in range(0, len(pairs), 20):
        count, profit, _ = grid(pairs[at : at + 20], slice(None))
        trades = max(trades, int(count.max()))
        nets += profit.tolist()
    return {"wall": time.perf_counter() - wall, "cpu": _cpu() - cpu, "trades": trades, "nets": nets}


def backtesting(bars: dict[str, Any], pairs: list[tuple[int, int]], _: int) -> dict[str, Any]:
    import pandas as pd
    from backtesting import Backtest, Strategy
    from backtesting.lib import crossover

    class Crossing(Strategy):
        fast, slow = 10, 30

        def init(self) -> None:
            mean = lambda values, n: pd.Series(values).rolling(n).mean()  # noqa: E731
            self.a, self.b = (
                self.I(mean, self.data.Close, self.fast),
                self.I(mean, self.data.Close, self.slow),
            )

        def next(self) -> None:
            price = self.data.Close[-1]
            if crossover(self.a, self.b):
                self.position.close()
                self.buy(size=10_000, sl=price - SL, tp=price + TP)
            elif crossover(self.b, self.a):
                self.position.close()
                self.sell(size=10_000, sl=price + SL, tp=price - TP)

    frame = pd.DataFrame(
        {name.title(): bars[name] for name in ("open", "high", "low", "close")},
        index=pd.to_datetime(bars["time"], unit="s"),
    )
    test = Backtest(frame, Crossing, cash=2_000_000, spread=SPREAD / 1.1, finalize_trades=True)
    some = some_of(pairs, len(bars["close"]))
    wall, cpu = time.perf_counter(), _cpu()
    stats = [test.run(fast=fast, slow=slow) for fast, slow in some]
    scale = len(pairs) / len(some)
    return {
        "wall": (time.perf_counter() - wall) * scale, "cpu": (_cpu() - cpu) * scale,
        "trades": max(int(each["# Trades"]) for each in stats), "nets": [],
    }  # fmt: skip


def vnpy(bars: dict[str, Any], pairs: list[tuple[int, int]], _: int) -> dict[str, Any]:
    from vnpy.trader.constant import Exchange, Interval
    from vnpy.trader.object import BarData
    from vnpy_ctastrategy import ArrayManager, CtaTemplate
    from vnpy_ctastrategy.backtesting import BacktestingEngine

    class Crossing(CtaTemplate):
        fast, slow = 10, 30
        parameters = ["fast", "slow"]  # noqa: RUF012 - vnpy's own form

        def on_init(self) -> None:
            self.am = ArrayManager(self.slow + 5)

        def on_bar(self, bar: Any) -> None:
            self.cancel_all()
            self.am.update_bar(bar)
            if not self.am.inited:
                return
            a, b = (self.am.sma(n, array=True) for n in (self.fast, self.slow))
            wanted = self.pos
            if a[-1] > b[-1] and a[-2] <= b[-2]:
                wanted, self.at = 1, bar.close_price
            elif a[-1] < b[-1] and a[-2] >= b[-2]:
                wanted, self.at = -1, bar.close_price
            if wanted > self.pos:
                (self.cover if self.pos < 0 else self.buy)(bar.close_price * 1.05, 1)
            elif wanted < self.pos:
                (self.sell if self.pos > 0 else self.short)(bar.close_price * 0.95, 1)
            elif self.pos > 0:
                self.sell(self.at - SL, 1, stop=True)
                self.sell(self.at + TP, 1)
            elif self.pos < 0:
                self.cover(self.at + SL, 1, stop=True)
                self.cover(self.at - TP, 1)

    columns = [bars[name].tolist() for name in ("time", "open", "high", "low", "close")]
    history = [
        BarData(
            "bench",
            "EURUSD",
            Exchange.LOCAL,
            datetime.fromtimestamp(time, UTC),
            Interval.MINUTE,
            1.0,
            0.0,
            0.0,
            *prices,
        )
        for time, *prices in zip(*columns, strict=True)
    ]
    some = some_of(pairs, len(history))
    wall, cpu, trades = time.perf_counter(), _cpu(), 0
    for fast, slow in some:
        engine = BacktestingEngine()
        engine.output = lambda _: None
        engine.set_parameters(
            "EURUSD.LOCAL", Interval.MINUTE, history[0].datetime, 0.0, SPREAD / 2, 10_000, 1e-5, 2_000_000,
            history[-1].datetime,
        )  # fmt: skip
        engine.add_strategy(Crossing, {"fast": fast, "slow": slow})
        engine.history_data = history
        engine.run_backtesting()
        engine.calculate_result()
        engine.calculate_statistics(output=False)
        trades = max(trades, len(engine.trades) // 2)
    scale = len(pairs) / len(some)
    return {
        "wall": (time.perf_counter() - wall) * scale, "cpu": (_cpu() - cpu) * scale, "trades": trades, "nets": [],
    }  # fmt: skip


def some_of(pairs: list[tuple[int, int]], bars: int) -> list[tuple[int, int]]:
    """As many pairs as a slow engine is given."""
    wanted = 2 if bars >= 500_000 else max(1, len(pairs) // 20)
    return pairs[:: max(1, len(pairs) // wanted)][:wanted]


ENGINES = {"ours": ours, "vectorbt": vectorbt, "backtesting": backtesting, "vnpy": vnpy}
MODULES = {"vectorbt": "vectorbt", "backtesting": "backtesting", "vnpy": "vnpy_ctastrategy"}


def _cpu() -> float:
    """CPU seconds of this process and of its ended children."""
    own, ended = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime


def one(name: str, n: int, count: int, workers: int) -> dict[str, Any]:
    """One engine in a process of its own; `peak` in MB, of the largest process and of all together."""
    command = [
        sys.executable,
        __file__,
        "--one",
        name,
        "--bars",
        str(n),
        "--pairs",
        str(count),
        "--workers",
        str(workers),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if ran.returncode:
        raise SystemExit(f"{name} failed:\n{ran.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def first_results(peers: list[str], n: int, rounds: int) -> None:
    """Seconds from the start of a process to its first result, median of `rounds` after one that fills the caches."""
    took: dict[str, list[float]] = {name: [] for name in ("ours", *peers)}
    for _ in range(rounds + 1):
        for name, seconds in took.items():
            began = time.perf_counter()
            one(name, n, 1, 1)
            seconds.append(time.perf_counter() - began)
    for name, seconds in took.items():
        again = statistics.median(seconds[1:])
        ratio = again / statistics.median(took["ours"][1:])
        print(
            f"first of {n:,} bars, {name}: {again:.2f} s ({ratio:.1f} x ours; the very first {seconds[0]:.1f} s)"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--bars", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default="vectorbt,backtesting,vnpy")
    parser.add_argument("--first", action="store_true")
    parser.add_argument("--one")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    if options.one:
        found = ENGINES[options.one](prices(options.bars), pairs_of(options.pairs), options.workers)
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        ended = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        print(
            json.dumps(
                {**found, "peak": (own + options.workers * ended if options.workers > 1 else own) / 1024}
            )
        )
        return
    peers = [each for each in options.peers.split(",") if each]
    for name in [each for each in peers if importlib.util.find_spec(MODULES[each]) is None]:
        print(f"{name}: not installed")
        peers.remove(name)
    if options.first:
        first_results(peers, options.bars, options.rounds)
        return
    rates: dict[str, list[float]] = {name: [] for name in ("ours", "two", *peers)}
    peaks: dict[str, float] = {}
    gains: list[float] = []
    for number in range(options.rounds):
        alone, pair = (one("ours", options.bars, options.pairs, workers) for workers in (1, 2))
        assert alone["nets"] == pair["nets"], "two processes must give the serial result to the last bit"
        if options.bars >= 1_000_000:
            assert alone["trades"] >= LEAST_TRADES, alone["trades"]
        rates["ours"].append(options.pairs / alone["cpu"])
        rates["two"].append(options.pairs / pair["wall"])
        gains.append(alone["wall"] / pair["wall"])
        peaks["ours"], peaks["two"] = alone["peak"], pair["peak"]
        for name in peers:
            found = one(name, options.bars, options.pairs, 1)
            rates[name].append(options.pairs / found["cpu"])
            peaks[name] = found["peak"]
        print(
            f"round {number + 1}: ours {rates['ours'][-1]:.1f}/cpu s, two processes {rates['two'][-1]:.1f}/s wall "
            f"(x{gains[-1]:.2f} of one), "
            + ", ".join(f"{name} {rates[name][-1]:.2f}/cpu s" for name in peers)
            + f", load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    print(f"{options.pairs} pairs on {options.bars:,} bars; results of one and two processes bit-equal")
    for name in peers:
        ratio = statistics.median(a / b for a, b in zip(rates["ours"], rates[name], strict=True))
        two = statistics.median(a / b for a, b in zip(rates["two"], rates[name], strict=True))
        print(
            f"one core / {name}: median {ratio:.1f}; two / {name} (wall against its CPU): {two:.1f}; "
            f"memory {peaks['ours']:.0f} MB against {peaks[name]:.0f} MB (1/{peaks[name] / peaks['ours']:.1f})"
        )
    print(
        f"parallel gain of two processes: median {statistics.median(gains):.2f}; peak {peaks['two']:.0f} MB in all"
    )


if __name__ == "__main__":
    main()
