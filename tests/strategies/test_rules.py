"""The four first rules bar by bar against their words, on small tapes full of ties."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.domain.bars import Bars
from qbx_desktop.strategies import indicators as ind
from qbx_desktop.strategies import registry

NOISE = 1e-9

steps = st.lists(st.tuples(st.integers(-6, 6), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=70)


def bars_of(moves: list[tuple[int, int, int]]) -> Bars:
    close = 110_000 + np.cumsum([move for move, _, _ in moves])
    opened = np.concatenate(([110_000], close[:-1]))
    high = np.maximum(opened, close) + [up for _, up, _ in moves]
    low = np.minimum(opened, close) - [down for _, _, down in moves]
    time = 1_704_067_200 + 3_600 * np.arange(len(moves))
    return Bars.from_prices(time, *(each / 100_000 for each in (opened, high, low, close)))


def gt(a: float, b: float) -> bool:
    return bool(a - b > NOISE * max(abs(a), abs(b)))


def signals(key: str, bars: Bars, **values: Any) -> tuple[list[int], list[bool], list[bool]]:
    strategy = registry.get(key)
    found = strategy.signals(bars, strategy.Params(**values))
    return found.entry.tolist(), found.exit_long.tolist(), found.exit_short.tolist()


@given(steps, st.integers(1, 6), st.integers(1, 9))
def test_ma_crossover(moves: list[tuple[int, int, int]], fast: int, slow: int) -> None:
    bars = bars_of(moves)
    close = bars.close.tolist()
    expected = []
    for t in range(len(close)):
        if t < max(fast, slow):
            expected.append(0)
            continue
        f, s, f1, s1 = (sum(close[k - n + 1 : k + 1]) / n for k in (t, t - 1) for n in (fast, slow))
        up, down = not gt(f1, s1) and gt(f, s), not gt(s1, f1) and gt(s, f)
        expected.append(int(up) - int(down))
    assert signals("MA_CROSSOVER", bars, fast_period=fast, slow_period=slow)[0] == expected


@given(steps, st.integers(1, 5), st.integers(1, 5), st.integers(1, 12))
def test_rsi_crossover(moves: list[tuple[int, int, int]], period: int, mean: int, trend: int) -> None:
    bars = bars_of(moves)
    close = bars.close.tolist()
    strength = ind.rsi(bars.close, period).tolist()
    expected = []
    for t in range(len(close)):
        if t < max(period + mean, trend - 1):
            expected.append(0)
            continue
        now, before = (sum(strength[k - mean + 1 : k + 1]) / mean for k in (t, t - 1))
        line = sum(close[t - trend + 1 : t + 1]) / trend
        up = gt(close[t], line) and not gt(strength[t - 1], before) and gt(strength[t], now)
        down = gt(line, close[t]) and not gt(before, strength[t - 1]) and gt(now, strength[t])
        expected.append(int(up) - int(down))
    found = signals("RSI_CROSSOVER", bars, rsi_period=period, rsi_ma_period=mean, trend_filter_period=trend)
    assert found[0] == expected


@given(steps, st.integers(2, 8), st.sampled_from((0.5, 1.0, 2.0, 2.25)), st.integers(1, 12))
def test_bollinger_reversion(
    moves: list[tuple[int, int, int]], length: int, width: float, trend: int
) -> None:
    bars = bars_of(moves)
    close = bars.close.tolist()
    expected = []
    for t in range(len(close)):
        if t < max(length, trend) - 1:
            expected.append(0)
            continue
        window = close[t - length + 1 : t + 1]
        middle = sum(window) / length
        reach = width * (sum((each - middle) ** 2 for each in window) / length) ** 0.5
        line = sum(close[t - trend + 1 : t + 1]) / trend
        buy = gt(close[t], line) and not gt(bars.low[t], middle - reach)
        sell = gt(line, close[t]) and not gt(middle + reach, bars.high[t])
        expected.append(int(buy) - int(sell))
    found = signals("BOLLINGER_REVERSION", bars, bb_length=length, bb_std=width, trend_filter_period=trend)
    assert found[0] == expected


@given(steps, st.integers(1, 8), st.integers(1, 8))
def test_turtle_breakout(moves: list[tuple[int, int, int]], entry: int, leave: int) -> None:
    bars = bars_of(moves)
    expected: tuple[list[int], list[bool], list[bool]] = ([], [], [])
    for t in range(len(bars)):
        found = (0, False, False)
        if t >= max(entry, leave):
            close = bars.close[t]
            up = gt(close, bars.high[t - entry : t].max())
            down = gt(bars.low[t - entry : t].min(), close)
            found = (
                int(up) - int(down),
                gt(bars.low[t - leave : t].min(), close),
                gt(close, bars.high[t - leave : t].max()),
            )
        for column, value in zip(expected, found, strict=True):
            column.append(value)  # type: ignore[arg-type]
    assert signals("TURTLE_BREAKOUT", bars, entry_period=entry, exit_period=leave) == expected


def test_warm_ups_are_the_defined_ones() -> None:
    expected = {
        "MA_CROSSOVER": 50,
        "RSI_CROSSOVER": max(14 + 10, 50 - 1),
        "BOLLINGER_REVERSION": 200 - 1,
        "TURTLE_BREAKOUT": 20,
    }
    for key, index in expected.items():
        strategy = registry.get(key)
        assert strategy.warmup(strategy.Params()) == index


def test_a_rule_that_holds_signals_on_each_bar() -> None:
    """The turtle keeps saying buy while every close makes a new high."""
    bars = bars_of([(5, 0, 0)] * 30)
    entry, exit_long, exit_short = signals("TURTLE_BREAKOUT", bars, entry_period=20, exit_period=10)
    assert entry == [0] * 20 + [1] * 10
    assert not any(exit_long)
    assert exit_short == [False] * 20 + [True] * 10
