"""Bars that no market made: spikes that return at once, jumps to another price level, quotes that stand still."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Bars, Floats, Ints
from ..domain.timeframe import Timeframe

Mask = NDArray[np.bool_]

# An extreme so many usual bar ranges beyond both the closes before and the opens after it is no trade. On hour bars
# of clean feeds the worst is 19; on bad ticks it starts at 20 and reaches thousands. Minutes have fatter tails.
_SPIKE_RANGES = 20.0
_HOUR = 3_600
_MINUTE_TAILS = 0.35
_JUMP = 2.0
_STILL_BARS = 5
_STILL_SECONDS = 2 * 3_600
_STUCK_BARS = 24
# A bar with more than this many empty steps before and after it stands alone.
_ALONE_STEPS = 4
_ALONE_BARS = 10
NEIGHBOURS = 5


def usual_group(timeframe: Timeframe) -> int:
    """How many bars make up "usual": a trading week, at least 240."""
    return max(240, 5 * 86_400 // timeframe.seconds)


def spikes(bars: Bars, timeframe: Timeframe) -> Mask:
    """Which bars reach far beyond what lies before and after them.

    The reach is measured from the farther of two medians (five closes before, five opens after), so that a fast
    market that stays where it went is none.
    """
    if len(bars) < 2 * NEIGHBOURS:
        return np.zeros(len(bars), dtype=np.bool_)
    before, after = _medians(bars)
    reach = np.maximum(np.minimum(before, after) - bars.low, bars.high - np.maximum(before, after))
    limit = _SPIKE_RANGES * max(1.0, (_HOUR / timeframe.seconds) ** _MINUTE_TAILS)
    usual = _usual_range(bars.high - bars.low, usual_group(timeframe))
    # A feed that hardly moves has no scale: then half a thousandth of the price is.
    found: Mask = reach > limit * np.maximum(usual, bars.close * 2.5e-5)
    return found


def jumps(bars: Bars) -> Mask:
    """Which bars open at twice or half the close before, or farther off, and stay there."""
    found = np.zeros(len(bars), dtype=np.bool_)
    if len(bars) < 2:
        return found
    before, after = _medians(bars)
    step = np.abs(np.log(bars.open[1:] / bars.close[:-1]))
    stays = np.abs(np.log(after[1:] / before[1:]))
    found[1:] = (step >= np.log(_JUMP)) & (stays >= np.log(_JUMP) * 0.8)
    return found


def _medians(bars: Bars) -> tuple[Floats, Floats]:
    """For each bar the median of the five closes before it and of the five opens after it; edges repeat."""
    closes = np.concatenate((np.full(NEIGHBOURS, bars.close[0]), bars.close))
    opens = np.concatenate((bars.open, np.full(NEIGHBOURS, bars.open[-1])))
    n = len(bars)
    return (
        _median_of_five([closes[k : k + n] for k in range(NEIGHBOURS)]),
        _median_of_five([opens[k + 1 : k + 1 + n] for k in range(NEIGHBOURS)]),
    )


def _median_of_five(values: list[Floats]) -> Floats:
    a, b, c, d, e = values
    low = np.maximum(np.minimum(a, b), np.minimum(c, d))
    high = np.minimum(np.maximum(a, b), np.maximum(c, d))
    median: Floats = np.maximum(np.minimum(e, low), np.minimum(np.maximum(e, low), high))
    return median


def _usual_range(ranges: Floats, group: int) -> Floats:
    """The median range of each group of bars, for every bar; a short last group belongs to the one before."""
    n = len(ranges)
    groups = max(n // group, 1)
    edges = [i * group for i in range(groups)] + [n]
    medians = [float(np.median(ranges[a:b])) for a, b in itertools.pairwise(edges)]
    return np.repeat(medians, np.diff(edges))


@dataclass
class Run:
    """A run of bars that share something: its first line, its length, and when it began."""

    line: int
    bars: int
    start: int


class RunFinder:
    """Finds runs of a property over parts: at least `bars` long and, from first to last open, at least `seconds`."""

    def __init__(self, bars: int, seconds: int = 0) -> None:
        self._bars, self._seconds = bars, seconds
        self._open: Run | None = None
        self._last_time = 0
        self.found: list[Run] = []
        self.count = 0

    def add(self, holds: Mask, time: Ints, line: Ints) -> None:
        """The next bars: where the property holds."""
        edges = np.flatnonzero(np.diff(np.concatenate(([False], holds, [False])).astype(np.int8)))
        for begin, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if begin > 0:
                self._close()
            if self._open is None:
                self._open = Run(int(line[begin]), 0, int(time[begin]))
            self._open.bars += end - begin
            self._last_time = int(time[end - 1])
        if len(holds) and not holds[-1]:
            self._close()

    def finish(self) -> list[Run]:
        """All runs long enough."""
        self._close()
        return self.found

    def _close(self) -> None:
        run, self._open = self._open, None
        if run and run.bars >= self._bars and self._last_time - run.start >= self._seconds:
            self.count += run.bars
            self.found.append(run)


def still_runs() -> RunFinder:
    """For runs of bars without any movement."""
    return RunFinder(_STILL_BARS, _STILL_SECONDS)


def stuck_runs() -> RunFinder:
    """For runs of bars with the same high or low though they move."""
    return RunFinder(_STUCK_BARS)


def alone_runs() -> RunFinder:
    """For runs of bars that each stand alone: a coarser timeframe, or a market almost without ticks."""
    return RunFinder(_ALONE_BARS)


def still(bars: Bars, close_before: float) -> Mask:
    """Which bars do not move at all, not even from the close before."""
    before = np.concatenate(([close_before], bars.close[:-1]))
    found: Mask = (bars.high == bars.low) & (bars.close == before)
    return found


def stuck(bars: Bars, before: tuple[float, float]) -> tuple[Mask, Mask]:
    """Which bars repeat the high, and which the low, of the bar before while their ranges are not zero."""
    moves = bars.high > bars.low
    highs = np.concatenate(([before[0]], bars.high[:-1]))
    lows = np.concatenate(([before[1]], bars.low[:-1]))
    return moves & (bars.high == highs), moves & (bars.low == lows)


def alone(time: Ints, time_before: int | None, time_after: int | None, timeframe: Timeframe) -> Mask:
    """Which bars have several empty steps on both sides."""
    first = time[0] - timeframe.seconds * 10 if time_before is None else time_before
    last = time[-1] + timeframe.seconds * 10 if time_after is None else time_after
    far = np.diff(np.concatenate(([first], time, [last]))) > _ALONE_STEPS * timeframe.seconds
    found: Mask = far[:-1] & far[1:]
    return found
