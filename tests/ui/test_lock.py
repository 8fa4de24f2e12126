"""The lock hides everything readable, lets only the right password through, and never holds a bot back."""

from __future__ import annotations

import dataclasses
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.cli import run
from qbx_desktop.data import audit, bots, password_reset, users
from qbx_desktop.data.database import Database
from qbx_desktop.data.login import Gate
from qbx_desktop.data.password_rules import hash_password
from qbx_desktop.domain.bots import Bot, BotStatus
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.resources import resource
from qbx_desktop.ui import lock, lock_page
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs import ask_password, password_form, set_password
from qbx_desktop.ui.dialogs.about import AboutDialog
from qbx_desktop.ui.dialogs.ask_password import AskPasswordDialog
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.set_password import SetPasswordDialog
from qbx_desktop.ui.journal import JournalRing
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.tray_menu import tray_menu
from qbx_desktop.ui.window import MainWindow
from tests.fakes.clock import FakeClock
from tests.fakes.tray import FakeTray
from tests.fakes.workers import NotedDesk
from tests.ui.test_backtest_words import spoken

pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support", "No such signal QPlatformNativeInterface"
)
PASSWORD = "seven quiet harbours"
SOURCES = [Path(each.__file__) for each in (ask_password, lock, lock_page, password_form, set_password)]


class Starts:
    """Opens the program's window as often as a test restarts it."""

    def __init__(self, live: Live, folder: Path) -> None:
        self._live = live
        self._folder = folder
        self._open: list[MainWindow] = []

    def __call__(self, context: AppContext) -> MainWindow:
        layout = QSettings(str(self._folder / "window.ini"), QSettings.Format.IniFormat)
        made = MainWindow(context, self._live, FakeTray(), JournalRing(), layout, 60.0)
        self._open.append(made)
        made.show()
        return made

    def end(self) -> None:
        for made in self._open:
            made.end()
            shiboken6.delete(made)
        self._open.clear()


@pytest.fixture
def start(live: Live, tmp_path: Path, qtbot: QtBot) -> Iterator[Starts]:
    starts = Starts(live, tmp_path)
    yield starts
    starts.end()


@pytest.fixture
def with_password(db: Database, context_user: int) -> None:
    hashed = hash_password(PASSWORD)
    db.write(lambda con: users.describe(con, context_user, name="Reyna", email=""))
    db.write(lambda con: users.set_password(con, context_user, hashed, 1))


def attempt(qtbot: QtBot, window: MainWindow, password: str) -> None:
    """Type a password, press Enter, wait for the answer."""
    page = window.lock.page
    page.password.setText(password)
    qtbot.keyClick(page.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page._busy, timeout=20_000)


def dialog_of(window: MainWindow) -> SetPasswordDialog:
    return next(each for each in window.findChildren(SetPasswordDialog) if each.isVisible())


def no_dialog(window: MainWindow) -> bool:
    return not any(each.isVisible() for each in window.findChildren(SetPasswordDialog))


def fill(dialog: SetPasswordDialog, name: str, password: str, again: str | None = None) -> None:
    dialog.form.name.setText(name)
    dialog.form.first.setText(password)
    dialog.form.second.setText(password if again is None else again)


def test_practice_without_a_password_never_asks(start: Starts, context: AppContext) -> None:
    assert not start(context).lock.locked


def test_first_lock_sets_a_password_then_locks(
    qtbot: QtBot, start: Starts, context: AppContext, db: Database, context_user: int
) -> None:
    window = start(context)
    window.lock_now.trigger()
    dialog = dialog_of(window)
    assert not window.lock.locked
    assert "not your broker password" in dialog.form.about.text()
    assert not dialog.save.isEnabled()
    fill(dialog, "Reyna", "short")
    assert "at least 10" in dialog.form.note.text()
    fill(dialog, "Reyna", "quantumbotx1")
    assert not dialog.save.isEnabled()
    fill(dialog, "Reyna", PASSWORD, "something else")
    assert "second time" in dialog.form.note.text()
    dialog.form.email.setText("not an address")
    fill(dialog, "Reyna", PASSWORD)
    assert dialog.form.strength.value() > 1
    dialog.save.click()
    qtbot.waitUntil(lambda: "not an e-mail" in dialog.form.note.text(), timeout=20_000)
    dialog.form.email.setText("reyna@example.org")
    dialog.save.click()
    qtbot.waitUntil(lambda: window.lock.locked, timeout=20_000)
    stored = users.get(db.reader(), context_user)
    assert stored is not None
    assert (stored.name, stored.email, stored.has_password) == ("Reyna", "reyna@example.org", True)
    assert db.write(users.ensure_practice_user) == context_user, "the profile is found under its new e-mail"
    assert window.lock.page.person.text() == "Reyna"
    attempt(qtbot, window, PASSWORD)
    assert not window.lock.locked


