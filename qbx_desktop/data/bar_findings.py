"""The sentences of a quality report: each observation with its count, its lines and how much it matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..domain.bars import Ints
from ..domain.clock import server_text
from ..domain.messages import Message, MessageKind, declare
from ..domain.timeframe import Timeframe
from . import bar_feeds, bar_gaps
from .bar_feeds import Change
from .bar_gaps import Gap, Gaps
from .bar_report import Finding, Severity
from .bar_rows import DUPLICATE, IMPOSSIBLE, NOT_POSITIVE, UNREADABLE, UNSORTED, Fault, Survey
from .bar_spikes import Run

INFO, NOTE, BAD = Severity.INFO, Severity.NOTE, Severity.BAD
MOST_LINES = 20

_ROWS = {
    UNREADABLE: declare("bars.found.unreadable", "Rows that cannot be read: {count}. First: {first}."),
    UNSORTED: declare("bars.found.unsorted", "Rows out of order: {count}. First: {first}."),
    DUPLICATE: declare(
        "bars.found.duplicates", "Duplicates, the time of another bar: {count}. First: {first}."
    ),
    IMPOSSIBLE: declare(
        "bars.found.impossible",
        "Impossible bars, whose high or low contradicts the rest: {count}. First: {first}.",
    ),
    NOT_POSITIVE: declare("bars.found.not_positive", "Prices of zero or less: {count} bars. First: {first}."),
}
_GAPS = {
    bar_gaps.WEEKEND: declare("bars.found.weekends", "Weekends without bars, as usual: {count}."),
    bar_gaps.BREAK: declare("bars.found.breaks", "Breaks of the market at its usual hours: {count}."),
    bar_gaps.HOLIDAY: declare("bars.found.holidays", "Holidays or shortened days: {count}."),
}
_QUIET = declare("bars.found.quiet", "Pauses of up to 15 minutes without a tick: {count}.")
_HOLES = declare(
    "bars.found.holes",
    "Holes: {count}, about {missing} bars missing ({percent}%). The longest lasts from {start} to {stop} "
    "(whole trading days lost: {days}).",
)
_SPIKES = declare(
    "bars.found.spikes",
    "Spikes: {count}. A price far beyond everything around it that came back at once; stops would have "
    "been hit that no market hit.",
)
_JUMP = declare(
    "bars.found.jump",
    "The price jumps from {before} to {after} at {time} and stays there: a split that was not adjusted, or the "
    "name now stands for another instrument.",
)
_STILL = declare(
    "bars.found.flat", "Flat runs: {runs}, with {count} bars that do not move at all. The feed stood still."
)
_STUCK = declare(
    "bars.found.stuck",
    "Stuck quotes: {runs} runs, with {count} bars that repeat the same high or low.",
)
_ALONE = declare(
    "bars.found.alone",
    "Bars that stand alone, with several empty steps around each: {count}. A stretch of a longer timeframe, or hardly "
    "any ticks. They are no {timeframe} bars.",
)
_WEEKEND_BARS = declare("bars.found.weekend_bars", "Bars on a Saturday or a Sunday: {count}.")
_WEEKEND_SOME = declare(
    "bars.found.weekend_some",
    "Bars on a Saturday or a Sunday: {count}, as it happens when the server changes its clock.",
)
_WEEKEND_ALWAYS = declare(
    "bars.found.weekend_always",
    "Bars on a Saturday or a Sunday: {count}; this market is open at weekends.",
)
_OFF_GRID = declare("bars.found.off_grid", "Bars that do not begin where a {timeframe} bar begins: {count}.")
_SPLICE = declare(
    "bars.found.splice", "At {time} the history changes to another feed: {shifts}. Two sources were joined."
)
_SHIFT = declare("bars.found.shift", "At {time} the history changes: {shifts}.")
_VOLUME = declare(
    "bars.found.volume",
    "At {time} the tick volumes change their level: {shifts}. It matters to rules that read them.",
)
_SPREAD = declare(
    "bars.found.spread",
    "The spread is known on {known}% of the bars: usually {median} points, at most {most}.",
)
_NO_SPREAD = declare("bars.found.no_spread", "The bars carry no spread; a backtest uses the symbol's.")
_NAMED = declare("bars.found.named", "The file's name says {named}, its bars are {timeframe}.")
_NO_STEP = declare(
    "bars.found.step", "The bars are mostly {seconds} seconds apart, which is no timeframe of MetaTrader 5."
)
_SHIFTS = {
    bar_feeds.WEEKENDS: declare("bars.shift.weekends", "weekend bars {before} -> {after}"),
    bar_feeds.DIGITS: declare("bars.shift.digits", "last digit {before} -> {after}"),
    bar_feeds.DENSITY: declare("bars.shift.density", "weekday bars a week {before} -> {after}"),
    bar_feeds.VOLUME: declare("bars.shift.volume", "usual tick volume {before} -> {after}"),
}


@dataclass
class Tally:
    """A count with the first lines."""

    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, lines: Ints) -> None:
        """Count these lines."""
        self.count += len(lines)
        if len(self.lines) < MOST_LINES:
            self.lines += lines[: MOST_LINES - len(self.lines)].tolist()

    def finding(self, kind: str, severity: Severity, message: Message) -> Finding:
        """As a finding."""
        return Finding(kind, severity, self.count, tuple(self.lines), message)


def rows(faults: Sequence[Fault], counts: dict[str, int]) -> list[Finding]:
    """What the reader could not take as a bar."""
    found: list[Finding] = []
    for kind, sentence in _ROWS.items():
        if counts.get(kind):
            told = [fault for fault in faults if fault.kind == kind]
            lines = tuple(fault.line for fault in told[:MOST_LINES])
            first = told[0].message.text if told else "?"
            found.append(Finding(kind, BAD, counts[kind], lines, sentence(count=counts[kind], first=first)))
    return found


def texts(survey: Survey) -> list[Finding]:
    """What the reader put right or left out."""
    found: list[Finding] = []
    for message in survey.notes():
        kind = message.code.rpartition(".")[2]
        line = message.params.get("line")
        lines = (line,) if isinstance(line, int) else ()
        count = message.params.get("count")
        severity = INFO if kind == "ignored" else NOTE
        found.append(Finding(kind, severity, count if isinstance(count, int) else 1, lines, message))
    return found


def gaps(found: Gaps, missing: int, bars: int) -> list[Finding]:
    """Closed markets and holes; `missing` bars are lost in the holes of a history of `bars`."""
    findings = [_simple(kind, found.of[kind], sentence) for kind, sentence in _GAPS.items() if found.of[kind]]
    if found.quiet:
        findings.append(Finding("quiet", INFO, found.quiet, (), _QUIET(count=found.quiet)))
    holes = found.of[bar_gaps.HOLE]
    if holes:
        longest = max(holes, key=lambda gap: gap.stop - gap.start)
        days = max(found.days_lost(gap) for gap in holes)
        share = missing / (bars + missing)
        severity = BAD if days >= 10 or share > 0.1 else NOTE if days or share > 0.001 else INFO
        message = _HOLES(
            count=len(holes) + found.unlisted, missing=missing, percent=f"{100 * share:.2f}",
            start=server_text(longest.start), stop=server_text(longest.stop), days=found.days_lost(longest),
        )  # fmt: skip
        by_length = sorted(holes, key=lambda gap: gap.start - gap.stop)[:MOST_LINES]
        lines = tuple(sorted(gap.line for gap in by_length))
        findings.append(Finding("holes", severity, len(holes) + found.unlisted, lines, message))
    return findings


def _simple(kind: str, found: Sequence[Gap], sentence: MessageKind) -> Finding:
    lines = tuple(gap.line for gap in found[:MOST_LINES])
    return Finding(kind, INFO, len(found), lines, sentence(count=len(found)))


def spikes(tally: Tally, bars: int) -> list[Finding]:
    """One or two bad ticks in years are a note; more make a stop-loss fiction."""
    if not tally.count:
        return []
    severity = BAD if tally.count >= 3 and tally.count > bars / 20_000 else NOTE
    return [tally.finding("spikes", severity, _SPIKES(count=tally.count))]


def jumps(found: Iterable[tuple[int, int, float, float]], digits: int) -> list[Finding]:
    """Each jump as line, time, price before and after."""
    return [
        Finding(
            "jump", BAD, 1, (line,),
            _JUMP(before=f"{before:.{digits}f}", after=f"{after:.{digits}f}", time=server_text(time)),
        )
        for line, time, before, after in found
    ]  # fmt: skip


def runs(kind: str, found: Sequence[Run], count: int, bars: int, timeframe: Timeframe) -> list[Finding]:
    """Stretches of a feed that stood still (`flat`), stuck (`stuck`) or is no such timeframe (`alone`)."""
    if not found:
        return []
    sentence = {"flat": _STILL, "stuck": _STUCK, "alone": _ALONE}[kind]
    severity = BAD if count > 0.05 * bars else NOTE
    lines = tuple(run.line for run in found[:MOST_LINES])
    message = sentence(count=count, runs=len(found), timeframe=timeframe.name)
    return [Finding(kind, severity, count, lines, message)]


def weekend_bars(tally: Tally, bars: int, share_of_periods: float) -> list[Finding]:
    """Bars on Saturday and Sunday: always, now and then by a change of clocks, or in a part of the history."""
    if not tally.count:
        return []
    if share_of_periods > 0.9:
        return [tally.finding("weekend_bars", INFO, _WEEKEND_ALWAYS(count=tally.count))]
    if tally.count <= 3 + bars / 10_000:
        return [tally.finding("weekend_bars", INFO, _WEEKEND_SOME(count=tally.count))]
    return [tally.finding("weekend_bars", NOTE, _WEEKEND_BARS(count=tally.count))]


def off_grid(tally: Tally, timeframe: Timeframe) -> list[Finding]:
    """Bars that begin elsewhere."""
    if not tally.count:
        return []
    return [tally.finding("off_grid", NOTE, _OFF_GRID(count=tally.count, timeframe=timeframe.name))]


def changes(found: Iterable[Change]) -> list[Finding]:
    """Lasting changes: two shifts at once are another feed."""
    findings: list[Finding] = []
    for change in found:
        said = ", ".join(
            _SHIFTS[name](before=_shown(name, before), after=_shown(name, after)).text
            for name, before, after in change.shifts
        )
        only_volume = change.kinds == {bar_feeds.VOLUME}
        # Brokers change the step of a quote now and then; alone that spoils nothing.
        harmless = change.kinds <= {bar_feeds.VOLUME, bar_feeds.DIGITS}
        severity = BAD if change.is_splice else INFO if harmless else NOTE
        sentence = _SPLICE if change.is_splice else _VOLUME if only_volume else _SHIFT
        kind = "feed_change" if not only_volume else "volume_level"
        message = sentence(time=server_text(change.time), shifts=said)
        findings.append(Finding(kind, severity, 1, (change.line,), message))
    return findings


def _shown(name: str, value: float) -> str:
    if name in (bar_feeds.WEEKENDS, bar_feeds.DIGITS):
        return "yes" if value > 0.5 else "no"
    return f"{value:.0f}"


def spread(known: int, median: int, most: int, bars: int) -> list[Finding]:
    """What the spread column holds."""
    if not known:
        return [Finding("spread", INFO, 0, (), _NO_SPREAD())]
    message = _SPREAD(known=f"{100 * known / bars:.0f}", median=median, most=most)
    return [Finding("spread", INFO, known, (), message)]


def named(named_timeframe: Timeframe, timeframe: Timeframe) -> Finding:
    """The file's name contradicts its bars."""
    return Finding("named", NOTE, 1, (), _NAMED(named=named_timeframe.name, timeframe=timeframe.name))


def no_step(seconds: int) -> Finding:
    """Bars of no timeframe."""
    return Finding("step", BAD, 1, (), _NO_STEP(seconds=seconds))
