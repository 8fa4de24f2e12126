"""A month of bars as a few bytes a bar: whole points, small differences, narrow columns, byte planes, zlib."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Bars, Floats, Ints

# What one column looked like when it was written: its width in bytes, and how many values.
_HEAD = struct.Struct("<BBIq")
_VERSION = 1
_COLUMNS = 8
_TYPES: dict[int, np.dtype[Any]] = {
    1: np.dtype("<i1"),
    2: np.dtype("<i2"),
    4: np.dtype("<i4"),
    8: np.dtype("<i8"),
}
# Level 1 loads as fast as any and packs nearly as well: what is left after the differences is mostly noise.
_LEVEL = 1


class UnreadableMonth(ValueError):
    """The bytes are not what was packed."""


def to_points(prices: Floats, digits: int) -> Ints:
    """Prices as whole points. Raises ValueError when one lies between two points: it would be lost."""
    scaled = prices * 10.0**digits
    points = np.rint(scaled)
    if not np.all(np.abs(scaled - points) <= 1e-6 + 1e-15 * np.abs(scaled)) or not np.all(
        np.abs(points) < 2.0**53
    ):
        raise ValueError(f"prices have more than {digits} digits")
    return points.astype(np.int64)


def pack(bars: Bars, digits: int) -> bytes:
    """The bars as bytes. Raises ValueError when a price needs more than `digits` decimals.

    Each open is kept as its distance from the close before, the close as the body, high and low as wicks: small
    numbers, mostly one byte each.
    """
    opens, high, low, close = (
        to_points(each, digits) for each in (bars.open, bars.high, bars.low, bars.close)
    )
    before = np.concatenate((np.zeros(1, dtype=np.int64), close[:-1]))
    body = close - opens
    columns = (
        np.diff(bars.time, prepend=0),
        opens - before,
        body,
        high - np.maximum(opens, close),
        np.minimum(opens, close) - low,
        bars.tick_volume,
        bars.spread,
        bars.real_volume,
    )
    parts: list[bytes] = []
    for column in columns:
        # The first value alone may be big (a whole price, an epoch time); apart, the rest stays narrow.
        first, rest = (int(column[0]), column[1:]) if len(column) else (0, column)
        width = _width(rest)
        values = rest.astype(_TYPES[width])
        planes = values.view(np.uint8).reshape(-1, width).T
        parts += [_HEAD.pack(width, digits, len(column), first), np.ascontiguousarray(planes).tobytes()]
    return bytes([_VERSION]) + zlib.compress(b"".join(parts), _LEVEL)


def unpack(data: bytes) -> tuple[Bars, int]:
    """The bars and their digits. Raises UnreadableMonth."""
    try:
        if data[:1] != bytes([_VERSION]):
            raise UnreadableMonth("unknown packing")
        raw = zlib.decompress(data[1:])
        columns, digits = _columns(raw)
    except (zlib.error, struct.error, ValueError, KeyError, IndexError) as error:
        raise UnreadableMonth(str(error)) from error
    step, opening, body, upper, lower, tick_volume, spread, real_volume = columns
    close = np.cumsum(opening + body)
    opens = close - body
    high = np.maximum(opens, close) + upper
    low = np.minimum(opens, close) - lower
    scale = 10.0**digits
    bars = Bars(
        np.cumsum(step),
        opens / scale,
        high / scale,
        low / scale,
        close / scale,
        tick_volume,
        spread,
        real_volume,
    )
    return bars, digits


def _columns(raw: bytes) -> tuple[list[Ints], int]:
    columns: list[Ints] = []
    at = digits = 0
    for _ in range(_COLUMNS):
        width, digits, count, first = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        rest = max(count - 1, 0)
        planes: NDArray[Any] = np.frombuffer(raw, dtype=np.uint8, count=rest * width, offset=at)
        at += rest * width
        values = np.empty(count, dtype=np.int64)
        values[:1] = first
        values[1:] = np.ascontiguousarray(planes.reshape(width, rest).T).view(_TYPES[width]).ravel()
        columns.append(values)
    if at != len(raw):
        raise UnreadableMonth("left-over bytes")
    return columns, digits


def _width(column: Ints) -> int:
    if not len(column):
        return 1
    lowest, highest = int(column.min()), int(column.max())
    for width in (1, 2, 4):
        edge = 1 << (8 * width - 1)
        if -edge <= lowest and highest < edge:
            return width
    return 8
