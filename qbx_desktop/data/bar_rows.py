"""The rows of a price file as they come: bars where they can be read, a fault with its line where not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..domain.bars import Bars, Floats, Ints
from ..domain.clock import server_text
from ..domain.errors import Stop
from ..domain.messages import Message, MessageKind, declare
from . import bar_cells
from .bar_cells import MOST_DIGITS, Rows
from .bar_formats import COUNTS, PRICES, BarFormat, recognise
from .bar_text import line_blocks

_CANCELLED = declare("bars.file.cancelled", "Reading {path} was cancelled. Nothing was kept.")
_FIELDS = declare("bars.row.fields", "line {line} has {found} fields instead of {expected} ({text!r})")
_NUMBER = declare("bars.row.number", "line {line}: {column} is {text!r}, which is no number")
_COUNT = declare("bars.row.count", "line {line}: {column} is {text!r}, which is no whole number from 0 up")
_TIME = declare(
    "bars.row.time", "line {line}: the time is {text!r}, which is not year-month-day hour:minute[:second]"
)
_ORDER = declare("bars.row.order", "line {line}: {time} does not come after the bar before it")
_TWICE = declare("bars.row.twice", "line {line}: there already is a bar at {time}")
_RANGE = declare("bars.row.range", "line {line}: open, high, low, close {prices} contradict each other")
_PRICE = declare("bars.row.price", "line {line}: a price is zero or negative ({prices})")
_NOISE = declare(
    "bars.note.noise",
    "Prices with binary noise such as 1.5969600000000002: {count} (first in line {line}); "
    "they were rounded to {digits} digits.",
)
_ROUNDED = declare(
    "bars.note.rounded",
    "Prices with more than {digits} decimals, unlike the rest: {count} (first in line {line}); they were rounded.",
)
_IGNORED = declare("bars.note.ignored", "Columns that no bar has were left out: {names}.")

FIRST_FAULTS = 5
MOST_FAULTS = 100_000
# Cells that may need more decimals than the rest before they decide the file's digits: 1 in 1,000.
_ODD_SHARE = 1e-3

# Kinds of faulty row, in the order in which a report shows them.
UNREADABLE, UNSORTED, DUPLICATE, IMPOSSIBLE, NOT_POSITIVE = (
    "unreadable", "unsorted", "duplicates", "impossible", "not_positive",
)  # fmt: skip

Cancelled = Callable[[], bool]


@dataclass(frozen=True)
class Fault:
    """One bad row: its line in the file (the header is line 1), its kind, and the sentence."""

    line: int
    kind: str
    message: Message


@dataclass
class Block:
    """The readable bars of one block of lines, strictly ascending over all blocks, with their line numbers."""

    line: Ints
    bars: Bars
    faults: list[Fault]
    fault_counts: dict[str, int]
    rows: int


@dataclass
class Survey:
    """What is known of a file's texts so far: format, decimals, noise; filled while its blocks are read."""

    path: Path
    form: BarFormat | None = None
    rows: int = 0
    decimals: Ints = field(default_factory=lambda: np.zeros(64, dtype=np.int64))
    noise: int = 0
    noise_line: int = 0
    deep_line: dict[int, int] = field(default_factory=dict)
    last_time: int | None = None

    @property
    def digits(self) -> int:
        """The fewest decimals that all cells but one in a thousand need, at most 10."""
        total = int(self.decimals.sum())
        deeper = total - np.cumsum(self.decimals)
        return min(int(np.argmax(deeper <= total * _ODD_SHARE)), MOST_DIGITS)

    def notes(self) -> tuple[Message, ...]:
        """What was put right or left out, as sentences."""
        digits = self.digits
        found: list[Message] = []
        if self.noise:
            found.append(_NOISE(count=self.noise, line=self.noise_line, digits=digits))
        rounded = int(self.decimals[digits + 1 :].sum())
        if rounded:
            line = min(line for places, line in self.deep_line.items() if places > digits)
            found.append(_ROUNDED(count=rounded, digits=digits, line=line))
        if self.form is not None and self.form.ignored:
            found.append(_IGNORED(names=", ".join(self.form.ignored)[:200]))
        return tuple(found)


def read_blocks(path: Path, survey: Survey, *, cancelled: Cancelled | None = None) -> Iterator[Block]:
    """The file block by block: what is readable as ascending bars, and the faults of the rest. Fills `survey`.

    Raises UserMistake as :func:`read_bars` does, except for wrong rows, and Stop when `cancelled` says so.
    """
    line = 1
    for text in line_blocks(path):
        if cancelled is not None and cancelled():
            raise Stop(_CANCELLED(path=path.name))
        while survey.form is None and text:
            header, _, text = text.partition(b"\n")
            if header.strip():
                survey.form = recognise(header, path)
            line += 1
        if text and survey.form is not None:
            if b'"' in text:
                text = text.replace(b'"', b"")
            rows = bar_cells.split(text, survey.form.separator, survey.form.width)
            yield _block(rows, survey, survey.form, line)
            line += rows.lines
    if survey.form is None:
        recognise(b"", path)


