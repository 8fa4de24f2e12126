"""How old a symbol's price is and what its usual spread is, by what this computer saw with its own clock."""

from __future__ import annotations

import statistics
from collections import deque
from dataclasses import dataclass, field

from ..domain.records import Tick

_SPREADS = 200
# Below this many samples a median says nothing.
_ENOUGH = 10


@dataclass
class _Seen:
    tick: Tick
    changed_at: float
    spreads: deque[float] = field(default_factory=lambda: deque(maxlen=_SPREADS))


class PriceWatch:
    """The server's clock stands still without ticks, so age is measured on the monotonic clock, since the last change."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}

    def saw(self, symbol: str, tick: Tick, point: float, now: float) -> float:
        """Note a tick seen at `now` (monotonic) and return its age in seconds."""
        seen = self._seen.get(symbol)
        if seen is None:
            seen = self._seen[symbol] = _Seen(tick, now)
        elif (tick.time_msc, tick.bid, tick.ask) != (seen.tick.time_msc, seen.tick.bid, seen.tick.ask):
            seen.tick, seen.changed_at = tick, now
        elif seen.spreads:
            return now - seen.changed_at
        if point > 0:
            seen.spreads.append((tick.ask - tick.bid) / point)
        return now - seen.changed_at

    def age(self, symbol: str, now: float) -> float:
        """Seconds since the price last changed; 0 for a symbol never seen."""
        seen = self._seen.get(symbol)
        return now - seen.changed_at if seen is not None else 0.0

    def last_time(self, symbol: str) -> int:
        """The newest tick's time in server milliseconds, 0 for a symbol never seen."""
        seen = self._seen.get(symbol)
        return seen.tick.time_msc if seen is not None else 0

    def median_spread(self, symbol: str) -> float:
        """The usual spread in points over the last 200 changes; 0 while too few were seen."""
        seen = self._seen.get(symbol)
        return statistics.median(seen.spreads) if seen is not None and len(seen.spreads) >= _ENOUGH else 0.0

    def forget(self) -> None:
        """Start over: after a reconnect or a sleep old ages mean nothing."""
        self._seen.clear()
