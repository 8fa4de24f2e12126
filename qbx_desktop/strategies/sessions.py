"""Trading sessions in the exchange's own time, whatever clock the broker's server runs on."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from ..domain.bars import Ints
from ..domain.params import param
from .comparisons import Flags

_DAY, _HOUR = 86_400, 3_600


@dataclass(frozen=True)
class Exchange:
    """Where and when it trades: minutes of the local day, Monday to Friday. Breaks and holidays are not known."""

    zone: str
    opens: int
    closes: int


EXCHANGES = {
    "New York": Exchange("America/New_York", 9 * 60 + 30, 16 * 60),
    "London": Exchange("Europe/London", 8 * 60, 16 * 60 + 30),
    "Frankfurt": Exchange("Europe/Berlin", 9 * 60, 17 * 60 + 30),
    "Tokyo": Exchange("Asia/Tokyo", 9 * 60, 15 * 60 + 30),
    "Hong Kong": Exchange("Asia/Hong_Kong", 9 * 60 + 30, 16 * 60),
    "Sydney": Exchange("Australia/Sydney", 10 * 60, 16 * 60),
}
# Name of a server's clock -> time zone and hours ahead of it. Most brokers let the day end at 17:00 in New York.
SERVER_CLOCKS = {
    "New York + 7 h": ("America/New_York", 7),
    "Eastern Europe": ("Europe/Athens", 0),
    "UTC": ("UTC", 0),
    "UTC+1": ("UTC", 1),
    "UTC+2": ("UTC", 2),
    "UTC+3": ("UTC", 3),
}


def exchange_choice(default: str) -> Any:
    """The parameter that names the exchange."""
    return param(
        default, "Exchange", choices=tuple(EXCHANGES),
        help="Whose trading hours count, in its own local time with its own summer time.",
    )  # fmt: skip


def server_clock_choice() -> Any:
    """The parameter that names the clock of the broker's server."""
    return param(
        "New York + 7 h", "Server clock", choices=tuple(SERVER_CLOCKS),
        help="The clock that your broker's bars are stamped with; most brokers run 7 hours ahead of New York.",
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class SessionClock:
    """Per bar, at its open in the exchange's local time: number of the day, minute of the day, inside the hours."""

    day: Ints
    minute: Ints
    inside: Flags


def session_clock(times: Ints, exchange: str, server_clock: str) -> SessionClock:
    """Where each bar (its open in server epoch seconds) lies in the exchange's day."""
    where = EXCHANGES[exchange]
    zone, ahead = SERVER_CLOCKS[server_clock]
    world = times - _offsets(times, zone, ahead, True)
    local = world + _offsets(world, where.zone, 0, False)
    day, minute = local // _DAY, local % _DAY // 60
    weekday = (day + 4) % 7
    inside = (minute >= where.opens) & (minute < where.closes) & (weekday >= 1) & (weekday <= 5)
    return SessionClock(day, minute, inside)


def _offsets(times: Ints, zone: str, ahead: int, of_local: bool) -> Ints:
    """Seconds that the clock of `zone`, `ahead` hours, is before UTC; `times` are its own or, else, UTC."""
    if not len(times):
        return times
    first, last = (datetime.fromtimestamp(int(each), UTC).year for each in (times[0], times[-1]))
    changes, offsets = _changes(zone, first - 1, last + 1)
    if of_local:
        # The hour that autumn counts twice is taken the second time; it lies in the weekend's night.
        changes = changes + offsets[1:] + ahead * _HOUR
    return offsets[np.searchsorted(changes, times, side="right")] + ahead * _HOUR


@functools.lru_cache(maxsize=64)
def _changes(zone: str, first_year: int, last_year: int) -> tuple[Ints, Ints]:
    """The moments (UTC) at which the offset changes, and the offsets before the first and after each of them."""
    info = ZoneInfo(zone)

    def offset(at: int) -> int:
        ahead = datetime.fromtimestamp(at, info).utcoffset()
        return 0 if ahead is None else int(ahead.total_seconds())

    begin = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp())
    changes: list[int] = []
    offsets = [offset(begin)]
    for at in range(begin, end, 7 * _DAY):
        if offset(at + 7 * _DAY) == offsets[-1]:
            continue
        low, high = at, at + 7 * _DAY
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
        changes.append(high)
        offsets.append(offset(high))
    return np.array(changes, np.int64), np.array(offsets, np.int64)
