"""Two bytes per bar: enough to say later which bar was altered, added or taken away."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Bars

_COLUMNS = ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume")
# Finaliser of the splitmix64 generator (public domain, S. Vigna): spreads every bit over the word.
_FIRST, _SECOND, _STEP = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0x9E3779B97F4A7C15


@dataclass(frozen=True)
class Difference:
    """How two histories differ: `altered` bars in place, or `removed` old ones and `added` new ones.

    `index` is the first such bar in the new history (its length where bars are missing at the end).
    """

    index: int
    altered: tuple[int, ...] = ()
    removed: int = 0
    added: int = 0


def checks_of(bars: Bars) -> NDArray[np.uint16]:
    """One check value per bar over all its columns."""
    mixed = np.zeros(len(bars), np.uint64)
    for name in _COLUMNS:
        column = getattr(bars, name)
        bits = (column + 0.0).view(np.uint64) if column.dtype == np.float64 else column.astype(np.uint64)
        mixed = mixed * np.uint64(_STEP) + bits + np.uint64(1)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(_FIRST)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(_SECOND)
        mixed = mixed ^ (mixed >> np.uint64(31))
    return (mixed >> np.uint64(48)).astype(np.uint16)


def packed(checks: NDArray[np.uint16]) -> str:
    """As text for a file."""
    return base64.b64encode(checks.astype("<u2").tobytes()).decode()


def unpacked(text: object) -> NDArray[np.uint16] | None:
    """From `packed`; None for anything else."""
    try:
        return np.frombuffer(base64.b64decode(str(text), validate=True), "<u2").astype(np.uint16)
    except (ValueError, binascii.Error):
        return None


def difference(old: NDArray[np.uint16], new: NDArray[np.uint16]) -> Difference | None:
    """Where two histories differ, None where they do not."""
    if len(old) == len(new):
        altered = np.flatnonzero(old != new)
        if not len(altered):
            return None
        if len(altered) <= max(8, len(old) // 100):
            return Difference(int(altered[0]), tuple(int(each) for each in altered))
    shorter = min(len(old), len(new))
    unlike = np.flatnonzero(old[:shorter] != new[:shorter])
    head = int(unlike[0]) if len(unlike) else shorter
    unlike = np.flatnonzero(old[::-1][: shorter - head] != new[::-1][: shorter - head])
    tail = int(unlike[0]) if len(unlike) else shorter - head
    return Difference(head, (), len(old) - head - tail, len(new) - head - tail)
