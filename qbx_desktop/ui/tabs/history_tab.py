"""The History tab: trades, events (every order, refusal and change, one table), orders and the account's equity."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QAbstractSlider,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...data import bots, snapshots
from ...domain.errors import QbxError
from ...domain.events import HistoryAppended
from ...workers.page_reader import PageReader
from ..empty import EmptyState, MaybeEmpty
from ..flow import FlowRow
from ..history_export import to_csv
from ..models.history_model import HistoryFilter, HistoryModel
from ..sentences import ACTIONS
from ..table_view import table
from .equity_page import EquityPage
from .orders_page import OrdersPage
from .trades_page import TradesPage

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live

_WIDTHS = (160, 160, 150, 90)
_PAUSE_MS = 200
PAGES = ("Trades", "Events", "Orders", "Equity")
TRADES, EVENTS, ORDERS, EQUITY = range(4)


class HistoryTab(QWidget):
    """Reads when shown; while hidden it only remembers that there is something new."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._stale = True
        self.wanted = HistoryFilter()
        words = context.words
        self._reader = PageReader(context.db.reader)
        self.model = HistoryModel(self._ask, words, context.theme, self)
        self.view = table(self.model, words, "History", _WIDTHS, sortable=False)
        self.trades, self.orders = TradesPage(context, live), OrdersPage(context)
        self.equity = EquityPage(context, live)
        self.pages, self.switch = QStackedWidget(), words.name(QTabBar(), "What the history shows")
        self._make_filters()
        self._make_buttons()
        self._lay_out()
        # Many rows in one moment are one reading.
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._soon.timeout.connect(self.reload)
        live.history_appended.connect(self._appended)
        self.model.changed.connect(self._show_counts)
        self.model.failed.connect(self._failed)
        self.model.rowsInserted.connect(self._stay)
        self.view.verticalScrollBar().valueChanged.connect(self._enable_moves)
        words.changed.connect(self._reword)

    def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)  # type: ignore[arg-type]
        if self._stale:
            self.reload()

    @Slot()
    def reload(self) -> None:
        """Read what is shown again: the trades, the orders, or the page of events and the names of the bots."""
        self._stale = False
        page = self._other_page()
        if page is not None:
            page.reload()
            return
        self._fill_bots()
        self.model.reload()

    def show_page(self, number: int) -> None:
        """Show the trades, the events or the orders."""
        self.switch.setCurrentIndex(number)

    def show_bot(self, bot_id: int | None) -> None:
        """Show the events of one bot."""
        self.show_page(EVENTS)
        self._fill_bots()
        self.bot.setCurrentIndex(max(self.bot.findData(bot_id), 0))

    def focus_filter(self) -> None:
        """Put the cursor into the text filter."""
        page = self._other_page()
        if page is not None:
            page.focus()
            return
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    @Slot()
    def export(self) -> None:
        """Ask for a file and write everything the filter matches."""
        page = self._other_page()
        if page is not None:
            page.export()
            return
        t = self._context.words.t
        name, _ = QFileDialog.getSaveFileName(self, t("Export CSV…"), "history.csv", "CSV (*.csv)")
        if not name:
            return
        model, words = self.model, self._context.words

        def write(con: Any) -> int:
            rows = model.all_matching(con)
            snapshots.write(Path(name), to_csv(rows, words))
            return len(rows)

        def written(rows: int) -> None:
            self.export_button.setEnabled(True)
            self.counts.setText(t("{n} rows written to {path}.", n=rows, path=name))

        def failed(error: BaseException) -> None:
            self.export_button.setEnabled(True)
            self._failed(error)

        self.export_button.setEnabled(False)
        self._ask(write, written, failed)

    def _make_filters(self) -> None:
        words = self._context.words
        self.bot, self.action = QComboBox(), QComboBox()
        self.text = words.bind(QLineEdit(), "Search in details", setter="setPlaceholderText")
        self.text.setClearButtonEnabled(True)
        words.name(self.bot, "Show one bot")
        words.name(self.action, "Show one action")
        words.name(self.text, "Search in details")
        for box in (self.bot, self.action):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._fill_bots()
        self._fill_actions()
        self.bot.currentIndexChanged.connect(self._filter_changed)
        self.action.currentIndexChanged.connect(self._filter_changed)
        self._typing = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._typing.timeout.connect(self._filter_changed)
        self.text.textChanged.connect(lambda _text: self._typing.start())

    def _make_buttons(self) -> None:
        words, icons = self._context.words, self._context.icons
        self.newer, self.older, self.export_button = QPushButton(), QPushButton(), QPushButton()
        for button, text, action in (
            (self.newer, "Newer", self._newer), (self.older, "Older", self._older),
            (self.export_button, "Export CSV…", self.export),
        ):  # fmt: skip
            words.bind(button, text)
            words.name(button, text)
            button.clicked.connect(action)
        icons.bind(self.export_button, "export")
        self.counts = QLabel()
        self.counts.setProperty("role", "muted")

    def _lay_out(self) -> None:
        words = self._context.words
        nothing = EmptyState(words, "Nothing here yet. Every order and every refusal will be listed.")
        no_match = EmptyState(words, "Nothing matches.")
        no_match.add_button("Clear filter").clicked.connect(self._clear_filter)
        self.whole = MaybeEmpty(self.view, nothing, no_match)
        foot = QHBoxLayout()
        foot.addWidget(self.counts)
        foot.addStretch(1)
        foot.addWidget(self.newer)
        foot.addWidget(self.older)
        events = QWidget()
        column = QVBoxLayout(events)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(FlowRow([self.bot, self.action], self.text, self.export_button))
        column.addWidget(self.whole, 1)
        column.addLayout(foot)
        for page in (self.trades, events, self.orders, self.equity):
            self.pages.addWidget(page)
        for name in PAGES:
            self.switch.addTab(words.t(name))
        self.switch.setDrawBase(False)
        self.switch.setExpanding(False)
        self.switch.setCurrentIndex(EVENTS)
        self.pages.setCurrentIndex(EVENTS)
        self.switch.currentChanged.connect(self._turned)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 2, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.switch)
        layout.addWidget(self.pages, 1)

    def _fill_bots(self) -> None:
        chosen = self.bot.currentData()
        found = bots.list_bots(self._context.db.reader(), include_archived=True)
        wanted = [(self._context.words.t("All bots"), None), *((bot.name, bot.id) for bot in found)]
        if wanted == [(self.bot.itemText(at), self.bot.itemData(at)) for at in range(self.bot.count())]:
            return
        with QSignalBlocker(self.bot):
            self.bot.clear()
            for name, bot_id in wanted:
                self.bot.addItem(name, bot_id)
            self.bot.setCurrentIndex(max(self.bot.findData(chosen), 0))

    def _fill_actions(self) -> None:
        t, chosen = self._context.words.t, self.action.currentData()
        with QSignalBlocker(self.action):
            self.action.clear()
            self.action.addItem(t("All actions"), None)
            for stored, shown in ACTIONS.items():
                self.action.addItem(t(shown), stored)
            self.action.setCurrentIndex(max(self.action.findData(chosen), 0))

    def _ask(self, read: Any, then: Any, failed: Any) -> None:
        self._context.answers.deliver(self._reader.ask(read), then, failed)

    @Slot()
    def _show_counts(self) -> None:
        model, t = self.model, self._context.words.t
        if not model.rowCount():
            self.whole.show_empty(1 if self.wanted.is_set else 0)
        else:
            self.whole.show_view()
        self.counts.setText(
            t("{n} rows match", n=model.total) if model.is_complete else t("Counting the rows that match…")
        )
        self.export_button.setEnabled(model.total > 0)
        self._enable_moves()

    @Slot(object)
    def _failed(self, error: BaseException) -> None:
        if isinstance(error, QbxError):
            self.counts.setText(self._context.words.say(error.message))
        else:
            self._context.board.problem.emit(error)

    @Slot(QModelIndex, int, int)
    def _stay(self, _parent: QModelIndex, first: int, last: int) -> None:
        """New rows at the top do not move what the trader reads further down."""
        bar = self.view.verticalScrollBar()
        if first == 0 and bar.value() > 0:
            bar.setValue(bar.value() + last - first + 1)

    @Slot()
    def _enable_moves(self) -> None:
        bar = self.view.verticalScrollBar()
        self.newer.setEnabled(bar.value() > bar.minimum())
        self.older.setEnabled(bar.value() < bar.maximum())

    @Slot()
    def _filter_changed(self) -> None:
        self.wanted = HistoryFilter(
            bot_id=self.bot.currentData(),
            action=self.action.currentData(),
            text=self.text.text().strip(),
        )
        self.model.set_source(self.wanted)

    @Slot()
    def _clear_filter(self) -> None:
        self.bot.setCurrentIndex(0)
        self.action.setCurrentIndex(0)
        self.text.clear()

    @Slot()
    def _newer(self) -> None:
        self.view.verticalScrollBar().triggerAction(QAbstractSlider.SliderAction.SliderPageStepSub)

    @Slot()
    def _older(self) -> None:
        self.view.verticalScrollBar().triggerAction(QAbstractSlider.SliderAction.SliderPageStepAdd)

    @Slot(object)
    def _appended(self, _event: HistoryAppended) -> None:
        self._stale = True
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def _other_page(self) -> TradesPage | OrdersPage | EquityPage | None:
        """The page shown, None for the events."""
        pages: dict[int, TradesPage | OrdersPage | EquityPage] = {
            TRADES: self.trades, ORDERS: self.orders, EQUITY: self.equity,
        }  # fmt: skip
        return pages.get(self.pages.currentIndex())

    @Slot(int)
    def _turned(self, number: int) -> None:
        self.pages.setCurrentIndex(number)
        if self.isVisible():
            self.reload()
        else:
            self._stale = True

    @Slot()
    def _reword(self) -> None:
        for at, name in enumerate(PAGES):
            self.switch.setTabText(at, self._context.words.t(name))
        self._fill_bots()
        self._fill_actions()
        self._show_counts()
