"""The notice asks only when allowed, says one sentence, and keeps quiet while an order is on its way."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.data.update_manifest import Channel, UpdateError, verified
from qbx_desktop.domain.journal import JournalAction, JournalState
from qbx_desktop.domain.resources import resource
from qbx_desktop.ui import settings, update_notice
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs import update
from qbx_desktop.ui.dialogs.update import UpdateDialog
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.update_notice import UpdateNotice
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.update_check import UpdateCheck
from tests.data.announcements import NOW, PUBLIC, envelope
from tests.ui.test_backtest_words import spoken

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
CHANNEL = Channel("https://127.0.0.1:9/update.json", PUBLIC)


class Answered(UpdateCheck):
    """A check whose file has already come."""

    def __init__(self, data: bytes, seen: int, clock: object) -> None:
        super().__init__(CHANNEL, seen, clock)  # type: ignore[arg-type]
        self.data = data

    def start(self) -> None:
        try:
            self.answer.set_result(verified(self.data, PUBLIC, NOW, self._seen))
        except UpdateError as error:
            self.answer.set_exception(error)


@pytest.fixture
def shown() -> list[UpdateDialog]:
    return []


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def asked() -> list[bytes]:
    return []


@pytest.fixture
def notice(
    context: AppContext, live: Live, parent: QWidget, shown: list[UpdateDialog], asked: list[bytes]
) -> UpdateNotice:
    def check(channel: Channel, seen: int) -> UpdateCheck:
        asked.append(envelope())
        return Answered(asked[-1], seen, context.clock)

    return UpdateNotice(context, live, CHANNEL, shown.append, parent, check)  # type: ignore[arg-type]


def send_an_order(db: Database) -> int:
    """An order that is on its way; returns its row."""

    def write(con: object) -> int:
        journal = OrderJournal(con)  # type: ignore[arg-type]
        row = journal.insert(
            bot_id=1, bot_name="A", account=1, server="S", symbol="EURUSD", timeframe="H1", action=JournalAction.OPEN,
            side=1, volume=0.1, magic=5, comment="QB", source="BOT", bar_time=0, created_ms=0, request_json="{}",
        )  # fmt: skip
        journal.transition(row.id, JournalState.SENDING)
        return row.id

    return db.write(write)


def test_it_asks_nobody_until_it_is_allowed(
    notice: UpdateNotice, context: AppContext, asked: list[bytes]
) -> None:
    notice.look()
    assert asked == []
    context.settings.set("updates.check", True)
    notice.look()
    notice.look()
    assert len(asked) == 1, "once a day"


def test_a_newer_version_is_one_line_in_the_centre(
    qtbot: QtBot, notice: UpdateNotice, context: AppContext, live: Live, shown: list[UpdateDialog]
) -> None:
    context.settings.set("updates.check", True)
    with qtbot.waitSignal(live.noticed) as heard:
        notice.look()
    assert heard.args is not None
    assert "Version 9.1.0" in heard.args[0].message.text
    assert shown == []
    assert context.settings.get("updates.serial") == 7


def test_it_waits_while_an_order_is_on_its_way(
    qtbot: QtBot, notice: UpdateNotice, context: AppContext, live: Live, db: Database
) -> None:
    row = send_an_order(db)
    context.settings.set("updates.check", True)
    heard: list[object] = []
    live.noticed.connect(heard.append)
    notice.look()
    qtbot.waitUntil(lambda: notice.held)
    notice._release()
    assert heard == []
    db.write(lambda con: OrderJournal(con).transition(row, JournalState.REJECTED))
    notice._release()
    assert len(heard) == 1
    assert not notice.held


def test_asked_by_hand_the_answer_is_a_dialog(
    qtbot: QtBot, notice: UpdateNotice, shown: list[UpdateDialog]
) -> None:
    notice.ask_now()
    qtbot.waitUntil(lambda: bool(shown))
    assert "9.1.0" in shown[0].text.text()
    assert shown[0].findChild(QPlainTextEdit).toPlainText() == "Faster."


def test_a_forged_one_is_said_when_asked_by_hand(
    qtbot: QtBot, context: AppContext, live: Live, parent: QWidget, shown: list[UpdateDialog]
) -> None:
    notice = UpdateNotice(
        context, live, CHANNEL, shown.append, parent,  # type: ignore[arg-type]
        lambda channel, seen: Answered(b'{"signed": "{}", "signature": "AAAA"}', seen, context.clock),
    )  # fmt: skip
    notice.ask_now()
    qtbot.waitUntil(lambda: bool(shown))
    assert "does not carry our signature" in shown[0].text.text()


def test_a_build_without_a_channel_says_so(window: MainWindow) -> None:
    window.updates.ask_now()
    (dialog,) = window.findChildren(UpdateDialog)
    assert "does not ask for newer versions" in dialog.text.text()


def test_every_word_is_indonesian_too() -> None:
    known: dict[str, str] = {}
    for each in resource("translations").glob("id*.json"):
        content = json.loads(each.read_text("utf-8"))
        known.update(content.get("words", {}))
        known.update(content.get("messages", {}))
    for module in (update_notice, update):
        for text in spoken(Path(module.__file__)):
            assert text in known, text
    for each_setting in settings.DECLARED:
        if each_setting.key == "updates.check":
            assert {each_setting.title, each_setting.group} <= set(known)
