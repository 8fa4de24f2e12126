"""Searches have a thread of their own: a backtest neither waits for one nor ends it."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from qbx_desktop.backtest.input import BacktestInput
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.errors import Stop
from qbx_desktop.domain.messages import declare
from qbx_desktop.workers.job_thread import BacktestFailed
from qbx_desktop.workers.study_job import StudyDone, Tools
from qbx_desktop.workers.study_thread import StudyThread

from .test_backtest_thread import Parts, choices, parts, prices

__all__ = ["parts", "prices"]
WAIT = 20_000
_STOPPED = declare("test.stopped", "Stopped.")


def test_a_backtest_runs_while_a_study_does(parts: Parts, prices: Path, qtbot: QtBot) -> None:
    usual = sys.getswitchinterval()
    running, over = threading.Event(), threading.Event()

    def job(inputs: Sequence[BacktestInput], tools: Tools) -> Any:
        running.set()
        while not over.is_set():
            if tools.cancelled():
                raise Stop(_STOPPED())
            over.wait(0.01)
        return len(inputs[0].bars)

    studies = StudyThread(parts.db, SystemClock())
    studies.done.connect(parts.board.backtest_finished)
    studies.failed.connect(parts.board.backtest_failed)
    try:
        study = studies.study([choices(prices)], job)
        qtbot.waitUntil(running.is_set, timeout=WAIT)
        number = parts.thread.begin(choices(prices))
        assert number != study
        qtbot.waitUntil(lambda: len(parts.done) == 1, timeout=WAIT)
        assert parts.done[0].number == number
        over.set()
        qtbot.waitUntil(lambda: len(parts.done) == 2, timeout=WAIT)
        assert isinstance(parts.done[1], StudyDone)
        assert (parts.done[1].number, parts.done[1].result) == (study, 3_000)
        over.clear()
        again = studies.study([choices(prices)], job)
        studies.cancel()
        qtbot.waitUntil(lambda: bool(parts.failed), timeout=WAIT)
        assert isinstance(parts.failed[0], BacktestFailed)
        assert (parts.failed[0].number, parts.failed[0].cancelled) == (again, True)
    finally:
        studies.finish()
        parts.thread.finish()
        assert studies.wait(WAIT)
        assert parts.thread.wait(WAIT)
    assert sys.getswitchinterval() == usual
