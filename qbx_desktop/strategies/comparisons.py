"""`>`, `≤` and crossings as every rule means them: two ways of summing a mean must not differ by a signal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats
from .shared_columns import find_crossings

NOISE = 1e-9
# Bars worked on at a time: their temporary arrays stay in the cache.
_CHUNK = 1 << 14

Flags = NDArray[np.bool_]


def above(a: Floats | float, b: Floats | float) -> Flags:
    """Where `a > b` in the sense of every rule: by more than 1e-9 of the larger; False where either is NaN."""
    n = _length(a, b)
    if n <= _CHUNK:
        return np.asarray(np.subtract(a, b) > _tolerance(a, b))
    out = np.empty(n, np.bool_)
    for part in _parts(n):
        x, y = _cut(a, part), _cut(b, part)
        np.greater(np.subtract(x, y), _tolerance(x, y), out=out[part])
    return out


def not_above(a: Floats | float, b: Floats | float) -> Flags:
    """Where `a ≤ b`: the opposite of :func:`above`, but False where either is NaN."""
    n = _length(a, b)
    if n <= _CHUNK:
        return np.asarray(np.subtract(a, b) <= _tolerance(a, b))
    out = np.empty(n, np.bool_)
    for part in _parts(n):
        x, y = _cut(a, part), _cut(b, part)
        np.less_equal(np.subtract(x, y), _tolerance(x, y), out=out[part])
    return out


def crossings(a: Floats, b: Floats) -> tuple[Flags, Flags]:
    """Where `a` was not above `b` on the bar before and is now, and the same of `b` and `a`."""
    n = len(a)
    find = find_crossings()
    if find is not None and a.flags.c_contiguous and b.flags.c_contiguous:
        up, down = np.empty(n, np.bool_), np.empty(n, np.bool_)
        x, y = a.view(), b.view()
        x.flags.writeable = y.flags.writeable = False
        find(x, y, up, down)
        return up, down
    up, down = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    for begin in range(1, n, _CHUNK):
        part = slice(begin - 1, begin + _CHUNK)
        x, y = a[part], b[part]
        apart, tolerance = x - y, _tolerance(x, y)
        over, not_over = apart > tolerance, apart <= tolerance
        np.negative(tolerance, out=tolerance)
        under, not_under = apart < tolerance, apart >= tolerance
        inside = slice(begin, begin + _CHUNK)
        np.logical_and(over[1:], not_over[:-1], out=up[inside])
        np.logical_and(under[1:], not_under[:-1], out=down[inside])
    return up, down


def _tolerance(a: Any, b: Any) -> Any:
    return np.multiply(np.maximum(np.abs(a), np.abs(b)), NOISE)


def _length(a: Any, b: Any) -> int:
    return max(len(each) if isinstance(each, np.ndarray) and each.ndim else 0 for each in (a, b))


def _cut(values: Any, part: slice) -> Any:
    return values[part] if isinstance(values, np.ndarray) and values.ndim else values


def _parts(n: int) -> list[slice]:
    return [slice(begin, begin + _CHUNK) for begin in range(0, n, _CHUNK)]
