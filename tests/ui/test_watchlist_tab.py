"""The Watchlist tab on a real database: add, alert, remove, and what the quotes desk then does with it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QDateTimeEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
)
from pytestqt.qtbot import QtBot

from qbx_desktop.data import history, watch_alerts, watchlist
from qbx_desktop.domain.alerts import (
    BarShows,
    Condition,
    Is,
    MovesPercent,
    Often,
    PriceReaches,
    Schedule,
    Since,
    SpreadReaches,
    Value,
    Way,
)
from qbx_desktop.domain.events import TickArrived
from qbx_desktop.domain.quotes import AlertFired, DayPrices
from qbx_desktop.domain.records import Tick
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.dialogs.alert_dialog import AlertDialog
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
    direction = None if alert is None else Way.UP
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


def alert_dialog_of(tab: WatchlistTab) -> AlertDialog:
    found = tab.findChildren(AlertDialog)
    assert found, "no dialog opened"
    return found[-1]


def test_an_alert_knows_its_direction_from_the_price(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    add(tab, qtbot, "EURUSD")
    price(context, "EURUSD", 1.1)
    tab.view.selectRow(0)
    qtbot.keyClick(tab.view, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    dialog = alert_dialog_of(tab)
    assert dialog.fields["level"].value() == "1.10000"
    dialog.fields["level"].editor.setText("1,0950")
    said = dialog.meaning.text()
    assert said.startswith(
        "This alert fires when the bid of EURUSD falls to 1.09500. Once. The bid is 1.10000 now."
    )
    assert said.endswith("It sends no orders.")
    dialog.ok.click()
    qtbot.waitUntil(lambda: tab.alerts.model.rowCount() == 1)
    (alert,) = tab.alerts.model.rows
    assert (alert.condition, alert.schedule) == (PriceReaches(1.095, Way.DOWN), Schedule())
    assert context.quotes.reloads >= 2  # type: ignore[attr-defined]
    assert tab.model.index(0, 6).data() == "crosses down 1.09500"


def test_an_indicator_at_the_close_of_a_bar_is_chosen_and_said(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    tab.set_alert()
    dialog = alert_dialog_of(tab)
    fields = dialog.fields
    fields["symbol"].editor.setEditText("xauusd")
    kind = fields["kind"].editor
    kind.setCurrentIndex(kind.findData("bar"))
    assert fields["left"].editor.isVisible()
    assert not fields["level"].editor.isVisible()
    assert "a bar of XAUUSD H1 closes and RSI(14) is below 30. Once." in dialog.meaning.text()
    left, right = fields["left"], fields["right"]
    left.choice.setCurrentIndex(left.choice.findData("close"))
    assert "of different kinds" not in dialog.meaning.text()
    right.choice.setCurrentIndex(right.choice.findData("sma"))
    relation = fields["relation"].editor
    relation.setCurrentIndex(relation.findData("crosses_up"))
    often = fields["often"].editor
    often.setCurrentIndex(often.findData("per_bar"))
    fields["most"].editor.setValue(3)
    fields["pause"].editor.setValue(60)
    assert (
        "closes and Close crosses up SMA(50). At every close. At most 3 times. Not again within 60 s."
        in dialog.meaning.text()
    )
    right.choice.setCurrentIndex(right.choice.findData("rsi"))
    assert "cannot be compared" in dialog.meaning.text()
    dialog.ok.click()
    assert right.error.text()
    assert dialog.isVisible()
    right.choice.setCurrentIndex(right.choice.findData("sma"))
    dialog.ok.click()
    qtbot.waitUntil(lambda: tab.alerts.model.rowCount() == 1)
    assert tab.model.symbols == {"XAUUSD"}
    alert = tab.alerts.model.rows[0]
    assert alert.schedule == Schedule(Often.PER_BAR, None, 3, 60)
    assert alert.condition == BarShows(Timeframe.H1, Value("close"), Is.CROSSES_UP, Value("sma", (50.0,)))


@pytest.mark.parametrize(
    ("set_to", "field"),
    [
        ({"level": "abc"}, "level"), ({"level": "0"}, "level"), ({"symbol": ""}, "symbol"), ({"symbol": "EURUDS"}, "symbol"),
        ({"kind": "percent", "since": "price", "base": ""}, "base"), ({"ends": True, "until": 1_000}, "until"),
        ({"kind": "bar", "right": Value("number")}, "right"),
    ],
)  # fmt: skip
def test_u12_what_cannot_be_is_said_under_its_field(
    tab: WatchlistTab, set_to: dict[str, object], field: str
) -> None:
    tab.ask_for_alert("", 1.2)
    dialog = alert_dialog_of(tab)
    for name, value in {"symbol": "EURUSD", **set_to}.items():
        dialog.fields[name].set_value(value)
    dialog._changed()
    assert dialog.meaning.property("role") == "error"
    dialog.ok.click()
    assert dialog.isVisible()
    assert dialog.fields[field].error.text()
    assert dialog.fields[field].editor.isVisible()
    assert tab.alerts.model.rowCount() == 0
    dialog.reject()


@pytest.mark.parametrize(
    "condition",
    [
        PriceReaches(1.5, Way.UP), MovesPercent(1.5, Way.DOWN), MovesPercent(2, Way.UP, Since.PRICE, 1.1),
        MovesPercent(2, Way.EITHER, Since.MINUTES, 30), SpreadReaches(20, Way.DOWN),
        BarShows(Timeframe.M5, Value("bb_upper", (20.0, 2.5)), Is.BELOW, Value("close")),
        BarShows(Timeframe.D1, Value("stoch_d", (14.0, 3.0, 3.0)), Is.CROSSES_DOWN, Value("number", (80.5,))),
    ],
    ids=repr,
)  # fmt: skip
def test_an_alert_opened_and_saved_is_the_same(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext, condition: Condition
) -> None:
    bar = isinstance(condition, BarShows)
    schedule = Schedule(Often.PER_BAR, None if bar else Timeframe.M15, 5, 90, 4_000_000_000_000)
    context.db.write(
        lambda con: watch_alerts.add(
            con, context.user_id, "EURUSD", condition, schedule, at_ms=1, notes="why"
        )
    )
    tab.reload()
    tab.alerts.view.selectRow(0)
    tab.alerts.edit_button.click()
    before = tab.alerts.model.rows[0]
    alert_dialog_of(tab).ok.click()
    qtbot.waitUntil(lambda: tab.alerts.model.rows[0].id != before.id)
    (after,) = tab.alerts.model.rows
    assert (after.condition, after.schedule, after.notes) == (condition, schedule, "why")


def test_alerts_are_switched_off_on_and_removed(tab: WatchlistTab, qtbot: QtBot, context: AppContext) -> None:
    add(tab, qtbot, "EURUSD", 1.2)
    context.db.write(
        lambda con: watch_alerts.add(con, context.user_id, "EURUSD", SpreadReaches(30), Schedule(), at_ms=1)
    )
    tab.reload()
    assert tab.model.index(0, 6).data() == "2 alerts"
    tab.alerts.view.selectAll()
    assert not tab.alerts.on_button.isEnabled()
    tab.alerts.off_button.click()
    qtbot.waitUntil(lambda: not any(each.state.armed for each in tab.alerts.model.rows))
    tab.alerts.on_button.click()
    qtbot.waitUntil(lambda: all(each.state.armed for each in tab.alerts.model.rows))
    tab.alerts.view.setFocus()
    qtbot.keyClick(tab.alerts.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: tab.alerts.model.rowCount() == 0)
    assert tab.model.rowCount() == 1


def test_a_price_that_is_past_its_line_is_said(tab: WatchlistTab, qtbot: QtBot, context: AppContext) -> None:
    add(tab, qtbot, "EURUSD")
    price(context, "EURUSD", 1.1)
    tab.ask_for_alert("EURUSD", 1.05)
    dialog = alert_dialog_of(tab)
    dialog.fields["price_way"].set_value("up")
    dialog._changed()
    assert "past that line already" in dialog.meaning.text()
    dialog.reject()


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
    readings: list[int] = []
    tab.model.modelReset.connect(lambda: readings.append(1))
    tab.model.dataChanged.connect(lambda *_: readings.append(1))
    for _ in range(1_000):
        context.board.happened.emit(AlertFired(entry.id, 1_750_000_000.0, 1.2001))
    assert readings == [], "a thousand alerts in one moment are one reading"
    qtbot.waitUntil(lambda: "now off" in tab.model.index(0, 6).data())
    assert len(readings) < 5
    tab.change_entry(tab.model.rows[0], WatchChoice("EURUSD", "", 1.2, Way.UP, 1.19))
    qtbot.waitUntil(lambda: tab.model.rows[0].entry.alert_armed)


def test_a_note_alone_does_not_arm_an_alert_again(
    tab: WatchlistTab, qtbot: QtBot, context: AppContext
) -> None:
    add(tab, qtbot, "EURUSD", 1.2)
    before = tab.model.rows[0].entry
    tab.change_entry(tab.model.rows[0], WatchChoice("EURUSD", "new note", 1.2, Way.DOWN, 1.3))
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
    tab.set_alert()
    dialog = alert_dialog_of(tab)
    for kind in (QAbstractButton, QAbstractSpinBox, QComboBox, QDateTimeEdit, QLineEdit):
        for each in dialog.findChildren(kind):
            inner = isinstance(each.parent(), (QAbstractSpinBox, QComboBox))
            assert inner or each.isHidden() or each.objectName().startswith("qt_") or each.accessibleName(), (
                each
            )
    dialog.reject()


@pytest.mark.parametrize("language", ["en", "id"])
@pytest.mark.parametrize("kind", ["price", "percent", "spread", "bar"])
def test_u29_nothing_is_cut_in_the_form_of_an_alert(
    tab: WatchlistTab, context: AppContext, kind: str, language: str
) -> None:
    context.words.use(language)
    tab.set_alert()
    dialog = alert_dialog_of(tab)
    for name, value in (("kind", kind), ("often", "per_bar"), ("since", "minutes"), ("ends", True)):
        dialog.fields[name].set_value(value)
    dialog._changed()
    assert dialog.height() <= 700
    for label in dialog.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.width() >= label.sizeHint().width(), label.text()
    for button in dialog.findChildren(QPushButton):
        assert button.width() >= button.minimumSizeHint().width(), button.text()
    dialog.reject()


def test_u29_the_form_of_an_alert_follows_the_language(tab: WatchlistTab, context: AppContext) -> None:
    tab.ask_for_alert("EURUSD", 1.2)
    dialog = alert_dialog_of(tab)
    dialog.fields["note"].set_value("why")
    context.words.use(PSEUDO)
    assert dialog.windowTitle().startswith("[")
    assert dialog.meaning.text().startswith("[")
    assert all(each.label.text().startswith("[") for each in dialog.fields.by_name.values())
    kind = dialog.fields["kind"].editor
    assert isinstance(kind, QComboBox)
    assert all(kind.itemText(at).startswith("[") for at in range(kind.count()))
    assert (dialog.fields["level"].value(), dialog.fields["note"].value()) == ("1.20000", "why")
    dialog.reject()


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
