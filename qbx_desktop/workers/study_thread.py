"""The thread for searches and other studies: beside the one that backtests, so that neither waits for the other."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ..domain.clock import Clock
from .chosen_bars import ChosenBars
from .job_thread import JobThread
from .study_job import Job, StudyDone, Tools

if TYPE_CHECKING:
    from ..data.database import Database
    from .backtest_job import Choices


class StudyThread(JobThread):
    """News are `StudyProgress`, `StudyDone` and `BacktestFailed`."""

    def __init__(self, db: Database, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._db = db
        self._clock = clock
        self._bars = ChosenBars()

    def study(self, choices: Sequence[Choices], job: Job) -> int:
        """Run `job` over the inputs these choices make; one that still runs is cancelled first. Returns its number."""
        return self.put(partial(self._study, tuple(choices), job))

    def _study(self, choices: Sequence[Choices], job: Job, number: int, cancel: threading.Event) -> None:
        from .backtest_job import input_of

        began = self._clock.monotonic()
        inputs = [
            input_of(each, self._bars.of(each, cancel), self._bars.finer_of(each, cancel)) for each in choices
        ]
        tools = Tools(self._db, number, cancel.is_set, self.progressed.emit, self._clock.monotonic)
        result = job(inputs, tools)
        self.done.emit(StudyDone(number, result, self._clock.monotonic() - began))
