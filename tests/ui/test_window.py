"""The whole window over a real database: tabs, counts, badge, algo switch, closing and quitting."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTableView, QWidget
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots
from qbx_desktop.data.database import Database
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus, RunState, SizingMode, StopMode
from qbx_desktop.domain.events import (
    AccountChanged,
    BotChanged,
    ConnectionChanged,
    Level,
    Link,
    Notice,
    PositionsChanged,
    Topic,
)  # fmt: skip
from qbx_desktop.domain.messages import Message
from qbx_desktop.domain.records import AccountInfo, TradePosition
from qbx_desktop.ui.badge import Badge
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.quit import QuitDialog
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.fakes.tray import FakeTray
from tests.fakes.workers import NotedDesk

# The offscreen platform cannot raise windows nor keep them from shrinking, and says so each time.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

ACCOUNT = AccountInfo(
    login=7, server="Sim-1", currency="USD", currency_digits=2, balance=10_000.0, equity=10_007.8, profit=7.8, margin=30.0,
    margin_level=33_359.3,
)  # fmt: skip
POSITION = TradePosition(
    ticket=884201, symbol="XAUUSD", type=0, volume=0.08, price_open=2384.12, sl=2371.8, tp=2408.76, price_current=2385.02,
    profit=7.2,
)  # fmt: skip


def a_bot(name: str = "Gold", status: BotStatus = BotStatus.DIJEDA) -> Bot:
    settings = BotSettings(sizing_mode=SizingMode.RISK_PERCENT, stop_mode=StopMode.ATR_MULT)
    return Bot(0, name, "XAUUSD", "H1", "MA_CROSSOVER", status=status, settings=settings)


def test_u1_the_window_opens_with_all_its_parts(qtbot: QtBot, window: MainWindow) -> None:
    window.show()
    qtbot.waitExposed(window)
    assert [window.tabs.tabText(at) for at in range(4)] == ["Bots", "History", "Backtest", "Watchlist"]
    assert window.banner.isVisible()
    assert "Practice" in window.banner.text.text()
    window.show_tab(1)
    assert window.history.isVisible()
    assert window.commands.badge.text() == "NOT CONNECTED"


def test_an_empty_list_has_a_sentence_and_a_button(qtbot: QtBot, window: MainWindow, db: Database) -> None:
    window.show()
    assert window.bots.whole.currentIndex() == 1
    db.write(lambda con: bots.create_bot(con, a_bot()))
    window.bots.reload()
    assert window.bots.whole.currentIndex() == 0
    window.bots.filter.setText("silver")
    assert window.bots.whole.currentIndex() == 2


@pytest.mark.parametrize(("mode", "word"), [(0, "DEMO"), (1, "DEMO"), (2, "REAL")])
def test_u4_every_badge_says_whose_money_it_is(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, mode: int, word: str
) -> None:
    from dataclasses import replace

    board.happened.emit(AccountChanged(replace(ACCOUNT, trade_mode=mode), 1_750_000_000))
    window.show()
    dialog = QuitDialog(window._live, window._context.words, 2, [POSITION], window)
    badges = [*window.findChildren(Badge), *dialog.findChildren(Badge)]
    assert len(badges) >= 2
    assert {badge.text() for badge in badges} == {word}
    for at in range(2):
        window.show_tab(at)
        assert window.commands.badge.isVisible()
    assert "2371.80" in dialog.said.text() or "2371.8" in dialog.said.text()


def test_the_strip_and_the_row_follow_the_account_and_the_position(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, db: Database
) -> None:
    bot_id = db.write(lambda con: bots.create_bot(con, a_bot(status=BotStatus.AKTIF)))
    window.bots.reload()
    board.happened.emit(ConnectionChanged(Link.READY, latency_ms=38.0, simulated=True))
    board.happened.emit(AccountChanged(ACCOUNT, 1_750_000_000))
    board.happened.emit(
        BotChanged(bot_id, RunState.WAITING, signal="HOLD", explanation=Message("x"), next_check=3600)
    )
    board.happened.emit(PositionsChanged((POSITION,), {POSITION.ticket: bot_id}))
    texts = [window.bots.model.index(0, column).data() for column in range(8)]
    assert texts == ["Active", "Gold", "XAUUSD", "H1", "1.0\u00a0%", "▲ buy 0.08 @ 2384.12", "+7.20", "01:00"]
    assert window.strip.values["Equity"].text() == "10\u00a0007.80"
    assert window.strip.values["P/L"].text() == "+7.80 USD"
    assert "38 ms" in window.status.link.text()
    qtbot.waitUntil(lambda: window.status.counts.text() == "1 active")
    assert window.toolbox.positions.rowCount() == 1


def test_starting_stores_the_wish_before_the_desk_hears_of_it(
    qtbot: QtBot, window: MainWindow, db: Database, desk: NotedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbx_desktop.ui.bot_start.look", lambda desk, bot: [])
    bot_id = db.write(lambda con: bots.create_bot(con, a_bot()))
    window.bots.reload()
    window.bots.select(bot_id)
    window.bots.start()
    assert window.bots.model.row_of(bot_id).pending
    qtbot.waitUntil(lambda: ("start_bot", bot_id) in desk.commands)
    assert bots.get_bot(db.reader(), bot_id).status is BotStatus.AKTIF
    assert not window.bots.model.row_of(bot_id).pending
    window.bots.pause()
    assert ("pause_bot", bot_id) in desk.commands, "stopping does not wait for the disk"
    qtbot.waitUntil(lambda: bots.get_bot(db.reader(), bot_id).status is BotStatus.DIJEDA)


def test_start_all_starts_every_bot_that_rests(
    qtbot: QtBot, window: MainWindow, db: Database, desk: NotedDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qbx_desktop.ui.bot_start.look", lambda desk, bot: [])
    ids = [db.write(lambda con, n=n: bots.create_bot(con, a_bot(f"Bot {n}"))) for n in range(3)]
    running = db.write(lambda con: bots.create_bot(con, a_bot("Runs", BotStatus.AKTIF)))
    window.bots.reload()
    window.bots.start_all()
    qtbot.waitUntil(lambda: all(("start_bot", each) in desk.commands for each in ids))
    assert ("start_bot", running) not in desk.commands


def test_a_round_of_many_bots_is_counted_once(
    qtbot: QtBot, window: MainWindow, db: Database, board: NoticeBoard
) -> None:
    ids = db.write(lambda con: [bots.create_bot(con, a_bot(f"Bot {n}", BotStatus.AKTIF)) for n in range(200)])
    window.show()
    window.bots.reload()
    counted: list[int] = []
    window.bots.counted.connect(lambda: counted.append(1))
    for each in ids:
        board.happened.emit(BotChanged(each, RunState.WAITING, signal="HOLD", next_check=3600))
    assert not counted
    qtbot.waitUntil(lambda: bool(counted))
    qtbot.wait(150)
    assert len(counted) == 1
    assert window.status.counts.text() == "200 active"


def test_a_notice_reaches_bell_toolbox_status_and_tray(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, tray: FakeTray
) -> None:
    notice = Notice(
        Message("plain", {"text": "Bought"}), Topic.FILL, Level.GOOD, 1_750_000_000.0, None, "Gold"
    )
    board.happened.emit(notice)
    assert window.commands.bell.text() == "1"
    assert window.toolbox.pages.tabText(0) == "Notifications (1)"
    assert tray.messages[0][0] == "Gold"
    window.toolbox.mark_all_read()
    assert window.commands.bell.text() == ""


def test_u30_closing_hides_with_a_tray_once_told_and_minimises_without(
    qtbot: QtBot, window: MainWindow, tray: FakeTray
) -> None:
    window.show()
    window.close()
    assert not window.isVisible()
    assert len(tray.messages) == 1
    window.raise_up()
    window.close()
    assert len(tray.messages) == 1
    window.raise_up()
    tray.there = False
    window.close()
    assert window.isVisible()
    assert window.isMinimized()


def test_u30_quit_asks_while_a_bot_runs_and_names_its_stop(
    qtbot: QtBot, window: MainWindow, board: NoticeBoard, db: Database
) -> None:
    with qtbot.waitSignal(window.quit_wanted):
        window.ask_to_quit()
    bot_id = db.write(lambda con: bots.create_bot(con, a_bot(status=BotStatus.AKTIF)))
    window.bots.reload()
    board.happened.emit(PositionsChanged((POSITION,), {POSITION.ticket: bot_id}))
    window.show()
    with qtbot.assertNotEmitted(window.quit_wanted):
        window.ask_to_quit()
    dialog = window.findChild(QuitDialog)
    assert dialog is not None
    assert "stop loss 2371.8" in dialog.said.text()
    assert dialog.keep.isDefault()
    with qtbot.waitSignal(window.quit_wanted):
        qtbot.mouseClick(dialog.quit, Qt.MouseButton.LeftButton)


def test_u27_every_control_has_a_name(window: MainWindow) -> None:
    window.show()
    kinds = (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QTableView)
    nameless = [
        f"{type(each).__name__} in {type(each.parent()).__name__}"
        for each in window.findChildren(QWidget)
        if isinstance(each, kinds) and each.isVisibleTo(window) and not (each.accessibleName() or _text(each))
        and not each.objectName().startswith("qt_")
    ]  # fmt: skip
    assert nameless == []


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, QAbstractButton) else ""


def test_the_layout_is_kept(qtbot: QtBot, window: MainWindow, context: AppContext) -> None:
    window.show()
    window.toolbox.close()
    window.end()
    assert window._layout.value("state") is not None
