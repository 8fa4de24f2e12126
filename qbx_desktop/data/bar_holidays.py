"""Days on which markets are commonly closed, so that a closed market is not reported as a hole in the data."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

_MONDAY, _THURSDAY = 0, 3


@cache
def closed_days(year: int) -> frozenset[int]:
    """Days since 1970 in `year` that most of the FX, index, metal or US share markets take off, wholly or partly.

    Christmas and New Year with their eves, Good Friday to Easter Monday, and the US exchange holidays with their
    substitutes. A country's own holidays are not listed: such a day is reported as a hole of one day.
    """
    easter = _easter(year)
    days = {
        date(year, 1, 1), date(year, 1, 2), date(year, 12, 24), date(year, 12, 25), date(year, 12, 26),
        date(year, 12, 31), easter - timedelta(days=2), easter + timedelta(days=1),
        _nth(year, 1, _MONDAY, 3), _nth(year, 2, _MONDAY, 3), _last_monday(year, 5), _nth(year, 9, _MONDAY, 1),
        _nth(year, 11, _THURSDAY, 4), _nth(year, 11, _THURSDAY, 4) + timedelta(days=1),
        date(year, 7, 3), date(year, 7, 4),
    }  # fmt: skip
    if year >= 2021:
        days.add(date(year, 6, 19))
    for day in tuple(days):
        # A holiday on a weekend is taken on the nearest weekday.
        if day.weekday() == 5:
            days.add(day - timedelta(days=1))
        elif day.weekday() == 6:
            days.add(day + timedelta(days=1))
    return frozenset((day - date(1970, 1, 1)).days for day in days)


def is_closed_day(day: int) -> bool:
    """Whether `day` (days since 1970) is such a day."""
    year = (date(1970, 1, 1) + timedelta(days=day)).year
    return day in closed_days(year) or (year < date.max.year and day in closed_days(year + 1))


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = b // 4, b % 4
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    j, k = c // 4, c % 4
    m = (a + 11 * h) // 319
    r = (2 * e + 2 * j - k - h + m + 32) % 7
    n = (h - m + r + 90) // 25
    return date(year, n, (h - m + r + n + 19) % 32)


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (count - 1))


def _last_monday(year: int, month: int) -> date:
    last = date(year, month + 1, 1) - timedelta(days=1)
    return last - timedelta(days=last.weekday())
