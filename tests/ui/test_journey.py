"""The program as a person uses it: real desk, real child process, simulated market on fast time, across a restart."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qbx_desktop import launch
from qbx_desktop.app import Program
from qbx_desktop.data import bots, history
from qbx_desktop.data.backup import backups_in
from qbx_desktop.domain.bots import BotStatus
from qbx_desktop.domain.events import Link
from qbx_desktop.ui.dialogs.bot_editor import BotEditor

pytestmark = [
    pytest.mark.qt_log_ignore("This plugin does not support", "No such signal QPlatformNativeInterface"),
    pytest.mark.timeout(240),
]
LONG = 90_000


@pytest.fixture
def start(home: Path, qapp: QApplication, qtbot: QtBot) -> Iterator[Callable[[], Program]]:
    """Starts a program over the same folder again and again; whatever still runs at the end is stopped."""
    running: list[Program] = []

    def begin() -> Program:
        options = launch.options(["--window", "--home", str(home), "--speed", "600"])
        options.home.prepare()
        program = Program(options)
        running.append(program)
        program.start()
        return program

    yield begin
    for program in running:
        program.stop()
        shiboken6.delete(program.window)


def make_a_fast_bot(qtbot: QtBot, program: Program) -> int:
    """Through the editor, as a person would: M1, averages of 2 and 5 bars, fixed lots."""
    qtbot.waitUntil(lambda: program.live.link.link is Link.READY and bool(program.live.symbols), timeout=LONG)
    program.window.new_bot.trigger()
    editor = program.window.findChild(BotEditor)
    assert editor is not None
    qtbot.keyClicks(editor.name.editor, "Quick")
    editor.timeframe.set_value("M1")
    editor.sizing.set_value("FIXED_LOT")
    editor.lots.editor.setValue(0.1)
    editor.sl_atr.editor.setValue(10.0)
    editor.tp_atr.editor.setValue(0.0)
    editor.form.fields["fast_period"].editor.setValue(2)
    editor.form.fields["slow_period"].editor.setValue(5)
    assert editor.save_and_start.isEnabled(), editor.save.toolTip()
    qtbot.mouseClick(editor.save_and_start, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: program.window.bots.model.rowCount() == 1, timeout=LONG)
    return program.window.bots.model.rows[0].bot.id


def test_create_start_fill_quit_and_come_back(qtbot: QtBot, start: Callable[[], Program]) -> None:
    program = start()
    bot_id = make_a_fast_bot(qtbot, program)
    window = program.window
    qtbot.waitUntil(lambda: window.bots.model.rows[0].positions != (), timeout=LONG)
    window.show_tab(1)
    qtbot.waitUntil(lambda: window.toolbox.notices.unread > 0, timeout=LONG)
    qtbot.waitUntil(
        lambda: any(row.action == "POSISI DIBUKA" for row in window.history.model.rows), timeout=LONG
    )
    assert window.bots.model.rows[0].look.word == "Active"
    assert window.strip.values["Equity"].text() != "—"
    assert window.commands.badge.text() == "DEMO"
    assert int(window.commands.bell.text()) >= 1
    balance = program.live.account.balance
    threads = threading.active_count()
    program.stop()
    assert threading.active_count() < threads

    assert any(each.reason == "daily" for each in backups_in(program.options.home.backups))

    again = start()
    assert again.window.bots.model.rows[0].bot.status is BotStatus.AKTIF, "the wish is kept"
    again.window.show_tab(1)
    qtbot.waitUntil(
        lambda: any(row.action == "POSISI DIBUKA" for row in again.window.history.model.rows), timeout=LONG
    )
    assert again.window.toolbox.notices.rowCount() >= 1
    qtbot.waitUntil(lambda: again.live.account is not None, timeout=LONG)
    assert again.live.account.login != 0
    assert abs(again.live.account.balance - balance) < 500
    qtbot.waitUntil(lambda: again.window.bots.model.rows[0].look.word == "Active", timeout=LONG)
    again.window.bots.select(bot_id)
    again.window.bots.pause()
    qtbot.waitUntil(lambda: bots.get_bot(again.db.reader(), bot_id).status is BotStatus.DIJEDA, timeout=LONG)


def test_a_killed_terminal_is_said_and_comes_back_while_the_window_lives(
    qtbot: QtBot, start: Callable[[], Program]
) -> None:
    program = start()
    make_a_fast_bot(qtbot, program)
    qtbot.waitUntil(lambda: program.window.bots.model.rows[0].look.word == "Active", timeout=LONG)
    links: list[Link] = []
    program.live.link_changed.connect(lambda: links.append(program.live.link.link))
    beats: list[int] = []
    beat = QTimer(interval=10)
    beat.timeout.connect(lambda: beats.append(1))
    beat.start()
    os.kill(program.client.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: Link.LOST in links or Link.CONNECTING in links, timeout=LONG)
    qtbot.waitUntil(lambda: links[-1] is Link.READY, timeout=LONG)
    qtbot.waitUntil(lambda: program.window.bots.model.rows[0].look.word == "Active", timeout=LONG)
    assert len(beats) > 10
    opened = [row for row in history.page(program.db.reader(), limit=1_000) if row.action == "POSISI DIBUKA"]
    tickets = [row.params.get("ticket") for row in opened]
    assert len(tickets) == len(set(tickets)), "no order was sent twice"
