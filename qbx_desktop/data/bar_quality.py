"""Is this history fit to be believed? Looks at bars part by part and says what is wrong with them, and where."""

from __future__ import annotations

import numpy as np

from ..domain.bars import Bars, Ints
from ..domain.timeframe import Timeframe
from . import bar_findings, bar_gaps, bar_spikes
from .bar_feeds import Periods, is_weekend, period_seconds
from .bar_findings import Tally
from .bar_gaps import GapFinder, Gaps
from .bar_months import joined
from .bar_report import Band, Finding, QualityReport
from .bar_spikes import NEIGHBOURS

_BUFFER = 65_536
_MOST_BANDS = 199
_MOST_SPREAD = 100_000


class QualityCheck:
    """Collects what is said about a history that comes in ascending parts; holds only the last part of it."""

    def __init__(self, timeframe: Timeframe, digits: int) -> None:
        self.timeframe = timeframe
        self.periods = Periods(timeframe, digits)
        self._gaps = GapFinder(timeframe)
        self._still, self._alone = bar_spikes.still_runs(), bar_spikes.alone_runs()
        self._highs, self._lows = bar_spikes.stuck_runs(), bar_spikes.stuck_runs()
        self._spikes, self._weekend, self._off_grid = Tally(), Tally(), Tally()
        self._jumps: list[tuple[int, int, float, float]] = []
        self._spreads = np.zeros(_MOST_SPREAD + 1, dtype=np.int64)
        self._pending: list[tuple[Bars, Ints]] = []
        self._pending_bars = 0
        self._before = Bars.empty()
        self.bars = 0
        self.first = self.last = 0

    def add(self, bars: Bars, line: Ints) -> None:
        """The next bars, all later than those before, with their line numbers."""
        if not len(bars):
            return
        if not self.bars:
            self.first = int(bars.time[0])
        self.bars += len(bars)
        self.last = int(bars.time[-1])
        self._pending.append((bars, line))
        self._pending_bars += len(bars)
        if self._pending_bars >= _BUFFER:
            self._look(final=False)

    def finish(self, name: str, before: list[Finding]) -> QualityReport:
        """The report; `before` are findings of the reader that come first."""
        self._look(final=True)
        gaps = self._gaps.finish()
        holes = gaps.of[bar_gaps.HOLE]
        open_share = self._open_share()
        missing = [gaps.missing(hole, self.timeframe, open_share) for hole in holes]
        ribbon, quality = self._ribbon(gaps, missing)
        found = [
            *before,
            *bar_findings.changes(self.periods.changes()),
            *bar_findings.jumps(self._jumps, self.periods.digits),
            *bar_findings.spikes(self._spikes, self.bars),
            *bar_findings.gaps(gaps, sum(missing), self.bars),
            *self._runs(),
            *self._weekends(),
            *bar_findings.off_grid(self._off_grid, self.timeframe),
            *self._spread(),
        ]
        order = {"bad": 0, "note": 1, "info": 2}
        found.sort(key=lambda each: order[each.severity.value])
        return QualityReport(
            name,
            self.timeframe,
            self.periods.digits,
            self.bars,
            self.first,
            self.last,
            tuple(found),
            ribbon,
            quality,
        )

    def _look(self, final: bool) -> None:
        """Look at the pending bars up to the last whole period; the rest waits for what follows it."""
        if not self._pending:
            return
        bars = joined([each for each, _ in self._pending])
        line = np.concatenate([each for _, each in self._pending])
        cut = len(bars)
        if not final:
            index = self.periods.index_of(bars.time)
            cut = int(np.searchsorted(index, index[-NEIGHBOURS - 1]))
            if cut == 0:
                self._pending = [(bars, line)]
                return
        self._look_at(bars, line, cut)
        keep = bars[cut:]
        self._pending = [(keep, line[cut:])] if len(keep) else []
        self._pending_bars = len(keep)

    def _look_at(self, bars: Bars, line: Ints, cut: int) -> None:
        past = len(self._before)
        window = joined([self._before, bars[: cut + NEIGHBOURS]]) if past else bars[: cut + NEIGHBOURS]
        part, lines = bars[:cut], line[:cut]
        inside = slice(past, past + cut)

        spiky = bar_spikes.spikes(window, self.timeframe)[inside]
        self._spikes.add(lines[spiky])
        for i in np.flatnonzero(bar_spikes.jumps(window)[inside]).tolist():
            previous = float(window.close[past + i - 1])
            self._jumps.append((int(lines[i]), int(part.time[i]), previous, float(part.open[i])))

        after = int(bars.time[cut]) if cut < len(bars) else None
        alone = bar_spikes.alone(
            part.time, int(self._before.time[-1]) if past else None, after, self.timeframe
        )
        self._alone.add(alone, part.time, lines)
        last = self._before[past - 1 :] if past else part[:1]
        self._still.add(bar_spikes.still(part, float(last.close[0])), part.time, lines)
        highs, lows = bar_spikes.stuck(
            part, (float(last.high[0]) if past else 0.0, float(last.low[0]) if past else 0.0)
        )
        self._highs.add(highs, part.time, lines)
        self._lows.add(lows, part.time, lines)

        self._gaps.add(part.time, lines)
        if self.timeframe.seconds <= 86_400:
            self._weekend.add(lines[is_weekend(part.time)])
            self._off_grid.add(lines[part.time % self.timeframe.seconds != 0])
        known = len(self.periods.all)
        self.periods.add(part, lines, alone)
        bad = np.bincount(
            self.periods.index_of(part.time) - int(self.periods.index_of(part.time[:1])[0]), spiky | alone
        )
        for period in self.periods.all[known:]:
            at = (period.start - self.periods.all[known].start) // period_seconds(self.timeframe)
            period.bad = int(bad[at])
        self._spreads += np.bincount(np.minimum(part.spread, _MOST_SPREAD), minlength=_MOST_SPREAD + 1)
        self._before = window[max(past + cut - NEIGHBOURS, 0) : past + cut]

    def _open_share(self) -> float:
        """The share of the time in which the market is open, by the bars of a usual period."""
        usual = float(np.median([each.bars for each in self.periods.all])) if self.periods.all else 0.0
        return min(usual * self.timeframe.seconds / period_seconds(self.timeframe), 1.0)

    def _ribbon(self, gaps: Gaps, missing: list[int]) -> tuple[tuple[Band, ...], float]:
        """Quality along the time in at most 199 bands of whole periods, and over all."""
        if not self.periods.all:
            return (), 0.0
        length = period_seconds(self.timeframe)
        begin = self.periods.all[0].start
        periods = (self.periods.all[-1].start - begin) // length + 1
        step = -(-periods // _MOST_BANDS)
        count = -(-periods // step)
        bars, bad, lost = np.zeros(count), np.zeros(count), np.zeros(count)
        for period in self.periods.all:
            at = (period.start - begin) // length // step
            bars[at] += period.bars
            bad[at] += period.bad
        for hole, number in zip(gaps.of[bar_gaps.HOLE], missing, strict=True):
            first, last = (
                min((each - begin) // length // step, count - 1) for each in (hole.start, hole.stop - 1)
            )
            edges = np.clip(begin + np.arange(first, last + 2) * step * length, hole.start, hole.stop)
            lost[first : last + 1] += number * np.diff(edges) / (hole.stop - hole.start)
        total = bars + lost
        quality = np.where(total > 0, (bars - bad) / np.maximum(total, 1e-9), 1.0)
        bands = tuple(
            Band(begin + i * step * length, begin + (i + 1) * step * length, int(bars[i]), float(quality[i]))
            for i in range(count)
        )
        return bands, float((bars.sum() - bad.sum()) / max(total.sum(), 1e-9))

    def _runs(self) -> list[Finding]:
        found: list[Finding] = []
        still, alone = self._still.finish(), self._alone.finish()
        stuck = sorted([*self._highs.finish(), *self._lows.finish()], key=lambda run: run.line)
        for kind, runs, count in (
            ("alone", alone, self._alone.count),
            ("flat", still, self._still.count),
            ("stuck", stuck, self._highs.count + self._lows.count),
        ):
            found += bar_findings.runs(kind, runs, count, self.bars, self.timeframe)
        return found

    def _weekends(self) -> list[Finding]:
        with_weekend = sum(1 for each in self.periods.all if each.weekend)
        return bar_findings.weekend_bars(
            self._weekend, self.bars, with_weekend / max(len(self.periods.all), 1)
        )

    def _spread(self) -> list[Finding]:
        known = int(self._spreads[1:].sum())
        if not known:
            return bar_findings.spread(0, 0, 0, self.bars)
        below = np.cumsum(self._spreads[1:])
        median = int(np.searchsorted(below, (known + 1) // 2)) + 1
        return bar_findings.spread(known, median, int(np.flatnonzero(self._spreads)[-1]), self.bars)


def check(
    bars: Bars, timeframe: Timeframe, *, digits: int, name: str = "", first_line: int = 2
) -> QualityReport:
    """The quality of bars in memory. Lines are counted from `first_line`, the line of the first bar in its file."""
    looked = QualityCheck(timeframe, digits)
    looked.add(bars, np.arange(first_line, first_line + len(bars)))
    return looked.finish(name, [])
