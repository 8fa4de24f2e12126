"""The lowest and highest bid of the last minutes, minute by minute: what a move within a time is measured from."""

from __future__ import annotations

from collections import deque

from ..domain.bars import Bars

_MINUTE = 60


class RecentRange:
    """Of one symbol. Times are server seconds; the running minute counts as one of the minutes."""

    def __init__(self, minutes: int) -> None:
        """Remembers this many minutes."""
        self.minutes = minutes
        self._kept: deque[tuple[int, float, float]] = deque()

    def begin(self, bars: Bars) -> None:
        """Take over the terminal's one-minute bars as what was before."""
        rows = zip(bars.time.tolist(), bars.low.tolist(), bars.high.tolist(), strict=True)
        self._kept = deque((time // _MINUTE, low, high) for time, low, high in rows)

    def take(self, time: int, bid: float) -> None:
        """Take over a price."""
        minute = time // _MINUTE
        if self._kept and self._kept[-1][0] == minute:
            _, low, high = self._kept[-1]
            self._kept[-1] = (minute, min(low, bid), max(high, bid))
        elif not self._kept or self._kept[-1][0] < minute:
            self._kept.append((minute, bid, bid))
        while self._kept and self._kept[0][0] <= minute - self.minutes:
            self._kept.popleft()

    def extremes(self, minutes: int) -> tuple[float, float] | None:
        """Lowest and highest bid of the last `minutes`; None before the first price."""
        if not self._kept:
            return None
        since = self._kept[-1][0] - minutes
        inside = [row for row in self._kept if row[0] > since]
        return min(low for _, low, _ in inside), max(high for _, _, high in inside)
