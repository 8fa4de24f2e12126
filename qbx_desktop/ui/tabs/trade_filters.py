"""The row of filters over the trades: bot, symbol, period, text; all combine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDateEdit, QHBoxLayout, QLineEdit, QWidget

from ...data.trades import TradeRecord
from ..trade_filter import PERIODS, TradeFilter, period

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live

_TEXT_WIDTH = 150


class TradeFilters(QWidget):
    """`changed` is emitted when another set of trades is wanted."""

    changed = Signal()

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._live = context, live
        words = context.words
        self.bot = words.name(QComboBox(), "Show one bot")
        self.symbol = words.name(QComboBox(), "Show one symbol")
        self.period = words.name(QComboBox(), "Period")
        self.first = words.name(QDateEdit(), "From")
        self.last = words.name(QDateEdit(), "To")
        self.text = words.bind(QLineEdit(), "Search", setter="setPlaceholderText")
        self.text.setClearButtonEnabled(True)
        words.name(self.text, "Search", tooltip="Symbol, bot, note, tag, comment or ticket")
        self.text.setMinimumWidth(_TEXT_WIDTH)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.bot, self.symbol, self.period, self.first, self.last):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.text)
        for box in (self.bot, self.symbol, self.period):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        today = self._today()
        for edit in (self.first, self.last):
            edit.setCalendarPopup(True)
            edit.setDisplayFormat("yyyy-MM-dd")
            edit.setDate(QDate(today.year, today.month, today.day))
            edit.hide()
            edit.dateChanged.connect(self._emit)
        self.offer(())
        self.bot.currentIndexChanged.connect(self._emit)
        self.symbol.currentIndexChanged.connect(self._emit)
        self.period.currentIndexChanged.connect(self._period_chosen)
        self.text.textChanged.connect(self._emit)

    def offer(self, records: Sequence[TradeRecord]) -> None:
        """Offer the bots and symbols of these trades; what is chosen stays where it is still there."""
        t = self._context.words.t
        bots = sorted({each.bot_name for each in records}, key=str.casefold)
        symbols = sorted({each.trade.symbol for each in records})
        _fill(self.bot, [(t("All bots"), None), *((name or t("without a bot"), name) for name in bots)])
        _fill(self.symbol, [(t("All symbols"), None), *((name, name) for name in symbols)])
        _fill(self.period, [(t(shown), name) for name, shown in PERIODS.items()])

    def chosen(self) -> TradeFilter:
        """What is chosen now."""
        named = self.period.currentData() or "all"
        first, last = period(named, self._today())
        if named == "own":
            first, last = _day(self.first), _day(self.last)
        return TradeFilter(
            self.bot.currentData(), self.symbol.currentData(), self.text.text().strip(), first, last
        )

    @Slot()
    def clear(self) -> None:
        """Show everything again."""
        for box in (self.bot, self.symbol, self.period):
            box.setCurrentIndex(0)
        self.text.clear()

    def focus(self) -> None:
        """Put the cursor into the text filter."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    def _today(self) -> date:
        # The broker's day, as trades are booked by it; the computer's until the broker's clock is known.
        return datetime.fromtimestamp(self._live.server_time or self._context.clock.now(), UTC).date()

    @Slot()
    def _period_chosen(self) -> None:
        own = self.period.currentData() == "own"
        self.first.setVisible(own)
        self.last.setVisible(own)
        self._emit()

    @Slot()
    def _emit(self) -> None:
        self.changed.emit()


def _day(edit: QDateEdit) -> date:
    shown = edit.date()
    return date(shown.year(), shown.month(), shown.day())


def _fill(box: QComboBox, wanted: Sequence[tuple[str, object]]) -> None:
    if list(wanted) == [(box.itemText(at), box.itemData(at)) for at in range(box.count())]:
        return
    chosen = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for shown, data in wanted:
            box.addItem(shown, data)
        box.setCurrentIndex(max(box.findData(chosen), 0) if chosen is not None else 0)
