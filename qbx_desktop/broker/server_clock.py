"""The broker's wall clock: measured from fresh ticks, in steps of 15 minutes, ready for daylight saving."""

from __future__ import annotations

from dataclasses import dataclass

_STEP = 900
_WIDEST = 14 * 3600
# A fresh tick is this close to a whole step; more means that this computer's clock is wrong.
_TOLERANCE = 60
_AGREEING = 3
_WINDOW = 120.0


@dataclass(frozen=True)
class Offset:
    """`seconds` by which the server's clock is ahead of UTC; `proved` when measured in this session."""

    seconds: int
    proved: bool


class ServerClock:
    """Fed with every tick that is read; pure, both clocks are arguments.

    A tick counts only when it is *fresh*: its time moved since the last look at the same symbol. An offset is
    believed when three fresh ticks within two minutes agree, and likewise a change of it (daylight saving), so a
    weekend never yields a guess. The caller stores :attr:`offset` per server and gives it back as `known`.
    """

    def __init__(self, known: int | None = None) -> None:
        self._offset = None if known is None else Offset(known, proved=False)
        self._last: dict[str, int] = {}
        self._votes: list[tuple[float, int]] = []
        self._seen = 0
        self._newest = 0
        self._newest_at = 0.0
        self.computer_clock_wrong_by = 0

    @property
    def offset(self) -> Offset | None:
        """Seconds that the server is ahead of UTC, as far as known."""
        return self._offset

    def observe(self, symbol: str, tick_time: int, utc_now: float, monotonic: float) -> bool:
        """Take note of a tick. Returns True when the offset became known or changed: time to store it."""
        before = self._last.get(symbol)
        self._last[symbol] = tick_time
        self._seen = max(self._seen, tick_time)
        if before is None or tick_time == before:
            return False
        if tick_time > self._newest:
            self._newest, self._newest_at = tick_time, monotonic
        ahead = tick_time - utc_now
        rounded = round(ahead / _STEP) * _STEP
        self.computer_clock_wrong_by = round(ahead - rounded)
        if abs(self.computer_clock_wrong_by) > _TOLERANCE or abs(rounded) > _WIDEST:
            return False
        self._votes = [vote for vote in self._votes if vote[0] >= monotonic - _WINDOW and vote[1] == rounded]
        self._votes.append((monotonic, rounded))
        if len(self._votes) < _AGREEING:
            return False
        changed = self._offset is None or self._offset.seconds != rounded
        self._offset = Offset(rounded, proved=True)
        return changed

    def server_time(self, utc_now: float, monotonic: float) -> int | None:
        """The server's time now, never before the newest tick: by a proved offset; else by the newest fresh tick and
        what has passed since; else by the offset known from before; else the newest tick's own time, as long ago as
        that may be; None when there was none."""
        offset = self._offset
        if offset is not None and (offset.proved or not self._newest):
            return max(self._seen, int(utc_now) + offset.seconds)
        if self._newest:
            return self._newest + int(monotonic - self._newest_at)
        return self._seen or None