def test_giving_up_the_first_password_locks_nothing(start: Starts, context: AppContext) -> None:
    window = start(context)
    window.lock_now.trigger()
    dialog_of(window).cancel.click()
    assert not window.lock.locked
    person = users.get(context.db.reader(), context.user_id)
    assert person is not None
    assert not person.has_password


@pytest.mark.usefixtures("with_password")
def test_nothing_is_readable_or_reachable_while_locked(
    qtbot: QtBot, start: Starts, context: AppContext
) -> None:
    context.settings.set("lock.at_start", False)
    window = start(context)
    assert not window.lock.locked, "switched off in the settings"
    window.dialogs.about()
    about = next(each for each in window.findChildren(AboutDialog) if each.isVisible())
    shown = {each for each in (window.toolbox, window.menuBar(), window.status) if each.isVisible()}
    assert len(shown) == 3
    window.lock_now.trigger()
    page = window.lock.page
    seen = [each for each in window.findChildren(QWidget) if each.isVisible() and not page.isAncestorOf(each)]
    assert set(seen) <= {page, window.centralWidget(), *window.centralWidget().findChildren(QWidget)}
    assert not window.tabs.isVisible()
    assert not any(each.isVisible() for each in (*shown, about, window.commands, window.strip))
    usable = [each for each in window.actions() if each.isEnabled()]
    doors = {window.algo.action, window.pause_all, window.emergency.action, window.quit}
    assert set(usable) == doors, "what only stops trading works without the password"
    late = AboutDialog(context, window)
    window.dialogs.show(late)
    assert not late.isVisible(), "a dialog of the program waits"
    attempt(qtbot, window, PASSWORD)
    assert not window.lock.locked
    assert window.tabs.isVisible()
    assert late.isVisible()
    assert all(each.isVisible() for each in (*shown, about))
    assert window.new_bot.isEnabled()
    for dialog in (about, late):
        dialog.reject()


@pytest.mark.usefixtures("with_password")
def test_five_wrong_ones_lock_out_and_a_restart_keeps_it(
    qtbot: QtBot, start: Starts, context: AppContext, clock: FakeClock
) -> None:
    window = start(context)
    assert window.lock.locked, "a program with a password starts locked"
    for left in (4, 3, 2, 1):
        attempt(qtbot, window, "wrong password")
        assert f"Tries left: {left}" in window.lock.page.said.text()
        assert window.lock.page.password.text() == ""
    attempt(qtbot, window, "wrong password")
    assert "Next try in 30 s" in window.lock.page.said.text()
    assert not window.lock.page.password.isEnabled()
    start.end()
    clock.advance(10)
    window = start(context)
    assert "Next try in 20 s" in window.lock.page.said.text()
    assert not window.lock.page.password.isEnabled()
    clock.advance(21)
    window.lock._timer.timeout.emit()
    assert window.lock.page.password.isEnabled()
    assert window.lock.page.said.text() == ""
    attempt(qtbot, window, PASSWORD)
    assert not window.lock.locked


@pytest.mark.usefixtures("with_password")
def test_bots_are_counted_and_paused_behind_the_lock(
    start: Starts, context: AppContext, desk: NotedDesk
) -> None:
    window = start(context)
    page = window.lock.page
    page.pause_all.click()
    assert ("pause_all",) in desk.commands
    page.algo.click()
    assert ("set_algo", False) in desk.commands
    page.show_active(2)
    assert page.running.text() == "2 bots keep running while locked."
    page.show_active(1)
    assert page.running.text() == "1 bot keeps running while locked."
    assert window.lock.locked


def test_the_default_password_opens_only_set_your_password(
    qtbot: QtBot, start: Starts, context: AppContext, db: Database
) -> None:
    hashed = users.default_admin_hash()
    admin = db.write(lambda con: users.ensure_default_admin(con, hashed))
    window = start(dataclasses.replace(context, user_id=admin))
    attempt(qtbot, window, "admin")
    assert window.lock.locked
    dialog = dialog_of(window)
    dialog.cancel.click()
    assert window.lock.locked
    attempt(qtbot, window, "admin")
    fill(dialog_of(window), "Reyna", PASSWORD)
    dialog_of(window).save.click()
    qtbot.waitUntil(lambda: not window.lock.locked, timeout=20_000)
    person = users.get(db.reader(), admin)
    assert person is not None
    assert not person.must_change


