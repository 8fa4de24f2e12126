"""Whichever thread allocates, Qt objects are destroyed in the GUI thread: elsewhere they take the program down."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.ui.garbage import GarbageCollection


class Circle:
    """What only a collection can free."""

    def __init__(self) -> None:
        self.me = self


class Allocating(QThread):
    """A worker that would set off collection after collection, were collection automatic."""

    def run(self) -> None:
        for _ in range(200_000):
            Circle()


@pytest.fixture
def collected_in() -> Iterator[set[threading.Thread]]:
    """The threads that collected."""
    seen: set[threading.Thread] = set()

    def note(phase: str, _info: dict[str, int]) -> None:
        if phase == "start":
            seen.add(threading.current_thread())

    gc.callbacks.append(note)
    yield seen
    gc.callbacks.remove(note)


def test_a_working_thread_never_collects(qtbot: QtBot, collected_in: set[threading.Thread]) -> None:
    collection = GarbageCollection(every_ms=5)
    collection.look()
    collection.begin()
    widget = QWidget()
    widget.me = widget  # type: ignore[attr-defined]
    died = weakref.ref(widget)
    del widget
    worker = Allocating()
    worker.start()
    # The oldest generation is due after eleven of the next younger, each after eleven of the youngest.
    qtbot.waitUntil(lambda: died() is None, timeout=30_000)
    qtbot.waitUntil(worker.isFinished, timeout=30_000)
    worker.wait()
    collection.end()
    assert collected_in == {threading.main_thread()}


def test_what_was_imported_is_not_walked_again(qtbot: QtBot) -> None:
    collection = GarbageCollection()
    collection.look()
    frozen = gc.get_freeze_count()
    assert frozen > 10_000, "the libraries are out of the way from the first look on"
    kept = [Circle() for _ in range(1_000)]
    collection.look()
    assert gc.get_freeze_count() <= frozen, "nothing was imported since"
    assert len(kept) == 1_000


def test_python_collects_again_after_the_end(qapp: object) -> None:
    gc.enable()
    collection = GarbageCollection()
    collection.begin()
    collection.begin()
    assert not gc.isenabled()
    collection.end()
    assert gc.isenabled()
    collection.end()
    gc.disable()
    collection.begin()
    collection.end()
    assert not gc.isenabled(), "whoever switched it off before keeps it off"


_SCRIPT = """
import faulthandler, gc, sys, threading
from PySide6.QtCore import QThread
from qbx_desktop import app, launch

class Allocating(QThread):
    def __init__(self):
        super().__init__()
        self.charts_closed = threading.Event()

    def run(self):
        self.charts_closed.wait()
        for _ in range(300_000):
            each = []
            each.append(each)

if __name__ == "__main__":
    faulthandler.enable()
    options = launch.options(["--window", "--home", sys.argv[1], "--speed", "600"])
    options.home.prepare()
    program = app.Program(options)
    program.start()
    from qbx_desktop.ui.charts.candle_chart import CandleChart
    gc.set_threshold(50, 2, 2)
    for _ in range(3):
        charts = [CandleChart(program.theme, program.words) for _ in range(3)]
        for chart in charts:
            chart.show()
        program.app.processEvents()
        worker = Allocating()
        worker.start()
        del chart, charts
        worker.charts_closed.set()
        while worker.isRunning():
            program.app.processEvents()
        worker.wait()
    program.stop()
    print("SURVIVED", gc.isenabled())
"""


def test_closed_charts_and_a_busy_thread_leave_the_program_alive(tmp_path: Path) -> None:
    script = tmp_path / "busy.py"
    script.write_text(_SCRIPT)
    ended = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home")],
        capture_output=True, text=True, timeout=100, env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert "SURVIVED True" in ended.stdout, ended.stderr
    assert ended.returncode == 0
    assert "another thread" not in ended.stderr, "a Qt object was taken apart by a worker"
