"""The first run: shown once, every page can be skipped, what is entered counts, and the last page leads on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots, users
from qbx_desktop.data.database import Database
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.connect import ConnectDialog
from qbx_desktop.ui.dialogs.first_run import FirstRun
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.ui.words import PSEUDO
from tests.ui.test_fit import cut
from tests.ui.test_window import a_bot

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def begin(window: MainWindow, qtbot: QtBot) -> FirstRun:
    window.resize(1366, 768)
    window.show()
    qtbot.waitExposed(window)
    window.welcome.begin()
    dialog = window.findChild(FirstRun)
    assert dialog is not None
    qtbot.waitUntil(dialog.isVisible)
    return dialog


def press_next(qtbot: QtBot, dialog: FirstRun, times: int) -> None:
    for _ in range(times):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)


def test_by_return_alone_it_ends_in_a_finished_backtest(qtbot: QtBot, window: MainWindow) -> None:
    dialog = begin(window, qtbot)
    assert dialog.next.isDefault()
    press_next(qtbot, dialog, 5)
    assert window.tabs.currentIndex() == 2
    tab = window.backtest.built()
    qtbot.waitUntil(lambda: "Done" in tab.status.text(), timeout=30_000)  # type: ignore[attr-defined]
    window.welcome.begin()
    QApplication.processEvents()
    assert not [each for each in window.findChildren(FirstRun) if each.isVisible()], "it is asked once"


def test_skipping_leaves_everything_as_it_was(qtbot: QtBot, window: MainWindow, db: Database) -> None:
    dialog = begin(window, qtbot)
    qtbot.mouseClick(dialog.skip, Qt.MouseButton.LeftButton)
    settings = window._context.settings
    assert settings.get("ui.first_run_done")
    assert (settings.get("ui.theme"), settings.get("safety.risk_percent")) == ("dark", 1.0)
    assert not users.get(db.reader(), window._context.user_id).has_password
    assert window.tabs.currentIndex() == 0


def test_who_has_worked_here_is_not_asked(qtbot: QtBot, window: MainWindow, db: Database) -> None:
    db.write(lambda con: bots.create_bot(con, a_bot()))
    window.welcome.begin()
    assert window.findChild(FirstRun) is None
    assert window._context.settings.get("ui.first_run_done")


def test_safety_becomes_what_a_new_bot_begins_with(qtbot: QtBot, window: MainWindow) -> None:
    dialog = begin(window, qtbot)
    press_next(qtbot, dialog, 3)
    assert dialog.pages.currentWidget() is dialog.safety
    dialog.safety.fields["safety.risk_percent"].editor.setValue(0.5)
    dialog.safety.fields["safety.daily_loss_percent"].editor.setValue(2.0)
    dialog.safety.fields["safety.open_positions"].editor.setValue(2)
    dialog.safety.ask.setChecked(False)
    press_next(qtbot, dialog, 1)
    dialog.first_step.buttons["bot"].click()
    press_next(qtbot, dialog, 1)
    editor = window.findChild(BotEditor)
    assert editor is not None
    editor.name.editor.setText("x")
    settings = editor.bot().settings
    assert settings.risk_percent == 0.5
    assert (settings.limits["daily_loss_percent"], settings.limits["max_open_positions"]) == (2.0, 2.0)
    assert window._context.settings.get("bots.resume_real") == "always"
    editor.reject()


def test_a_password_is_set_only_when_one_is_typed(qtbot: QtBot, window: MainWindow, db: Database) -> None:
    dialog = begin(window, qtbot)
    press_next(qtbot, dialog, 1)
    dialog.password.name.setText("Reyna")
    dialog.password.first.setText("seven quiet harbours")
    assert not dialog.next.isEnabled()
    assert "second time" in dialog.next.toolTip()
    dialog.password.second.setText("seven quiet harbours")
    assert dialog.next.isEnabled()
    press_next(qtbot, dialog, 1)
    qtbot.waitUntil(lambda: dialog.pages.currentIndex() == 2, timeout=20_000)
    person = users.get(db.reader(), window._context.user_id)
    assert (person.name, person.has_password) == ("Reyna", True)
    dialog.reject()


def test_the_terminal_page_leads_to_the_connect_dialog(qtbot: QtBot, window: MainWindow) -> None:
    dialog = begin(window, qtbot)
    press_next(qtbot, dialog, 2)
    dialog.terminal.connect_wanted.emit(str(Path("C:/MT5/terminal64.exe")))
    connect = window.findChild(ConnectDialog)
    assert connect is not None
    assert connect.path.text().endswith("terminal64.exe")
    assert connect.metatrader.isChecked()
    connect.reject()
    dialog.reject()


@pytest.mark.parametrize("language", ["en", "id"])
def test_u29_nothing_is_cut_on_any_page(qtbot: QtBot, window: MainWindow, language: str) -> None:
    dialog = begin(window, qtbot)
    box = dialog.welcome.language
    box.setCurrentIndex(box.findData(language))
    window._context.words.use(language)
    for at in range(dialog.pages.count()):
        dialog._turn(at)
        QApplication.processEvents()
        assert cut(dialog) == []
    dialog.reject()


def test_u29_every_word_is_translated(qtbot: QtBot, window: MainWindow) -> None:
    dialog = begin(window, qtbot)
    window._context.words.use(PSEUDO)
    allowed = {"Bahasa Indonesia", "English"}
    said = [
        each.text() for each in dialog.findChildren(QWidget) if isinstance(each, QAbstractButton | QLabel)
    ]
    left = [each for each in said if each and "[" not in each and each not in allowed]
    assert left == []
    dialog.reject()
