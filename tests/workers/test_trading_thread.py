"""The thread that trades: inbox before round, failures said, ends at once, retries to make its desk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.errors import Temporary
from qbx_desktop.domain.events import Event, HistoryAppended
from qbx_desktop.workers.board import NoticeBoard
from qbx_desktop.workers.trading_thread import TradingThread


class FakeDesk:
    """Sleeps an hour unless `due` holds events; remembers what was done to it and where."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.due: list[Event] = []
        self.threads: set[int] = set()
        self.fails_once: Exception | None = None
        self.on_step: Callable[[], None] = lambda: None

    def open(self, now: float) -> list[Event]:
        self._note("open")
        return [HistoryAppended(1, None)]

    def run_due(self, now: float) -> Iterator[Event]:
        if self.fails_once is not None:
            failure, self.fails_once = self.fails_once, None
            raise failure
        while self.due:
            self._note("step")
            yield self.due.pop(0)
            self.on_step()

    def seconds_to_next(self, now: float) -> float:
        return 0.0 if self.due or self.fails_once else 3_600.0

    def close(self) -> None:
        self._note("close")

    def _note(self, word: str) -> None:
        self.done.append(word)
        self.threads.add(threading.get_ident())


@pytest.fixture
def heard(qtbot: QtBot) -> tuple[NoticeBoard, list[object], list[object]]:
    board, events, problems = NoticeBoard(), [], []
    board.happened.connect(events.append)
    board.problem.connect(problems.append)
    return board, events, problems


def started(board: NoticeBoard, make_desk: Callable[[], FakeDesk]) -> TradingThread:
    thread = TradingThread(make_desk, SystemClock())
    thread.happened.connect(board.happened)
    thread.problem.connect(board.problem)
    thread.start()
    return thread


def test_commands_run_in_the_threads_own_desk_and_it_ends_while_asleep(qtbot: QtBot, heard: tuple) -> None:
    board, events, problems = heard
    desk = FakeDesk()
    thread = started(board, lambda: desk)
    thread.tell(lambda d: [HistoryAppended(2, None)])
    thread.tell(lambda d: d.done.append("silent"))
    qtbot.waitUntil(lambda: "silent" in desk.done)
    thread.finish()
    assert thread.wait(5_000)
    qtbot.waitUntil(lambda: len(events) == 2)
    assert events == [HistoryAppended(1, None), HistoryAppended(2, None)]
    assert desk.done == ["open", "silent", "close"]
    assert threading.get_ident() not in desk.threads
    assert problems == []


def test_a_command_overtakes_a_long_round(qtbot: QtBot, heard: tuple) -> None:
    board, events, _ = heard
    desk = FakeDesk()
    thread = started(board, lambda: desk)
    desk.on_step = lambda: thread.tell(lambda d: d.done.append("pause")) if len(desk.due) == 8 else None

    def make_due(d: FakeDesk) -> None:
        d.due = [HistoryAppended(number, None) for number in range(10, 20)]

    thread.tell(make_due)
    qtbot.waitUntil(lambda: desk.done.count("step") == 10)
    thread.finish()
    assert thread.wait(5_000)
    assert 0 < desk.done.index("pause") < 6, desk.done
    qtbot.waitUntil(lambda: len(events) == 11)


def test_a_failure_is_said_and_the_thread_goes_on(qtbot: QtBot, heard: tuple) -> None:
    board, _, problems = heard
    desk = FakeDesk()
    thread = started(board, lambda: desk)

    def break_it(d: FakeDesk) -> None:
        raise ValueError("a bug")

    thread.tell(break_it)
    thread.tell(lambda d: d.done.append("still here"))
    qtbot.waitUntil(lambda: "still here" in desk.done)
    desk.fails_once = ZeroDivisionError("in a round")
    thread.tell(lambda d: None)
    qtbot.waitUntil(lambda: len(problems) == 2, timeout=10_000)
    thread.finish()
    assert thread.wait(5_000)
    assert [type(each) for each in problems] == [ValueError, ZeroDivisionError]
    assert desk.done[-1] == "close"


def test_a_passing_failure_to_make_the_desk_is_tried_again(qtbot: QtBot, heard: tuple) -> None:
    board, _, problems = heard
    desk, tries = FakeDesk(), []

    def make() -> FakeDesk:
        tries.append(1)
        if len(tries) == 1:
            raise Temporary("the database is busy")
        return desk

    thread = started(board, make)
    thread.tell(lambda d: d.done.append("kept"))
    qtbot.waitUntil(lambda: "kept" in desk.done, timeout=10_000)
    thread.finish()
    assert thread.wait(5_000)
    assert len(problems) == 1
    assert desk.done == ["open", "kept", "close"]


def test_a_lasting_failure_ends_the_thread_and_finish_ends_a_waiting_one(qtbot: QtBot, heard: tuple) -> None:
    board, _, problems = heard

    def bug() -> FakeDesk:
        raise RuntimeError("bug")

    thread = started(board, bug)
    assert thread.wait(5_000)

    def busy() -> FakeDesk:
        raise Temporary("busy")

    other = started(board, busy)
    qtbot.waitUntil(lambda: len(problems) >= 2)
    other.finish()
    assert other.wait(5_000)
