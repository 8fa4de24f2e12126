"""Real money, once per bot: the number of the account must be typed, and consent holds for that account only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotStatus
from qbx_desktop.domain.events import AccountChanged
from qbx_desktop.domain.messages import Message
from qbx_desktop.domain.records import AccountInfo
from qbx_desktop.trading.preflight import Check
from qbx_desktop.ui.badge import Badge
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.go_live import GoLive
from qbx_desktop.ui.dialogs.preflight import Preflight
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.tabs.bots_tab import BotsTab
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.workers import NotedDesk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

REAL = AccountInfo(login=7001, server="Broker-Live", trade_mode=2, currency="USD")
BOT = Bot(0, "Euro", "EURUSD", "H1", "MA_CROSSOVER")


def check(code: str, ok: bool) -> Check:
    said = Message("plain", {"text": f"{code} 0.10 lots, 50.00 USD at the stop"})
    return Check(code, ok, said, said)


@pytest.fixture
def tab(
    context: AppContext, live: Live, db: Database, board: NoticeBoard, monkeypatch: pytest.MonkeyPatch
) -> Iterator[BotsTab]:
    checks = [check("money", False), check("lots", True)]
    monkeypatch.setattr("qbx_desktop.ui.bot_start.look", lambda desk, bot: checks)
    db.write(lambda con: bots.create_bot(con, BOT))
    board.happened.emit(AccountChanged(REAL, 1_750_000_000))
    made = BotsTab(context, live)
    made.show()
    yield made
    made.close()
    shiboken6.delete(made)


def test_u15_only_the_right_number_confirms(
    qtbot: QtBot, tab: BotsTab, db: Database, desk: NotedDesk
) -> None:
    tab.start()
    qtbot.waitUntil(lambda: bool(tab.findChildren(GoLive)))
    (dialog,) = tab.findChildren(GoLive)
    assert dialog.findChildren(Badge)[0].text() == "REAL"
    for part in ("Euro", "EURUSD", "7001", "Broker-Live", "50.00 USD", "5 %"):
        assert part in dialog.said.text()
    for typed in ("", "700", "70011", "yes"):
        dialog.number.setText(typed)
        assert not dialog.confirm.isEnabled()
    dialog.number.setText("7001")
    dialog.confirm.click()
    qtbot.waitUntil(lambda: any(name == "start_bot" for name, *_ in desk.commands))
    (bot,) = bots.list_bots(db.reader())
    assert bot.status is BotStatus.AKTIF
    assert (bot.settings.live_consent, bot.settings.account, bot.settings.server) == (
        True, 7001, "Broker-Live",
    )  # fmt: skip


def test_cancelling_allows_and_starts_nothing(
    qtbot: QtBot, tab: BotsTab, db: Database, desk: NotedDesk
) -> None:
    tab.start()
    qtbot.waitUntil(lambda: bool(tab.findChildren(GoLive)))
    tab.findChildren(GoLive)[0].cancel.click()
    (bot,) = bots.list_bots(db.reader())
    assert (bot.settings.live_consent, bot.status) == (False, BotStatus.DIJEDA)
    assert not any(name == "start_bot" for name, *_ in desk.commands)


def test_other_red_lines_come_first(qtbot: QtBot, tab: BotsTab, monkeypatch: pytest.MonkeyPatch) -> None:
    checks = [check("money", False), check("margin", False)]
    monkeypatch.setattr("qbx_desktop.ui.bot_start.look", lambda desk, bot: checks)
    tab.start()
    qtbot.waitUntil(lambda: bool(tab.findChildren(Preflight)))
    assert not tab.findChildren(GoLive)
    tab.findChildren(Preflight)[0].reject()


def test_on_a_demo_account_it_never_asks(
    qtbot: QtBot, tab: BotsTab, board: NoticeBoard, desk: NotedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbx_desktop.ui.bot_start.look", lambda desk, bot: [check("money", True)])
    board.happened.emit(AccountChanged(replace(REAL, trade_mode=0), 1_750_000_000))
    tab.start()
    qtbot.waitUntil(lambda: any(name == "start_bot" for name, *_ in desk.commands))
    assert not tab.findChildren(GoLive)
