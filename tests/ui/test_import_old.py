"""File, Import old database: a wish now, done once before the next start, told in words, the original untouched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots, pending_import
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.bots import Bot
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.import_old import ImportDialog, ImportReportDialog
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.ui.words import Words
from tests.fakes.clock import FakeClock
from tests.upgrade.shapes import build

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def folder(tmp_path: Path) -> Home:
    return Home(tmp_path / "other").prepare()


@pytest.fixture
def dialog(context: AppContext) -> Iterator[ImportDialog]:
    made = ImportDialog(context)
    made.show()
    yield made
    made.reject()
    shiboken6.delete(made)


def test_a_wish_is_noted_and_taken_back(
    qtbot: QtBot, dialog: ImportDialog, context: AppContext, tmp_path: Path
) -> None:
    source = build("v0_seed", tmp_path / "old.db")
    dialog.path.setText(str(source))
    dialog.save.click()
    assert pending_import.wished(context.home) == source
    again = ImportDialog(context)
    assert again.path.text() == str(source)
    again.path.clear()
    again.save.click()
    assert pending_import.wished(context.home) is None
    shiboken6.delete(again)


@pytest.mark.parametrize("kind", ["missing", "no database", "own", "folder"])
def test_what_cannot_be_imported_is_refused_in_words(
    dialog: ImportDialog, context: AppContext, tmp_path: Path, kind: str
) -> None:
    (tmp_path / "notes.db").write_text("not a database at all")
    path = {"missing": tmp_path / "none.db", "no database": tmp_path / "notes.db", "own": context.home.database,
            "folder": tmp_path}[kind]  # fmt: skip
    dialog.path.setText(str(path))
    dialog.save.click()
    assert dialog.isVisible()
    assert "Nothing was changed" in dialog.problem.text()
    assert pending_import.wished(context.home) is None


def test_it_is_done_once_and_the_present_data_is_set_aside(
    folder: Home, tmp_path: Path, words: Words
) -> None:
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, Bot(0, "Mine", "EURUSD", "H1", "MA_CROSSOVER")))
    source = build("v0_seed", tmp_path / "old.db")
    before = source.read_bytes()
    pending_import.wish(folder, source)
    outcome = pending_import.carry_out(folder, FakeClock())
    assert outcome is not None
    assert outcome.report is not None
    assert source.read_bytes() == before
    with Database.open(folder.database) as db:
        names = {bot.name for bot in bots.list_bots(db.reader())}
    assert "Euro" in names
    assert "Mine" not in names
    (aside,) = folder.root.glob("before-import-*/bots.db")
    with Database.open(aside) as db:
        assert [bot.name for bot in bots.list_bots(db.reader())] == ["Mine"]
    assert pending_import.carry_out(folder, FakeClock()) is None
    report = ImportReportDialog(words, outcome)
    said = report.said.text()
    assert "3 bots" in said
    assert "2 Euro" in said
    assert "The old file was not changed" in said
    shiboken6.delete(report)


def test_a_failed_import_leaves_everything_as_it_was(folder: Home, tmp_path: Path, words: Words) -> None:
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, Bot(0, "Mine", "EURUSD", "H1", "MA_CROSSOVER")))
    source = tmp_path / "broken.db"
    source.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    pending_import.wish(folder, source)
    outcome = pending_import.carry_out(folder, FakeClock())
    assert outcome is not None
    assert outcome.report is None
    report = ImportReportDialog(words, outcome)
    assert report.said.text()
    shiboken6.delete(report)
    with Database.open(folder.database) as db:
        assert [bot.name for bot in bots.list_bots(db.reader())] == ["Mine"]
    assert pending_import.carry_out(folder, FakeClock()) is None, "tried once, not at every start"


def test_a_damaged_note_is_no_wish(folder: Home) -> None:
    (folder.root / "next-start.json").write_bytes(b"\xff{")
    assert pending_import.carry_out(folder, FakeClock()) is None


def test_the_menu_opens_it_and_the_window_tells_the_outcome(
    qtbot: QtBot, window: MainWindow, folder: Home, tmp_path: Path
) -> None:
    window.show()
    action = next(each for each in window.actions() if each.text() == "Import old database…")
    action.trigger()
    (asked,) = window.findChildren(ImportDialog)
    asked.reject()
    pending_import.wish(folder, build("v0_seed", tmp_path / "old.db"))
    outcome = pending_import.carry_out(folder, FakeClock())
    assert outcome is not None
    window.tell_import(outcome)
    (told,) = window.findChildren(ImportReportDialog)
    assert told.isVisible()
    told.reject()
