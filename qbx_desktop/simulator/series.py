"""What a symbol has shown up to a moment: its quote, its bars in every timeframe, its ticks. Nothing later leaks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import RATES_DTYPE, TICKS_DTYPE
from ..domain.money import round_to
from ..domain.timeframe import Timeframe
from .feed import Feed, WeekBars
from .path import ANCHORS, moments, price_table, prices
from .profile import SymbolSetup
from .sessions import week_of, week_start

Rows = NDArray[Any]
_KEPT_ROWS = 60_000
_TICK_WEEKS = 9  # how far back ticks are kept
_CHANGED = 6  # TICK_FLAG_BID | TICK_FLAG_ASK


@dataclass(frozen=True)
class Shown:
    """A released tick. `time_ms` is server time in milliseconds, `bar` the open time of its bar, `step` its number in it."""

    time_ms: int
    bid: float
    ask: float
    bar: int
    step: int


@dataclass(frozen=True)
class Position:
    """Where a moment lies in the feed: its week, the index of the last bar opened, how many of its ticks are out."""

    week: WeekBars
    index: int
    released: int


@dataclass(frozen=True)
class _Here:
    """The bar asked for last, and until when it is the last one opened."""

    week: WeekBars
    index: int
    opened: int
    until: int


class Series:
    """One symbol's market as the terminal may show it. All moments are server time in milliseconds."""

    def __init__(self, setup: SymbolSetup, feed: Feed, ticks_per_bar: int = ANCHORS) -> None:
        self.setup = setup
        self.feed = feed
        self.ticks = ticks_per_bar
        self.low_first: dict[int, bool] = {}
        self._moments = moments(feed.seconds, ticks_per_bar)
        self._blocks: OrderedDict[tuple[Timeframe, int], Rows] = OrderedDict()
        self._kept_rows = 0
        self._last: tuple[int, Shown | None] = (-1, None)
        self._here: _Here | None = None
        self._stepped: tuple[tuple[int, bool], tuple[float, ...]] = ((-1, False), ())

    def forget(self) -> None:
        """Drop everything worked out so far: the feed has been altered."""
        self._blocks.clear()
        self._kept_rows = 0
        self._last = (-1, None)
        self._here = None
        self._stepped = ((-1, False), ())

    # --- one moment ---

    def locate(self, ms: int) -> Position | None:
        """The last bar opened at or before `ms`, or None before the first."""
        second = ms // 1_000
        here = self._here
        if here is None or not here.opened <= second < here.until:
            here = self._search(second)
            if here is None:
                return None
            self._here = here
        elapsed = second - here.opened
        released = sum(1 for moment in self._moments if moment <= elapsed)
        return Position(here.week, here.index, released)

    def _search(self, second: int) -> _Here | None:
        number = min(week_of(second), self.feed.last_week)
        until = week_start(week_of(second) + 1)
        while number >= self.feed.first_week:
            week = self.feed.week(number)
            index = int(np.searchsorted(week.time, second, side="right")) - 1
            if index + 1 < len(week):
                until = int(week.time[index + 1])
            if index >= 0:
                return _Here(week, index, int(week.time[index]), until)
            number -= 1
        return None

    def bars_within(self, first_ms: int, last_ms: int) -> Iterator[tuple[WeekBars, range]]:
        """The bars that may release a tick after `first_ms` up to `last_ms`, week by week."""
        earliest = first_ms // 1_000 - self.feed.seconds
        for number in self._weeks(first_ms, last_ms):
            week = self.feed.week(number)
            low = int(np.searchsorted(week.time, earliest, side="right"))
            high = int(np.searchsorted(week.time, last_ms // 1_000, side="right"))
            if low < high:
                yield week, range(low, high)

    def steps(self, week: WeekBars, index: int) -> tuple[float, ...]:
        """The bids of all ticks of one bar, in order."""
        time = int(week.time[index])
        first = self.low_first.get(time)
        if first is None:
            first = bool(week.low_first[index])
        if self._stepped[0] != (time, first):
            made = prices(
                float(week.open[index]), float(week.high[index]), float(week.low[index]),
                float(week.close[index]), first, self.ticks, self.setup.point, self.setup.digits,
            )  # fmt: skip
            self._stepped = (time, first), made
        return self._stepped[1]

    def moment(self, step: int) -> int:
        """Seconds after a bar's open at which its tick `step` is released."""
        return self._moments[step]

    def ask_of(self, bid: float, spread: int) -> float:
        """The ask `spread` points above `bid`."""
        return round_to(bid + spread * self.setup.point, self.setup.digits)

    def shown(self, ms: int) -> Shown | None:
        """The last tick released at or before `ms`; None before the first."""
        second = ms // 1_000
        if self._last[0] == second:
            return self._last[1]
        found = self.locate(ms)
        tick: Shown | None = None
        if found is not None:
            step = found.released - 1
            bid = self.steps(found.week, found.index)[step]
            opened = int(found.week.time[found.index])
            ask = self.ask_of(bid, int(found.week.spread[found.index]))
            tick = Shown((opened + self._moments[step]) * 1_000, bid, ask, opened, step)
        self._last = (second, tick)
        return tick

    def forget_quote(self) -> None:
        """Work the current quote out anew: the running bar's path has been chosen."""
        self._last = (-1, None)

    # --- bars ---

    def rates(self, timeframe: Timeframe, ms: int, start: int, count: int) -> Rows | None:
        """`count` bars ending `start` bars before the forming one, ascending; None when `start` is beyond history."""
        if count <= 0 or not self._has(timeframe):
            return None
        rows = self._collect(timeframe, ms, start + count)
        end = len(rows) - start
        return rows[max(end - count, 0) : end] if end > 0 else None

    def rates_until(self, timeframe: Timeframe, ms: int, last: int, count: int) -> Rows | None:
        """The `count` last bars that open at or before `last` (seconds)."""
        if count <= 0 or not self._has(timeframe):
            return None
        rows = self._collect(timeframe, ms, count, last)
        return rows[-count:] if len(rows) else None

    def rates_between(self, timeframe: Timeframe, ms: int, first: int, last: int) -> Rows | None:
        """The bars that open within `first … last` (seconds), both included; maybe none."""
        if not self._has(timeframe):
            return None
        rows = self._collect(timeframe, ms, None, last, first)
        return rows[np.searchsorted(rows["time"], first) :]

    def _has(self, timeframe: Timeframe) -> bool:
        return timeframe.seconds >= self.feed.seconds

    def _collect(
        self, timeframe: Timeframe, ms: int, need: int | None, last: int | None = None, first: int = 0
    ) -> Rows:
        """At least `need` visible bars (all back to `first` when None) that open no later than `last`."""
        if timeframe is Timeframe.MN1 and self.feed.seconds <= Timeframe.D1.seconds:
            return self._months(ms, last)
        limit, forming = self._forming(timeframe, ms)
        if last is not None and last < limit:
            limit, forming = last + 1, forming[:0]
        elif last is not None and len(forming) and forming["time"][0] > last:
            forming = forming[:0]
        parts, have = [forming], len(forming)
        number = min(week_of(limit), self.feed.last_week)
        oldest = max(self.feed.first_week, week_of(first) if need is None else self.feed.first_week)
        while number >= oldest and (need is None or have < need):
            block = self._block(timeframe, number)
            if len(block) and block["time"][-1] >= limit:
                block = block[: int(np.searchsorted(block["time"], limit))]
            parts.append(block if need is None else block[max(len(block) - (need - have), 0) :])
            have += len(parts[-1])
            number -= 1
        return _joined(parts[::-1])

    def _forming(self, timeframe: Timeframe, ms: int) -> tuple[int, Rows]:
        """`(limit, row)`: bars opening before `limit` are complete; the row is the one being formed or just done."""
        found = self.locate(ms)
        if found is None:
            return 0, np.zeros(0, dtype=RATES_DTYPE)
        week, index = found.week, found.index
        opened = int(week.time[index])
        start = self._bucket(timeframe, opened)
        lead = int(np.searchsorted(week.time, start))
        running = found.released < self.ticks
        row = np.zeros(1, dtype=RATES_DTYPE)
        now = self._running(found) if running else week
        last = 0 if running else index
        done = slice(lead, index)
        has_lead = index > lead
        row["time"] = start
        row["open"] = week.open[lead]
        row["high"] = max(week.high[done].max(), now.high[last]) if has_lead else now.high[last]
        row["low"] = min(week.low[done].min(), now.low[last]) if has_lead else now.low[last]
        row["close"] = now.close[last]
        row["tick_volume"] = int(week.volume[done].sum()) + int(now.volume[last])
        row["spread"] = (
            min(int(week.spread[done].min()), int(now.spread[last])) if has_lead else now.spread[last]
        )
        return start, row

    def _running(self, found: Position) -> WeekBars:
        """The running bar as its released ticks have made it, as a week of one bar."""
        week, index = found.week, found.index
        seen = self.steps(week, index)[: found.released]
        volume = -(-int(week.volume[index]) * found.released // self.ticks)
        part = slice(index, index + 1)
        one = np.array
        return WeekBars(
            week.time[part], one([seen[0]]), one([max(seen)]), one([min(seen)]), one([seen[-1]]),
            one([volume]), week.spread[part], week.low_first[part],
        )  # fmt: skip

    def _bucket(self, timeframe: Timeframe, opened: int) -> int:
        """Open time of the timeframe's bar that holds the feed's bar; a series' own bars keep their times."""
        return opened if timeframe.seconds == self.feed.seconds else timeframe.open_of(opened)

    def _block(self, timeframe: Timeframe, number: int) -> Rows:
        """All bars of one week, future ones included."""
        key = (timeframe, number)
        block = self._blocks.get(key)
        if block is None:
            block = self._aggregated(timeframe, self.feed.week(number))
            self._blocks[key] = block
            self._kept_rows += len(block)
            while self._kept_rows > _KEPT_ROWS and len(self._blocks) > 1:
                self._kept_rows -= len(self._blocks.popitem(last=False)[1])
        return block

    def _aggregated(self, timeframe: Timeframe, week: WeekBars) -> Rows:
        if not len(week):
            return np.zeros(0, dtype=RATES_DTYPE)
        if timeframe.seconds == self.feed.seconds:
            buckets = week.time
        elif timeframe.seconds <= Timeframe.D1.seconds:
            buckets = week.time // timeframe.seconds * timeframe.seconds
        else:
            buckets = np.full(len(week), timeframe.open_of(int(week.time[0])))
        starts = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
        ends = np.append(starts[1:], len(week)) - 1
        rows = np.zeros(len(starts), dtype=RATES_DTYPE)
        rows["time"] = buckets[starts]
        rows["open"] = week.open[starts]
        rows["high"] = np.maximum.reduceat(week.high, starts)
        rows["low"] = np.minimum.reduceat(week.low, starts)
        rows["close"] = week.close[ends]
        rows["tick_volume"] = np.add.reduceat(week.volume, starts)
        rows["spread"] = np.minimum.reduceat(week.spread, starts)
        return rows

    def _months(self, ms: int, last: int | None) -> Rows:
        """Months, made from the days shown so far; one that opens after `last` is left out."""
        days = self._collect(Timeframe.D1, ms, None)
        if not len(days):
            return days
        months = days["time"].astype("datetime64[s]").astype("datetime64[M]").astype("datetime64[s]")
        buckets = months.astype(np.int64)
        starts = np.flatnonzero(np.diff(buckets, prepend=buckets[0] - 1))
        ends = np.append(starts[1:], len(days)) - 1
        rows = days[starts].copy()
        rows["time"] = buckets[starts]
        rows["high"] = np.maximum.reduceat(days["high"], starts)
        rows["low"] = np.minimum.reduceat(days["low"], starts)
        rows["close"] = days["close"][ends]
        rows["tick_volume"] = np.add.reduceat(days["tick_volume"], starts)
        rows["spread"] = np.minimum.reduceat(days["spread"], starts)
        return rows if last is None else rows[rows["time"] <= last]

    # --- ticks ---

    def tick_rows(self, ms: int, first_ms: int, last_ms: int, count: int | None = None) -> Rows:
        """Released ticks within `first_ms … last_ms`, at most the first `count`, ascending."""
        parts: list[Rows] = []
        have = 0
        oldest = (week_of(ms // 1_000) - _TICK_WEEKS) * 604_800_000
        for number in self._weeks(max(first_ms, oldest), min(last_ms, ms)):
            rows = self._week_ticks(number, max(first_ms, oldest), min(last_ms, ms))
            parts.append(rows)
            have += len(rows)
            if count is not None and have >= count:
                break
        made = np.concatenate(parts) if parts else np.zeros(0, dtype=TICKS_DTYPE)
        return made if count is None else made[:count]

    def _weeks(self, first_ms: int, last_ms: int) -> Iterator[int]:
        first = max(week_of((first_ms - self.feed.seconds * 1_000) // 1_000), self.feed.first_week)
        yield from range(first, min(week_of(last_ms // 1_000), self.feed.last_week) + 1)

    def _week_ticks(self, number: int, first_ms: int, last_ms: int) -> Rows:
        week = self.feed.week(number)
        low = int(np.searchsorted(week.time, first_ms // 1_000 - self.feed.seconds))
        high = int(np.searchsorted(week.time, last_ms // 1_000, side="right"))
        part = slice(low, high)
        if self.low_first:
            order = week.low_first.copy()
            for i in range(low, high):
                order[i] = self.low_first.get(int(week.time[i]), bool(order[i]))
            week = WeekBars(
                week.time, week.open, week.high, week.low, week.close, week.volume, week.spread, order
            )
        bids = price_table(week, part, self.ticks, self.setup.point, self.setup.digits)
        times = (week.time[part, None] + np.asarray(self._moments)[None, :]).ravel()
        spread = np.repeat(week.spread[part], self.ticks) * self.setup.point
        rows = np.zeros(len(times), dtype=TICKS_DTYPE)
        rows["time"] = times
        rows["bid"] = bids.ravel()
        rows["ask"] = np.round(bids.ravel() + spread, self.setup.digits)
        rows["time_msc"] = times * 1_000
        rows["flags"] = _CHANGED
        kept: Rows = rows[(rows["time_msc"] >= first_ms) & (rows["time_msc"] <= last_ms)]
        return kept


def _joined(parts: list[Rows]) -> Rows:
    """Rows one after the other; joined as bytes, which is many times faster than field by field."""
    return np.concatenate([part.view(np.uint8) for part in parts]).view(RATES_DTYPE)
