"""Drawdowns of a curve the way MetaTrader 5's tester reports them: absolute, maximal, relative. Compilable."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

# curves are cents as floats: two falls that differ by less than this may be equal
_NEAR = 1e-3


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
    before = math.inf
    for t in range(len(lows)):
        low, high = lows[t], highs[t]
        if low == before and high <= peak:
            continue  # a balance rests on most bars: no other low, no other peak
        before = low
        fall = peak - low
        if fall > maximal - _NEAR or fall > widest * peak - _NEAR:
            exact = max(math.floor(fall * unit + 0.5) / unit, 0.0)
            share = exact / peak
            if exact > maximal:
                maximal, its_share = exact, share
            if share > widest:
                widest, its_money = share, exact
        lowest = min(lowest, low)
        if high > peak:
            peak, before = high, math.inf
    absolute = max(0.0, math.floor((deposit - lowest) * unit + 0.5) / unit)
    return Drawdown(absolute, maximal, its_share * 100.0, its_money, widest * 100.0)
