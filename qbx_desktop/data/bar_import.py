"""A price file into the bar store: looked at whole first, then stored whole, in memory that does not grow with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..domain.bars import Bars
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from .bar_files import refusal, rounded
from .bar_formats import named_after
from .bar_quality import survey_file
from .bar_report import QualityReport
from .bar_rows import Cancelled, Survey, read_blocks
from .bar_store import BarStore, Stored
from .bar_text import not_found

_SYMBOL = declare(
    "bars.import.symbol",
    "The name {path} does not tell the symbol. Nothing was imported; say it with --symbol.",
)
_TIMEFRAME = declare(
    "bars.import.timeframe",
    "It cannot be told which timeframe the bars of {path} have. Nothing was imported; say it with --timeframe.",
)


@dataclass(frozen=True)
class Imported:
    """What an import stored: where, what changed, and what the quality check says of the file."""

    symbol: str
    timeframe: Timeframe
    server: str
    digits: int
    stored: Stored
    report: QualityReport


def import_file(
    store: BarStore,
    path: Path | str,
    *,
    symbol: str | None = None,
    timeframe: Timeframe | None = None,
    server: str = "",
    time_zone: str = "",
    replace: bool = False,
    cancelled: Cancelled | None = None,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Import one file, all of it or nothing.

    Symbol and timeframe default to what the file's name and bars tell. A history of poor quality is stored, with the
    report that says so; wrong rows refuse the file. Raises UserMistake, Stop (cancelled) and DbError; then the store
    is as before. `progress` gets the rows read, in the first pass and again in the second.
    """
    path = Path(path)
    if not path.exists():
        raise not_found(path)
    symbol = symbol or named_after(path)[0]
    if not symbol:
        raise UserMistake(_SYMBOL(path=path.name))
    report, survey, faults, count = survey_file(path, timeframe, cancelled=cancelled, progress=progress)
    if count:
        raise refusal(path, faults, count, survey.rows)
    timeframe = timeframe or report.timeframe
    if timeframe is None:
        raise UserMistake(_TIMEFRAME(path=path.name))
    stored = store.put(
        symbol, timeframe, _parts(path, survey.digits, cancelled, progress), digits=survey.digits, server=server,
        time_zone=time_zone, source=path.name, replace=replace,
    )  # fmt: skip
    return Imported(symbol, timeframe, server, survey.digits, stored, report)


def _parts(
    path: Path, digits: int, cancelled: Cancelled | None, progress: Callable[[int], None] | None
) -> Iterator[Bars]:
    survey = Survey(path)
    for block in read_blocks(path, survey, cancelled=cancelled):
        if block.faults:
            # The file was changed since it was looked at.
            raise refusal(path, block.faults, sum(block.fault_counts.values()), survey.rows)
        yield rounded(block.bars, digits)
        if progress is not None:
            progress(survey.rows)
