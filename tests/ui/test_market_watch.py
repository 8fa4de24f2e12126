"""Market Watch shows the watchlist's and the bots' symbols, and what can be done with one."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from qbx_desktop.data import bots, watch_alerts, watchlist
from qbx_desktop.data.database import Database
from qbx_desktop.domain.alerts import Condition, MovesPercent, PriceReaches, Schedule, Since, Way
from qbx_desktop.domain.events import TickArrived
from qbx_desktop.domain.quotes import WatchlistChanged
from qbx_desktop.domain.records import Tick
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.alert_dialog import AlertDialog
from qbx_desktop.ui.dialogs.bot_editor import BotEditor
from qbx_desktop.ui.market_watch import MarketWatch
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.workers.board import NoticeBoard
from tests.ui.test_window import a_bot

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def market(qtbot: QtBot, window: MainWindow) -> MarketWatch:
    window.show()
    qtbot.waitExposed(window)
    return window.market


def shown(market: MarketWatch) -> list[str]:
    return [row.entry.symbol for row in market.model.rows]


def test_it_shows_the_watchlist_then_the_bots_and_a_few_symbols_at_first(
    market: MarketWatch, window: MainWindow, db: Database, board: NoticeBoard
) -> None:
    assert shown(market) == []
    window._live.set_symbols(("ABC", "EURUSD", "XAUUSD"))
    assert shown(market) == ["EURUSD", "XAUUSD"]
    db.write(lambda con: bots.create_bot(con, a_bot()))
    window.bots.reload()
    assert shown(market) == ["XAUUSD"]
    user = window._context.user_id
    db.write(lambda con: watchlist.add(con, user, "GBPUSD"))
    db.write(lambda con: watchlist.add(con, user, "GBPUSD", alert_price=1.3))
    board.happened.emit(WatchlistChanged())
    assert shown(market) == ["GBPUSD", "XAUUSD"]
    assert window._context.quotes.watched["market watch"] == {"GBPUSD", "XAUUSD"}
    market.close()
    assert window._context.quotes.watched["market watch"] == frozenset()


def test_a_tick_changes_its_row_and_the_arrow_says_which_way(
    market: MarketWatch, window: MainWindow, board: NoticeBoard, qtbot: QtBot
) -> None:
    window._live.set_symbols(("EURUSD", "XAUUSD"))
    changed: list[int] = []
    market.model.dataChanged.connect(lambda first, last: changed.extend(range(first.row(), last.row() + 1)))
    for bid in (1.1, 1.2):
        tick = Tick(time=1_750_000_000, bid=bid, ask=bid + 0.0002)
        board.happened.emit(TickArrived("EURUSD", tick, 20, 5))
    assert set(changed) == {0}
    assert market.model.index(0, 0).data() == "▲ EURUSD"
    assert [market.model.index(0, column).data() for column in (1, 2, 3)] == ["1.20000", "1.20020", "20"]


def test_its_menu_leads_to_chart_bot_and_alert(market: MarketWatch, window: MainWindow, qtbot: QtBot) -> None:
    window._live.set_symbols(("EURUSD",))
    menu = market.menu_for(market.model.rows[0])
    chart, bot, backtest, alert = menu.actions()[:4]
    assert backtest.text() == "Backtest EURUSD"
    chart.trigger()
    (opened,) = window.symbols.charts
    assert opened.isVisible()
    assert opened.windowTitle() == "EURUSD H1"
    chart.trigger()
    assert window.symbols.charts == [opened], "the same series is shown once"
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert window.symbols.charts == []
    bot.trigger()
    editor = window.findChild(BotEditor)
    assert editor is not None
    assert editor.symbol.value() == "EURUSD"
    editor.reject()
    alert.trigger()
    dialog = window.findChild(AlertDialog)
    assert dialog is not None
    assert dialog.fields["symbol"].value() == "EURUSD"
    dialog.reject()


def test_armed_price_alerts_stand_on_the_chart_of_their_symbol(
    window: MainWindow, qtbot: QtBot, context: AppContext, board: NoticeBoard
) -> None:
    window._live.set_symbols(("EURUSD", "USDJPY"))
    opened = window.symbols.chart("EURUSD")

    def levels() -> list[float]:
        return [round(each.price, 5) for each in opened.chart._levels]

    def put(symbol: str, condition: Condition) -> None:
        context.db.write(
            lambda con: watch_alerts.add(con, context.user_id, symbol, condition, Schedule(), at_ms=1)
        )

    put("EURUSD", PriceReaches(1.2, Way.UP))
    put("EURUSD", MovesPercent(10.0, Way.EITHER, Since.PRICE, 1.0))
    put("EURUSD", MovesPercent(10.0, Way.UP))
    put("USDJPY", PriceReaches(150.0, Way.UP))
    board.happened.emit(WatchlistChanged())
    assert levels() == [0.9, 1.1, 1.2]
    opened.symbol.setCurrentText("USDJPY")
    opened._show()
    assert levels() == [150.0]
    (alert,) = [
        each
        for each in watch_alerts.list_alerts(context.db.reader(), context.user_id)
        if each.symbol == "USDJPY"
    ]
    context.db.write(lambda con: watch_alerts.switch(con, [alert], False, 2))
    board.happened.emit(WatchlistChanged())
    assert levels() == []
    window.symbols.close_all()
