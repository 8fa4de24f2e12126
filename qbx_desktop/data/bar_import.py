"""A price file into the bar store: read once, looked at and stored whole, in memory that does not grow with it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..domain.bars import Bars
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from .bar_file_check import FileCheck
from .bar_files import rounded
from .bar_formats import named_after
from .bar_report import QualityReport
from .bar_rows import Block, Cancelled
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
_CHANGES = declare(
    "bars.import.changes",
    "{path} changes while it is read. Nothing was imported; try again when it is complete.",
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


class _OtherDigits(Exception):
    """The whole file has other digits than its beginning."""


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
    is as before. `progress` gets the rows read so far; it starts again in the rare case that the digits of the
    beginning turn out to be too few.
    """
    path = Path(path)
    if not path.exists():
        raise not_found(path)
    symbol = symbol or named_after(path)[0]
    if not symbol:
        raise UserMistake(_SYMBOL(path=path.name))
    digits: int | None = None
    for _ in range(2):
        looked = FileCheck(path, timeframe, cancelled=cancelled, progress=progress)
        blocks = looked.blocks()
        head = _until_known(looked, blocks)
        if looked.timeframe is None:
            raise looked.refusal() if looked.wrong else UserMistake(_TIMEFRAME(path=path.name))
        digits = looked.survey.digits if digits is None else digits
        try:
            stored = store.put(
                symbol, looked.timeframe, _parts(looked, itertools.chain(head, blocks), digits), digits=digits,
                server=server, time_zone=time_zone, source=path.name, replace=replace,
            )  # fmt: skip
        except _OtherDigits:
            digits = looked.survey.digits
            continue
        return Imported(symbol, looked.timeframe, server, digits, stored, looked.report())
    raise UserMistake(_CHANGES(path=path.name))


def _until_known(looked: FileCheck, blocks: Iterator[Block]) -> list[Block]:
    """The first blocks, up to the one that tells the timeframe."""
    head: list[Block] = []
    for block in blocks:
        head.append(block)
        if looked.timeframe is not None and len(block.bars):
            break
    return head


def _parts(looked: FileCheck, blocks: Iterator[Block], digits: int) -> Iterator[Bars]:
    """The bars of a file without fault; at its end, or at any time, what speaks against it is raised."""
    for block in blocks:
        if not looked.wrong:
            yield rounded(block.bars, digits)
    if looked.wrong:
        raise looked.refusal()
    if looked.survey.digits != digits:
        raise _OtherDigits
