"""From a bar to the ticks inside it: four anchors at fixed moments, with steps between them when more are wanted."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats

ANCHORS = 4
# Moments of the anchors in a minute, in seconds; longer bars stretch them, the last stays one second before the end.
_MOMENTS = (0, 15, 40)


@lru_cache(maxsize=64)
def moments(seconds: int, count: int = ANCHORS) -> tuple[int, ...]:
    """When a bar of `seconds` releases its `count` ticks (at most one a second), in whole seconds after its open."""
    if count != ANCHORS:
        return tuple(step * (seconds - 1) // (count - 1) for step in range(count))
    return (*(seconds * moment // 60 for moment in _MOMENTS), seconds - 1)


@lru_cache(maxsize=64)
def positions(count: int) -> Floats:
    """Where each tick lies along the anchors: 0 is the open, 3 the close; every anchor is among them."""
    per_leg, left = divmod(count - 1, ANCHORS - 1)
    parts = [
        np.linspace(leg, leg + 1, per_leg + (1 if leg < left else 0), endpoint=False)
        for leg in range(ANCHORS - 1)
    ]
    return np.concatenate([*parts, [ANCHORS - 1.0]])


def low_comes_first(opened: Floats, close: Floats, before: bool = True) -> NDArray[np.bool_]:
    """Per bar whether its path is open, low, high, close: a bar that rises goes down first.

    A doji keeps the order of the bar before it; `before` is that of the bar before the first one.
    """
    move = np.sign(close - opened)
    known = np.where(move != 0, np.arange(len(move)), -1)
    last = np.maximum.accumulate(known) if len(known) else known
    first: NDArray[np.bool_] = np.where(last >= 0, move[last] > 0, before)
    return first


def prices(
    opened: float,
    high: float,
    low: float,
    close: float,
    low_first: bool,
    count: int,
    point: float,
    digits: int,
) -> tuple[float, ...]:
    """The bid at each of a bar's ticks. Steps between anchors never leave the bar's range."""
    anchors = (opened, low, high, close) if low_first else (opened, high, low, close)
    if count == ANCHORS:
        return anchors
    where = positions(count)
    made = np.interp(where, range(ANCHORS), anchors)
    # A point up, a point down: bounded and the same whenever it is asked for.
    inner = where != np.floor(where)
    made[inner] += np.where(np.arange(count)[inner] % 2 == 0, point, -point)
    made = np.clip(np.round(made, digits), low, high)
    return tuple(float(price) for price in made)


def price_table(week: Any, part: slice, count: int, point: float, digits: int) -> Floats:
    """The bids of all ticks of several bars, one row per bar; the same numbers as :func:`prices`."""
    first = week.low_first[part]
    one = np.where(first, week.low[part], week.high[part])
    two = np.where(first, week.high[part], week.low[part])
    anchors = np.column_stack((week.open[part], one, two, week.close[part]))
    if count == ANCHORS:
        return anchors
    rows = [
        prices(
            float(week.open[i]), float(week.high[i]), float(week.low[i]), float(week.close[i]),
            bool(week.low_first[i]), count, point, digits,
        )
        for i in range(*part.indices(len(week.open)))
    ]  # fmt: skip
    return np.asarray(rows, dtype=np.float64).reshape(-1, count)