@pytest.mark.usefixtures("with_password")
def test_the_admin_of_the_documents_does_not_open_a_profile_with_a_password(
    qtbot: QtBot, start: Starts, context: AppContext, db: Database
) -> None:
    hashed = users.default_admin_hash()
    db.write(lambda con: users.ensure_default_admin(con, hashed))
    window = start(context)
    attempt(qtbot, window, "admin")
    assert window.lock.locked
    assert "Wrong password" in window.lock.page.said.text()
    assert not window.findChildren(SetPasswordDialog)


@pytest.mark.usefixtures("with_password")
def test_the_window_lives_while_a_password_is_checked(
    qtbot: QtBot, start: Starts, context: AppContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = start(context)
    may_go_on, checked_in = threading.Event(), []
    real = Gate.log_in

    def slow(gate: Gate, email: str, password: str) -> object:
        checked_in.append(threading.current_thread())
        assert may_go_on.wait(20)
        return real(gate, email, password)

    monkeypatch.setattr(Gate, "log_in", slow)
    page = window.lock.page
    page.password.setText(PASSWORD)
    page.button.click()
    qtbot.waitUntil(lambda: bool(checked_in), timeout=20_000)
    assert checked_in[0] is not threading.main_thread()
    assert page.button.text() == "Checking…"
    page.pause_all.click()
    assert window.lock.locked
    may_go_on.set()
    qtbot.waitUntil(lambda: not window.lock.locked, timeout=20_000)


@pytest.mark.usefixtures("with_password")
def test_ending_while_locked_keeps_the_layout(start: Starts, context: AppContext) -> None:
    assert start(context).lock.locked
    start.end()
    context.settings.set("lock.at_start", False)
    window = start(context)
    assert window.toolbox.isVisible()
    assert window.commands.isVisible()


@pytest.mark.usefixtures("with_password")
def test_caps_lock_is_told(start: Starts, context: AppContext) -> None:
    page = start(context).lock.page
    none, shift = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier
    for text, modifier, told in (
        ("a", none, False),
        ("A", none, True),
        ("A", shift, False),
        ("a", shift, True),
    ):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, modifier, text)
        QApplication.sendEvent(page.password, event)
        assert page.caps.isVisible() is told, (text, modifier)


@pytest.mark.usefixtures("with_password")
def test_everything_has_a_name_and_the_tray_locks_too(start: Starts, context: AppContext) -> None:
    context.settings.set("lock.at_start", False)
    window = start(context)
    dialog = SetPasswordDialog(context, users.list_users(context.db.reader())[0], window.lock.run, window)
    for root in (window.lock.page, dialog):
        for widget in (*root.findChildren(QLineEdit), *root.findChildren(QAbstractButton)):
            assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()), widget
    menu = tray_menu(window, context)
    entry = next(each for each in menu.actions() if each.text() == "Lock now")
    assert entry.shortcut().toString() == "Ctrl+L"
    entry.trigger()
    assert window.lock.locked


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_every_word_has_its_indonesian(path: Path) -> None:
    known: set[str] = set()
    for each in resource("translations").glob("id*.json"):
        known |= set(json.loads(each.read_text(encoding="utf-8"))["words"])
    assert spoken(path) - known == set()


def test_changing_the_password_asks_for_the_present_one(
    qtbot: QtBot, start: Starts, context: AppContext, db: Database, with_password: None
) -> None:
    context.settings.set("lock.at_start", False)
    window = start(context)
    window.upkeep.password.trigger()
    dialog = dialog_of(window)
    assert dialog.form.present.isVisible()
    fill(dialog, "Reyna", "nine patient lanterns")
    assert "present password" in dialog.form.note.text()
    dialog.form.present.setText("wrong password")
    dialog.save.click()
    qtbot.waitUntil(lambda: "is wrong" in dialog.form.note.text(), timeout=20_000)
    dialog.form.present.setText(PASSWORD)
    dialog.save.click()
    qtbot.waitUntil(lambda: no_dialog(window), timeout=20_000)
    window.lock_now.trigger()
    attempt(qtbot, window, PASSWORD)
    assert window.lock.locked, "the old one opens nothing any more"
    attempt(qtbot, window, "nine patient lanterns")
    assert not window.lock.locked


