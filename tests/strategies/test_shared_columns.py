"""Columns that settings share change no signal, are worked out once, and are forgotten in time."""

from __future__ import annotations

import numpy as np
import pytest

from qbx_desktop.backtest.compiled import make
from qbx_desktop.backtest.crossings import find_crossings
from qbx_desktop.domain.bars import Floats
from qbx_desktop.strategies import indicators, registry
from qbx_desktop.strategies.comparisons import crossings
from qbx_desktop.strategies.contract import Strategy
from qbx_desktop.strategies.sample_market import sample_market
from qbx_desktop.strategies.shared_columns import SharedColumns

BARS = sample_market(3_000)


@pytest.mark.parametrize("strategy", registry.shipped(), ids=lambda each: each.key)
def test_no_strategy_says_anything_else(strategy: Strategy) -> None:
    plain = strategy.signals(BARS, strategy.Params())
    columns = SharedColumns(BARS, 1 << 24, make().find_crossings)
    for _ in range(2):  # the second time from what is remembered
        with columns.opened():
            found = strategy.signals(BARS, strategy.Params())
        for name in ("entry", "exit_long", "exit_short"):
            np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


def test_the_same_column_is_worked_out_once_and_cannot_be_written_to() -> None:
    columns = SharedColumns(BARS, 1 << 24)
    with columns.opened():
        first = indicators.sma(BARS.close, 20)
        assert indicators.sma(BARS.close, 20) is first
        assert indicators.sma(BARS.close, 21) is not first
        assert indicators.sma(BARS.open, 20) is not first
        assert indicators.ema(BARS.close, 20) is not first
        # of something that was computed nothing is remembered
        assert indicators.sma(first[20:], 5) is not indicators.sma(first[20:], 5)
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 0.0
    assert indicators.sma(BARS.close, 20) is not first


def test_what_was_not_asked_for_lately_is_forgotten() -> None:
    columns = SharedColumns(BARS, 8 * len(BARS) * 2)
    with columns.opened():
        first = indicators.sma(BARS.close, 5)
        indicators.sma(BARS.close, 6)
        assert indicators.sma(BARS.close, 5) is first
        indicators.sma(BARS.close, 7)
        assert indicators.sma(BARS.close, 5) is first
        indicators.sma(BARS.close, 8)
        indicators.sma(BARS.close, 9)
        assert indicators.sma(BARS.close, 5) is not first


@pytest.mark.parametrize("seed", range(40))
def test_the_quicker_way_finds_the_same_crossings(seed: int) -> None:
    a, b = columns_near(np.random.default_rng(seed), 300)
    slow = crossings(a, b)
    plain, fast = (np.ones((2, len(a)), np.bool_) for _ in range(2))
    find_crossings(a, b, *plain)
    with SharedColumns(BARS, 1, make().find_crossings).opened():
        fast[:] = crossings(a, b)
    np.testing.assert_array_equal(plain, slow)
    np.testing.assert_array_equal(fast, slow)


def columns_near(rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    """Two columns that meet often, exactly and to within the tolerance, and begin later than the bars."""
    a = rng.integers(-4, 5, count) * rng.choice((1.0, 1e-9, 1e5))
    nearly = 1 + rng.choice((0.0, 1e-9, -1e-9, 0.999e-9, 1.001e-9, 1e-8), count)
    b = np.where(rng.random(count) < 0.5, a * nearly, rng.integers(-4, 5, count) * 1.0)
    a[: rng.integers(0, 40)] = np.nan
    b[: rng.integers(0, 40)] = np.nan
    return a, b
