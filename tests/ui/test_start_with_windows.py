"""The Run entry is what Windows will do; the menu shows it, switches it, and says when Windows refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.domain.errors import QbxError
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.menus import Actions
from qbx_desktop.ui.start_action import with_windows_action
from qbx_desktop.ui.start_with_windows import StartWithWindows, of_this_program, start_command

PROGRAM = Path("C:/Users/Bülent Ö/QuantumBotX.exe")


class Entries(dict[str, str]):
    """The Run key, and a Windows that may refuse."""

    refuses = False

    def set(self, name: str, command: str) -> None:
        if self.refuses:
            raise PermissionError(13, "Access is denied")
        self[name] = command

    def remove(self, name: str) -> None:
        self.pop(name, None)


@pytest.fixture
def entries() -> Entries:
    return Entries()


@pytest.fixture
def action(qtbot: QtBot, context: AppContext, entries: Entries) -> Iterator[QAction]:
    window = QWidget()
    qtbot.addWidget(window)
    made = with_windows_action(Actions(context, window), context, StartWithWindows(entries, PROGRAM))
    assert made[0] is None
    assert made[1] is not None
    yield made[1]
    window.close()  # until here it is kept: an action goes with its window


def test_the_path_is_quoted_and_the_window_waits_in_the_tray() -> None:
    assert start_command(PROGRAM) == f'"{PROGRAM}" --window --minimized'


def test_a_checkout_has_no_entry() -> None:
    assert of_this_program() is None


def test_the_menu_switches_the_entry(action: QAction, entries: Entries) -> None:
    assert not action.isChecked()
    action.trigger()
    assert entries == {"QuantumBotX": start_command(PROGRAM)}
    assert action.isChecked()
    action.trigger()
    assert entries == {}
    assert not action.isChecked()


def test_an_entry_of_another_copy_does_not_count(entries: Entries) -> None:
    entries["QuantumBotX"] = start_command(Path("D:/old/QuantumBotX.exe"))
    assert not StartWithWindows(entries, PROGRAM).on


def test_a_refusal_is_a_sentence_and_the_mark_stays(
    action: QAction, entries: Entries, context: AppContext
) -> None:
    entries.refuses = True
    heard: list[QbxError] = []
    context.answers.problem.connect(heard.append)
    action.trigger()
    assert "Access is denied" in heard[0].sentence
    assert not action.isChecked()
