"""`strategies.comparisons.crossings` in one go over two columns, for searches: the same flags. Compilable."""

from __future__ import annotations

from typing import Any

from ..strategies.comparisons import NOISE


def find_crossings(a: Any, b: Any, up: Any, down: Any) -> None:
    """Fill `up` where `a` was not above `b` on the bar before and is now, and `down` with the same of `b` and `a`."""
    if len(a) > 0:
        up[0] = down[0] = False
    for t in range(1, len(a)):
        apart, before = a[t] - b[t], a[t - 1] - b[t - 1]
        tolerance = max(abs(a[t]), abs(b[t])) * NOISE
        tolerance_before = max(abs(a[t - 1]), abs(b[t - 1])) * NOISE
        # NaN is neither above nor not above
        up[t] = (apart > tolerance) & (before <= tolerance_before)
        down[t] = (apart < -tolerance) & (before >= -tolerance_before)
