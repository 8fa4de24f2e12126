"""Drawdowns of a curve the way MetaTrader 5's tester reports them: absolute, maximal, relative. Compilable.

A curve is gone through in blocks. A block whose highest and lowest values cannot make a fall that counts is passed over, and
in one without a new peak only the lowest value counts; the others are looked at value by value.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

# curves are cents as floats: two falls that differ by less than this may be equal
_NEAR = 1e-3
# values: what fits beside the rest into the fastest cache
_BLOCK = 512


class Drawdown(NamedTuple):
    """`maximal` is the largest in money with its share, `relative` the largest share with its money; shares 0-100."""

    absolute: float
    maximal: float
    maximal_percent: float
    relative: float
    relative_percent: float


def drawdown(deposit: float, highs: Any, lows: Any, unit: float) -> Drawdown:
    """Drawdown at t: the highest of `deposit` and `highs[0 … t-1]`, less `lows[t]`. Of equal ones the first counts.

    `unit` is how many of the account's smallest units make one, 100 for cents.
    """
    peak, lowest = deposit, lows[0]
    maximal = its_share = widest = its_money = 0.0
    start, count = 0, len(lows)
    while start < count:
        stop = min(start + _BLOCK, count)
        top, bottom = _extremes(highs, lows, start, stop)
        most = max(peak, top) - bottom
        if most > maximal - _NEAR or most > widest * peak - _NEAR:
            rises = top > peak  # without a new peak the deepest value is the deepest fall
            for t in range(start if rises else stop - 1, stop):
                low, high = (lows[t], highs[t]) if rises else (bottom, top)
                fall = peak - low
                if fall > maximal - _NEAR or fall > widest * peak - _NEAR:
                    exact = max(math.floor(fall * unit + 0.5) / unit, 0.0)
                    share = exact / peak
                    if exact > maximal:
                        maximal, its_share = exact, share
                    if share > widest:
                        widest, its_money = share, exact
                peak = max(peak, high)
        peak, lowest = max(peak, top), min(lowest, bottom)
        start = stop
    absolute = max(0.0, math.floor((deposit - lowest) * unit + 0.5) / unit)
    return Drawdown(absolute, maximal, its_share * 100.0, its_money, widest * 100.0)


def _extremes(highs: Any, lows: Any, start: int, stop: int) -> tuple[float, float]:
    """The highest and the lowest value, by four threads of comparisons each: one waits for its own last result."""
    top0 = top1 = top2 = top3 = highs[start]
    low0 = low1 = low2 = low3 = lows[start]
    t = start
    while t + 4 <= stop:
        top0, top1 = max(top0, highs[t]), max(top1, highs[t + 1])
        top2, top3 = max(top2, highs[t + 2]), max(top3, highs[t + 3])
        low0, low1 = min(low0, lows[t]), min(low1, lows[t + 1])
        low2, low3 = min(low2, lows[t + 2]), min(low3, lows[t + 3])
        t += 4
    while t < stop:
        top0, low0 = max(top0, highs[t]), min(low0, lows[t])
        t += 1
    return max(top0, top1, top2, top3), min(low0, low1, low2, low3)
