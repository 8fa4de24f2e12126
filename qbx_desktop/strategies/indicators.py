"""Indicators over whole arrays: NaN before the first value, and no value ever reads a later bar.

Where TA-Lib starts as the backtest's rules say, TA-Lib computes; where it does not (MACD, ADX, the RSI of a market that
stands still, deviations of nearly equal prices), its pieces or numpy do. TA-Lib is imported by the first call.
"""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from ..domain.bars import Floats
from .shared_columns import shared

# Bars worked on at a time: their temporary arrays stay in the cache.
_CHUNK = 1 << 13


@functools.cache
def _talib() -> Any:
    import talib

    return talib


@shared
def sma(values: Floats, period: int) -> Floats:
    """Simple mean of `period` values; leading NaN are passed over."""
    return np.asarray(_talib().SMA(values, period))


@shared
def ema(values: Floats, period: int) -> Floats:
    """Exponential mean, weight 2 / (period + 1), started with the simple mean of the first `period` values."""
    return np.asarray(_talib().EMA(values, period))


def wilder(values: Floats, period: int) -> Floats:
    """Wilder's smoothing, weight 1 / period, started with the simple mean of the first `period` values."""
    n, start = len(values), first_valid(values)
    if n - start < period:
        return np.full(n, np.nan)
    # It is the exponential mean of 2·period - 1 values, started where that one has seen its start that often.
    level = float(values[start : start + period].mean())
    longer = 2 * period - 1
    out = np.asarray(_talib().EMA(np.concatenate((np.full(longer, level), values[start + period :])), longer))
    return np.concatenate((np.full(start + period - 1, np.nan), out[longer - 1 :]))


def settled_ema(period: int) -> int:
    """Bars after which an exponential mean has forgotten its start to less than 1e-9 of its size then."""
    return math.ceil(10.5 * (period + 1))


def settled_wilder(period: int) -> int:
    """Bars after which Wilder's smoothing has forgotten its start to less than 1e-9 of its size then."""
    return 21 * period


@shared
def true_range(high: Floats, low: Floats, close: Floats) -> Floats:
    """max(high - low, |high - close before|, |low - close before|); NaN on the first bar, which has none before."""
    return np.asarray(_talib().TRANGE(high, low, close))


@shared
def atr(high: Floats, low: Floats, close: Floats, period: int) -> Floats:
    """Average true range after Wilder; first at index `period`."""
    return np.asarray(_talib().ATR(high, low, close, period))


@shared
def rsi(close: Floats, period: int) -> Floats:
    """Relative strength index after Wilder, 0-100; first at index `period`, 50 where nothing moved."""
    if period > 1:
        out = np.asarray(_talib().RSI(close, period))
        # TA-Lib says 0 of a market that stands still, and of one that moved very long ago.
        if not (out == 0.0).any():
            return out
    change = np.full(len(close), np.nan)
    change[1:] = np.diff(close)
    gain = wilder(np.maximum(change, 0.0), period)
    total = gain + wilder(np.maximum(-change, 0.0), period)
    out = np.full(len(close), np.nan)
    moved = total > 0
    out[moved] = 100.0 * gain[moved] / total[moved]
    out[total == 0] = 50.0
    return out


@shared
def adx(high: Floats, low: Floats, close: Floats, period: int) -> Floats:
    """Average directional index after Wilder (1978), 0-100; first at index `2·period - 1`, 0 where nothing moved."""
    up, down = np.diff(high), -np.diff(low)
    ranges = wilder(true_range(high, low, close), period)
    plus, minus = (
        wilder(np.concatenate(([np.nan], np.where((own > other) & (own > 0), own, 0.0))), period)
        for own, other in ((up, down), (down, up))
    )
    total = plus + minus
    index = np.full(len(close), np.nan)
    # Both directions are divided by the same range, so it drops out; a market without range has no direction.
    moved = (total > 0) & (ranges > 0)
    index[moved] = 100.0 * np.abs(plus - minus)[moved] / total[moved]
    index[(total == 0) | (ranges == 0)] = 0.0
    return wilder(index, period)


