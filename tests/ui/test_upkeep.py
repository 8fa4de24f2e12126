"""The banner says why nothing is opened, and a halt is lifted only by a person who typed the word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots, next_start, pending_restore, trading_state
from qbx_desktop.data.backup import backups_in, make_backup
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged
from qbx_desktop.data.home import Home
from qbx_desktop.data.pending_restore import RestoreOutcome
from qbx_desktop.domain.events import DiskChanged, HistoryAppended
from qbx_desktop.domain.guards import disk_space
from qbx_desktop.domain.resources import resource
from qbx_desktop.ui import halt_banner
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs import arm, backups, damaged
from qbx_desktop.ui.dialogs.arm import ArmDialog
from qbx_desktop.ui.dialogs.backups import BackupsDialog, report_words
from qbx_desktop.ui.dialogs.damaged import DamagedDialog
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.ui.words import Words
from qbx_desktop.workers.board import NoticeBoard
from tests.data.conftest import a_bot
from tests.fakes.clock import FakeClock
from tests.fakes.workers import NotedDesk
from tests.ui.test_backtest_words import spoken

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
SOURCES = [Path(each.__file__) for each in (halt_banner, arm, backups, damaged)]


@pytest.fixture
def folder(tmp_path: Path) -> Home:
    return Home(tmp_path / "other").prepare()


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


def backups_dialog(window: MainWindow) -> BackupsDialog:
    window.upkeep.backups.trigger()
    return next(each for each in window.findChildren(BackupsDialog) if each.isVisible())


def test_a_backup_is_made_proved_and_wished_for(
    qtbot: QtBot, window: MainWindow, context: AppContext
) -> None:
    window.show()
    dialog = backups_dialog(window)
    assert dialog.list.count() == 0
    assert "no backup yet" in dialog.said.text()
    assert not dialog.restore.isEnabled()
    dialog.now.click()
    qtbot.waitUntil(lambda: dialog.list.count() == 1, timeout=20_000)
    assert "by hand" in dialog.list.item(0).text()
    dialog.test.click()
    qtbot.waitUntil(lambda: "can be restored" in dialog.said.text(), timeout=20_000)
    assert "users" in dialog.said.text()
    dialog.restore.click()
    qtbot.waitUntil(lambda: "will be restored" in dialog.said.text(), timeout=20_000)
    (made,) = backups_in(context.home.backups)
    assert next_start.wished(context.home, next_start.RESTORE) == made.path
    dialog.keep.click()
    assert next_start.wished(context.home, next_start.RESTORE) is None
    made.path.write_bytes(made.path.read_bytes()[:9_000])
    for button in (dialog.test, dialog.restore):
        button.click()
        qtbot.waitUntil(lambda: "damaged" in dialog.said.text(), timeout=20_000)
        qtbot.waitUntil(dialog.now.isEnabled)
    assert next_start.wished(context.home, next_start.RESTORE) is None
    dialog.reject()


def test_a_restore_is_carried_out_once_and_told(folder: Home, words: Words) -> None:
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, a_bot(name="Before")))
    made = make_backup(folder.database, folder.backups, "manual")
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, a_bot(name="After")))
    pending_restore.wish(folder, made.path)
    outcome = pending_restore.carry_out(folder, FakeClock())
    assert outcome is not None
    with Database.open(folder.database) as db:
        assert [bot.name for bot in bots.list_bots(db.reader())] == ["Before"]
        assert trading_state.get(db.reader(), trading_state.GLOBAL).state == "HALTED"
    told = " ".join(report_words(words, outcome))
    assert made.path.name in told
    assert "before-restore-" in told
    assert "Trading is halted" in told
    assert pending_restore.carry_out(folder, FakeClock()) is None


def test_a_restore_that_fails_changes_nothing_and_says_why(folder: Home, words: Words) -> None:
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, a_bot(name="Mine")))
    made = make_backup(folder.database, folder.backups, "manual")
    pending_restore.wish(folder, made.path)
    made.path.write_bytes(b"rubbish")
    outcome = pending_restore.carry_out(folder, FakeClock())
    assert outcome is not None
    assert "damaged" in " ".join(report_words(words, outcome))
    with Database.open(folder.database) as db:
        assert [bot.name for bot in bots.list_bots(db.reader())] == ["Mine"]


def test_a_damaged_database_comes_back_by_one_button(qtbot: QtBot, folder: Home, words: Words) -> None:
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, a_bot(name="Mine")))
    make_backup(folder.database, folder.backups, "daily")
    folder.database.write_bytes(b"")
    with pytest.raises(DbDamaged) as error:
        Database.open(folder.database, backups=folder.backups)
    dialog = DamagedDialog(words, folder, error.value)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "it is empty" in dialog.said.text()
    dialog.restore.click()
    assert not dialog.leave.isEnabled()
    dialog.reject()
    assert dialog.isVisible(), "not while it is being brought back"
    qtbot.waitUntil(lambda: not dialog.isVisible(), timeout=30_000)
    assert dialog.done_work is not None
    told = " ".join(report_words(words, RestoreOutcome(None, dialog.done_work)))
    assert "Restored from bots-" in told
    with Database.open(folder.database) as db:
        assert [bot.name for bot in bots.list_bots(db.reader())] == ["Mine"]


def test_quitting_instead_leaves_the_damaged_file_as_it_is(qtbot: QtBot, folder: Home, words: Words) -> None:
    folder.database.write_bytes(b"not a database at all" * 10)
    before = folder.database.read_bytes()
    with pytest.raises(DbDamaged) as error:
        Database.open(folder.database, backups=folder.backups)
    dialog = DamagedDialog(words, folder, error.value)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.leave.click()
    assert dialog.done_work is None
    assert folder.database.read_bytes() == before
