"""The trade server's wall clock: from UTC to server time and back, daylight saving included.

Server time is the broker's local time written as if it were a UTC epoch. It never runs backwards here: in the hour
an autumn change repeats, the server's feed rests, as brokers do at that weekend.
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from ..domain.errors import UserMistake
from ..domain.messages import declare

_ZONE = declare("simulator.zone", "The simulated server's time zone {zone!r} is not known.")

_HOUR = 3_600
_YEARS = range(2000, 2039)


def _sunday(year: int, month: int, nth: int) -> datetime:
    """The `nth` Sunday of a month (1 = first, -1 = last) at midnight UTC."""
    if nth > 0:
        first = datetime(year, month, 1, tzinfo=UTC)
        return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (nth - 1))
    last = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC) - timedelta(days=1)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def _at(day: datetime, hour: int) -> int:
    return int(day.timestamp()) + hour * _HOUR


@lru_cache(maxsize=8)
def _changes(zone: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Instants (UTC) at which a zone's offset changes, and the offset in seconds from each on."""
    instants, offsets = [0], [0]
    if zone == "new_york_close":
        # Midnight is 17:00 in New York all year: UTC+2, and UTC+3 during the US daylight saving time.
        offsets[0] = 2 * _HOUR
        for year in _YEARS:
            instants += [_at(_sunday(year, 3, 2), 7), _at(_sunday(year, 11, 1), 6)]
            offsets += [3 * _HOUR, 2 * _HOUR]
    elif zone == "europe":
        offsets[0] = 2 * _HOUR
        for year in _YEARS:
            instants += [_at(_sunday(year, 3, -1), 1), _at(_sunday(year, 10, -1), 1)]
            offsets += [3 * _HOUR, 2 * _HOUR]
    elif zone.startswith("utc"):
        try:
            offsets[0] = int(float(zone[3:] or 0) * _HOUR)
        except ValueError:
            raise UserMistake(_ZONE(zone=zone)) from None
    else:
        raise UserMistake(_ZONE(zone=zone))
    return tuple(instants), tuple(offsets)


def offset(zone: str, utc: float) -> int:
    """Seconds by which the server's clock is ahead of UTC at the instant `utc`."""
    instants, offsets = _changes(zone)
    return offsets[max(bisect_right(instants, utc) - 1, 0)]


def to_server(zone: str, utc: float) -> float:
    """Server time at the instant `utc`; at an autumn change it stands still for the repeated hour."""
    instants, offsets = _changes(zone)
    index = max(bisect_right(instants, utc) - 1, 0)
    here = utc + offsets[index]
    if index and offsets[index] < offsets[index - 1]:
        return max(here, instants[index] + offsets[index - 1])
    return here


def to_utc(zone: str, server: float) -> float:
    """The first instant (UTC) at which the server's clock shows `server`."""
    instants, offsets = _changes(zone)
    index = len(instants) - 1
    while index and to_server(zone, instants[index]) > server:
        index -= 1
    if index and offsets[index] < offsets[index - 1]:
        # The clock stands still for an hour after the change.
        return server - offsets[index] if server > instants[index] + offsets[index - 1] else instants[index]
    return server - offsets[index]


def skipped_hours(zone: str, first: int, last: int) -> list[tuple[int, int]]:
    """The spans of server time `[from, to)` within `first … last` that a spring change leaves out."""
    instants, offsets = _changes(zone)
    spans = [
        (instants[i] + offsets[i - 1], instants[i] + offsets[i])
        for i in range(1, len(instants))
        if offsets[i] > offsets[i - 1]
    ]
    return [span for span in spans if span[1] > first and span[0] < last]
