"""Sums whose order does not show, and the textbook figures made of them; NaN where there is too little. Compilable."""

from __future__ import annotations

import math
from typing import Any


def total(so_far: float, lost: float, x: float) -> tuple[float, float]:
    """Neumaier's compensated sum, one step: the new sum and what its rounding lost so far; the result is their sum.

    What rounding lost is exact, by Knuth's two-sum: the same number as by comparing the two, and no branch.
    """
    now = so_far + x
    added = now - so_far
    return now, lost + ((so_far - (now - added)) + (x - added))


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
        away = values[k] - middle
        # Not `** 2`: the system's power function may round otherwise than a product.
        so_far, lost = total(so_far, lost, away * away)
    return math.sqrt((so_far + lost) / (count - 1)) if varies else 0.0


def correlations(xs: Any, ys: Any, zs: Any, count: int) -> tuple[float, float, float]:
    """Pearson's coefficients of the first `count` xs and ys, xs and zs, ys and zs; NaN where one does not vary."""
    if count < 2:
        return math.nan, math.nan, math.nan
    x0, y0, z0 = mean(xs, count), mean(ys, count), mean(zs, count)
    xx = yy = zz = xy = xz = yz = 0.0
    xx_lost = yy_lost = zz_lost = xy_lost = xz_lost = yz_lost = 0.0
    x_varies = y_varies = z_varies = False
    for k in range(count):
        x, y, z = xs[k] - x0, ys[k] - y0, zs[k] - z0
        x_varies = x_varies or xs[k] != xs[0]
        y_varies = y_varies or ys[k] != ys[0]
        z_varies = z_varies or zs[k] != zs[0]
        xx, xx_lost = total(xx, xx_lost, x * x)
        yy, yy_lost = total(yy, yy_lost, y * y)
        zz, zz_lost = total(zz, zz_lost, z * z)
        xy, xy_lost = total(xy, xy_lost, x * y)
        xz, xz_lost = total(xz, xz_lost, x * z)
        yz, yz_lost = total(yz, yz_lost, y * z)
    x, y, z = math.sqrt(xx + xx_lost), math.sqrt(yy + yy_lost), math.sqrt(zz + zz_lost)
    return (
        (xy + xy_lost) / (x * y) if x_varies and y_varies else math.nan,
        (xz + xz_lost) / (x * z) if x_varies and z_varies else math.nan,
        (yz + yz_lost) / (y * z) if y_varies and z_varies else math.nan,
    )
