"""Indicators over whole arrays: NaN before the first value, and no value ever reads a later bar."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ..domain.bars import Floats

_NOISE = 1e-9
# Prices below a million are summed in hundred-millionths: exact, so that two means of decimal prices tie exactly.
_FINE, _COARSE, _LARGE = 1e8, 1e2, 1e6
_BLOCK = 1 << 15

Flags = NDArray[np.bool_]


def above(a: Floats | float, b: Floats | float) -> Flags:
    """Where `a > b` in the sense of every rule: by more than 1e-9 of the larger; False where either is NaN."""
    return np.asarray(np.subtract(a, b) > _NOISE * np.maximum(np.abs(a), np.abs(b)))


def not_above(a: Floats | float, b: Floats | float) -> Flags:
    """Where `a ≤ b`: the opposite of :func:`above`, but False where either is NaN."""
    return np.asarray(np.subtract(a, b) <= _NOISE * np.maximum(np.abs(a), np.abs(b)))


def crosses_above(a: Floats, b: Floats) -> Flags:
    """Where `a` was not above `b` on the bar before and is now."""
    found = np.zeros(len(a), np.bool_)
    found[1:] = not_above(a[:-1], b[:-1]) & above(a[1:], b[1:])
    return found


def sma(prices: Floats, period: int) -> Floats:
    """Simple mean of `period` prices, first at index `period - 1`; summed in whole numbers, so exact."""
    n = len(prices)
    out = np.full(n, np.nan)
    if n < period:
        return out
    # Running totals may wrap around 64 bits; their differences are right all the same.
    scale = _FINE if abs(prices[0]) < _LARGE else _COARSE
    totals = np.cumsum(np.rint(prices * scale).astype(np.int64))
    sums = totals[period - 1 :].copy()
    sums[1:] -= totals[:-period]
    out[period - 1 :] = sums / (scale * period)
    return out


def sma_of(values: Floats, period: int) -> Floats:
    """Simple mean of `period` values of another indicator; its leading NaN are passed over."""
    out = np.full(len(values), np.nan)
    start = first_valid(values)
    tail = values[start:]
    if len(tail) < period:
        return out
    for begin in range(0, len(tail) - period + 1, _BLOCK):
        windows = sliding_window_view(tail[begin : begin + _BLOCK + period - 1], period)
        at = start + begin + period - 1
        out[at : at + len(windows)] = windows.mean(axis=1)
    return out


def ema(values: Floats, period: int) -> Floats:
    """Exponential mean, weight 2 / (period + 1), started with the simple mean of the first `period` values."""
    return _recursive(values, period, 2.0 / (period + 1))


def wilder(values: Floats, period: int) -> Floats:
    """Wilder's smoothing, weight 1 / period, started with the simple mean of the first `period` values."""
    return _recursive(values, period, 1.0 / period)


def settled_ema(period: int) -> int:
    """Bars after which an exponential mean has forgotten its start to less than 1e-9 of its size then."""
    return math.ceil(10.5 * (period + 1))


def settled_wilder(period: int) -> int:
    """Bars after which Wilder's smoothing has forgotten its start to less than 1e-9 of its size then."""
    return 21 * period


def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """max(high - low, |high - close before|, |low - close before|); NaN on the first bar, which has none before."""
    out = np.full(len(close), np.nan)
    before = close[:-1]
    out[1:] = np.maximum(high[1:], before) - np.minimum(low[1:], before)
    return out


def atr(high: Floats, low: Floats, close: Floats, period: int) -> Floats:
    """Average true range after Wilder; first at index `period`."""
    return wilder(true_range(high, low, close), period)


def rsi(close: Floats, period: int) -> Floats:
    """Relative strength index after Wilder, 0-100; first at index `period`, 50 where nothing moved."""
    change = np.full(len(close), np.nan)
    change[1:] = np.diff(close)
    gain = wilder(np.maximum(change, 0.0), period)
    total = gain + wilder(np.maximum(-change, 0.0), period)
    out = np.full(len(close), np.nan)
    moved = total > 0
    out[moved] = 100.0 * gain[moved] / total[moved]
    out[total == 0] = 50.0
    return out


def deviation(prices: Floats, period: int) -> Floats:
    """Population standard deviation of `period` prices, first at index `period - 1`."""
    n = len(prices)
    out = np.full(n, np.nan)
    for begin in range(0, n - period + 1, _BLOCK):
        windows = sliding_window_view(prices[begin : begin + _BLOCK + period - 1], period)
        out[begin + period - 1 : begin + period - 1 + len(windows)] = windows.std(axis=1)
    return out


def bollinger(prices: Floats, period: int, width: float) -> tuple[Floats, Floats, Floats]:
    """Lower band, middle and upper band: simple mean ∓ `width` population deviations."""
    middle = sma(prices, period)
    reach = width * deviation(prices, period)
    return middle - reach, middle, middle + reach


def highest_before(values: Floats, period: int) -> Floats:
    """Highest of the `period` values before each bar, that bar left out; first at index `period`."""
    return _extreme_before(values, period, np.max)


def lowest_before(values: Floats, period: int) -> Floats:
    """Lowest of the `period` values before each bar, that bar left out; first at index `period`."""
    return _extreme_before(values, period, np.min)


def first_valid(values: Floats) -> int:
    """Index of the first value that is not NaN; the length when there is none."""
    valid = ~np.isnan(values)
    return int(np.argmax(valid)) if valid.any() else len(values)


def _extreme_before(values: Floats, period: int, extreme: Callable[..., Floats]) -> Floats:
    n = len(values)
    out = np.full(n, np.nan)
    for begin in range(0, n - period, _BLOCK):
        windows = sliding_window_view(values[begin : min(begin + _BLOCK + period - 1, n - 1)], period)
        out[begin + period : begin + period + len(windows)] = extreme(windows, axis=1)
    return out


def _recursive(values: Floats, period: int, weight: float) -> Floats:
    out = np.full(len(values), np.nan)
    start = first_valid(values)
    first = start + period - 1
    if first >= len(values):
        return out
    series = values[start:].tolist()
    level = sum(series[:period]) / period
    levels = [level]
    for value in series[period:]:
        level += weight * (value - level)
        levels.append(level)
    out[first:] = levels
    return out
