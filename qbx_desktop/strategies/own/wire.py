"""How the two processes speak: plain JSON and raw arrays, nothing that could run code on arrival."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...domain.bars import Bars

Array = NDArray[Any]
COLUMNS = ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume")
_KINDS = {"f8": np.float64, "i8": np.int64, "i1": np.int8, "b1": np.bool_}
_HEAD = struct.Struct("<I")


def pack(head: Mapping[str, object], arrays: Sequence[Array] = ()) -> bytes:
    """One message. `head` is plain JSON (no NaN); each array one-dimensional float64, int64, int8 or bool."""
    shapes = [[each.dtype.str[1:], len(each)] for each in arrays]
    text = json.dumps({**head, "arrays": shapes}, allow_nan=False).encode()
    return b"".join([_HEAD.pack(len(text)), text, *(np.ascontiguousarray(each).tobytes() for each in arrays)])


def unpack(data: bytes) -> tuple[dict[str, Any], list[Array]]:
    """The message again; the arrays are read-only. Raises ValueError for bytes that are none."""
    try:
        (length,) = _HEAD.unpack_from(data)
        head = json.loads(data[_HEAD.size : _HEAD.size + length])
        at, arrays = _HEAD.size + length, []
        for kind, count in head.pop("arrays"):
            dtype = np.dtype(_KINDS[kind])
            arrays.append(np.frombuffer(data, dtype, count, at))
            at += count * dtype.itemsize
    except (struct.error, KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise ValueError(f"not a message: {error}") from error
    if at != len(data):
        raise ValueError("not a message: wrong length")
    return head, arrays


def columns_of(bars: Bars) -> list[Array]:
    """Bars as arrays."""
    return [getattr(bars, name) for name in COLUMNS]


def bars_of(arrays: Sequence[Array]) -> Bars:
    """The arrays as bars again; without a copy, so they stay read-only."""
    return Bars(*arrays)
