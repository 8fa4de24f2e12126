"""The thread that looks: rounds, questions, failures, and an end that leaves nobody waiting."""

from __future__ import annotations

from concurrent.futures import CancelledError
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.errors import Temporary
from qbx_desktop.domain.events import AccountChanged, TickArrived
from qbx_desktop.domain.records import AccountInfo, Tick
from qbx_desktop.workers.board import NoticeBoard
from qbx_desktop.workers.quotes_thread import QuotesThread


class FakeTerminal:
    """Answers account and server time, or fails as told."""

    def __init__(self) -> None:
        self.failure: Exception | None = None

    def account(self) -> AccountInfo:
        if self.failure:
            raise self.failure
        return AccountInfo(login=7)

    def server_time(self) -> float:
        return 1_000.0


class FakePrices:
    """Gives one tick for every watched symbol at each poll."""

    def __init__(self) -> None:
        self.symbols: frozenset[str] = frozenset()
        self.reloads = 0
        self.closed = False
        self.equities: list[tuple[float, int]] = []

    def see_account(self, account: AccountInfo, server_time: int) -> None:
        self.equities.append((account.equity, server_time))

    def watch(self, group: str, symbols: frozenset[str]) -> None:
        self.symbols = symbols

    def reload_alerts(self) -> None:
        self.reloads += 1

    def poll(self, now: float) -> list[object]:
        return [TickArrived(symbol, Tick(bid=1.0), 2, 5) for symbol in self.symbols]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def parts(qtbot: QtBot) -> tuple[Any, ...]:
    board, events, problems = NoticeBoard(), [], []
    board.happened.connect(events.append)
    board.problem.connect(problems.append)
    terminal, prices = FakeTerminal(), FakePrices()
    thread = QuotesThread(terminal, lambda: prices, SystemClock())  # type: ignore[arg-type]
    thread.happened.connect(board.happened)
    thread.problem.connect(board.problem)
    return thread, terminal, prices, events, problems, board


def test_rounds_questions_and_the_end(qtbot: QtBot, parts: tuple[Any, ...]) -> None:
    thread, _, prices, events, problems, _board = parts
    thread.watch("tab", frozenset({"EURUSD"}))
    thread.reload_alerts()
    answer = thread.ask(lambda terminal: terminal.account().login)
    thread.start()
    assert answer.result(timeout=10) == 7
    qtbot.waitUntil(lambda: any(isinstance(each, TickArrived) for each in events), timeout=10_000)
    thread.announce("from a plain thread")
    qtbot.waitUntil(lambda: "from a plain thread" in events)
    thread.finish()
    late = thread.ask(lambda terminal: terminal.account().login)
    assert thread.wait(5_000)
    with pytest.raises(CancelledError):
        late.result(timeout=0)
    assert any(isinstance(each, AccountChanged) for each in events)
    assert prices.equities
    assert set(prices.equities) == {(0.0, 1_000)}
    assert (prices.reloads, prices.closed, problems) == (1, True, [])


def test_a_silent_terminal_is_no_problem_here_but_a_bug_is(qtbot: QtBot, parts: tuple[Any, ...]) -> None:
    thread, terminal, prices, events, problems, _board = parts
    terminal.failure = Temporary("no answer")
    answer = thread.ask(lambda terminal: terminal.account())
    thread.start()
    with pytest.raises(Temporary):
        answer.result(timeout=10)
    terminal.failure = ZeroDivisionError("bug")
    qtbot.waitUntil(lambda: len(problems) > 0, timeout=10_000)
    terminal.failure = None
    qtbot.waitUntil(lambda: len(events) > 0, timeout=10_000)
    thread.finish()
    assert thread.wait(5_000)
    assert all(isinstance(each, ZeroDivisionError) for each in problems)
    assert prices.closed
