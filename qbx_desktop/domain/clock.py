"""The only place that reads the computer's clocks."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Two clocks: `now` for display and storage, `monotonic` for every time-out."""

    def now(self) -> float:
        """UTC, seconds since 1970. May jump; never used to measure a time-out."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start; never goes back."""


class SystemClock:
    """The clock of this computer."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class SteppedClock:
    """A clock that stands still until it is moved: a stepped run takes as long as it takes, and says the same each time."""

    def __init__(self, now: float = 0.0) -> None:
        self._now = now
        self._monotonic = 0.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both clocks. Raises ValueError for a step backwards."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back by {-seconds} s")
        self._now += seconds
        self._monotonic += seconds


def utc_text(seconds: float) -> str:
    """`seconds` (UTC epoch) as `YYYY-MM-DD HH:MM:SS`, the form of SQLite's CURRENT_TIMESTAMP."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")


def server_text(seconds: float, with_seconds: bool = False) -> str:
    """Server time (the broker's wall clock written as if it were a UTC epoch) as `YYYY-MM-DD HH:MM`."""
    form = "%Y-%m-%d %H:%M:%S" if with_seconds else "%Y-%m-%d %H:%M"
    return datetime.fromtimestamp(seconds, UTC).strftime(form)