def macd(close: Floats, fast: int, slow: int, signal: int) -> tuple[Floats, Floats]:
    """The line (fast less slow exponential mean, each with its own start) and its signal, an exponential mean of it."""
    line = ema(close, fast) - ema(close, slow)
    return line, ema(line, signal)


def stochastic(
    high: Floats, low: Floats, close: Floats, period: int, smooth: int, signal: int
) -> tuple[Floats, Floats]:
    """%K, a simple mean of `smooth` raw values 0-100, and %D, a simple mean of `signal` of those. 50 without range."""
    top, bottom = highest(high, period), lowest(low, period)
    reach = top - bottom
    with np.errstate(invalid="ignore", divide="ignore"):
        raw = 100.0 * (close - bottom) / reach
    raw[reach == 0] = 50.0
    k = sma(raw, smooth)
    return k, sma(k, signal)


@shared
def deviation(prices: Floats, period: int) -> Floats:
    """Population standard deviation of `period` prices, first at index `period - 1`.

    In two passes: the difference of two large sums would make noise out of prices that are nearly equal.
    """
    n = len(prices)
    mean, out = sma(prices, period), np.full(n, np.nan)
    for begin in range(period - 1, n, _CHUNK):
        end = min(begin + _CHUNK, n)
        total, apart = np.zeros(end - begin), np.empty(end - begin)
        for back in range(period):
            np.subtract(prices[begin - back : end - back], mean[begin:end], out=apart)
            np.multiply(apart, apart, out=apart)
            np.add(total, apart, out=total)
        np.sqrt(total / period, out=out[begin:end])
    return out


def bollinger(prices: Floats, period: int, width: float) -> tuple[Floats, Floats, Floats]:
    """Lower band, middle and upper band: simple mean ∓ `width` population deviations."""
    middle = sma(prices, period)
    reach = width * deviation(prices, period)
    return middle - reach, middle, middle + reach


def vwap(high: Floats, low: Floats, close: Floats, volume: Floats, period: int) -> Floats:
    """Mean of the typical prices of `period` bars, weighted by `volume`; the plain mean where there was none."""
    typical = (high + low + close) / 3
    weighted, weights, plain = sma(typical * volume, period), sma(volume, period), sma(typical, period)
    traded = weights > 0
    plain[traded] = weighted[traded] / weights[traded]
    return plain


@shared
def highest(values: Floats, period: int) -> Floats:
    """Highest of `period` values, this bar's included; first at index `period - 1`."""
    return values.copy() if period == 1 else np.asarray(_talib().MAX(values, period))


@shared
def lowest(values: Floats, period: int) -> Floats:
    """Lowest of `period` values, this bar's included; first at index `period - 1`."""
    return values.copy() if period == 1 else np.asarray(_talib().MIN(values, period))


def highest_before(values: Floats, period: int) -> Floats:
    """Highest of the `period` values before each bar, that bar left out; first at index `period`."""
    return before(highest(values, period))


def lowest_before(values: Floats, period: int) -> Floats:
    """Lowest of the `period` values before each bar, that bar left out; first at index `period`."""
    return before(lowest(values, period))


def midpoint(high: Floats, low: Floats, period: int) -> Floats:
    """Middle between the highest high and the lowest low of `period` bars, this one included."""
    return (highest(high, period) + lowest(low, period)) / 2


def before(values: Floats, bars: int = 1) -> Floats:
    """Each bar gets the value of `bars` bars ago; NaN where there is none."""
    out = np.full(len(values), np.nan)
    out[bars:] = values[: max(len(values) - bars, 0)]
    return out


def first_valid(values: Floats) -> int:
    """Index of the first value that is not NaN; the length when there is none."""
    if len(values) and values[0] == values[0]:
        return 0
    valid = ~np.isnan(values)
    return int(np.argmax(valid)) if valid.any() else len(values)
