"""When a bar has closed: seen once per symbol and timeframe, shared by all bots; pure, time is an argument."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.bars import Bars
from ..domain.timeframe import Timeframe

_EARLY = 0.2
_FAST = 0.25
_REREAD = 3.0
_RETRY = 1.0
# Seconds past the expected close -> pause between two looks: eager at first, patient on a weekend.
_PACES = ((10.0, _FAST), (60.0, 1.0), (300.0, 5.0), (float("inf"), 30.0))
_BETWEEN_CLOSES = 30.0
# A closed bar noticed later than this share of its length after the next one began is late.
_LATE_SHARE = 0.2
_LATE_SECONDS = 2.0


@dataclass(frozen=True)
class BarKey:
    """What is watched."""

    symbol: str
    timeframe: Timeframe


@dataclass(frozen=True)
class BarClosed:
    """The bar that opened at `time` has closed; `forming` is the open of the one after it (server epoch seconds).

    `missed` counts older bars that closed unseen (sleep, lost link): strategies see them in their history and never
    trade on them. `late`: this bar too was noticed too late to trade on it.
    """

    key: BarKey
    time: int
    forming: int
    missed: int
    late: bool


@dataclass(frozen=True)
class BarRevised:
    """The terminal changed a bar that had closed: to be logged, never a new signal."""

    key: BarKey
    time: int
    close_before: float
    close_now: float


@dataclass
class _Watched:
    users: int = 1
    next_look: float = float("-inf")
    looked_at: int = 0
    forming: int = 0
    closed: tuple[float, float, float, float] | None = None
    reread_at: float | None = None


class BarWatch:
    """Tells what to look at (:meth:`due`) and what a look means (:meth:`saw`).

    `speed` is server seconds per second: 1 for a real terminal, more in practice mode.
    """

    LOOK_COUNT = 3

    def __init__(self, speed: float = 1.0) -> None:
        self.speed = speed
        self._watched: dict[BarKey, _Watched] = {}

    def add(self, key: BarKey) -> None:
        """One more bot needs `key`."""
        if key in self._watched:
            self._watched[key].users += 1
        else:
            self._watched[key] = _Watched()

    def remove(self, key: BarKey) -> None:
        """One bot less needs `key`; after the last one it is forgotten."""
        watched = self._watched[key]
        watched.users -= 1
        if watched.users == 0:
            del self._watched[key]

    @property
    def keys(self) -> tuple[BarKey, ...]:
        """Everything watched, in the order in which it was added."""
        return tuple(self._watched)

    def due(self, monotonic: float) -> list[BarKey]:
        """What to look at now, the longest overdue first: read `LOOK_COUNT` bars from position 0, then :meth:`saw`."""
        due = [(each.next_look, key) for key, each in self._watched.items() if each.next_look <= monotonic]
        return [key for _, key in sorted(due, key=lambda pair: pair[0])]

    def seconds_to_next(self, monotonic: float) -> float | None:
        """Seconds until something is due; None when nothing is watched."""
        if not self._watched:
            return None
        return max(0.0, min(each.next_look for each in self._watched.values()) - monotonic)

    def failed(self, key: BarKey, monotonic: float) -> None:
        """The look failed; the next one is in a second."""
        self._watched[key].next_look = monotonic + _RETRY

    def saw(
        self, key: BarKey, bars: Bars, monotonic: float, server_time: int
    ) -> BarClosed | BarRevised | None:
        """What a look at `bars` (the last one forming) means. The first look at a key is only its beginning.

        A terminal whose time went back, and one that has no bars yet, means nothing.
        """
        watched = self._watched[key]
        if len(bars) < 2 or bars.time[-1] < watched.forming:
            watched.next_look = monotonic + _RETRY
            return None
        forming = int(bars.time[-1])
        last = (float(bars.open[-2]), float(bars.high[-2]), float(bars.low[-2]), float(bars.close[-2]))
        event: BarClosed | BarRevised | None = None
        if watched.forming and forming > watched.forming:
            event = self._closed(key, bars, watched, server_time)
            watched.reread_at = monotonic + _REREAD
        elif watched.closed is not None and last != watched.closed:
            event = BarRevised(key, int(bars.time[-2]), watched.closed[3], last[3])
        watched.forming, watched.closed, watched.looked_at = forming, last, server_time
        watched.next_look = monotonic + self._pause(key, watched, monotonic, server_time)
        return event

    def _closed(self, key: BarKey, bars: Bars, watched: _Watched, server_time: int) -> BarClosed:
        forming = int(bars.time[-1])
        limit = max(_LATE_SHARE * key.timeframe.seconds, _LATE_SECONDS * self.speed)
        # A bar that got its first price late is not late itself when we were looking all the time.
        late = server_time - forming > limit and server_time - watched.looked_at > limit
        between = bars.time[(bars.time >= watched.forming) & (bars.time < forming)]
        missed = len(between) - 1
        if bars.time[0] > watched.forming:
            missed = max(missed, (forming - watched.forming) // key.timeframe.seconds - 1)
        return BarClosed(key, int(bars.time[-2]), forming, max(0, missed), late)

    def _pause(self, key: BarKey, watched: _Watched, monotonic: float, server_time: int) -> float:
        to_close = (key.timeframe.next_open(watched.forming) - server_time) / self.speed
        if to_close > 0:
            pause = min(max(_FAST, to_close - _EARLY), _BETWEEN_CLOSES)
        else:
            pause = next(pace for until, pace in _PACES if -to_close < until)
        if watched.reread_at is not None:
            if watched.reread_at > monotonic:
                return min(pause, watched.reread_at - monotonic)
            watched.reread_at = None
        return pause
