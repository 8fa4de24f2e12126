"""Signals of every strategy over a million bars, and one decision on 500 bars, beside the same rules in pandas.

Prints per strategy: nanoseconds per bar, microseconds per decision (signals and explanation), and how many times the
pandas way costs. Then single indicators: ours, TA-Lib's bare call, pandas and pandas-ta-classic. CPU time, best of a few.

    python bench/strategy_speed.py [--bars 1000000] [--only MA_CROSSOVER]
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pandas_ta_classic as ta
import talib

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qbx_desktop.domain.bars import Bars
from qbx_desktop.strategies import indicators as ind
from qbx_desktop.strategies import registry
from tests.strategies.pandas_rules import RULES, frame_of

# Their pandas form goes bar by bar through time zones: minutes over a million bars.
SLOW_IN_PANDAS = {"INDEX_MOMENTUM", "OPENING_RANGE"}
LIVE_BARS = 500


def walk(n: int, step: int) -> Bars:
    """A seeded random walk with five digits and volume."""
    rng = np.random.default_rng(1)
    close = np.round(1.1 * np.exp(np.cumsum(rng.normal(0, 5e-5, n))), 5)
    opened = np.concatenate((close[:1], close[:-1]))
    reach = np.round(np.abs(rng.normal(0, 5e-5, (2, n))), 5)
    high, low = np.maximum(opened, close) + reach[0], np.minimum(opened, close) - reach[1]
    return Bars.from_prices(
        1_704_067_200 + step * np.arange(n), opened, high, low, close, rng.integers(10, 900, n)
    )


def cpu(action: Callable[[], object], most: float = 1.5) -> float:
    """Best CPU time of one call, tried for about `most` seconds."""
    best, spent = float("inf"), 0.0
    while spent < most:
        start = time.process_time()
        action()
        took = time.process_time() - start
        best, spent = min(best, took), spent + max(took, 1e-6)
    return best


def many(action: Callable[[], object], times: int = 200) -> float:
    """CPU time of one short call."""

    def loop() -> None:
        for _ in range(times):
            action()

    return cpu(loop, 0.4) / times


def strategies(n: int, only: str) -> None:
    bars, live = walk(n, 60), walk(LIVE_BARS, 3_600)
    long, short = frame_of(bars), frame_of(live)
    print(f"{'strategy':22} {'ns/bar':>8} {'pandas':>8} {'ratio':>7}   {'us/decision':>11} {'pandas':>8} {'ratio':>7}")  # fmt: skip
    ratios = []
    for strategy in registry.all_strategies():
        if only and strategy.key != only:
            continue
        params, rule = strategy.Params(), RULES[strategy.key]
        whole = cpu(lambda s=strategy, p=params: s.signals(bars, p)) / n * 1e9
        theirs = float("nan")
        if strategy.key not in SLOW_IN_PANDAS:
            theirs = cpu(lambda rule=rule: rule(long), 0.1) / n * 1e9
        one = many(lambda s=strategy, p=params: (s.signals(live, p), s.explain(live, p))) * 1e6
        poll = many(lambda rule=rule: rule(short), 5) * 1e6
        ratios.append(poll / one)
        print(f"{strategy.key:22} {whole:8.1f} {theirs:8.0f} {theirs / whole:7.1f}   {one:11.0f} {poll:8.0f} {poll / one:7.1f}")  # fmt: skip
    print(f"geometric mean of the decision's ratio: {np.exp(np.mean(np.log(ratios))):.0f}")


def indicators(n: int) -> None:
    bars = walk(n, 60)
    f = frame_of(bars)
    h, low, c = bars.high, bars.low, bars.close
    rows: list[tuple[str, Callable[[], object], Callable[[], object], Callable[[], object], Callable[[], object]]] = [
        ("SMA 20", lambda: ind.sma(c, 20), lambda: talib.SMA(c, 20), lambda: f.close.rolling(20).mean(),
         lambda: ta.sma(f.close, 20, talib=False)),
        ("EMA 20", lambda: ind.ema(c, 20), lambda: talib.EMA(c, 20),
         lambda: f.close.ewm(span=20, adjust=False).mean(), lambda: ta.ema(f.close, 20, talib=False)),
        ("RSI 14", lambda: ind.rsi(c, 14), lambda: talib.RSI(c, 14), lambda: _pandas_rsi(f.close),
         lambda: ta.rsi(f.close, 14, talib=False)),
        ("ATR 14", lambda: ind.atr(h, low, c, 14), lambda: talib.ATR(h, low, c, 14), lambda: _pandas_atr(f),
         lambda: ta.atr(f.high, f.low, f.close, 14, talib=False)),
        ("Bollinger 20", lambda: ind.bollinger(c, 20, 2.0), lambda: talib.BBANDS(c, 20),
         lambda: (f.close.rolling(20).mean(), f.close.rolling(20).std(ddof=0)),
         lambda: ta.bbands(f.close, 20, 2.0, talib=False)),
        ("MACD", lambda: ind.macd(c, 12, 26, 9), lambda: talib.MACD(c),
         lambda: f.close.ewm(span=12).mean() - f.close.ewm(span=26).mean(), lambda: ta.macd(f.close, talib=False)),
        ("ADX 14", lambda: ind.adx(h, low, c, 14), lambda: talib.ADX(h, low, c, 14), lambda: None,
         lambda: ta.adx(f.high, f.low, f.close, 14, talib=False)),
        ("Donchian 20", lambda: (ind.highest_before(h, 20), ind.lowest_before(low, 20)),
         lambda: (talib.MAX(h, 20), talib.MIN(low, 20)),
         lambda: (f.high.rolling(20).max().shift(1), f.low.rolling(20).min().shift(1)),
         lambda: ta.donchian(f.high, f.low, 20, 20)),
    ]  # fmt: skip
    print(
        f"\n{'indicator':14} {'ours':>8} {'TA-Lib':>8} {'pandas':>8} {'pandas-ta-classic':>18}   (ns per bar)"
    )
    for name, *ways in rows:
        ours, bare, frame, classic = (cpu(way, 0.5) / n * 1e9 for way in ways)
        print(f"{name:14} {ours:8.1f} {bare:8.1f} {frame:8.1f} {classic:18.1f}")


def _pandas_rsi(close: pd.Series) -> pd.Series:
    change = close.diff()
    gain = change.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean()
    loss = (-change.clip(upper=0)).ewm(alpha=1 / 14, adjust=False).mean()
    return 100 * gain / (gain + loss)


def _pandas_atr(f: pd.DataFrame) -> pd.Series:
    last = f.close.shift(1)
    reach = pd.concat([f.high - f.low, (f.high - last).abs(), (f.low - last).abs()], axis=1).max(axis=1)
    return reach.ewm(alpha=1 / 14, adjust=False).mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bars", type=int, default=1_000_000)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    strategies(options.bars, options.only)
    indicators(options.bars)


if __name__ == "__main__":
    main()
