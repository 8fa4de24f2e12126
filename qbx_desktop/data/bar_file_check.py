"""The quality of a price file, wrong rows included, looked at while its rows pass by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from ..domain.errors import UserMistake
from ..domain.timeframe import Timeframe
from . import bar_findings
from .bar_files import NO_BARS, commonest_step, refusal
from .bar_formats import named_after
from .bar_quality import QualityCheck
from .bar_report import QualityReport
from .bar_rows import MOST_FAULTS, Block, Cancelled, Fault, Survey, read_blocks


class FileCheck:
    """Reads one file block by block and keeps what is to be said about it, not the blocks.

    `timeframe` is known when the first bars have come: as given, else their commonest step, else what the file's name
    says; None when there is none.
    """

    def __init__(
        self,
        path: Path,
        timeframe: Timeframe | None = None,
        *,
        cancelled: Cancelled | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        self.path = path
        self.timeframe = timeframe
        self.survey = Survey(path)
        self.wrong = 0
        self._faults: list[Fault] = []
        self._counts: dict[str, int] = {}
        self._looked: QualityCheck | None = None
        self._step = 0
        self._cancelled, self._progress = cancelled, progress

    def blocks(self) -> Iterator[Block]:
        """Every block of the file, once, after it was looked at.

        Raises UserMistake when the file cannot be read at all or has no rows, and Stop when cancelled.
        """
        for block in read_blocks(self.path, self.survey, cancelled=self._cancelled):
            self._count(block)
            if self._looked is None and len(block.bars):
                self._begin(block)
            if self._looked is not None:
                self._looked.periods.digits = self.survey.digits
                self._looked.add(block.bars, block.line)
            yield block
            if self._progress is not None:
                self._progress(self.survey.rows)
            if self.wrong >= MOST_FAULTS:
                break
        if not self.survey.rows:
            raise UserMistake(NO_BARS(path=self.path.name))

    def report(self) -> QualityReport:
        """What is to be said, after all blocks."""
        name, digits = self.path.name, self.survey.digits
        before = [*bar_findings.rows(self._faults, self._counts), *bar_findings.texts(self.survey)]
        if self._looked is None:
            before += [bar_findings.no_step(self._step)] if self._step else []
            return QualityReport(name, self.timeframe, digits, 0, 0, 0, tuple(before), (), 0.0)
        named = named_after(self.path)[1]
        if named is not None and named is not self._looked.timeframe:
            before.append(bar_findings.named(named, self._looked.timeframe))
        self._looked.periods.digits = digits
        return self._looked.finish(name, before)

    def refusal(self) -> UserMistake:
        """The sentence that refuses the file for its wrong rows."""
        return refusal(
            self.path, sorted(self._faults, key=lambda each: each.line), self.wrong, self.survey.rows
        )

    def _count(self, block: Block) -> None:
        for kind, number in block.fault_counts.items():
            if self._counts.get(kind, 0) < bar_findings.MOST_LINES:
                self._faults += [fault for fault in block.faults if fault.kind == kind]
            self._counts[kind] = self._counts.get(kind, 0) + number
            self.wrong += number

    def _begin(self, block: Block) -> None:
        bars = block.bars
        found = self.timeframe or commonest_step(bars.time)
        if found is None and len(bars) < 3:
            found = named_after(self.path)[1]
        if found is None:
            self._step = self._step or (int(np.median(np.diff(bars.time))) if len(bars) > 1 else 0)
            return
        self.timeframe = found
        self._looked = QualityCheck(found, self.survey.digits)


def check_file(
    path: Path | str,
    timeframe: Timeframe | None = None,
    *,
    cancelled: Cancelled | None = None,
    progress: Callable[[int], None] | None = None,
) -> QualityReport:
    """The quality of a price file, its wrong rows included; memory does not grow with the file.

    `timeframe` None: the commonest step of its first bars, else what its name says. Raises UserMistake when the file
    cannot be read at all, and Stop when `cancelled`; wrong rows are findings.
    """
    looked = FileCheck(Path(path), timeframe, cancelled=cancelled, progress=progress)
    for _ in looked.blocks():
        pass
    return looked.report()
