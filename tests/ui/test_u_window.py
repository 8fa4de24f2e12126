"""U4, U19 and U26: whose money in every dialog, a hundred thousand bars at once, and a bot's whole life by keys."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import BotStatus
from qbx_desktop.domain.events import AccountChanged
from qbx_desktop.ui.badge import Badge
from qbx_desktop.ui.charts.candle_chart import CandleChart
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.go_live import GoLive
from qbx_desktop.ui.dialogs.preflight import Preflight
from qbx_desktop.ui.dialogs.quit import QuitDialog
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.prices import walk
from tests.fakes.workers import NotedDesk
from tests.ui.test_window import ACCOUNT, POSITION, a_bot

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
# A busy computer is allowed five times the goal.
PATIENCE = 5.0


@pytest.mark.parametrize(("mode", "word"), [(0, "DEMO"), (2, "REAL")])
def test_u04_editor_go_live_preflight_chart_and_quit_say_whose_money_it_is(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, mode: int, word: str
) -> None:
    account = replace(ACCOUNT, trade_mode=mode)
    board.happened.emit(AccountChanged(account, 1_750_000_000))
    window.show()
    context, live = window._context, window._live
    dialogs = [
        BotEditor(context, live, a_bot(), window),
        GoLive(context, live, a_bot(), account, [], window),
        Preflight(context, live, a_bot(), [], window),
        QuitDialog(live, context.words, 1, [POSITION], window),
        window.symbols.chart("XAUUSD"),
    ]
    for dialog in dialogs:
        dialog.show()
        shown = [badge for badge in dialog.findChildren(Badge) if badge.isVisible()]
        assert [badge.text() for badge in shown] == [word], type(dialog).__name__
        dialog.close()
    for at in range(4):
        window.show_tab(at)
        assert window.commands.badge.isVisible()
        assert window.commands.badge.text() == word


@pytest.fixture
def chart(qtbot: QtBot, context: AppContext) -> Iterator[CandleChart]:
    made = CandleChart(context.theme, context.words)
    qtbot.addWidget(made)
    made.resize(1_200, 600)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_u19_a_hundred_thousand_bars_are_painted_and_panned_at_once(chart: CandleChart) -> None:
    bars = walk(100_000)
    began = time.perf_counter()
    chart.set_bars(bars, 5)
    chart.grab()
    assert time.perf_counter() - began < PATIENCE * 1.0
    frames = []
    for step in range(20):
        began = time.perf_counter()
        chart.plot.setXRange(1_000 * step, 1_000 * step + 60_000, padding=0)
        chart.grab()
        frames.append(time.perf_counter() - began)
    assert sorted(frames)[len(frames) // 2] < PATIENCE * 0.05


def activate(qtbot: QtBot, window: MainWindow) -> None:
    """What a window manager does by itself when a dialog is closed."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def test_u26_a_bot_is_made_started_edited_paused_and_archived_without_a_mouse(
    qtbot: QtBot, window: MainWindow, db: Database, desk: NotedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbx_desktop.ui.bot_start.look", lambda desk, bot: [])
    window.show()
    qtbot.waitExposed(window)
    activate(qtbot, window)
    window.tabs.setFocus()
    qtbot.keyClick(window, Qt.Key.Key_F9)
    editor = window.findChild(BotEditor)
    assert editor is not None
    qtbot.keyClicks(editor.name.editor, "By keys")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.bots.model.rowCount() == 1)
    view = window.bots.view
    (row,) = window.bots.selected()
    bot_id = row.bot.id
    assert row.bot.name == "By keys"
    activate(qtbot, window)
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bots.get_bot(db.reader(), bot_id).status is BotStatus.AKTIF)
    qtbot.waitUntil(lambda: not window.bots.model.row_of(bot_id).pending)
    qtbot.keyClick(view, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bots.get_bot(db.reader(), bot_id).status is BotStatus.DIJEDA)
    qtbot.waitUntil(lambda: not window.bots.model.row_of(bot_id).pending)
    qtbot.keyClick(view, Qt.Key.Key_F7)
    editing = next(each for each in window.findChildren(BotEditor) if each.isVisible())
    editing.name.editor.selectAll()
    qtbot.keyClicks(editing.name.editor, "Renamed")
    qtbot.keyClick(editing, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bots.get_bot(db.reader(), bot_id).name == "Renamed")
    activate(qtbot, window)
    qtbot.waitUntil(view.hasFocus)

    def yes(box: QMessageBox) -> int:
        box.findChildren(QPushButton)[0].click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", yes)
    qtbot.waitUntil(lambda: bool(window.bots.selected()))
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: window.bots.model.rowCount() == 0)
    assert bots.get_bot(db.reader(), bot_id).settings.archived
