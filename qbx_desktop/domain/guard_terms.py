"""What the guards ask, in plain numbers: of every order by the live desk, of every entry by the backtest. Compilable."""

from __future__ import annotations

_NOISE = 1e-9


def outside_hours(server_time: int, start: float, end: float) -> bool:
    """Whether server time lies outside hour `start` to before hour `end` (over midnight when end < start)."""
    hour = server_time % 86_400 / 3_600
    if start < end:
        return not start <= hour < end
    return end <= hour < start


def in_weekend(server_time: int, flat_hour: float) -> bool:
    """Whether it is Friday `flat_hour` server time or later in the week (0 = off)."""
    weekday, hour = (server_time // 86_400 + 3) % 7, server_time % 86_400 / 3_600
    return flat_hour > 0 and (weekday > 4 or (weekday == 4 and hour >= flat_hour))


def resting(losses: int, limit: float, seconds_since: float, rest: float) -> bool:
    """Whether `limit` losses in a row have been made and the last one is less than `rest` seconds ago."""
    return 0 < limit <= losses and seconds_since < rest


def above(value: float, limit: float) -> bool:
    """Whether `value` is above a limit that is set."""
    return limit != 0 and not value <= limit * (1 + _NOISE)


def reached(lost: float, limit: float) -> bool:
    """Whether a loss has reached a limit that is set."""
    return limit != 0 and lost >= limit - _NOISE


def fall(start: float, now: float) -> float:
    """By how many percent `now` is below `start`."""
    return 100.0 * (start - now) / start if start > 0 else 0.0
