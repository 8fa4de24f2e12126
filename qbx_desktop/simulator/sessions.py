"""When a symbol trades: spans of server time per weekday, repeated every week."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.errors import UserMistake
from ..domain.messages import declare

_BAD = declare(
    "simulator.sessions", "The trading hours {text!r} cannot be read (example: mon-fri 00:05-24:00)."
)

_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"^([a-z]{3})(?:-([a-z]{3}))?((?:\s+\d\d:\d\d-\d\d:\d\d)+)$")
WEEK_MINUTES = 7 * 1_440
FIRST_SUNDAY = 3 * 86_400
WEEK = 7 * 86_400


def week_of(time: int) -> int:
    """The number of the week (from Sunday 00:00, server time) that contains `time`."""
    return (time - FIRST_SUNDAY) // WEEK


def week_start(week: int) -> int:
    """Server epoch seconds of a week's first moment."""
    return week * WEEK + FIRST_SUNDAY


@dataclass(frozen=True)
class Sessions:
    """Spans `(from, to)` in minutes from Sunday 00:00; none at all means the symbol never trades."""

    spans: tuple[tuple[int, int], ...] = ((0, WEEK_MINUTES),)

    @classmethod
    def parse(cls, text: str) -> Sessions:
        """From `mon-thu 00:05-24:00; fri 00:05-23:55`; several spans a day are separated by blanks."""
        spans: list[tuple[int, int]] = []
        for part in filter(None, (each.strip() for each in text.lower().split(";"))):
            found = _PART.match(part)
            if not found or found[1] not in _DAYS or (found[2] or found[1]) not in _DAYS:
                raise UserMistake(_BAD(text=text))
            first, last = _DAYS.index(found[1]), _DAYS.index(found[2] or found[1])
            for day in range(first, last + 1):
                for span in found[3].split():
                    start, end = (_minutes(each) for each in span.split("-"))
                    spans.append((day * 1_440 + start, day * 1_440 + end))
        return cls(tuple(sorted(spans)))

    def is_open(self, time: float) -> bool:
        """Whether the symbol trades at `time` (server epoch seconds)."""
        minute = (time - FIRST_SUNDAY) % WEEK / 60
        return any(start <= minute < end for start, end in self.spans)

    @cached_property
    def mask(self) -> NDArray[np.bool_]:
        """Which of a week's minutes are traded."""
        mask: NDArray[Any] = np.zeros(WEEK_MINUTES, dtype=np.bool_)
        for start, end in self.spans:
            mask[start:end] = True
        return mask


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
