"""U25: an unexpected end is told at the next start, and real money waits for the trader's word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qbx_desktop import launch
from qbx_desktop.app import Program
from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.data.session_mark import SessionMark
from qbx_desktop.domain.bots import BotStatus
from qbx_desktop.domain.events import Level, Notice, PositionsChanged, Topic
from qbx_desktop.trading.connection_care import _ASK
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.workers import NotedDesk
from tests.ui.test_window import POSITION, a_bot

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support", "No such signal QPlatformNativeInterface"),
    pytest.mark.timeout(120),
]
WAITING = Notice(_ASK(count=1), Topic.INFO, Level.WARNING, 1_750_000_000.0)


def test_only_a_session_without_an_end_is_a_crash(tmp_path: Path) -> None:
    mark = SessionMark(tmp_path / "session.json")
    assert mark.begin(100.0) is None
    mark.beat(160.0)
    assert SessionMark(tmp_path / "session.json").begin(500.0) == 160.0
    mark.end()
    assert mark.begin(900.0) is None
    (tmp_path / "session.json").write_text("{torn")
    assert mark.begin(901.0) is None


@pytest.fixture
def programs(home: Path, qtbot: QtBot) -> Iterator[Callable[[], Program]]:
    made: list[Program] = []

    def build() -> Program:
        options = launch.options(["--window", "--home", str(home), "--speed", "600"])
        options.home.prepare()
        made.append(Program(options))
        return made[-1]

    yield build
    for program in made:
        program.stop()
        shiboken6.delete(program.window)


def test_u25_the_next_start_after_a_crash_says_what_ran(
    qtbot: QtBot, programs: Callable[[], Program], home: Path
) -> None:
    first = programs()
    first.start()
    assert not first.window.recovery.isVisible()
    first.db.write(lambda con: bots.create_bot(con, a_bot(status=BotStatus.AKTIF)))
    mark = (home / "session.json").read_text(encoding="utf-8")
    first.stop()
    assert not (home / "session.json").exists()
    # As if the process had been killed: the mark is still there.
    (home / "session.json").write_text(mark, encoding="utf-8")
    again = programs()
    again.start()
    banner = again.window.recovery
    assert banner.isVisible()
    assert "closed unexpectedly" in banner.text.text()
    assert "1 bots were running." in banner.text.text()
    qtbot.mouseClick(banner.understood, Qt.MouseButton.LeftButton)
    assert not banner.isVisible()


def test_u25_open_positions_are_told_with_their_stops(
    window: MainWindow, board: NoticeBoard, db: Database
) -> None:
    window.show()
    bot_id = db.write(lambda con: bots.create_bot(con, a_bot(status=BotStatus.AKTIF)))
    window.recovery.tell_crash(1_750_000_000.0)
    bare = replace(POSITION, ticket=5, sl=0.0)
    board.happened.emit(PositionsChanged((POSITION, bare), {POSITION.ticket: bot_id, 5: bot_id}))
    assert "2 positions of bots are open at the broker, 1 of them without" in window.recovery.text.text()


def test_u25_no_leaves_the_bots_off_and_their_status_unchanged(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, db: Database, desk: NotedDesk
) -> None:
    window.show()
    bot_id = db.write(lambda con: bots.create_bot(con, a_bot(status=BotStatus.AKTIF)))
    board.happened.emit(WAITING)
    assert window.recovery.isVisible()
    qtbot.mouseClick(window.recovery.leave, Qt.MouseButton.LeftButton)
    assert not window.recovery.isVisible()
    assert ("resume_bots",) not in desk.commands
    assert bots.get_bot(db.reader(), bot_id).status is BotStatus.AKTIF
    board.happened.emit(WAITING)
    qtbot.mouseClick(window.recovery.resume, Qt.MouseButton.LeftButton)
    assert ("resume_bots",) in desk.commands
    assert not window.recovery.isVisible()


def test_u25_who_chose_so_is_not_asked(window: MainWindow, board: NoticeBoard, desk: NotedDesk) -> None:
    window._context.settings.set("bots.resume_real", "always")
    board.happened.emit(WAITING)
    assert ("resume_bots",) in desk.commands
    assert not window.recovery.isVisible()
