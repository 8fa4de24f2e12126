"""Small textbook figures that are empty (None) where there is no divisor or too little to count."""

from __future__ import annotations

import math
from collections.abc import Sequence


def ratio(a: float, b: float) -> float | None:
    """a / b, None without a divisor."""
    return a / b if b != 0 else None


def mean(values: Sequence[float]) -> float | None:
    """Arithmetic mean."""
    return math.fsum(values) / len(values) if values else None


def deviation(values: Sequence[float]) -> float | None:
    """Sample standard deviation; None for fewer than two values, 0 where all are equal."""
    if len(values) < 2:
        return None
    if min(values) == max(values):
        return 0.0
    middle = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - middle) ** 2 for value in values) / (len(values) - 1))


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's coefficient; None where one of the two does not vary."""
    if len(xs) < 2 or min(xs) == max(xs) or min(ys) == max(ys):
        return None
    x0, y0 = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    xy = math.fsum((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True))
    xx = math.fsum((x - x0) ** 2 for x in xs)
    yy = math.fsum((y - y0) ** 2 for y in ys)
    return ratio(xy, math.sqrt(xx) * math.sqrt(yy))


def line_error(ys: Sequence[float]) -> float | None:
    """Standard error of the least-squares line through `(k, ys[k])`, k = 0 … N: √(SSE / (N - 1))."""
    n = len(ys)
    if n < 3:
        return None
    x0, y0 = (n - 1) / 2.0, math.fsum(ys) / n
    slope = math.fsum((k - x0) * (y - y0) for k, y in enumerate(ys)) / math.fsum(
        (k - x0) ** 2 for k in range(n)
    )
    squares = math.fsum((y - y0 - slope * (k - x0)) ** 2 for k, y in enumerate(ys))
    return math.sqrt(squares / (n - 2))
