"""Workers speak to the board and the board to the GUI thread; answers of other threads come back to it too."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from qbx_desktop.workers.answers import Answers
from qbx_desktop.workers.board import NoticeBoard


class Shouter(QThread):
    happened = Signal(object)

    def run(self) -> None:
        for number in range(5_000):
            self.happened.emit((number, True, None))


class Listener(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[object] = []
        self.threads: set[int] = set()

    @Slot(object)
    def hear(self, event: object) -> None:
        self.heard.append(event)
        self.threads.add(threading.get_ident())


def test_five_thousand_signals_arrive_in_order_in_the_gui_thread(qtbot: QtBot) -> None:
    # PySide6 6.12.0 aborts the interpreter after some 570 of them.
    board, listener, shouter = NoticeBoard(), Listener(), Shouter()
    shouter.happened.connect(board.happened)
    board.happened.connect(listener.hear)
    shouter.start()
    qtbot.waitUntil(lambda: len(listener.heard) == 5_000, timeout=20_000)
    assert shouter.wait(10_000)
    assert [event[0] for event in listener.heard] == list(range(5_000))
    assert listener.threads == {threading.get_ident()}


def test_answers_come_back_to_the_gui_thread(qtbot: QtBot) -> None:
    answers = Answers()
    got: list[tuple[object, bool]] = []

    def note(value: object) -> None:
        got.append((value, threading.current_thread() is threading.main_thread()))

    with ThreadPoolExecutor(1) as pool:
        answers.deliver(pool.submit(lambda: 42), note)
        answers.deliver(pool.submit(lambda: 1 // 0), note, lambda error: note(type(error)))
        qtbot.waitUntil(lambda: len(got) == 2)
    assert got == [(42, True), (ZeroDivisionError, True)]


def test_a_failure_nobody_listens_to_becomes_a_problem_and_a_cancelled_one_nothing(qtbot: QtBot) -> None:
    answers = Answers()
    cancelled: Future[int] = Future()
    answers.deliver(cancelled, lambda value: None)
    cancelled.cancel()
    failed: Future[int] = Future()
    answers.deliver(failed)
    with qtbot.waitSignal(answers.problem) as problem:
        failed.set_exception(KeyError("x"))
    assert isinstance(problem.args[0], KeyError)


def test_after_the_end_nothing_is_called(qtbot: QtBot) -> None:
    answers = Answers()
    future: Future[int] = Future()
    heard: list[int] = []
    answers.deliver(future, heard.append)
    answers.end()
    future.set_result(1)
    qtbot.wait(20)
    assert heard == []
