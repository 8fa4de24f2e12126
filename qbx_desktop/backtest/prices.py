"""Bars read into whole points, checked on the way, with the bars that need care noted. Compilable."""

from __future__ import annotations

import math
from typing import Any

from ..domain.money import swap_nights
from .days import DAY, end_of_day
from .layout import BUY, LEAVE_LONG, LEAVE_SHORT, SELL

_HALF = 0.5 + 1e-6
_LARGEST = 1e300


def read_points(prices: Any, scale: float, points: Any) -> tuple[bool, bool]:
    """Fill `points` with whole points, half away from zero and deaf to binary noise.

    Returns whether every price is a positive number, and whether every one is already rounded to `scale`.
    """
    good, exact = True, True
    for k in range(len(prices)):
        price = prices[k]
        right = 0.0 < price < _LARGEST
        whole = math.floor(price * scale + _HALF) if right else 0
        points[k] = whole
        good &= right
        exact &= whole / scale == price
    return good, exact


def mark_care(
    time: Any, opened: Any, high: Any, low: Any, rollover: int, care: Any, singles: Any, triples: Any
) -> int:
    """Fill the bars that need care (`layout.Columns`) as far as there is room for them, and return their number.

    These are the bars after a midnight that costs nights, those that open outside their own range, and the last one.
    """
    n, room, odd = len(time), len(care), 0
    for t in range(n):
        odd += 1 if (opened[t] < low[t]) | (opened[t] > high[t]) else 0
    count, start, bars, before = 0, 0, 0, time[0] // DAY
    while start < n:
        day = time[start] // DAY
        one, three = 0, 0
        for ended in range(before, day):
            nights = swap_nights((ended + 4) % 7, rollover)  # 1970-01-01 was a Thursday
            one += 1 if nights == 1 else 0
            three += 1 if nights == 3 else 0
        bars = end_of_day(time, start, bars) - start
        # where no bar opens outside its range only the day's first can need care, and the very last
        t = start
        while t < start + bars:
            if one + three > 0 or not low[t] <= opened[t] <= high[t] or t == n - 1:
                if count < room:
                    care[count], singles[count], triples[count] = t, one, three
                count += 1
            one, three = 0, 0
            t = t + 1 if odd > 0 or t == n - 1 else max(t + 1, min(start + bars, n - 1))
        before, start = day, start + bars
    return count


def first_disorder(time: Any) -> int:
    """Index of the first bar that is not later than the one before it; 0 when there is none."""
    wrong = 0
    for k in range(1, len(time)):
        wrong += 1 if time[k] <= time[k - 1] else 0
    if wrong > 0:
        for k in range(1, len(time)):
            if time[k] <= time[k - 1]:
                return k
    return 0


def smallest_step(time: Any) -> int:
    """The shortest time from one bar to the next: how long a bar lasts; 0 for a single bar."""
    shortest = 0
    for k in range(1, len(time)):
        step = time[k] - time[k - 1]
        shortest = step if shortest == 0 or step < shortest else shortest
    return shortest


def pack_signals(entry: Any, exit_long: Any, exit_short: Any, lag: int, act: Any) -> int:
    """Fill `act` with each bar's signal bits, moved `lag` bars on to the bar that acts; returns how many are entries."""
    entries, n = 0, len(act)
    for t in range(min(lag, n)):
        act[t] = 0
    for t in range(n - lag):
        side = entry[t]
        bits = (BUY if side > 0 else 0) | (SELL if side < 0 else 0)
        act[lag + t] = bits | (LEAVE_LONG if exit_long[t] else 0) | (LEAVE_SHORT if exit_short[t] else 0)
        entries += 1 if side != 0 else 0
    return entries
