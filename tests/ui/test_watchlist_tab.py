"""The Watchlist tab on a real database: add, alert, remove, and what the quotes desk then does with it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTableView
from pytestqt.qtbot import QtBot

from qbx_desktop.data import history, watchlist
from qbx_desktop.domain.events import TickArrived
from qbx_desktop.domain.quotes import AlertFired, DayPrices
from qbx_desktop.domain.records import Tick
from qbx_desktop.trading.alerts import Direction
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.watch_dialog import WatchChoice, WatchDialog
from qbx_desktop.ui.tabs.watchlist_tab import WatchlistTab, build
from qbx_desktop.ui.words import PSEUDO

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Names:
    """A terminal that knows some symbols."""

    def symbol_names(self) -> tuple[str, ...]:
        return ("EURUSD", "USDJPY", "XAUUSD")


@pytest.fixture
def tab(qtbot: QtBot, context: AppContext) -> WatchlistTab:
    context.quotes.terminal = Names()  # type: ignore[attr-defined]
    made = build(context)
    assert isinstance(made, WatchlistTab)
    qtbot.addWidget(made)
    made.resize(1_366, 400)
    made.show()
    # Keys reach the active window only.
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def add(tab: WatchlistTab, qtbot: QtBot, symbol: str, alert: float | None = None) -> None:
    direction = None if alert is None else Direction.UP
    tab.add_entry(WatchChoice(symbol, "", alert, direction, None))
    qtbot.waitUntil(lambda: symbol in tab.model.symbols)


def price(context: AppContext, symbol: str, bid: float) -> None:
    context.board.happened.emit(TickArrived(symbol, Tick(bid=bid, ask=bid + 0.0002), 20, 5))


def dialog_of(tab: WatchlistTab) -> WatchDialog:
    found = tab.findChildren(WatchDialog)
    assert found, "no dialog opened"
    return found[-1]


def test_empty_it_says_what_to_do(tab: WatchlistTab) -> None:
    assert tab._page.currentIndex() == 1
    assert not tab.remove_button.isEnabled()


def test_ins_adds_a_symbol_that_is_watched_and_survives_a_restart(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    qtbot.keyClick(tab, Qt.Key.Key_Insert)
    dialog = dialog_of(tab)
    dialog.symbol.set_value("eurusd")
    dialog.note.set_value("the big one")
    dialog.ok.click()
    qtbot.waitUntil(lambda: tab.model.rowCount() == 1)
    assert context.quotes.watched["watchlist"] == {"EURUSD"}  # type: ignore[attr-defined]
    again = build(context)
    assert isinstance(again, WatchlistTab)
    qtbot.addWidget(again)
    assert [(row.entry.symbol, row.entry.notes) for row in again.model.rows] == [("EURUSD", "the big one")]
    assert history.page(context.db.reader()) == []


def test_an_unknown_symbol_is_said_under_the_field(tab: WatchlistTab, qtbot: QtBot) -> None:
    tab.add()
    dialog = dialog_of(tab)
    for typed, word in (("EURUDS", "Did you mean EURUSD?"), ("", "Choose a symbol.")):
        dialog.symbol.set_value(typed)
        dialog.ok.click()
        assert word in dialog.symbol.error.text()
        assert dialog.isVisible()
    dialog.symbol.set_value("USDJPY")
    dialog.alert.set_value("abc")
    dialog.ok.click()
    assert dialog.alert.error.text()
    dialog.reject()
    assert tab.model.rowCount() == 0


def test_an_alert_knows_its_direction_from_the_price(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    add(tab, qtbot, "EURUSD")
    price(context, "EURUSD", 1.1)
    tab.view.selectRow(0)
    qtbot.waitUntil(tab.alert_button.isEnabled)
    qtbot.keyClick(tab.view, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    dialog = dialog_of(tab)
    dialog.alert.set_value("1,0950")
    dialog._explain()
    assert "crosses down 1.09500 (now 1.10000)" in dialog.meaning.text()
    dialog.ok.click()
    qtbot.waitUntil(lambda: tab.model.rows[0].entry.alert_price == 1.095)
    entry = tab.model.rows[0].entry
    assert (entry.alert_direction, entry.alert_armed, entry.last_price) == ("down", True, 1.1)
    assert context.quotes.reloads >= 2  # type: ignore[attr-defined]
    assert tab.model.index(0, 6).data() == "crosses down 1.09500"


def test_adding_with_an_alert_tells_the_history_in_one_transaction(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    add(tab, qtbot, "XAUUSD", 2_400.0)
    row = history.page(context.db.reader())[0]
    assert (row.action, row.is_notification) == ("WATCHLIST_ADD", True)
    assert "XAUUSD" in row.details


def test_an_alert_that_fired_is_shown_off_and_can_be_set_again(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    add(tab, qtbot, "EURUSD", 1.2)
    entry = tab.model.rows[0].entry
    context.db.write(lambda con: watchlist.mark_hit(con, entry.id, 1_750_000_000_000, 1.2001))
    context.board.happened.emit(AlertFired(entry.id, 1_750_000_000.0, 1.2001))
    assert "now off" in tab.model.index(0, 6).data()
    tab.change_entry(tab.model.rows[0], WatchChoice("EURUSD", "", 1.2, Direction.UP, 1.19))
    qtbot.waitUntil(lambda: tab.model.rows[0].entry.alert_armed)


def test_a_note_alone_does_not_arm_an_alert_again(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    add(tab, qtbot, "EURUSD", 1.2)
    before = tab.model.rows[0].entry
    tab.change_entry(tab.model.rows[0], WatchChoice("EURUSD", "new note", 1.2, Direction.DOWN, 1.3))
    qtbot.waitUntil(lambda: tab.model.rows[0].entry.notes == "new note")
    assert tab.model.rows[0].entry.alert_direction == before.alert_direction


def test_del_removes_the_selected(tab: WatchlistTab, qtbot: QtBot, context: AppContext) -> None:
    add(tab, qtbot, "EURUSD")
    add(tab, qtbot, "USDJPY")
    tab.view.selectRow(0)
    qtbot.keyClick(tab.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: tab.model.rowCount() == 1)
    assert context.quotes.watched["watchlist"] == tab.model.symbols  # type: ignore[attr-defined]


def test_u23_prices_move_no_column(tab: WatchlistTab, qtbot: QtBot, context: AppContext) -> None:
    add(tab, qtbot, "EURUSD")
    widths = [tab.view.columnWidth(at) for at in range(tab.model.columnCount())]
    for bid in (1.1, 12_345.6, 0.00001):
        price(context, "EURUSD", bid)
        context.board.happened.emit(DayPrices("EURUSD", 1.0, (1.0, 1.1)))
        tab.grab()
    assert [tab.view.columnWidth(at) for at in range(tab.model.columnCount())] == widths


def test_the_filter_says_when_nothing_matches(tab: WatchlistTab, qtbot: QtBot) -> None:
    add(tab, qtbot, "EURUSD")
    tab.focus_filter()
    tab.filter.setText("gold")
    assert tab._page.currentIndex() == 2
    tab.filter.clear()
    assert tab._page.currentIndex() == 0


def test_without_a_terminal_any_name_can_be_added(qtbot: QtBot, context: AppContext) -> None:
    problems: list[object] = []
    context.board.problem.connect(problems.append)
    made = build(context)
    assert isinstance(made, WatchlistTab)
    qtbot.addWidget(made)
    made.add()
    dialog = dialog_of(made)
    dialog.symbol.set_value("GOLD.x")
    dialog.ok.click()
    qtbot.waitUntil(lambda: made.model.rowCount() == 1)
    assert problems == []


def test_u27_every_control_has_a_name(tab: WatchlistTab) -> None:
    tab.add()
    for kind in (QAbstractButton, QComboBox, QLineEdit, QTableView):
        for each in tab.findChildren(kind):
            inner = isinstance(each.parent(), (QComboBox, QLineEdit, QTableView))
            assert inner or each.objectName().startswith("qt_") or each.accessibleName(), each
    dialog_of(tab).reject()


def test_u29_every_word_follows_the_language(tab: WatchlistTab, qtbot: QtBot, context: AppContext) -> None:
    add(tab, qtbot, "EURUSD", 1.2)
    context.words.use(PSEUDO)
    for column in range(tab.model.columnCount()):
        assert str(tab.model.headerData(column, Qt.Orientation.Horizontal)).startswith("[")
    assert tab.add_button.text().startswith("[")
    assert tab.model.index(0, 6).data().startswith("[")
    tab.add()
    assert dialog_of(tab).windowTitle().startswith("[")
    dialog_of(tab).reject()