def test_forgot_it_says_the_command_and_the_next_start_asks_for_a_new_one(
    qtbot: QtBot, start: Starts, context: AppContext, db: Database, with_password: None, clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    active = Bot(0, "Runs", "EURUSD", "H1", "MA_CROSSOVER", status=BotStatus.AKTIF)
    db.write(lambda con: bots.create_bot(con, active))
    window = start(context)
    assert window.lock.locked
    window.lock.page.forgot.click()
    assert "qbx db forgot-password --home" in window.lock.page.said.text()
    monkeypatch.setattr(password_reset, "is_elevated", lambda: False)
    with pytest.raises(UserMistake, match="administrator"):
        password_reset.order(context.home)
    assert not password_reset.carry_out(context.home, db, clock), "nothing was ordered"
    monkeypatch.setattr(password_reset, "is_elevated", lambda: True)
    assert run(["db", "forgot-password", "--home", str(context.home.root)]) == 0
    assert "asks for a new password" in capsys.readouterr().out
    start.end()
    ordered_by_root = password_reset.order_file(context.home).stat().st_uid == 0
    assert password_reset.carry_out(context.home, db, clock) is (ordered_by_root or os.name == "nt")
    assert not password_reset.order_file(context.home).exists()
    if not ordered_by_root:
        return
    assert [bot.status for bot in bots.list_bots(db.reader())] == [BotStatus.DIJEDA]
    assert next(row.what for row in audit.page(db.reader())) == "user.password_reset"
    window = start(context)
    assert not window.lock.locked
    window.lock.ask_for_password()
    fill(dialog_of(window), "Reyna", "nine patient lanterns")
    dialog_of(window).save.click()
    qtbot.waitUntil(lambda: no_dialog(window), timeout=20_000)
    window.lock_now.trigger()
    attempt(qtbot, window, "nine patient lanterns")
    assert not window.lock.locked


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_an_order_that_no_administrator_made_is_thrown_away(
    db: Database, context: AppContext, clock: FakeClock, context_user: int, with_password: None
) -> None:
    path = password_reset.order_file(context.home)
    path.write_bytes(b"by me")
    os.chown(path, 1000, 1000)
    assert not password_reset.carry_out(context.home, db, clock)
    assert not path.exists()
    person = users.get(db.reader(), context_user)
    assert person is not None
    assert person.has_password


@pytest.mark.usefixtures("with_password")
def test_it_locks_itself_when_nobody_is_there(
    qtbot: QtBot, start: Starts, context: AppContext, clock: FakeClock
) -> None:
    context.settings.set("lock.at_start", False)
    window = start(context)
    clock.advance(14 * 60)
    window.lock.auto.look()
    assert not window.lock.locked
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_A, Qt.KeyboardModifier.NoModifier, "a")
    window.lock.auto.eventFilter(window, event)
    clock.advance(14 * 60)
    window.lock.auto.look()
    assert not window.lock.locked, "a key was pressed a quarter of an hour ago"
    clock.advance(61)
    window.lock.auto.look()
    assert window.lock.locked
    attempt(qtbot, window, PASSWORD)
    context.settings.set("lock.after_minutes", 0)
    clock.advance(3_600)
    window.lock.auto.look()
    assert not window.lock.locked


def test_it_never_locks_itself_without_a_password(
    start: Starts, context: AppContext, clock: FakeClock
) -> None:
    window = start(context)
    clock.advance(3_600)
    window.lock.auto.look()
    assert not window.lock.locked


@pytest.mark.usefixtures("with_password")
def test_allowing_a_bot_more_asks_for_the_password(
    qtbot: QtBot, context: AppContext, live: Live, clock: FakeClock
) -> None:
    stored = Bot(3, "Mine", "EURUSD", "H1", "MA_CROSSOVER")
    editor = BotEditor(context, live, stored)
    qtbot.addWidget(editor)
    editor.show()
    editor.limits.fields["max_lots_per_order"].set_value(0.5)
    with qtbot.waitSignal(editor.accepted):
        editor.save.click()
    editor = BotEditor(context, live, stored)
    qtbot.addWidget(editor)
    editor.show()
    editor.limits.fields["max_lots_per_order"].set_value(5.0)
    editor.save.click()
    (asked,) = editor.findChildren(AskPasswordDialog)
    assert editor.isVisible()
    asked.password.setText("wrong password")
    asked.confirm.click()
    qtbot.waitUntil(lambda: "is wrong" in asked.said.text(), timeout=20_000)
    assert editor.isVisible()
    asked.password.setText(PASSWORD)
    with qtbot.waitSignal(editor.accepted, timeout=20_000):
        asked.confirm.click()


def test_without_a_password_nothing_is_asked(qtbot: QtBot, context: AppContext, live: Live) -> None:
    editor = BotEditor(context, live, Bot(3, "Mine", "EURUSD", "H1", "MA_CROSSOVER"))
    qtbot.addWidget(editor)
    editor.show()
    editor.limits.fields["max_lots_per_order"].set_value(5.0)
    with qtbot.waitSignal(editor.accepted):
        editor.save.click()
