"""Indicator columns that many settings have in common: worked out once over the same bars, while a search holds them.

Nothing is remembered unless somebody opens a :class:`SharedColumns`; then the indicators marked with :func:`shared` ask it
for columns over the bars' own prices. What is handed out twice cannot be written to. Whoever opens them may also bring a
quicker way to find crossings, which must find the same.
"""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Bars, Floats

# Fills two columns of flags, as `comparisons.crossings` gives them, from two columns that cannot be written to.
FindCrossings = Callable[[Floats, Floats, NDArray[np.bool_], NDArray[np.bool_]], None]

_open: ContextVar[SharedColumns | None] = ContextVar("shared_columns", default=None)
_quick: ContextVar[FindCrossings | None] = ContextVar("quick_crossings", default=None)


class SharedColumns:
    """The columns asked for last, up to `most_bytes`; over `bars` alone, whose arrays it keeps."""

    def __init__(self, bars: Bars, most_bytes: int, find_crossings: FindCrossings | None = None) -> None:
        self.find_crossings = find_crossings
        self._prices = (bars.open, bars.high, bars.low, bars.close)
        self._names = {id(each): at for at, each in enumerate(self._prices)}
        self._most = max(1, most_bytes // max(1, 8 * len(bars)))
        self._columns: OrderedDict[tuple[object, ...], Floats] = OrderedDict()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let the indicators use them, in this thread."""
        token = _open.set(self)
        try:
            yield
        finally:
            _open.reset(token)

    def column(self, indicator: Callable[..., Floats], arguments: tuple[Any, ...]) -> Floats:
        """What `indicator` gives for these arguments: prices of the bars, then numbers."""
        key = (indicator, *(self._names.get(id(each), each) for each in arguments))
        if any(hasattr(each, "dtype") for each in key):
            return indicator(*arguments)  # of something that was computed: it will not come again
        found = self._columns.get(key)
        if found is None:
            found = self._columns[key] = indicator(*arguments)
            found.setflags(write=False)
            while len(self._columns) > self._most:
                self._columns.popitem(last=False)
        else:
            self._columns.move_to_end(key)
        return found


def are_shared() -> bool:
    """Whether columns over whole bars are remembered, so that parts of them should not be asked for."""
    return _open.get() is not None


def find_crossings() -> FindCrossings | None:
    """The quicker way, where somebody brought one."""
    columns = _open.get()
    return _quick.get() if columns is None else columns.find_crossings


@contextmanager
def quick_crossings(find: FindCrossings | None) -> Iterator[None]:
    """Let crossings be found this way, in this thread; nothing is remembered."""
    token = _quick.set(find)
    try:
        yield
    finally:
        _quick.reset(token)


def shared(indicator: Callable[..., Floats]) -> Callable[..., Floats]:
    """An indicator that takes prices and then whole numbers, by place, and gives one column."""

    @functools.wraps(indicator)
    def asked(*arguments: Any) -> Floats:
        columns = _open.get()
        return indicator(*arguments) if columns is None else columns.column(indicator, arguments)

    return asked
