"""Where bars are missing: weekends, daily breaks and holidays told apart from holes in the data."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ..domain.bars import Ints
from ..domain.timeframe import Timeframe
from .bar_holidays import is_closed_day

_DAY = 86_400
# A gap of the same hours counts as the market's own when it comes back this often (short histories: twice).
_RECURS = 5
_LONG_HISTORY = 10 * 7 * _DAY
# A weekday on which bars exist in less than half as many weeks as on the commonest is no trading day.
_TRADING_DAY = 0.5
# A weekend that is longer than the common one by more than this is a holiday or a hole.
_LATE = 6 * 3_600
# In minutes without a tick MetaTrader makes no bar.
_QUIET = 15 * 60
MOST_GAPS = 1_000_000

WEEKEND, BREAK, HOLIDAY, HOLE = "weekend", "break", "holiday", "hole"


@dataclass(frozen=True)
class Gap:
    """A stretch without bars: `start` is the end of the bar before, `stop` the open of the bar after, at `line`."""

    kind: str
    start: int
    stop: int
    line: int


@dataclass(frozen=True)
class Gaps:
    """All gaps of a history by kind; `quiet` counts short pauses without ticks, `unlisted` what was too much to list.

    `trading` says for Sunday to Saturday whether bars are to be expected.
    """

    of: dict[str, list[Gap]]
    quiet: int
    unlisted: int
    trading: tuple[bool, ...]

    def days_lost(self, gap: Gap) -> int:
        """How many whole trading days lie in a gap."""
        return len(_lost(gap.start, gap.stop, self.trading))

    def missing(self, gap: Gap, timeframe: Timeframe, open_share: float) -> int:
        """About how many bars are missing in a hole; over days, `open_share` of the time the market is open."""
        bars = (gap.stop - gap.start) / timeframe.seconds
        return max(round(bars * (open_share if gap.stop - gap.start > _DAY else 1.0)), 1)


class GapFinder:
    """Collects the steps of a history part by part, and sorts them when all are known."""

    def __init__(self, timeframe: Timeframe) -> None:
        self._timeframe = timeframe
        self._rows: list[Ints] = []
        self._count = 0
        self._quiet = 0
        self._unlisted = 0
        self._last: int | None = None
        self._first_day: int | None = None
        self._days = np.zeros(7, dtype=np.int64)
        self._last_day = -1

    def add(self, time: Ints, line: Ints) -> None:
        """The next bars, ascending."""
        before = np.concatenate(([time[0] if self._last is None else self._last], time[:-1]))
        ends = self._ends(before)
        late = np.flatnonzero(time > ends)
        quiet = late[time[late] - ends[late] <= (_QUIET if self._timeframe.seconds < 1_800 else 0)]
        self._quiet += len(quiet)
        late = np.setdiff1d(late, quiet, assume_unique=True)
        room = max(MOST_GAPS - self._count, 0)
        self._unlisted += max(len(late) - room, 0)
        late = late[:room]
        self._count += len(late)
        self._rows.append(np.column_stack((ends[late], time[late], line[late])))
        days = np.unique(time // _DAY)
        days = days[days > self._last_day]
        self._days += np.bincount((days + 4) % 7, minlength=7)
        if len(days):
            self._last_day = int(days[-1])
        if self._first_day is None:
            self._first_day = int(time[0] // _DAY)
        self._last = int(time[-1])

    def _ends(self, time: Ints) -> Ints:
        """When each bar ends."""
        if self._timeframe is Timeframe.MN1:
            months = time.astype("datetime64[s]").astype("datetime64[M]") + np.timedelta64(1, "M")
            ends: Ints = months.astype("datetime64[s]").astype(np.int64)
            return ends
        return time + self._timeframe.seconds

    def trading_days(self) -> tuple[bool, ...]:
        """For Sunday to Saturday: whether bars are to be expected."""
        return tuple(bool(count >= _TRADING_DAY * self._days.max()) for count in self._days)

    def finish(self) -> Gaps:
        """Every gap with its kind."""
        rows = np.concatenate(self._rows) if self._rows else np.zeros((0, 3), dtype=np.int64)
        found: dict[str, list[Gap]] = {WEEKEND: [], BREAK: [], HOLIDAY: [], HOLE: []}
        trading = self.trading_days()
        keys = [
            (int(start) % _DAY, int(stop) % _DAY, int(stop) // _DAY - int(start) // _DAY)
            for start, stop, _ in rows
        ]
        seen = Counter(keys)
        span = (self._last or 0) - (self._first_day or 0) * _DAY
        enough = _RECURS if span > _LONG_HISTORY else 2
        weekends: Counter[int] = Counter()
        for start, stop, _ in rows:
            if not _lost(int(start), int(stop), trading) and _days_off(int(start), int(stop), trading):
                weekends[int(stop) - int(start)] += 1
        usual = weekends.most_common(1)[0][0] if weekends else 0
        for key, (start, stop, line) in zip(keys, rows.tolist(), strict=True):
            kind = self._kind(start, stop, trading, usual, seen[key] >= enough)
            found[kind].append(Gap(kind, start, stop, line))
        return Gaps(found, self._quiet, self._unlisted, trading)

    def _kind(self, start: int, stop: int, trading: tuple[bool, ...], usual: int, recurs: bool) -> str:
        if self._timeframe.seconds > _DAY:
            return HOLE
        lost = _lost(start, stop, trading)
        off = _days_off(start, stop, trading)
        if not lost and off and (recurs or stop - start <= usual + _LATE):
            return WEEKEND
        if not lost and not off and recurs:
            return BREAK
        touched = range(start // _DAY, (stop - 1) // _DAY + 1)
        if all(is_closed_day(day) for day in lost) and any(is_closed_day(day) for day in touched):
            return HOLIDAY
        return HOLE


def _whole_days(start: int, stop: int) -> range:
    return range(-(-start // _DAY), stop // _DAY)


def _lost(start: int, stop: int, trading: tuple[bool, ...]) -> list[int]:
    """The trading days that lie wholly in the gap."""
    return [day for day in _whole_days(start, stop) if trading[(day + 4) % 7]]


def _days_off(start: int, stop: int, trading: tuple[bool, ...]) -> bool:
    """Whether a day without trading lies wholly in the gap."""
    return any(not trading[(day + 4) % 7] for day in _whole_days(start, stop))
