"""The bars behind a symbol's quotes, one week at a time: generated minutes, or a recorded series."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Bars, Floats, Ints
from .generator import Generator
from .path import low_comes_first
from .profile import SymbolSetup
from .server_time import skipped_hours
from .sessions import WEEK, week_of, week_start

_KEPT_WEEKS = 12
_ROLLOVER_MINUTES = 5


@dataclass(frozen=True, eq=False)
class WeekBars:
    """The bars of one week, future ones included: only the series that knows the time may hand them out."""

    time: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Ints
    spread: Ints
    low_first: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.time)


class Feed(Protocol):
    """Where a symbol's bars come from. `seconds` is the length of one; `first_week` and `last_week` hold some."""

    seconds: int
    first_week: int
    last_week: int

    def week(self, week: int) -> WeekBars:
        """The bars that open in `week`; none outside first_week … last_week."""

    def is_open(self, time: float) -> bool:
        """Whether the symbol trades at `time`."""


class GeneratedFeed:
    """Minutes from the seeded generator, on the symbol's trading hours, digits and spread."""

    seconds = 60

    def __init__(self, setup: SymbolSetup, generator: Generator, first_week: int, zone: str) -> None:
        self._setup = setup
        self._generator = generator
        self._zone = zone
        self.first_week = first_week
        self.last_week = week_of(2_147_483_647)
        self._kept: OrderedDict[int, WeekBars] = OrderedDict()

    def is_open(self, time: float) -> bool:
        return self._setup.sessions.is_open(time)

    def week(self, week: int) -> WeekBars:
        found = self._kept.get(week)
        if found is None:
            found = self._made(week)
            self._kept[week] = found
            if len(self._kept) > _KEPT_WEEKS:
                self._kept.popitem(last=False)
        else:
            self._kept.move_to_end(week)
        return found

    def _made(self, week: int) -> WeekBars:
        setup = self._setup
        raw = self._generator.week(setup.market, week)
        start = week_start(week)
        mask = setup.sessions.mask.copy()
        for first, last in skipped_hours(self._zone, start, start + WEEK):
            mask[(first - start) // 60 : (last - start) // 60] = False
        if setup.missing_share:
            mask &= (raw.noise * 997.0) % 1.0 >= setup.missing_share
        if not self.first_week <= week <= self.last_week:
            mask[:] = False
        time = start + 60 * np.flatnonzero(mask)
        opened, high, low, close = (
            self._rounded(prices[mask]) for prices in (raw.open, raw.high, raw.low, raw.close)
        )
        high, low = np.maximum(high, np.maximum(opened, close)), np.minimum(low, np.minimum(opened, close))
        noise = raw.noise[mask]
        volume = 4 + (raw.activity[mask] * 120.0 * (0.4 + noise)).astype(np.int64)
        order = low_comes_first(opened, close)
        return WeekBars(time, opened, high, low, close, volume, self._spreads(time, noise), order)

    def _rounded(self, prices: Floats) -> Floats:
        info = self._setup.info
        tick = float(info["trade_tick_size"])
        if tick != info["point"]:
            prices = np.round(prices / tick) * tick
        rounded: Floats = np.round(prices, int(info["digits"]))
        return rounded

    def _spreads(self, time: Ints, noise: Floats) -> Ints:
        setup = self._setup
        typical = float(setup.info["spread"]) * setup.spread_factor
        if not setup.info["spread_float"]:
            return np.full(len(time), round(typical), dtype=np.int64)
        spread = typical * (1.0 + setup.spread_noise * (noise - 0.3))
        minute = time // 60 % 1_440
        near = (minute < _ROLLOVER_MINUTES) | (minute >= 1_440 - _ROLLOVER_MINUTES)
        spread = np.where(near, spread * setup.rollover_factor, spread)
        tick = float(setup.info["trade_tick_size"]) / setup.point
        whole: Ints = (np.maximum(np.round(spread / tick), 1) * tick).astype(np.int64)
        return whole


class RecordedFeed:
    """A given series of bars; the symbol trades while one of its bars runs."""

    def __init__(self, setup: SymbolSetup, bars: Bars, seconds: int) -> None:
        self.seconds = seconds
        digits = setup.digits
        floating = bool(setup.info["spread_float"])
        typical = round(float(setup.info["spread"]))
        # In recorded bars a spread of 0 means unknown.
        spread = np.where(bars.spread > 0, bars.spread, typical) if floating else np.full(len(bars), typical)
        opened, high, low, close = (
            np.round(prices, digits) for prices in (bars.open, bars.high, bars.low, bars.close)
        )
        self._bars = WeekBars(
            bars.time, opened, high, low, close, bars.tick_volume, spread, low_comes_first(opened, close)
        )
        self.first_week = week_of(int(bars.time[0])) if len(bars) else 0
        self.last_week = week_of(int(bars.time[-1])) if len(bars) else -1
        self._kept: dict[int, WeekBars] = {}

    @property
    def times(self) -> Ints:
        """The open time of every bar."""
        return self._bars.time

    def next_index(self, time: float) -> int:
        """The index of the first bar that opens after `time`; the number of bars when there is none."""
        return int(np.searchsorted(self._bars.time, time, side="right"))

    def is_open(self, time: float) -> bool:
        index = self.next_index(time) - 1
        return index >= 0 and time < self._bars.time[index] + self.seconds

    def week(self, week: int) -> WeekBars:
        found = self._kept.get(week)
        if found is None:
            start = week_start(week)
            first, last = (int(i) for i in np.searchsorted(self._bars.time, (start, start + WEEK)))
            all_bars = self._bars
            found = WeekBars(
                all_bars.time[first:last], all_bars.open[first:last], all_bars.high[first:last],
                all_bars.low[first:last], all_bars.close[first:last], all_bars.volume[first:last],
                all_bars.spread[first:last], all_bars.low_first[first:last],
            )  # fmt: skip
            self._kept[week] = found
        return found