def _block(rows: Rows, survey: Survey, form: BarFormat, first_line: int) -> Block:
    comma = form.separator != b","
    line = rows.row + first_line
    survey.rows += len(line) + len(rows.wrong)
    finder = _Faults(rows, line)
    for position, found in zip(rows.wrong[:MOST_FAULTS].tolist(), rows.found.tolist(), strict=False):
        text = bar_cells.line_text(rows, position)
        finder.add_line(position + first_line, _FIELDS, found=found, expected=form.width, text=text)
    finder.count(UNREADABLE, len(rows.wrong))

    clock = form.columns.get("clock")
    date = form.columns["date" if clock is not None else "time"]
    time, bad_time = bar_cells.times(rows, date, clock)
    for i in finder.first(bad_time):
        cells = [date] if clock is None else [date, clock]
        text = " ".join(bar_cells.cell_text(rows, i, column) for column in cells)
        finder.add(i, UNREADABLE, _TIME, text=text)
    unreadable = bad_time

    prices: list[Floats] = []
    depths: list[Ints] = []
    for name in PRICES:
        value, places, bad = bar_cells.decimals(rows, form.columns[name], comma)
        value, places, noise = bar_cells.noise_of(value, places)
        if noise.any():
            survey.noise += int(noise.sum())
            here = int(line[np.argmax(noise)])
            survey.noise_line = min(survey.noise_line or here, here)
        unreadable = finder.unreadable(unreadable, bad, form.columns[name], name, _NUMBER)
        prices.append(value)
        depths.append(places)
    volumes: list[Ints] = []
    for name in COUNTS:
        if name not in form.columns:
            volumes.append(np.zeros(len(line), dtype=np.int64))
            continue
        whole, bad = bar_cells.counts(rows, form.columns[name], comma)
        unreadable = finder.unreadable(unreadable, bad, form.columns[name], name, _COUNT)
        volumes.append(whole)
    finder.count(UNREADABLE, int(unreadable.sum()))

    good = ~unreadable
    for places in depths:
        _note_decimals(survey, places[good], line[good])
    good &= finder.prices_make_sense(good, prices)
    good &= _ascending(survey, finder, good, time)
    opens, high, low, close = (each[good] for each in prices)
    ticks, spread, real = (each[good] for each in volumes)
    bars = Bars(time[good], opens, high, low, close, ticks, spread, real)
    return Block(
        line[good], bars, sorted(finder.faults, key=lambda each: each.line), finder.counts, survey.rows
    )


def _note_decimals(survey: Survey, places: Ints, line: Ints) -> None:
    capped = np.minimum(places, len(survey.decimals) - 1)
    seen = np.bincount(capped, minlength=len(survey.decimals))
    for depth in np.flatnonzero(seen).tolist():
        if depth not in survey.deep_line:
            survey.deep_line[depth] = int(line[np.argmax(capped == depth)])
    survey.decimals += seen


def _ascending(survey: Survey, finder: _Faults, good: bar_cells.Mask, time: Ints) -> bar_cells.Mask:
    """Which rows come after every row before them; the others are faults."""
    keep = good.copy()
    index = np.flatnonzero(good)
    if not len(index):
        return keep
    seen = np.maximum.accumulate(time[index])
    floor = survey.last_time if survey.last_time is not None else int(seen[0]) - 1
    before = np.maximum(np.concatenate(([floor], seen[:-1])), floor)
    late = time[index] <= before
    same = late & (time[index] == before)
    for kind, message, wrong in ((DUPLICATE, _TWICE, same), (UNSORTED, _ORDER, late & ~same)):
        for i in index[wrong][:FIRST_FAULTS].tolist():
            finder.add(i, kind, message, time=server_text(int(time[i]), with_seconds=True))
        finder.count(kind, int(wrong.sum()))
    keep[index[late]] = False
    survey.last_time = max(int(seen[-1]), floor)
    return keep


class _Faults:
    """Collects the faults of one block: all counted, the first few of each kind told."""

    def __init__(self, rows: Rows, line: Ints) -> None:
        self.rows, self.line = rows, line
        self.faults: list[Fault] = []
        self.counts: dict[str, int] = {}

    def count(self, kind: str, number: int) -> None:
        if number:
            self.counts[kind] = self.counts.get(kind, 0) + number

    def first(self, wrong: bar_cells.Mask) -> list[int]:
        return [int(i) for i in np.flatnonzero(wrong)[:FIRST_FAULTS]]

    def add(self, i: int, kind: str, message: MessageKind, **params: object) -> None:
        line = int(self.line[i])
        self.faults.append(Fault(line, kind, message(line=line, **params)))

    def add_line(self, line: int, message: MessageKind, **params: object) -> None:
        if len(self.faults) < FIRST_FAULTS:
            self.faults.append(Fault(line, UNREADABLE, message(line=line, **params)))

    def unreadable(
        self, already: bar_cells.Mask, bad: bar_cells.Mask, column: int, name: str, message: MessageKind
    ) -> bar_cells.Mask:
        """Tell the newly bad cells of one column; gives the rows that are bad by now."""
        for i in self.first(bad & ~already):
            self.add(i, UNREADABLE, message, column=name, text=bar_cells.cell_text(self.rows, i, column))
        return already | bad

    def prices_make_sense(self, good: bar_cells.Mask, prices: list[Floats]) -> bar_cells.Mask:
        """Which rows have positive prices with the low lowest and the high highest."""
        opens, high, low, close = prices
        with np.errstate(invalid="ignore"):
            positive = (opens > 0) & (high > 0) & (low > 0) & (close > 0)
            ordered = (low <= opens) & (low <= close) & (high >= opens) & (high >= close)
        for kind, message, wrong in (
            (NOT_POSITIVE, _PRICE, good & ~positive),
            (IMPOSSIBLE, _RANGE, good & positive & ~ordered),
        ):
            for i in self.first(wrong):
                said = ", ".join(f"{float(each[i]):.10g}" for each in prices)
                self.add(i, kind, message, prices=said)
            self.count(kind, int(wrong.sum()))
        return positive & ordered
