"""Each indicator against its definition, worked out slowly."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.strategies import comparisons
from qbx_desktop.strategies import indicators as ind

points = st.lists(st.integers(100_000, 100_400), min_size=1, max_size=60)
periods = st.integers(1, 12)


def prices(whole: list[int]) -> np.ndarray:
    return np.array(whole) / 100_000


def test_above_needs_more_than_noise() -> None:
    assert comparisons.above(1.0 + 2e-9, 1.0)
    assert not comparisons.above(1.0 + 0.5e-9, 1.0)
    assert comparisons.not_above(1.0 + 0.5e-9, 1.0)
    assert not comparisons.above(np.nan, 1.0)
    assert not comparisons.not_above(np.nan, 1.0)
    assert comparisons.above(-1.0, -1.1)


@given(points, periods)
def test_sma_is_the_exact_mean(whole: list[int], period: int) -> None:
    values = ind.sma(prices(whole), period)
    assert np.isnan(values[: period - 1]).all()
    for t in range(period - 1, len(whole)):
        exact = Fraction(sum(whole[t - period + 1 : t + 1]), 100_000 * period)
        assert values[t] == pytest.approx(float(exact), rel=1e-13)


@given(st.lists(st.integers(0, 40), min_size=12, max_size=60), st.integers(1, 4), st.integers(2, 6))
def test_equal_means_do_not_cross(steps: list[int], fast: int, slow: int) -> None:
    """Crossings are those of the exact means: a tie is a tie, not noise."""
    whole = [100_000 + step for step in steps]
    ours, _ = comparisons.crossings(ind.sma(prices(whole), fast), ind.sma(prices(whole), slow))
    for t in range(len(whole)):
        expected = False
        if t >= max(fast, slow):
            now, before = (
                Fraction(sum(whole[k - fast + 1 : k + 1]), fast)
                - Fraction(sum(whole[k - slow + 1 : k + 1]), slow)
                for k in (t, t - 1)
            )
            expected = before <= 0 < now
        assert ours[t] == expected


def test_a_mean_after_a_million_bars_is_still_far_finer_than_the_tolerance() -> None:
    """A running total gathers noise; it has to stay a thousand times below what a rule hears."""
    walk = np.round(1.1 + np.cumsum(np.random.default_rng(3).normal(0, 1e-4, 1_000_000)), 5)
    for period in (20, 200):
        exact = [math.fsum(walk[t - period + 1 : t + 1]) / period for t in range(999_900, 1_000_000)]
        np.testing.assert_allclose(ind.sma(walk, period)[-100:], exact, rtol=1e-12)


def test_sma_of_very_large_prices() -> None:
    np.testing.assert_allclose(ind.sma(np.array([1.6e9, 1.7e9, 1.8e9]), 2)[1:], [1.65e9, 1.75e9], rtol=1e-14)


@given(points, periods)
def test_sma_passes_over_leading_nan(whole: list[int], period: int) -> None:
    values = np.concatenate(([np.nan, np.nan], prices(whole)))
    np.testing.assert_allclose(ind.sma(values, period)[2:], ind.sma(prices(whole), period), rtol=1e-13)


@given(points, periods)
def test_recursive_means_start_with_the_simple_mean(whole: list[int], period: int) -> None:
    values = prices(whole)
    for kind, weight in ((ind.ema, 2 / (period + 1)), (ind.wilder, 1 / period)):
        out = kind(values, period)
        assert np.isnan(out[: period - 1]).all()
        level = math.nan
        for t in range(period - 1, len(values)):
            level = values[:period].mean() if t == period - 1 else weight * values[t] + (1 - weight) * level
            assert out[t] == pytest.approx(level, rel=1e-12)


def test_atr_by_hand() -> None:
    """True ranges 3, 5 (gap up: 15 - 10), 6 (gap down: 14 - 8), then ATR(2) = 4, then (4 + 6) / 2 = 5."""
    high, low = np.array([10.0, 12.0, 15.0, 11.0]), np.array([8.0, 9.0, 13.0, 8.0])
    close = np.array([9.0, 10.0, 14.0, 9.0])
    assert ind.true_range(high, low, close)[1:].tolist() == [3.0, 5.0, 6.0]
    found = ind.atr(high, low, close, 2)
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == [4.0, 5.0]


def test_rsi_by_hand() -> None:
    """Changes +2, -1, +3: means of the first two 1 and 0.5 give 66.67; then 2 and 0.25 give 88.89."""
    found = ind.rsi(np.array([10.0, 12.0, 11.0, 14.0]), 2)
    assert np.isnan(found[:2]).all()
    assert found[2:].tolist() == pytest.approx([100 * 1 / 1.5, 100 * 2 / 2.25])


def test_rsi_of_a_market_that_stands_still_is_50() -> None:
    found = ind.rsi(np.full(6, 1.1), 3)
    assert np.isnan(found[:3]).all()
    assert found[3:].tolist() == [50.0] * 3


def test_rsi_extremes() -> None:
    assert ind.rsi(np.arange(1.0, 8.0), 3)[3:].tolist() == [100.0] * 4
    assert ind.rsi(np.arange(8.0, 1.0, -1.0), 3)[3:].tolist() == [0.0] * 4


@given(points, st.integers(1, 12), st.floats(0.5, 3))
def test_bollinger_is_mean_and_population_deviation(whole: list[int], period: int, width: float) -> None:
    lower, middle, upper = ind.bollinger(prices(whole), period, width)
    for t in range(len(whole)):
        if t < period - 1:
            assert np.isnan([lower[t], middle[t], upper[t]]).all()
            continue
        window = [Fraction(each, 100_000) for each in whole[t - period + 1 : t + 1]]
        mean = sum(window) / period
        spread = math.sqrt(sum((each - mean) ** 2 for each in window) / period)
        assert middle[t] == pytest.approx(float(mean), rel=1e-14)
        assert upper[t] == pytest.approx(float(mean) + width * spread, rel=1e-13)
        assert lower[t] == pytest.approx(float(mean) - width * spread, rel=1e-13)


@given(points, periods)
def test_channels_leave_the_current_bar_out(whole: list[int], period: int) -> None:
    values = prices(whole)
    highest, lowest = ind.highest_before(values, period), ind.lowest_before(values, period)
    for t in range(len(values)):
        if t < period:
            assert np.isnan(highest[t])
            assert np.isnan(lowest[t])
        else:
            assert highest[t] == values[t - period : t].max()
            assert lowest[t] == values[t - period : t].min()


@pytest.mark.parametrize(
    "n", [ind._CHUNK - 1, ind._CHUNK, ind._CHUNK + 1, ind._CHUNK + 7, 2 * ind._CHUNK + 3]
)
def test_blocks_join_without_a_seam(n: int) -> None:
    values = np.round(1 + np.random.default_rng(n).random(n), 5)
    view = np.lib.stride_tricks.sliding_window_view(values, 5)
    assert ind.highest_before(values, 5)[5:].tolist() == view[:-1].max(axis=1).tolist()
    np.testing.assert_allclose(ind.deviation(values, 5)[4:], view.std(axis=1), rtol=1e-12)
