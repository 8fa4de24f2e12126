"""A feed with disturbances in it: price jumps, holes, revised bars."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .feed import Feed, WeekBars


class AlteredFeed:
    """Another feed's bars, changed. Every change needs :meth:`Series.forget` afterwards."""

    def __init__(self, feed: Feed, digits: int) -> None:
        self._feed = feed
        self._digits = digits
        self._jumps: list[tuple[int, float]] = []
        self._holes: list[tuple[int, int]] = []
        self._revised: dict[int, float] = {}
        self._kept: dict[int, WeekBars] = {}
        self.seconds = feed.seconds
        self.first_week = feed.first_week
        self.last_week = feed.last_week

    def jump(self, time: int, distance: float) -> None:
        """Move every bar that opens after `time` by `distance`."""
        self._jumps.append((time, distance))
        self._kept.clear()

    def hole(self, first: int, last: int) -> None:
        """Leave out the bars that open within `first … last`."""
        self._holes.append((first, last))
        self._kept.clear()

    def revise(self, time: int, distance: float) -> None:
        """Move the close of the bar that opened at `time`."""
        self._revised[time] = distance
        self._kept.clear()

    def is_open(self, time: float) -> bool:
        return self._feed.is_open(time)

    def week(self, week: int) -> WeekBars:
        found = self._kept.get(week)
        if found is None:
            found = self._kept[week] = self._altered(self._feed.week(week))
        return found

    def _altered(self, bars: WeekBars) -> WeekBars:
        shift = np.zeros(len(bars))
        for time, distance in self._jumps:
            shift[bars.time > time] += distance
        opened, high, low, close = (
            np.round(prices + shift, self._digits) for prices in (bars.open, bars.high, bars.low, bars.close)
        )
        for time, distance in self._revised.items():
            here = bars.time == time
            close[here] = np.round(close[here] + distance, self._digits)
            high[here], low[here] = np.maximum(high[here], close[here]), np.minimum(low[here], close[here])
        bars = replace(bars, open=opened, high=high, low=low, close=close)
        kept = np.ones(len(bars), dtype=np.bool_)
        for first, last in self._holes:
            kept &= (bars.time < first) | (bars.time > last)
        if kept.all():
            return bars
        return WeekBars(
            bars.time[kept], bars.open[kept], bars.high[kept], bars.low[kept], bars.close[kept],
            bars.volume[kept], bars.spread[kept], bars.low_first[kept],
        )  # fmt: skip
