"""History, Trades: over deals of the real simulator - filters that combine, totals, notes, export, the chart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import bots, equity_samples, trade_excursions, trade_journal
from qbx_desktop.data.database import Database
from qbx_desktop.data.deals import record_deals
from qbx_desktop.data.equity_samples import EquitySample
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.bots import Bot
from qbx_desktop.domain.events import AccountChanged
from qbx_desktop.domain.journal import JournalAction, JournalState
from qbx_desktop.domain.records import TradeDeal
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.ui import trade_filter
from qbx_desktop.ui.dialogs.trade_note import TradeNoteDialog
from qbx_desktop.ui.models import booked_trades_model, orders_model
from qbx_desktop.ui.tabs import history_tab
from qbx_desktop.ui.tabs.trades_page import TradesPage
from qbx_desktop.ui.window import MainWindow
from qbx_desktop.ui.words import Words
from qbx_desktop.workers.board import NoticeBoard
from tests.simulator.trader import EVER, close, connected, deal

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
START = int(datetime(2024, 6, 3, 12, tzinfo=UTC).timestamp())
GOLD, EURO = 11, 12


@pytest.fixture
def api() -> SimApi:
    """Five days of trading: a bot on gold, a bot on euro closed in parts, one trade by hand, one rest open."""
    costs = {"commission": {"kind": "per_lot", "amount": 3.0}}
    made = connected(start=START, overrides={"symbols": {"EURUSD": costs}})
    for lots in (0.02, 0.05):
        deal(made, "XAUUSD", "buy", lots, magic=GOLD, sl=1.0, tp=9_000.0)
        made.sim_advance(90_000)
        close(made, made.positions_get(symbol="XAUUSD")[0], magic=GOLD)
    deal(made, "GBPUSD", "sell", 0.1, comment="felt lucky")
    made.sim_advance(3_600)
    close(made, made.positions_get(symbol="GBPUSD")[0])
    deal(made, "EURUSD", "sell", 0.3, magic=EURO)
    made.sim_advance(90_000)
    close(made, made.positions_get(symbol="EURUSD")[0], 0.1, magic=EURO)
    made.sim_advance(600)
    return made


@pytest.fixture
def page(
    qtbot: QtBot, window: MainWindow, db: Database, api: SimApi, board: NoticeBoard
) -> Iterator[TradesPage]:
    """The page in the window, after its first reading."""
    terminal = Terminal(TerminalClient(InlineTransport(api, TerminalSpec(clock_mode="stepped"))))
    terminal.open()
    window._context.quotes.terminal = terminal  # type: ignore[attr-defined]
    account = terminal.account()
    booked = [TradeDeal(**each._asdict()) for each in api.history_deals_get(*EVER)]
    db.write(lambda con: fill(con, account.login, account.server, booked))
    board.happened.emit(AccountChanged(account, terminal.server_time()))
    window.show()
    window.show_tab(1)
    window.history.show_page(history_tab.TRADES)
    made = window.history.trades
    qtbot.waitUntil(lambda: made.model.rowCount() == 5, timeout=5_000)
    yield made
    qtbot.waitUntil(lambda: not made._reading, timeout=5_000)
    window.symbols.close_all()
    terminal.close()


def fill(con: object, login: int, server: str, booked: list[TradeDeal]) -> None:
    """Two bots, everything booked, and the orders that opened the trades on gold."""
    owner = {
        GOLD: bots.create_bot(con, Bot(0, "Gold", "XAUUSD", "M15", "MA_CROSSOVER")),  # type: ignore[arg-type]
        EURO: bots.create_bot(con, Bot(0, "Euro", "EURUSD", "H1", "MA_CROSSOVER")),  # type: ignore[arg-type]
    }
    record_deals(con, login, server, booked, owner.get)  # type: ignore[arg-type]
    for each in booked:
        if each.magic == GOLD and each.entry == 0:
            OrderJournal(con).bring_back(  # type: ignore[arg-type]
                uid=f"order {each.order}", bot_id=owner[GOLD], bot_name="Gold", account=login, server=server,
                symbol="XAUUSD", timeframe="M15", action=JournalAction.OPEN, side=1, volume=each.volume, magic=GOLD,
                comment="", source="BOT", bar_time=each.time, state=JournalState.FILLED, created_ms=each.time_msc,
                request_json="{}", sl=1.0, tp=9_000.0, order_ticket=each.order,
            )  # fmt: skip


def shown(page: TradesPage) -> list[tuple[str, float]]:
    return [(row.trade.symbol, row.trade.volume) for row in page.model.rows]


def test_the_trades_are_the_accounts_money(page: TradesPage, api: SimApi) -> None:
    QAbstractItemModelTester(page.model, QAbstractItemModelTester.FailureReportingMode.Fatal, page.model)
    assert shown(page)[:2] == [("EURUSD", 0.2), ("EURUSD", 0.1)], "the open rest, then the newest"
    whole = page.history.beside + sum(each.trade.net for each in page.history.records)
    assert round(whole, 2) == api.account_info().balance
    closed = [row.trade.net for row in page.model.rows if not row.trade.is_open]
    text = page.totals.text()
    assert text.startswith("4 trades · net ")
    assert page.model.money(sum(closed)) + " USD" in text
    assert f"won {100 * sum(net > 0 for net in closed) / 4:.1f}" in text
    assert text.endswith("1 still open")
    gold = page.model.rows[-1]
    assert (gold.bot_name, gold.timeframe, gold.sl, gold.tp, gold.digits) == ("Gold", "M15", 1.0, 9_000.0, 2)


def test_filters_combine_and_totals_and_groups_follow(page: TradesPage) -> None:
    filters = page.filters
    filters.bot.setCurrentIndex(filters.bot.findData("Gold"))
    assert shown(page) == [("XAUUSD", 0.05), ("XAUUSD", 0.02)]
    filters.period.setCurrentIndex(filters.period.findData("own"))
    filters.first.setDate(date(2024, 6, 5))
    filters.last.setDate(date(2024, 6, 5))
    assert shown(page) == [("XAUUSD", 0.05)]
    assert page.totals.text().startswith("1 trades")
    filters.symbol.setCurrentIndex(filters.symbol.findData("GBPUSD"))
    assert page.whole.currentIndex() == 2, "gold's bot never traded the pound"
    filters.clear()
    filters.text.setText("LUCKY gbp")
    assert shown(page) == [("GBPUSD", 0.1)]
    filters.clear()
    assert page.model.rowCount() == 5
    for kind, names in (
        ("bot", {"Gold", "Euro", "—"}),
        ("symbol", {"XAUUSD", "EURUSD", "GBPUSD"}),
        ("weekday", {"Monday", "Tuesday", "Wednesday"}),
    ):
        page.group.setCurrentIndex(page.group.findData(kind))
        assert {page.groups.index(row, 0).data() for row in range(page.groups.rowCount())} == names
        assert sum(row.totals.count for row in page.groups.rows) == 4
    page.group.setCurrentIndex(page.group.findData("day"))
    days = [row.key for row in page.groups.rows]
    assert days == sorted(days, reverse=True)


def test_a_note_with_tags_and_rating_is_stored_and_found_again(
    page: TradesPage, qtbot: QtBot, db: Database
) -> None:
    page.view.selectRow(4)
    page.note.click()
    dialog = page.findChild(TradeNoteDialog)
    assert dialog is not None
    dialog.notes.setPlainText("Waited for the close.")
    dialog.tags.setText("calm, " + "x" * 41)
    dialog.rating.setCurrentIndex(4)
    dialog.save.click()
    qtbot.waitUntil(lambda: dialog.said.isVisible())
    assert "nothing was stored" in dialog.said.text()
    dialog.tags.setText("calm, plan")
    position = page.model.rows[4].trade.position_id
    dialog.save.click()
    qtbot.waitUntil(lambda: page.model.rows[4].rating == 4, timeout=5_000)
    assert page.model.index(4, 8).data() == "#calm #plan Waited for the close."
    entry = trade_journal.of_position(db.reader(), page.history.account, page.history.server, position)
    assert entry is not None
    assert (entry.rating, entry.tags) == (4, ("calm", "plan"))
    page.filters.text.setText("plan waited")
    assert page.model.rowCount() == 1


def test_another_account_shows_its_own_trades_and_offers_the_earlier(
    page: TradesPage, window: MainWindow, board: NoticeBoard, qtbot: QtBot
) -> None:
    assert page.account.isHidden()
    before = window._live.account
    assert before is not None
    board.happened.emit(AccountChanged(replace(before, login=7, server="Other"), START))
    qtbot.waitUntil(lambda: page.history.account == 7, timeout=5_000)
    assert page.model.rowCount() == 0, "nobody else's money"
    assert page.totals.text().startswith("0 trades")
    assert page.account.isVisible()
    earlier = page.account.findText(f"{before.login} · {before.server}")
    page.account.setCurrentIndex(earlier)
    page.account.activated.emit(page.account.currentIndex())
    qtbot.waitUntil(lambda: page.model.rowCount() == 5, timeout=5_000)
    assert "USD" not in page.totals.text(), "the currency of an account that is not connected is not known"
    assert page.account.currentIndex() == earlier


def test_the_export_has_the_trades_shown(
    page: TradesPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "trades.csv"
    monkeypatch.setattr(
        "qbx_desktop.ui.tabs.trades_page.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
    )
    page.filters.symbol.setCurrentIndex(page.filters.symbol.findData("EURUSD"))
    page.window().history.export()  # type: ignore[attr-defined]
    rows = list(csv.DictReader(io.StringIO(target.read_bytes().decode("utf-8-sig"))))
    assert [(row["state"], row["lots"], row["closed_server"] == "") for row in rows] == [
        ("open", "0.2", True),
        ("closed", "0.1", False),
    ]
    assert sum(round(float(row["net"]) * 100) for row in rows) == round(
        100 * sum(row.trade.net for row in page.model.rows)
    )


def test_how_far_a_trade_ran_is_asked_once_and_kept(
    page: TradesPage, window: MainWindow, qtbot: QtBot, api: SimApi, db: Database
) -> None:
    closed = [row for row in page.model.rows if not row.trade.is_open]
    account = page.history.account, page.history.server

    def known() -> int:
        return len(trade_excursions.of_account(db.reader(), *account))

    qtbot.waitUntil(lambda: known() == len(closed), timeout=5_000)
    qtbot.waitUntil(lambda: sum(row.excursion is not None for row in page.model.rows) == len(closed))
    for row in page.model.rows:
        if row.trade.is_open:
            assert row.excursion is None
            continue
        trade, ran = row.trade, row.excursion
        assert ran is not None
        assert ran.mae <= min(0.0, trade.profit) <= max(0.0, trade.profit) <= ran.mfe
    # Gold was held for 25 hours: by the market's own bars, in money of 100 ounces a lot.
    gold = page.model.rows[-1].trade
    ran = page.model.rows[-1].excursion
    assert gold.open_ms is not None
    assert gold.close_ms is not None
    assert ran is not None
    minutes = api.copy_rates_range("XAUUSD", api.TIMEFRAME_M1, gold.open_ms // 1000, gold.close_ms // 1000)
    whole = minutes[
        (minutes["time"] * 1000 >= gold.open_ms) & ((minutes["time"] + 60) * 1000 <= gold.close_ms)
    ]
    best = (whole["high"].max() - gold.open_price) * gold.volume * 100
    worst = (whole["low"].min() - gold.open_price) * gold.volume * 100
    assert (ran.mfe, ran.mae) == pytest.approx(
        (max(best, gold.profit, 0), min(worst, gold.profit, 0)), abs=0.05
    )
    asked: list[object] = []
    window._context.quotes.ask = asked.append  # type: ignore[method-assign, assignment]
    page.reload()
    qtbot.waitUntil(lambda: not page._reading, timeout=5_000)
    assert asked == [], "what is kept is not asked for again"
    assert all(row.excursion is not None for row in page.model.rows if not row.trade.is_open)


def test_the_accounts_equity_is_drawn_from_deals_and_samples(
    page: TradesPage, window: MainWindow, qtbot: QtBot, db: Database, api: SimApi
) -> None:
    account = api.account_info()
    last = max(each.time for each in api.history_deals_get(*EVER))
    for minute in range(3):
        sample = EquitySample(
            last + 60 * minute, account.balance, account.equity - minute, account.equity - 9
        )
        db.write(lambda con, each=sample: equity_samples.add(con, account.login, account.server, each))
    window.history.show_page(history_tab.EQUITY)
    shown = window.history.equity
    qtbot.waitUntil(lambda: shown.chart is not None, timeout=10_000)
    assert shown.chart is not None
    assert shown.curve is not None
    assert round(float(shown.curve.balance[-1]), 2) == account.balance
    assert shown.chart.equity.value_at(len(shown.curve.times) - 1) == account.equity - 2
    assert shown.chart.drawdown.value_at(len(shown.curve.times) - 1) < 0  # type: ignore[operator]
    assert "moments" in shown.said.text()
    assert shown.picture.isEnabled()


def test_a_double_click_shows_the_trade_on_a_chart(
    page: TradesPage, window: MainWindow, qtbot: QtBot
) -> None:
    page.view.selectRow(4)
    record = page.model.rows[4]
    page.view.setFocus()
    qtbot.keyClick(page.view, Qt.Key.Key_Return)
    (opened,) = window.symbols.charts
    assert opened.series == ("XAUUSD", Timeframe.M15)
    qtbot.waitUntil(
        lambda: opened.chart.chart is not None and bool(opened.chart.chart.marks._marks), timeout=10_000
    )
    chart, data = opened.chart.chart, opened.chart.data
    assert chart is not None
    assert data is not None
    (mark,) = chart.marks._marks
    assert chart.marks.chosen == 0
    assert chart.centre_index() == pytest.approx(mark.entry_index)
    assert (mark.entry_price, mark.exit_price, mark.sl, mark.tp, mark.side) == (
        record.trade.open_price, record.trade.close_price, 1.0, 9_000.0, 1,
    )  # fmt: skip
    for index, at_ms in ((mark.entry_index, record.trade.open_ms), (mark.exit_index, record.trade.close_ms)):
        assert at_ms is not None
        assert int(data.bars.time[index]) == Timeframe.M15.open_of(at_ms // 1000)
    opened.symbol.setCurrentText("EURUSD")
    opened._show()
    qtbot.waitUntil(lambda: opened.chart.data is not None and opened.chart.data.wish.symbol == "EURUSD")
    assert chart.marks._marks == (), "another symbol has no such trade"


def test_words_kept_in_tables_have_their_indonesian() -> None:
    words = set(Words("id")._catalogue.words)
    said = {*trade_filter.PERIODS.values(), *trade_filter.GROUPS.values(), *trade_filter.WEEKDAYS}
    said |= {
        *booked_trades_model.WHY.values(),
        booked_trades_model.STILL_OPEN,
        "by the broker",
        *history_tab.PAGES,
    }
    said |= {*orders_model.STATES.values(), *orders_model.ACTIONS.values()}
    assert said - words == set()


def test_the_orders_page_pages_filters_and_exports(
    page: TradesPage, window: MainWindow, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def more(con: object) -> None:
        journal = OrderJournal(con)  # type: ignore[arg-type]
        for n in range(120):
            state = JournalState.REJECTED if n % 3 == 0 else JournalState.FILLED
            journal.bring_back(
                uid=f"more {n}", bot_id=99, bot_name="Cable", account=1, server="S", symbol="GBPUSD", timeframe="H1",
                action=JournalAction.CLOSE if n % 2 else JournalAction.OPEN, side=-1, volume=0.1, magic=1, comment="=c",
                source="BOT", bar_time=3_600 * n, state=state, created_ms=1_750_000_000_000 + n, request_json="{}",
                retcode=10019 if state is JournalState.REJECTED else 10009, order_ticket=5_000 + n,
            )  # fmt: skip

    db.write(more)
    window.history.show_page(history_tab.ORDERS)
    orders = window.history.orders
    QAbstractItemModelTester(orders.model, QAbstractItemModelTester.FailureReportingMode.Fatal, orders.model)
    assert orders.counts.text() == "122 rows match, page 1 of 2"
    seen = [row.id for row in orders.model.rows]
    orders.older.click()
    seen += [row.id for row in orders.model.rows]
    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == 122
    assert orders.model.rows[-1].symbol == "XAUUSD"
    orders.state.setCurrentIndex(orders.state.findData("REJECTED"))
    assert orders.model.total == 40
    orders.text.setText("CABLE 50")
    assert orders.model.total == 0
    orders.text.setText("cable")
    assert orders.model.total == 40
    assert orders.model.index(0, 5).data() == "Refused by the broker"
    assert orders.model.index(0, 10).data() == "10019"
    target = tmp_path / "orders.csv"
    monkeypatch.setattr(
        "qbx_desktop.ui.tabs.orders_page.QFileDialog.getSaveFileName", lambda *_: (str(target), "")
    )
    window.history.export()
    rows = list(csv.DictReader(io.StringIO(target.read_bytes().decode("utf-8-sig"))))
    assert len(rows) == 40
    assert {(row["state"], row["retcode"], row["comment"]) for row in rows} == {("REJECTED", "10019", "'=c")}
    orders.bot.setCurrentIndex(orders.bot.findText("Gold"))
    assert orders.whole.currentIndex() == 2
    orders._clear_filter()
    assert orders.model.total == 122
