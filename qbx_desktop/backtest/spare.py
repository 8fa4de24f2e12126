"""Memory that serves again: a large array takes the place of one that nobody holds any more.

Fresh memory comes page by page, each cleared by the system when it is first touched; for a million bars that takes longer
than the walk over them.
"""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats, Ints

# bytes: from here on memory comes fresh from the system; sizes are rounded up so that they meet again
_LARGE, _STEP = 1 << 18, 1 << 18
# what is kept at most while nobody uses it: prices and curves of a million bars
_MOST = 64 << 20

_Raw = NDArray[np.uint8]


class _Shelf:
    """Memory at rest by size. Nothing is locked: blocks come back whenever the last array over them goes."""

    def __init__(self) -> None:
        self._blocks: dict[int, deque[_Raw]] = {}

    @property
    def bytes(self) -> int:
        return sum(size * len(blocks) for size, blocks in list(self._blocks.items()))

    def take(self, size: int) -> _Raw:
        try:
            return self._blocks[size].pop()
        except (KeyError, IndexError):
            return np.empty(size, np.uint8)

    def put(self, block: _Raw) -> None:
        if self.bytes + len(block) > _MOST:
            self._blocks = {}  # what came back last is asked for next
        if len(block) <= _MOST:
            self._blocks.setdefault(len(block), deque()).append(block)


_shelf = _Shelf()


class _Lent:
    """Holds the memory of one array; gives it back when the array and all views of it are gone."""

    __slots__ = ("__array_interface__", "_block")

    def __init__(self, count: int, kind: np.dtype[Any]) -> None:
        self._block = _shelf.take(-(-count * kind.itemsize // _STEP) * _STEP)
        self.__array_interface__ = {
            "version": 3, "shape": (count,), "typestr": kind.str, "data": (self._block.ctypes.data, False)
        }  # fmt: skip

    def __del__(self) -> None:
        _shelf.put(self._block)


def floats(count: int) -> Floats:
    """An array of `count` floats of any value."""
    return _array(count, np.dtype(np.float64))


def ints(count: int) -> Ints:
    """An array of `count` ints of any value."""
    return _array(count, np.dtype(np.int64))


def records(count: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """An array of `count` records of any value; they are made of words of eight bytes."""
    return ints(count * (kind.itemsize // 8)).view(kind)


def _array(count: int, kind: np.dtype[Any]) -> NDArray[Any]:
    return np.empty(count, kind) if count * kind.itemsize < _LARGE else np.asarray(_Lent(count, kind))
