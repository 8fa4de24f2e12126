"""The watchlist's table: one row per tick, ages, flashes, and what stands in its cells."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from qbx_desktop.data.watch_alerts import of_entry
from qbx_desktop.data.watchlist import WatchlistEntry
from qbx_desktop.domain.events import TickArrived
from qbx_desktop.domain.messages import Message
from qbx_desktop.domain.quotes import DayPrices, NoPrices
from qbx_desktop.domain.records import Tick
from qbx_desktop.ui.models.watchlist_model import (
    FLASH_MS,
    SPARK_COLUMN,
    SPARK_ROLE,
    STALE_AFTER,
    WatchlistModel,
)
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import Words
from tests.fakes.clock import FakeClock

BACKGROUND = Qt.ItemDataRole.BackgroundRole
FOREGROUND = Qt.ItemDataRole.ForegroundRole


@pytest.fixture
def flashing() -> list[bool]:
    return [True]


@pytest.fixture
def model(words: Words, theme: Theme, clock: FakeClock, flashing: list[bool], qtbot: QtBot) -> WatchlistModel:
    made = WatchlistModel(words, theme, clock.monotonic, lambda: flashing[0])
    tester = QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal)
    made.setProperty("tester", tester)
    made.set_entries(
        [WatchlistEntry(at, 1, symbol) for at, symbol in enumerate(("XAUUSD", "EURUSD", "USDJPY"), 1)]
    )
    return made


def tick(symbol: str, bid: float, age: float = 0.0) -> TickArrived:
    return TickArrived(symbol, Tick(bid=bid, ask=round(bid + 0.00013, 5)), 13, 5, age)


def cell(model: WatchlistModel, row: int, column: int, role: Any = Qt.ItemDataRole.DisplayRole) -> Any:
    return model.index(row, column).data(role)


def test_u23_a_tick_changes_its_own_row_only(model: WatchlistModel) -> None:
    changed: list[tuple[int, int]] = []
    resets: list[bool] = []
    model.dataChanged.connect(lambda first, last, *_: changed.append((first.row(), last.row())))
    model.modelReset.connect(lambda: resets.append(True))
    model.layoutChanged.connect(lambda *_: resets.append(True))
    model.hear(tick("EURUSD", 1.1))
    assert changed == [(1, 1)]
    model.hear(tick("GBPUSD", 1.3))
    assert changed == [(1, 1)]
    assert resets == []
    assert [cell(model, 1, at) for at in (1, 2, 3)] == ["1.10000", "1.10013", "13"]
    assert cell(model, 0, 1) == "—"


def test_two_alerts_on_one_symbol_both_follow(model: WatchlistModel) -> None:
    model.set_entries([WatchlistEntry(1, 1, "EURUSD"), WatchlistEntry(2, 1, "EURUSD", alert_price=1.2)])
    model.hear(tick("EURUSD", 1.1))
    assert cell(model, 0, 1) == cell(model, 1, 1) == "1.10000"


def test_u23_a_stale_price_is_greyed_and_says_its_age(
    model: WatchlistModel, clock: FakeClock, theme: Theme
) -> None:
    model.hear(tick("EURUSD", 1.1))
    assert cell(model, 1, 8) == "live"
    assert cell(model, 1, 1, FOREGROUND) is None
    changed: list[int] = []
    model.dataChanged.connect(lambda first, *_: changed.append(first.row()))
    clock.advance(STALE_AFTER + 25)
    model.show_ages()
    assert cell(model, 1, 8) == "40 s old"
    assert cell(model, 1, 1, FOREGROUND) == theme.colour("muted")
    assert 1 in changed
    model.hear(tick("EURUSD", 1.1001))
    assert cell(model, 1, 8) == "live"
    clock.advance(600)
    assert cell(model, 1, 8) == "10 min old"
    clock.advance(90_000)
    assert cell(model, 1, 8) == "25 h old"


def test_a_price_that_arrives_old_is_old_at_once(model: WatchlistModel) -> None:
    model.hear(tick("EURUSD", 1.1, age=40.0))
    assert cell(model, 1, 8) == "40 s old"


def test_no_prices_are_said_with_their_reason(model: WatchlistModel) -> None:
    model.hear(NoPrices("USDJPY", Message("plain.code", {})))
    assert cell(model, 2, 8) == "no prices"
    assert cell(model, 2, 0, Qt.ItemDataRole.ToolTipRole) == "plain.code"
    model.hear(tick("USDJPY", 151.2))
    assert cell(model, 2, 8) == "live"


def test_a_moved_price_flashes_for_a_moment(model: WatchlistModel, qtbot: QtBot) -> None:
    model.hear(tick("EURUSD", 1.1))
    assert cell(model, 1, 1, BACKGROUND) is None
    model.hear(tick("EURUSD", 1.2))
    up = cell(model, 1, 1, BACKGROUND)
    assert up is not None
    assert cell(model, 1, 4, BACKGROUND) is None
    assert cell(model, 0, 1, BACKGROUND) is None
    qtbot.waitUntil(lambda: cell(model, 1, 1, BACKGROUND) is None, timeout=20 * FLASH_MS)
    model.hear(tick("EURUSD", 1.1))
    assert cell(model, 1, 1, BACKGROUND) != up


def test_reduced_motion_does_not_flash(model: WatchlistModel, flashing: list[bool]) -> None:
    flashing[0] = False
    model.hear(tick("EURUSD", 1.1))
    model.hear(tick("EURUSD", 1.2))
    assert cell(model, 1, 1, BACKGROUND) is None
    assert cell(model, 1, 1) == "1.20000"


def test_the_change_is_signed_in_words_and_arrow(model: WatchlistModel) -> None:
    model.hear(DayPrices("EURUSD", 1.1, (1.1, 1.15)))
    assert cell(model, 1, 4) == "—"
    model.hear(tick("EURUSD", 1.0989))
    assert cell(model, 1, 4) == "▼ −0.10\u00a0%"
    model.hear(tick("EURUSD", 1.1022))
    assert cell(model, 1, 4) == "▲ +0.20\u00a0%"
    assert cell(model, 1, SPARK_COLUMN, SPARK_ROLE).closes == (1.1, 1.1022)
    assert cell(model, 1, SPARK_COLUMN, Qt.ItemDataRole.AccessibleTextRole) == "between 1.1 and 1.15 today"


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        (WatchlistEntry(1, 1, "EURUSD"), "—"),
        (WatchlistEntry(1, 1, "EURUSD", alert_price=1.2, alert_direction="up", alert_armed=True), "crosses up 1.20000"),
        (WatchlistEntry(1, 1, "EURUSD", alert_price=1.0, alert_direction="down", alert_armed=True), "crosses down 1.00000"),
        (WatchlistEntry(1, 1, "EURUSD", alert_price=1.0, alert_armed=True), "reaches 1.00000"),
        (WatchlistEntry(1, 1, "EURUSD", alert_price=1.2, alert_hit_ms=1_750_000_000_000), "now off"),
    ],
)  # fmt: skip
def test_the_alert_is_said_in_words(model: WatchlistModel, entry: WatchlistEntry, text: str) -> None:
    model.alerts_of = lambda _: [] if entry.alert_price is None else [of_entry(entry)]
    model.set_entries([entry])
    model.hear(tick("EURUSD", 1.1))
    assert text in cell(model, 0, 6)


def test_the_filter_keeps_what_is_known_and_the_total(model: WatchlistModel) -> None:
    model.hear(tick("EURUSD", 1.1))
    model.set_filter("eur")
    assert [row.entry.symbol for row in model.rows] == ["EURUSD"]
    assert cell(model, 0, 1) == "1.10000"
    assert model.total == 3
    assert model.symbols == {"XAUUSD", "EURUSD", "USDJPY"}
    model.set_filter("")
    assert model.rowCount() == 3


def test_every_cell_answers_every_role_before_and_after_prices(model: WatchlistModel) -> None:
    for _ in range(2):
        for row in range(model.rowCount()):
            for column in range(model.columnCount()):
                for role in Qt.ItemDataRole:
                    model.index(row, column).data(role)
        for event in (tick("EURUSD", 1.1), DayPrices("EURUSD", 1.0, ()), tick("XAUUSD", 2_300.0)):
            model.hear(event)
    for column in range(model.columnCount()):
        model.sort(column)
    assert model.data(QModelIndex()) is None
