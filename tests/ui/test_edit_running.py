"""Editing a bot that runs and has a position: the new settings count now, or once it is flat; nothing typed is lost."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import BotStatus
from qbx_desktop.domain.events import PositionsChanged
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.now_or_flat import NowOrFlat
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.workers import NotedDesk
from tests.ui.test_window import POSITION, a_bot

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def bot_id(window: MainWindow, board: NoticeBoard, db: Database) -> int:
    made = db.write(lambda con: bots.create_bot(con, a_bot(status=BotStatus.AKTIF)))
    window.show()
    window.bots.reload()
    board.happened.emit(PositionsChanged((POSITION,), {POSITION.ticket: made}))
    window.bots.select(made)
    return made


def edited(qtbot: QtBot, window: MainWindow) -> NowOrFlat:
    window.bots.edit()
    editor = next(each for each in window.findChildren(BotEditor) if each.isVisible())
    editor.name.editor.setText("Changed")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    return next(each for each in window.findChildren(NowOrFlat) if each.isVisible())


def test_when_flat_is_stored_at_once_and_told_to_the_desk_when_the_position_is_gone(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, db: Database, desk: NotedDesk, bot_id: int
) -> None:
    question = edited(qtbot, window)
    assert question.defaultButton() is question.flat
    qtbot.mouseClick(question.flat, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.bots.model.row_of(bot_id).bot.name == "Changed")
    assert bots.get_bot(db.reader(), bot_id).name == "Changed"
    board.happened.emit(PositionsChanged((POSITION,), {POSITION.ticket: bot_id}))
    assert ("reload_bot", bot_id) not in desk.commands
    board.happened.emit(PositionsChanged((), {}))
    assert desk.commands.count(("reload_bot", bot_id)) == 1
    board.happened.emit(PositionsChanged((), {}))
    assert desk.commands.count(("reload_bot", bot_id)) == 1


def test_now_is_now(qtbot: QtBot, window: MainWindow, db: Database, desk: NotedDesk, bot_id: int) -> None:
    qtbot.mouseClick(edited(qtbot, window).now, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: ("reload_bot", bot_id) in desk.commands)
    assert bots.get_bot(db.reader(), bot_id).name == "Changed"


def test_editing_again_keeps_what_was_typed(
    qtbot: QtBot, window: MainWindow, db: Database, desk: NotedDesk, bot_id: int
) -> None:
    qtbot.mouseClick(edited(qtbot, window).back, Qt.MouseButton.LeftButton)
    editor = next(each for each in window.findChildren(BotEditor) if each.isVisible())
    assert editor.name.editor.text() == "Changed"
    assert bots.get_bot(db.reader(), bot_id).name == "Gold"
    assert ("reload_bot", bot_id) not in desk.commands
    editor.reject()
