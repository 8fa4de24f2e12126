"""An imported bot says both readings of its numbers in money, and starts only after one was chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import shiboken6
from pytestqt.qtbot import QtBot

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus, SizingMode, StopMode
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.dialogs.sizing_choice import PERCENT_AND_ATR, SizingChoice, needs_choice
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.tabs.bots_tab import BotsTab
from tests.fakes.terminal_module import FakeTerminalModule
from tests.fakes.workers import FakeQuotes, NotedDesk

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

UNSET = BotSettings(sizing_mode=SizingMode.LEGACY_UNSET, stop_mode=StopMode.LEGACY_UNSET)
OLD = Bot(0, "Old", "EURUSD", "M1", "MA_CROSSOVER", lot_size=1.0, sl_pips=20, tp_pips=40, settings=UNSET)


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal(TerminalClient(InlineTransport(FakeTerminalModule(), TerminalSpec(kind="mt5"))))
    made.open()
    yield made
    made.close()


@pytest.fixture
def tab(context: AppContext, live: Live, db: Database, terminal: Terminal, qtbot: QtBot) -> Iterator[BotsTab]:
    db.write(lambda con: bots.create_bot(con, OLD))
    made = BotsTab(replace(context, quotes=FakeQuotes(terminal)), live)
    made.show()
    yield made
    made.close()
    shiboken6.delete(made)


def the_dialog(tab: BotsTab) -> SizingChoice:
    (dialog,) = tab.findChildren(SizingChoice)
    return dialog


def stored(db: Database) -> Bot:
    (bot,) = bots.list_bots(db.reader())
    return bot


def test_both_readings_are_said_in_money(
    qtbot: QtBot, context: AppContext, live: Live, terminal: Terminal
) -> None:
    dialog = SizingChoice(replace(context, quotes=FakeQuotes(terminal)), live, OLD)
    qtbot.waitUntil(lambda: "USD" in dialog.percent_money.text())
    assert dialog.lots.text() == "1.00 lots, stop 20 pips, target 40 pips"
    assert "1.00 lots, stop 0.00200 away, at most 200.00 USD" in dialog.lots_money.text()
    assert dialog.percent.text().startswith("1 % of the balance at risk, stop 2 × ATR")
    assert "100.00 USD" in dialog.percent_money.text() or "99." in dialog.percent_money.text()
    assert not dialog.lots.isChecked()
    assert not dialog.save.isEnabled()
    assert dialog.save.toolTip()
    dialog.percent.setChecked(True)
    assert dialog.save.isEnabled()
    assert dialog.meaning() == PERCENT_AND_ATR
    dialog.reject()
    shiboken6.delete(dialog)


def test_starting_asks_first_and_cancelling_starts_nothing(
    qtbot: QtBot, tab: BotsTab, db: Database, desk: NotedDesk
) -> None:
    tab.start()
    dialog = the_dialog(tab)
    assert "does not start" in dialog.findChildren(type(dialog.lots_money))[1].text()
    dialog.reject()
    assert desk.commands == []
    assert stored(db).status is BotStatus.DIJEDA
    assert not stored(db).is_startable


def test_the_choice_is_stored_and_the_start_goes_on(
    qtbot: QtBot, tab: BotsTab, db: Database, desk: NotedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbx_desktop.ui.bot_start.look", lambda desk, bot: [])
    tab.start()
    dialog = the_dialog(tab)
    dialog.lots.setChecked(True)
    dialog.accept()
    qtbot.waitUntil(lambda: any(name == "start_bot" for name, *_ in desk.commands))
    bot = stored(db)
    assert (bot.settings.sizing_mode, bot.settings.stop_mode) == (SizingMode.FIXED_LOT, StopMode.PIPS)
    assert (bot.lot_size, bot.sl_pips, bot.status) == (1.0, 20, BotStatus.AKTIF)
    assert not needs_choice(bot)


@pytest.mark.parametrize("action", ["edit", "duplicate"])
def test_editing_and_copying_ask_first_too(qtbot: QtBot, tab: BotsTab, action: str) -> None:
    getattr(tab, action)()
    assert not tab.findChildren(BotEditor)
    dialog = the_dialog(tab)
    dialog.percent.setChecked(True)
    dialog.accept()
    qtbot.waitUntil(lambda: bool(tab.findChildren(BotEditor)))
    (editor,) = tab.findChildren(BotEditor)
    assert editor.bot().settings.sizing_mode is SizingMode.RISK_PERCENT
    editor.reject()


def test_without_a_terminal_it_says_why_there_is_no_money(
    qtbot: QtBot, context: AppContext, live: Live
) -> None:
    terminal = Terminal(TerminalClient(InlineTransport(FakeTerminalModule(), TerminalSpec(kind="mt5"))))
    dialog = SizingChoice(replace(context, quotes=FakeQuotes(terminal)), live, OLD)
    qtbot.waitUntil(lambda: "not known now" in dialog.lots_money.text())
    assert "MetaTrader" in dialog.lots_money.text()
    dialog.reject()
    shiboken6.delete(dialog)
