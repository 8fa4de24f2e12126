"""The banner says why nothing is opened, and a halt is lifted only by a person who typed the word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qbx_desktop.data import trading_state
from qbx_desktop.data.database import Database
from qbx_desktop.domain.events import DiskChanged, HistoryAppended
from qbx_desktop.domain.guards import disk_space
from qbx_desktop.domain.resources import resource
from qbx_desktop.ui import halt_banner
from qbx_desktop.ui.dialogs import arm
from qbx_desktop.ui.dialogs.arm import ArmDialog
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.workers import NotedDesk
from tests.ui.test_backtest_words import spoken

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SOURCES = [Path(each.__file__) for each in (halt_banner, arm)]


def halt(db: Database, board: NoticeBoard, state: str) -> None:
    db.write(
        lambda con: trading_state.set(con, trading_state.GLOBAL, state, "restored from a backup", 1_750_000)
    )
    board.happened.emit(HistoryAppended(1, None))


def test_the_banner_follows_the_disk(window: MainWindow, board: NoticeBoard) -> None:
    window.show()
    banner = window.upkeep.banner
    assert not banner.isVisible()
    refusal = disk_space("REDUCING", 150)
    assert refusal is not None
    board.happened.emit(DiskChanged(refusal.message))
    assert banner.isVisible()
    assert "Only 150 MB are free" in banner.text.text()
    assert not banner.arm.isVisible(), "the disk lifts its limit by itself"
    board.happened.emit(DiskChanged(None))
    assert not banner.isVisible()


def test_a_halt_is_shown_and_lifted_by_a_typed_word(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, db: Database, desk: NotedDesk
) -> None:
    window.show()
    halt(db, board, "HALTED")
    banner = window.upkeep.banner
    assert banner.isVisible()
    assert "restored from a backup" in banner.text.text()
    banner.arm.click()
    (dialog,) = window.findChildren(ArmDialog)
    assert "restored from a backup" in dialog.why.text()
    assert not dialog.arm.isEnabled()
    qtbot.keyClicks(dialog.word, "yes")
    qtbot.keyClick(dialog.word, Qt.Key.Key_Return)
    assert ("rearm",) not in desk.commands
    dialog.word.clear()
    qtbot.keyClicks(dialog.word, "arm")
    dialog.arm.click()
    assert ("rearm",) in desk.commands
    qtbot.waitUntil(lambda: not dialog.isVisible())
    halt(db, board, "ACTIVE")
    assert not banner.isVisible()


def test_the_trading_switch_leads_there_too_instead_of_doing_nothing(
    window: MainWindow, board: NoticeBoard, db: Database, desk: NotedDesk
) -> None:
    window.show()
    halt(db, board, "HALTED")
    assert not window.algo.action.isChecked()
    window.algo.action.trigger()
    assert not window.algo.action.isChecked()
    assert ("set_algo", True) not in desk.commands
    (dialog,) = window.findChildren(ArmDialog)
    dialog.reject()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_word_has_its_indonesian(path: Path) -> None:
    known: set[str] = set()
    for each in resource("translations").glob("id*.json"):
        known |= set(json.loads(each.read_text(encoding="utf-8"))["words"])
    assert spoken(path) - known == set()
