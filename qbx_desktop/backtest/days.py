"""Where a server day ends among ascending bars, mostly without looking for it. Compilable."""

from __future__ import annotations

from typing import Any

DAY = 86_400


def end_of_day(time: Any, start: int, bars: int) -> int:
    """Index of the first bar on a later server day than that of bar `start`; how many bars there are where none is.

    `bars` is a guess at how many the day has: most have as many as the day before.
    """
    n, midnight = len(time), (time[start] // DAY + 1) * DAY
    guess = start + bars
    if start < guess < n and time[guess - 1] < midnight <= time[guess]:
        return guess
    low, step = start, 1
    while low + step < n and time[low + step] < midnight:
        low += step
        step *= 2
    high = min(low + step, n)
    while low + 1 < high:
        middle = (low + high) // 2
        if time[middle] < midnight:
            low = middle
        else:
            high = middle
    return high
