"""Seeded prices: any week of any market follows from the seed alone, without the weeks before it.

Two layers. A coarse walk over all weeks (mean reverting, with calm, normal and wild regimes) fixes the level at every
week's start; within a week, minute steps with an intraday volatility profile and jumps are bent to meet the next
week's level. Crosses are products of their majors, so that triangles agree.
"""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain.bars import Floats
from .sessions import WEEK_MINUTES, week_of

_FIRST_WEEK = week_of(946_684_800)  # 2000-01-01
_LAST_WEEK = week_of(2_147_483_647) + 2  # the API's dates end in 2038
_KEPT_WEEKS = 40
_PULL = 0.99  # share of its distance from the base level that a market keeps after a week
_REGIMES = (0.7, 1.0, 1.7)
_STAY = 0.9  # chance that a week keeps its regime
_JUMPS_A_WEEK = 2.0

# Relative volatility of the hours of a day, server time (UTC+2/3): quiet nights, London, New York.
_FOREX_HOURS = (4, 4, 5, 5, 5, 5, 5, 6, 7, 10, 12, 11, 10, 9, 10, 14, 16, 15, 12, 10, 8, 7, 5, 4)
_INDEX_HOURS = (4, 4, 4, 4, 4, 4, 4, 5, 6, 10, 10, 8, 8, 8, 10, 14, 20, 18, 14, 13, 14, 15, 9, 5)
_FLAT_HOURS = (9, 9, 9, 9, 9, 9, 9, 9, 10, 10, 10, 10, 10, 10, 11, 12, 13, 12, 12, 11, 10, 10, 9, 9)
_HOURS = {"index": _INDEX_HOURS, "crypto": _FLAT_HOURS}
_WEEKEND = {"crypto": 0.7}


@dataclass(frozen=True, eq=False)
class RawWeek:
    """One week of minutes before rounding: prices, and noise in [0, 1) for spread, volume and gaps."""

    open: Floats
    high: Floats
    low: Floats
    close: Floats
    activity: Floats
    noise: Floats


class Generator:
    """The seeded market of all instruments."""

    def __init__(self, seed: int, instruments: Mapping[str, Mapping[str, Any]]) -> None:
        self._seed = seed
        self._instruments = instruments
        self._levels: dict[str, tuple[Floats, Floats]] = {}
        self._weeks: OrderedDict[tuple[str, int], RawWeek] = OrderedDict()

    def week(self, market: str, week: int) -> RawWeek:
        """All 10 080 minutes of `week`, trading hours not yet applied."""
        key = (market, week)
        found = self._weeks.get(key)
        if found is None:
            product = self._instruments[market].get("product")
            found = self._product(market, product, week) if product else self._walk(market, week)
            self._weeks[key] = found
            if len(self._weeks) > _KEPT_WEEKS:
                self._weeks.popitem(last=False)
        else:
            self._weeks.move_to_end(key)
        return found

    def _random(self, market: str, stream: int) -> np.random.Generator:
        entropy = (self._seed, zlib.crc32(market.encode()), stream)
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))

    def _coarse(self, market: str) -> tuple[Floats, Floats]:
        """Logarithm of the level at every week's start relative to the base price, and each week's regime."""
        found = self._levels.get(market)
        if found is None:
            count = _LAST_WEEK - _FIRST_WEEK + 2
            random = self._random(market, 0)
            shocks = random.standard_normal(count)
            dice = random.random((2, count))
            weekly = float(self._instruments[market]["volatility"]) / 52**0.5
            levels, regimes = np.zeros(count), np.ones(count)
            regime, level = 1, 0.0
            for i in range(count):
                if dice[0, i] > _STAY:
                    regime = int(dice[1, i] * len(_REGIMES))
                levels[i], regimes[i] = level, _REGIMES[regime]
                level = level * _PULL + shocks[i] * weekly * _REGIMES[regime]
            found = levels, regimes
            self._levels[market] = found
        return found

    def _walk(self, market: str, week: int) -> RawWeek:
        facts = self._instruments[market]
        levels, regimes = self._coarse(market)
        index = min(max(week - _FIRST_WEEK, 0), len(levels) - 2)
        weekly = float(facts["volatility"]) / 52**0.5 * regimes[index]
        random = self._random(market, week + 1)
        shape = _shape(str(facts["asset"])) * np.repeat(random.lognormal(0.0, 0.25, 7), 1_440)
        variance = shape * shape
        variance /= variance.sum()
        sigma = weekly * np.sqrt(variance)
        draws = random.standard_normal((4, WEEK_MINUTES))
        steps = draws[0] * sigma
        jumps = random.integers(0, WEEK_MINUTES, random.poisson(_JUMPS_A_WEEK))
        steps[jumps] += random.standard_normal(len(jumps)) * weekly * 0.2
        path = np.cumsum(steps)
        path += (levels[index + 1] - levels[index] - path[-1]) * np.cumsum(variance)
        base = float(facts["price"])
        close = base * np.exp(levels[index] + path)
        before = np.empty_like(close)
        before[0] = base * np.exp(levels[index])
        before[1:] = close[:-1]
        opened = before * (1.0 + draws[1] * sigma * 0.05)
        top = np.maximum(opened, close) * (1.0 + np.abs(draws[2]) * sigma * 0.6)
        bottom = np.minimum(opened, close) * (1.0 - np.abs(draws[3]) * sigma * 0.6)
        return RawWeek(opened, top, bottom, close, shape / shape.max(), random.random(WEEK_MINUTES))

    def _product(self, market: str, legs: list[str], week: int) -> RawWeek:
        """A cross from two majors: `["EURUSD", "/GBPUSD"]` divides, `["EURUSD", "USDJPY"]` multiplies."""
        first = self.week(legs[0], week)
        divides = legs[1].startswith("/")
        second = self.week(legs[1].lstrip("/"), week)
        if divides:
            opened, close = first.open / second.open, first.close / second.close
            rise, fall = second.low, second.high
        else:
            opened, close = first.open * second.open, first.close * second.close
            rise, fall = second.high, second.low
        upper, lower = np.maximum(opened, close), np.minimum(opened, close)
        up = _excursion(first.high, first.open, first.close, np.maximum)
        down = _excursion(first.low, first.open, first.close, np.minimum)
        extreme_up, extreme_down = (np.minimum, np.maximum) if divides else (np.maximum, np.minimum)
        up_second = _excursion(rise, second.open, second.close, extreme_up)
        down_second = _excursion(fall, second.open, second.close, extreme_down)
        noise = self._random(market, week + 1).random(WEEK_MINUTES)
        return RawWeek(
            opened, upper * (1.0 + np.hypot(up, up_second)), lower * (1.0 - np.hypot(down, down_second)),
            close, np.maximum(first.activity, second.activity), noise,
        )  # fmt: skip


def _excursion(extreme: Floats, opened: Floats, close: Floats, inner: Any) -> Floats:
    """How far the extreme lies beyond open and close, as a share of the price."""
    excursion: Floats = np.abs(extreme / inner(opened, close) - 1.0)
    return excursion


def _shape(asset: str) -> Floats:
    """Relative volatility of every minute of a week, from Sunday."""
    hours = np.repeat(np.asarray(_HOURS.get(asset, _FOREX_HOURS), dtype=np.float64), 60)
    days = np.ones(7)
    days[[0, 6]] = _WEEKEND.get(asset, 0.4)
    return np.repeat(days, 1_440) * np.tile(hours, 7)
