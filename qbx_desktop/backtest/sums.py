"""Sums whose order does not show, and the textbook figures made of them; NaN where there is too little. Compilable."""

from __future__ import annotations

import math
from typing import Any


def total(so_far: float, lost: float, x: float) -> tuple[float, float]:
    """Neumaier's compensated sum, one step: the new sum and what its rounding lost so far; the result is their sum."""
    now = so_far + x
    if abs(so_far) >= abs(x):
        lost += (so_far - now) + x
    else:
        lost += (x - now) + so_far
    return now, lost


def mean(values: Any, count: int) -> float:
    """Arithmetic mean of the first `count` values."""
    if count == 0:
        return math.nan
    so_far = lost = 0.0
    for k in range(count):
        so_far, lost = total(so_far, lost, values[k])
    return (so_far + lost) / count


def spread_of(values: Any, count: int) -> float:
    """Sample standard deviation of the first `count` values; 0 where all are equal."""
    if count < 2:
        return math.nan
    middle = mean(values, count)
    so_far = lost = 0.0
    varies = False
    for k in range(count):
        varies = varies or values[k] != values[0]
        so_far, lost = total(so_far, lost, (values[k] - middle) ** 2)
    return math.sqrt((so_far + lost) / (count - 1)) if varies else 0.0


def correlation(xs: Any, ys: Any, count: int) -> float:
    """Pearson's coefficient of the first `count` pairs; NaN where one of the two does not vary."""
    if count < 2:
        return math.nan
    x0, y0 = mean(xs, count), mean(ys, count)
    xy = xx = yy = xy_lost = xx_lost = yy_lost = 0.0
    x_varies = y_varies = False
    for k in range(count):
        x, y = xs[k] - x0, ys[k] - y0
        x_varies = x_varies or xs[k] != xs[0]
        y_varies = y_varies or ys[k] != ys[0]
        xy, xy_lost = total(xy, xy_lost, x * y)
        xx, xx_lost = total(xx, xx_lost, x * x)
        yy, yy_lost = total(yy, yy_lost, y * y)
    if not (x_varies and y_varies):
        return math.nan
    return (xy + xy_lost) / (math.sqrt(xx + xx_lost) * math.sqrt(yy + yy_lost))
