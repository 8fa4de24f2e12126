"""What a test of the screen needs: theme, words, icons, and a context over a real database with workers that answer at once."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qbx_desktop.data import users
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.garbage import GarbageCollection
from qbx_desktop.ui.icons import Icons
from qbx_desktop.ui.journal import JournalRing
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.settings import Settings
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.ui.words import Words
from qbx_desktop.workers.answers import Answers
from qbx_desktop.workers.backtest_thread import BacktestThread
from qbx_desktop.workers.board import NoticeBoard
from qbx_desktop.workers.study_thread import StudyThread
from tests.fakes.clock import FakeClock
from tests.fakes.tray import FakeTray
from tests.fakes.workers import FakeQuotes, FakeTrading, NotedDesk

SLOW_COLLECTION_S = 0.05


@pytest.fixture(autouse=True)
def collection(qapp: QApplication) -> Iterator[None]:
    """Garbage is collected as in the program, often; and all that a test left before the next one begins."""
    collection = GarbageCollection(every_ms=20)
    collection.look()
    collection.begin()
    yield
    began = time.perf_counter()
    gc.collect()
    if time.perf_counter() - began > SLOW_COLLECTION_S:
        gc.freeze()  # libraries that the test imported
    collection.end()


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


@pytest.fixture
def words(qapp: QApplication) -> Words:
    return Words()


@pytest.fixture
def icons(theme: Theme) -> Icons:
    return Icons(theme)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def db(home: Path) -> Iterator[Database]:
    prepared = Home(home).prepare()
    database = Database.open(prepared.database)
    yield database
    database.close()


@pytest.fixture
def board(qapp: QApplication) -> NoticeBoard:
    return NoticeBoard()


@pytest.fixture
def desk() -> NotedDesk:
    return NotedDesk()


@pytest.fixture
def backtests(db: Database, board: NoticeBoard, context_user: int) -> Iterator[BacktestThread]:
    """The real thread, wired to the board as in the program."""
    thread = BacktestThread(db, SystemClock(), context_user, random_runs=5)
    thread.progressed.connect(board.backtest_progress)
    thread.done.connect(board.backtest_finished)
    thread.failed.connect(board.backtest_failed)
    thread.judged.connect(board.backtest_judged)
    thread.reproduced.connect(board.backtest_reproduced)
    yield thread
    thread.finish()
    assert thread.wait(10_000)


@pytest.fixture
def studies(db: Database, board: NoticeBoard) -> Iterator[StudyThread]:
    """The real thread, wired to the board as in the program."""
    thread = StudyThread(db, SystemClock())
    thread.progressed.connect(board.backtest_progress)
    thread.done.connect(board.backtest_finished)
    thread.failed.connect(board.backtest_failed)
    yield thread
    thread.finish()
    assert thread.wait(10_000)


@pytest.fixture
def context_user(db: Database) -> int:
    return db.write(users.ensure_practice_user)


@pytest.fixture
def context(
    home: Path, db: Database, board: NoticeBoard, desk: NotedDesk, theme: Theme, words: Words, icons: Icons,
    clock: FakeClock, backtests: BacktestThread, studies: StudyThread, context_user: int,
) -> AppContext:  # fmt: skip
    """As the program builds it, with workers that answer at once."""
    settings = Settings({}, lambda key, value: None)
    return AppContext(
        home=Home(home), db=db, clock=clock, board=board, answers=Answers(),
        trading=FakeTrading(desk, board.happened.emit), quotes=FakeQuotes(), backtests=backtests, studies=studies, settings=settings, theme=theme,
        words=words, icons=icons, user_id=context_user,
    )  # fmt: skip


@pytest.fixture
def live(board: NoticeBoard) -> Live:
    return Live(board)


@pytest.fixture
def tray() -> FakeTray:
    return FakeTray()


@pytest.fixture
def window(
    qtbot: QtBot, context: AppContext, live: Live, tray: FakeTray, tmp_path: Path
) -> Iterator[MainWindow]:
    layout = QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat)
    made = MainWindow(context, live, tray, JournalRing(), layout, 60.0)
    yield made
    made.end()
    # deleteLater waits for an event loop that a test does not have, and a left window slows every later one.
    shiboken6.delete(made)
