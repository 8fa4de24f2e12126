"""Where a history changes its source: weekends, digits, density and tick volumes that shift for good."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from ..domain.bars import Bars, Floats, Ints
from ..domain.timeframe import Timeframe
from .bar_spikes import Mask

_DAY = 86_400
# Monday 1969-12-29, so that a period of weeks starts with a Monday.
_MONDAY = 3 * _DAY
# A shift counts when it parts the medians of this many periods before and after.
_WINDOW = 8
_VOLUME_FACTOR = 4.0
_DENSITY_FACTOR = 1.5
_NEAR = 3

WEEKENDS, DIGITS, DENSITY, VOLUME = "weekends", "digits", "density", "volume"


def period_seconds(timeframe: Timeframe) -> int:
    """The stretch over which a feed is summed up: a week, for longer bars more."""
    if timeframe.seconds < _DAY:
        return 7 * _DAY
    return 28 * _DAY if timeframe is Timeframe.D1 else 364 * _DAY


def is_weekend(time: Ints) -> Mask:
    """Which bars open on a Saturday or a Sunday, server time."""
    day = (time // _DAY + 4) % 7
    found: Mask = (day == 0) | (day == 6)
    return found


@dataclass
class Period:
    """One stretch summed up; `fine` is the share of closes that use the last digit."""

    start: int
    bars: int
    weekend: int
    volume: float
    fine: float
    line: int
    weekend_line: int
    weekend_time: int
    alone: int
    bad: int = 0
    missing: float = 0.0


@dataclass(frozen=True)
class Change:
    """A point where the history changes for good: what shifted (name, before, after), when, and in which line."""

    time: int
    line: int
    shifts: tuple[tuple[str, float, float], ...]

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(name for name, _, _ in self.shifts)

    @property
    def is_splice(self) -> bool:
        """Two independent shifts at once are another source; a volume alone, or one other alone, need not be."""
        return len(self.kinds) >= 2 and self.kinds != {VOLUME}


@dataclass
class Periods:
    """Sums a history up, period by period."""

    timeframe: Timeframe
    digits: int
    all: list[Period] = field(default_factory=list)

    def index_of(self, time: Ints) -> Ints:
        """Which period each time belongs to."""
        return (time + _MONDAY) // period_seconds(self.timeframe)

    def add(self, bars: Bars, line: Ints, alone: Mask) -> None:
        """The next bars: whole periods, ascending."""
        index = self.index_of(bars.time)
        edges = [0, *(np.flatnonzero(np.diff(index)) + 1).tolist(), len(bars)]
        weekend = (
            is_weekend(bars.time) if self.timeframe.seconds <= _DAY else np.zeros(len(bars), dtype=np.bool_)
        )
        last_digit = np.rint(bars.close * 10.0**self.digits).astype(np.int64) % 10
        for a, b in itertools.pairwise(edges):
            off = np.flatnonzero(weekend[a:b])
            first_off = a + int(off[0]) if len(off) else a
            self.all.append(
                Period(
                    start=int(index[a]) * period_seconds(self.timeframe) - _MONDAY,
                    bars=b - a,
                    weekend=len(off),
                    volume=float(np.median(bars.tick_volume[a:b])),
                    fine=float(np.mean(last_digit[a:b] != 0)),
                    line=int(line[a]),
                    weekend_line=int(line[first_off]),
                    weekend_time=int(bars.time[first_off]),
                    alone=int(np.sum(alone[a:b])),
                )
            )

    def changes(self) -> list[Change]:
        """Every lasting change, in order."""
        # Stretches of a coarser timeframe are told on their own; their volumes and density say nothing of the feed.
        usable = [each for each in self.all if each.alone * 2 <= each.bars]
        if len(usable) < 2 * _WINDOW:
            return []
        weekdays = np.array([each.bars - each.weekend for each in usable], dtype=np.float64)
        series: dict[str, tuple[Floats, float]] = {
            WEEKENDS: (np.array([float(each.weekend > 0.02 * each.bars) for each in usable]), 0.9),
            DIGITS: (np.array([_uses_last_digit(each.fine) for each in usable]), 0.9),
            DENSITY: (np.log(np.maximum(weekdays, 1.0)), float(np.log(_DENSITY_FACTOR))),
            VOLUME: (np.log(np.array([each.volume for each in usable]) + 1.0), float(np.log(_VOLUME_FACTOR))),
        }
        found: list[tuple[int, str, float, float]] = []
        for name, (values, threshold) in series.items():
            found += [(at, name, before, after) for at, before, after in _shifts(values, threshold)]
        found.sort()
        changes: list[Change] = []
        group: list[tuple[int, str, float, float]] = []
        for each in [*found, None]:
            if group and (each is None or each[0] - group[0][0] > _NEAR):
                changes.append(_change(group, usable))
                group = []
            if each is not None:
                group.append(each)
        return changes


def _change(group: list[tuple[int, str, float, float]], periods: list[Period]) -> Change:
    at = group[0][0]
    weekend = next((entry for entry in group if entry[1] == WEEKENDS and entry[3] > entry[2]), None)
    period = periods[weekend[0] if weekend else at]
    time, line = (period.weekend_time, period.weekend_line) if weekend else (period.start, period.line)
    shifts = tuple((name, _plain(name, before), _plain(name, after)) for _, name, before, after in group)
    return Change(time, line, shifts)


def _uses_last_digit(share: float) -> float:
    """1 when the last digit is in use, 0 when it is not, between when it cannot be told."""
    return 0.5 if 0.02 < share < 0.3 else float(share > 0.1)


def _plain(name: str, value: float) -> float:
    return round(float(np.exp(value)), 1) if name in (VOLUME, DENSITY) else value


def _shifts(values: Floats, threshold: float) -> list[tuple[int, float, float]]:
    """The places where the medians of the windows before and after differ by the threshold: the sharpest of each run."""
    views = np.lib.stride_tricks.sliding_window_view(values, _WINDOW)
    medians = np.median(views, axis=1)
    before, after = medians[:-_WINDOW], medians[_WINDOW:]
    far = np.abs(after - before) >= threshold
    found: list[tuple[int, float, float]] = []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], far, [False])).astype(np.int8)))
    for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        # Inside the run, the split with the cleanest sides is where it happened.
        candidates = range(a + _WINDOW, b + _WINDOW)
        at = min(
            candidates, key=lambda i: _untidy(values[i - _WINDOW : i]) + _untidy(values[i : i + _WINDOW])
        )
        found.append((at, float(before[at - _WINDOW]), float(after[at - _WINDOW])))
    return found


def _untidy(part: Floats) -> float:
    return float(np.sum((part - part.mean()) ** 2))
