"""A slower frame made from the bars at hand: its closed bars, and what each bar knows of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..domain.bars import Bars, Floats, Ints
from ..domain.timeframe import Timeframe

_DAY = 86_400
_THURSDAY_TO_SUNDAY = 3 * _DAY


@dataclass(frozen=True, eq=False)
class SlowerFrame:
    """`bars` are the slower frame's closed bars. `known[t]` counts those that were closed for sure at bar t.

    A slower bar counts as closed as soon as a bar of the next period has closed: that needs no calendar, so a
    holiday or a short session cannot make it wrong, and it never looks ahead. The first period of the data may have
    begun earlier; it is left out.
    """

    bars: Bars
    known: Ints

    def spread_out(self, values: Floats) -> Floats:
        """`values`, one per slower bar, as the newest known one per bar; NaN while there is none."""
        return np.concatenate(([np.nan], values))[self.known]


def slower_frame(bars: Bars, timeframe: Timeframe) -> SlowerFrame:
    """The bars of `bars` gathered into `timeframe`. Of bars as slow as that already each one is a period."""
    if not len(bars):
        return SlowerFrame(bars, np.zeros(0, np.int64))
    periods = period_opens(bars.time, timeframe)
    begins = np.flatnonzero(np.concatenate(([True], periods[1:] != periods[:-1])))
    # Number of the period each bar lies in; the first is cut off, the last is still open.
    number = np.zeros(len(bars), np.int64)
    number[begins[1:]] = 1
    number = np.cumsum(number)
    known = np.maximum(number - 1, 0)
    first, last = begins[1:-1], begins[2:] - 1
    if not len(first):
        return SlowerFrame(bars[:0], known)
    # reduceat's last group would run to the end of the data; the bars of the open period are left out.
    end = int(last[-1]) + 1
    gathered = Bars(
        periods[first], bars.open[first],
        np.maximum.reduceat(bars.high[:end], first), np.minimum.reduceat(bars.low[:end], first),
        bars.close[last], np.add.reduceat(bars.tick_volume[:end], first), bars.spread[first],
        np.add.reduceat(bars.real_volume[:end], first),
    )  # fmt: skip
    return SlowerFrame(gathered, known)


def period_opens(times: Ints, timeframe: Timeframe) -> Ints:
    """Open time (server epoch seconds) of the period of `timeframe` that contains each of `times`."""
    if timeframe is Timeframe.MN1:
        months = times.astype("datetime64[s]").astype("datetime64[M]")
        return np.asarray(months.astype("datetime64[s]").astype(np.int64))
    if timeframe is Timeframe.W1:
        return (times - _THURSDAY_TO_SUNDAY) // (7 * _DAY) * (7 * _DAY) + _THURSDAY_TO_SUNDAY
    return times // timeframe.seconds * timeframe.seconds


def bars_for(count: int, slow: Timeframe, base: Timeframe) -> int:
    """So many bars of `base` always hold `count` closed bars of `slow`, the cut-off first and the open last included."""
    longest = 31 * _DAY if slow is Timeframe.MN1 else slow.seconds
    return (count + 2) * math.ceil(longest / base.seconds)
