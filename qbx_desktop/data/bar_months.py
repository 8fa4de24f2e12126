"""Bars cut into calendar months and put together again."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import RATES_DTYPE, Bars, Ints

COLUMNS: tuple[str, ...] = tuple(RATES_DTYPE.names or ())


def month_numbers(time: Ints) -> Ints:
    """The calendar month of each time (server epoch seconds), counted from January 1970."""
    numbers: Ints = time.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return numbers


def month_text(month: int) -> str:
    """A month as `YYYY-MM`."""
    return f"{1970 + month // 12}-{month % 12 + 1:02}"


def months_of(parts: Iterable[Bars]) -> Iterator[tuple[int, Bars]]:
    """Ascending parts as whole months, one at a time.

    Raises ValueError when the parts do not ascend: the caller's promise.
    """
    pending: list[Bars] = []
    current: int | None = None
    last: int | None = None
    for part in parts:
        if not len(part):
            continue
        if np.any(np.diff(part.time) <= 0) or (last is not None and part.time[0] <= last):
            raise ValueError("bars to be stored must ascend")
        last = int(part.time[-1])
        months = month_numbers(part.time)
        cuts = [0, *(np.flatnonzero(np.diff(months)) + 1).tolist(), len(part)]
        for begin, end in itertools.pairwise(cuts):
            month = int(months[begin])
            if current is not None and month != current:
                yield current, joined(pending)
                pending = []
            current = month
            pending.append(part[begin:end])
    if current is not None:
        yield current, joined(pending)


def joined(parts: Sequence[Bars]) -> Bars:
    """Ascending parts as one."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        return Bars.empty()
    return Bars(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS))


def gathered(parts: Iterable[Bars], count: int) -> Bars:
    """Parts of together `count` bars as one; each is dropped as soon as it is copied, which halves the memory."""
    columns: list[NDArray[Any]] = [
        np.empty(count, dtype=np.float64 if name in ("open", "high", "low", "close") else np.int64)
        for name in COLUMNS
    ]
    at = 0
    for part in parts:
        for name, column in zip(COLUMNS, columns, strict=True):
            column[at : at + len(part)] = getattr(part, name)
        at += len(part)
    return Bars(*columns)


def merged(old: Bars, new: Bars) -> Bars:
    """Both in ascending time; where they share a time the new bar holds."""
    kept = ~np.isin(old.time, new.time)
    time = np.concatenate((old.time[kept], new.time))
    order = np.argsort(time, kind="stable")
    return Bars(*(np.concatenate((getattr(old, name)[kept], getattr(new, name)))[order] for name in COLUMNS))


def without(bars: Bars, start: int, stop: int) -> Bars:
    """The bars outside `start <= time < stop`."""
    keep = (bars.time < start) | (bars.time >= stop)
    return Bars(*(getattr(bars, name)[keep] for name in COLUMNS))
