"""Lowest and highest value of any stretch of a long series, from coarser copies made once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_FACTOR = 8
_SMALLEST = 1024


class Extremes:
    """Minimum and maximum pyramid over one series or a low and a high series.

    Each level is eight times shorter than the one below, so that asking for a screen's worth of buckets looks at
    some thousand values however long the series is. Values must be finite.
    """

    def __init__(self, low: Floats, high: Floats | None = None) -> None:
        self._low: list[Floats] = [np.ascontiguousarray(low, np.float64)]
        self._high: list[Floats] = [self._low[0] if high is None else np.ascontiguousarray(high, np.float64)]
        while len(self._low[-1]) > _SMALLEST:
            self._low.append(_eighth(self._low[-1], np.minimum))
            self._high.append(_eighth(self._high[-1], np.maximum))

    def __len__(self) -> int:
        return len(self._low[0])

    def between(self, first: int, last: int) -> tuple[float, float]:
        """Lowest and highest of the items `first … last - 1`. The stretch must not be empty."""
        _, low, high = self.buckets(first, last, 1)
        return float(low[0]), float(high[0])

    def buckets(self, first: int, last: int, count: int) -> tuple[Ints, Floats, Floats]:
        """Split `first … last - 1` into at most `count` buckets: their first indexes, lowest and highest values.

        Exact for every bucket: the ragged ends are taken from the finest level.
        """
        size = max(1, -(-(last - first) // count))
        level = 0
        while _FACTOR ** (level + 1) * 4 <= size and level + 1 < len(self._low):
            level += 1
        step = _FACTOR**level
        if level == 0:
            edges = np.arange(first, last, size)
            return (
                edges,
                np.minimum.reduceat(self._low[0][:last], edges),
                np.maximum.reduceat(self._high[0][:last], edges),
            )
        size = -(-size // step) * step
        inner_first, inner_last = -(-first // step) * step, last // step * step
        starts = np.arange(inner_first, inner_last, size)
        cells = starts // step
        low = np.minimum.reduceat(self._low[level][: inner_last // step], cells)
        high = np.maximum.reduceat(self._high[level][: inner_last // step], cells)
        if first < inner_first:
            low[0] = min(low[0], self._low[0][first:inner_first].min())
            high[0] = max(high[0], self._high[0][first:inner_first].max())
            starts[0] = first
        if inner_last < last:
            low[-1] = min(low[-1], self._low[0][inner_last:last].min())
            high[-1] = max(high[-1], self._high[0][inner_last:last].max())
        return starts, low, high


def _eighth(values: Floats, extreme: np.ufunc) -> Floats:
    whole = len(values) // _FACTOR * _FACTOR
    found: Floats = extreme(values[0:whole:_FACTOR], values[1:whole:_FACTOR])
    for at in range(2, _FACTOR):
        extreme(found, values[at:whole:_FACTOR], out=found)
    return found if whole == len(values) else np.append(found, extreme.reduce(values[whole:]))
