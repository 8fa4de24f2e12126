"""At 1366x768 nothing is cut in either language, no word is forgotten, and the language switches under the trader's hands."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotSettings, SizingMode, StopMode
from qbx_desktop.domain.events import AccountChanged, ConnectionChanged, Link
from qbx_desktop.domain.records import AccountInfo
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.settings import SettingsDialog
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.ui.words import PSEUDO
from qbx_desktop.workers.board import NoticeBoard

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SETTINGS = BotSettings(sizing_mode=SizingMode.RISK_PERCENT, stop_mode=StopMode.ATR_MULT)
ACCOUNT = AccountInfo(
    login=50010001, server="QuantumBotX-Practice", currency="USD", currency_digits=2, balance=1_009_985.98,
    equity=1_009_983.86, profit=-12_345.67, margin=30.0, margin_level=33_359.3,
)  # fmt: skip


def cut(root: QWidget) -> list[str]:
    """Every visible button, tab and one-line label whose text does not fit."""
    found = []
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.objectName().startswith("qt_"):
            continue
        if isinstance(widget, QTabBar):
            for at in range(widget.count()):
                if widget.tabRect(at).width() < widget.fontMetrics().horizontalAdvance(widget.tabText(at)):
                    found.append(widget.tabText(at))
        elif isinstance(widget, QAbstractButton) or (isinstance(widget, QLabel) and not widget.wordWrap()):
            text = re.sub("&(.)", r"\1", widget.text())
            needs = widget.fontMetrics().horizontalAdvance(text)
            if text and widget.width() < needs and widget.sizePolicy().horizontalPolicy().name != "Ignored":
                found.append(text)
    return found


@pytest.fixture
def filled(qtbot: QtBot, window: MainWindow, board: NoticeBoard, db: Database) -> MainWindow:
    bot = Bot(0, "Gold hybrid", "XAUUSD", "H1", "MA_CROSSOVER", settings=SETTINGS)
    db.write(lambda con: bots.create_bot(con, bot))
    window.bots.reload()
    board.happened.emit(ConnectionChanged(Link.READY, latency_ms=38.0, simulated=True))
    board.happened.emit(AccountChanged(ACCOUNT, 1_750_000_000))
    window.resize(1366, 768)
    window.show()
    qtbot.waitExposed(window)
    return window


@pytest.mark.parametrize("language", ["en", "id"])
def test_u3_u29_nothing_is_cut_in_any_tab(qtbot: QtBot, filled: MainWindow, language: str) -> None:
    filled._context.words.use(language)
    for at in range(2):
        filled.show_tab(at)
        for page in range(3):
            filled.toolbox.pages.setCurrentIndex(page)
            QApplication.processEvents()
            assert cut(filled) == []
    assert (filled.width(), filled.height()) == (1366, 768), "the content does not push the window wider"


@pytest.mark.parametrize("language", ["en", "id"])
def test_u29_nothing_is_cut_in_the_editor(
    qtbot: QtBot, context: AppContext, live: Live, language: str
) -> None:
    context.words.use(language)
    editor = BotEditor(context, live, Bot(1, "Gold", "XAUUSD", "H1", "MA_CROSSOVER", settings=SETTINGS))
    qtbot.addWidget(editor)
    editor.show()
    qtbot.waitExposed(editor)
    assert cut(editor) == []


def test_u29_no_word_is_forgotten(qtbot: QtBot, filled: MainWindow, context: AppContext) -> None:
    context.words.use(PSEUDO)
    dialogs = [
        SettingsDialog(context, filled),
        BotEditor(context, filled._live, filled.bots.model.rows[0].bot, filled),
    ]
    said = [
        text
        for root in (filled, *dialogs)
        for widget in root.findChildren(QWidget)
        if isinstance(widget, (QAbstractButton, QLabel)) and (text := widget.text()) and not widget.objectName().startswith("qt_")
    ]  # fmt: skip
    said += [action.text() for menu in filled.menuBar().actions() for action in menu.menu().actions()]
    allowed = re.compile(
        r"[\d\s.,:+\-−()%×<>·—/]*(USD|ms|Gold hybrid|50010001 · QuantumBotX-Practice|h|m)?[\d\s.,:+\-−()%]*"
    )
    left = [text for text in said if "[" not in text and not allowed.fullmatch(text)]
    assert left == []
    for index in range(filled.bots.model.columnCount()):
        header = filled.bots.model.headerData(index, Qt.Orientation.Horizontal)
        assert header.startswith("[")


def test_u29_switching_keeps_selection_and_form(
    qtbot: QtBot, filled: MainWindow, context: AppContext
) -> None:
    editor = BotEditor(context, filled._live, filled.bots.model.rows[0].bot, filled)
    editor.name.editor.setText("Half typed")
    editor.form.fields["fast_period"].editor.setValue(17)
    before = filled.bots.selected()[0].bot.id
    context.words.use("id")
    assert editor.save.text() == "Simpan"
    assert editor.bot().name == "Half typed"
    assert editor.form.values()["fast_period"] == 17
    assert filled.bots.selected()[0].bot.id == before
    assert filled.tabs.tabText(1) == "Riwayat"
