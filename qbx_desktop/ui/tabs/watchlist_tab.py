"""The Watchlist tab: symbols with live prices and notes above, their alerts below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QLineEdit, QPushButton, QSplitter, QVBoxLayout, QWidget

from ...data import watchlist
from ...domain.quotes import AlertFired, WatchlistChanged
from ..dialogs.alert_dialog import AlertDialog
from ..dialogs.watch_dialog import WatchChoice, WatchDialog
from ..empty import EmptyState, MaybeEmpty
from ..flow import FlowRow
from ..models.watchlist_model import SPARK_COLUMN, WatchlistModel, WatchRow
from ..table_view import select_row, selected_rows, table
from .alerts_pane import AlertsPane
from .sparkline import SparklineDelegate

if TYPE_CHECKING:
    from ..context import AppContext

_WIDTHS = (110, 100, 100, 112, 96, 120, 200, 180, 104)
_NOTE_COLUMN = 7
_SOON_MS = 100


class WatchlistTab(QWidget):
    """Reads the list from the database; every change is written first and shown when it is committed."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._symbols: tuple[str, ...] = ()
        words = context.words
        self.model = WatchlistModel(
            words,
            context.theme,
            context.clock.monotonic,
            lambda: not context.settings.get("ui.reduce_motion"),
            self,
        )
        self.view = table(self.model, words, "Watchlist", _WIDTHS, stretch=_NOTE_COLUMN)
        self.view.setItemDelegateForColumn(SPARK_COLUMN, SparklineDelegate(context.theme, self.view))
        self.filter = words.bind(QLineEdit(), "Filter  (Ctrl+F)", setter="setPlaceholderText")
        words.name(self.filter, "Filter the watchlist")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._filter_changed)
        self.add_button = self._button("Add symbol", "new", QKeySequence(Qt.Key.Key_Insert), self.add)
        self.alert_button = self._button("Set alert", "bell", QKeySequence("Alt+A"), self.set_alert)
        self.edit_button = self._button("Note and price", "edit", QKeySequence(), self.change)
        self.remove_button = self._button("Remove", "trash", QKeySequence(Qt.Key.Key_Delete), self.remove)
        nothing = EmptyState(words, "Add a symbol to see its price.")
        nothing.add_button("Add symbol", primary=True).clicked.connect(self.add)
        no_match = EmptyState(words, "Nothing matches.")
        no_match.add_button("Clear filter").clicked.connect(self.filter.clear)
        self._page = MaybeEmpty(self.view, nothing, no_match)
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 8, 8, 4)
        buttons = (self.add_button, self.alert_button, self.edit_button, self.remove_button)
        box.addWidget(FlowRow(buttons, self.filter))
        self.alerts = AlertsPane(context, self.model.price_of, self.model.digits_of, self._written, self)
        self.model.alerts_of = self.alerts.model.of_entry
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self._page)
        halves.addWidget(self.alerts)
        halves.setStretchFactor(0, 3)
        halves.setStretchFactor(1, 2)
        box.addWidget(halves, 1)
        self.view.doubleClicked.connect(self.change)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self.reload)
        context.board.happened.connect(self._hear)
        context.ask(_symbol_names, self._symbols_known, _leave)
        self.reload()

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def selected(self) -> list[WatchRow]:
        """The selected rows from top to bottom."""
        return [row for row in selected_rows(self.view) if isinstance(row, WatchRow)]

    @Slot()
    def reload(self) -> None:
        """Read the list again; the selection stays on the same entry where it is still there."""
        keep = [row.entry.id for row in self.selected()]
        self.alerts.reload()
        self.model.set_entries(watchlist.list_entries(self._context.db.reader(), self._context.user_id))
        self._context.quotes.watch("watchlist", self.model.symbols)
        at = self.model.position_of(keep[0]) if keep else None
        if at is not None and not self.selected():
            select_row(self.view, at)
        self._show_whole()
        self._selection_changed()

    @Slot()
    def add(self) -> None:
        """Ask for a symbol and put it on the list."""
        dialog = WatchDialog(self._context.words, self._symbols, self.model.price_of, parent=self)
        if not self._symbols:
            self._context.ask(_symbol_names, partial(self._symbols_known, dialog=dialog), _leave)
        dialog.accepted.connect(lambda: self.add_entry(dialog.choice()))
        self._open(dialog)

    @Slot()
    def change(self) -> None:
        """Ask for note and price of the selected line."""
        rows = self.selected()
        if not rows:
            return
        entry = rows[0].entry
        dialog = WatchDialog(
            self._context.words, self._symbols, self.model.price_of, symbol=entry.symbol, notes=entry.notes or "",
            alert_price=entry.alert_price, digits=self.model.digits_of(entry.symbol), parent=self,
        )  # fmt: skip
        dialog.accepted.connect(lambda: self.change_entry(rows[0], dialog.choice()))
        self._open(dialog)

    @Slot()
    def set_alert(self) -> None:
        """Ask for an alert on the selected symbol, or on one to be chosen."""
        rows = self.selected()
        self.ask_for_alert(rows[0].entry.symbol if rows else "")

    def ask_for_alert(self, symbol: str, price: float | None = None) -> None:
        """Ask for an alert on a symbol, listed already or not; `price` stands in the field to begin with."""
        dialog = self.alerts.ask(symbol, price)
        if not self._symbols:
            self._context.ask(_symbol_names, partial(self._symbols_known, dialog=dialog), _leave)

    @Slot()
    def remove(self) -> None:
        """Take the selected entries off the list; with the alerts in focus, the selected alerts."""
        if self.alerts.view.hasFocus():
            self.alerts.remove()
            return
        ids = [row.entry.id for row in self.selected()]
        if ids:
            self._write(partial(_remove_all, ids, self._context.user_id))

    def add_entry(self, choice: WatchChoice) -> None:
        """Store a new entry; with an alert a row of the history tells of it, both in one transaction."""
        self._write(partial(_add, choice, self._context.user_id, round(self._context.clock.now() * 1000)))

    def change_entry(self, row: WatchRow, choice: WatchChoice) -> None:
        """Store alert and note; a new or changed alert price is armed again."""
        self._write(partial(_change, row.entry, choice, self._context.user_id))

    def _write(self, job: Any) -> None:
        self._context.write(job, lambda _: self._written())

    def _written(self) -> None:
        self._context.quotes.reload_alerts()
        self._context.board.happened.emit(WatchlistChanged())

    @Slot(object)
    def _hear(self, event: object) -> None:
        if isinstance(event, WatchlistChanged):
            self.reload()
        elif isinstance(event, AlertFired):
            # A thousand alerts in one moment are one reading.
            if not self._soon.isActive():
                self._soon.start()
        else:
            self.model.hear(event)

    def _symbols_known(self, names: tuple[str, ...], dialog: WatchDialog | AlertDialog | None = None) -> None:
        self._symbols = self.alerts.symbols = names
        if dialog is not None:
            dialog.set_symbols(names)

    def _open(self, dialog: WatchDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _filter_changed(self, text: str) -> None:
        self.model.set_filter(text)
        self.alerts.model.set_filter(text)
        self._show_whole()

    def _show_whole(self) -> None:
        if self.model.rowCount():
            self._page.show_view()
        else:
            self._page.show_empty(1 if self.model.total else 0)

    @Slot()
    def _selection_changed(self) -> None:
        chosen = bool(self.selected())
        self.edit_button.setEnabled(chosen)
        self.remove_button.setEnabled(chosen)

    def _button(self, text: str, icon: str, key: QKeySequence, slot: Any) -> QPushButton:
        words = self._context.words
        button = QPushButton()
        words.bind(button, text)
        words.name(button, text)
        self._context.icons.bind(button, icon)
        button.clicked.connect(slot)
        if key.isEmpty():
            return button
        button.setToolTip(key.toString(QKeySequence.SequenceFormat.NativeText))
        action = QAction(self)
        words.bind(action, text)
        action.setShortcut(key)
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return button


def _symbol_names(terminal: Any) -> tuple[str, ...]:
    return tuple(terminal.symbol_names())


def _leave(_: BaseException) -> None:
    """No list of symbols now: any name can be typed, and the link says itself why."""


def _add(choice: WatchChoice, user_id: int, ts_ms: int, con: Any) -> int:
    if choice.alert_price is None:
        return watchlist.add(con, user_id, choice.symbol, choice.notes or None)
    entry_id = watchlist.add_with_notification(con, user_id, choice.symbol, choice.alert_price, ts_ms)
    watchlist.change(
        con, entry_id, user_id, notes=choice.notes or None, last_price=choice.price,
        alert_direction=None if choice.direction is None else str(choice.direction),
    )  # fmt: skip
    return entry_id


def _change(entry: watchlist.WatchlistEntry, choice: WatchChoice, user_id: int, con: Any) -> None:
    columns: dict[str, Any] = {"notes": choice.notes or None}
    if choice.alert_price != entry.alert_price or entry.alert_hit_ms is not None:
        direction = None if choice.direction is None else str(choice.direction)
        columns |= {
            "alert_price": choice.alert_price,
            "alert_direction": direction,
            "last_price": choice.price,
        }
    watchlist.change(con, entry.id, user_id, **columns)


def _remove_all(ids: list[int], user_id: int, con: Any) -> None:
    for each in ids:
        watchlist.remove(con, each, user_id)


def build(context: AppContext) -> QWidget:
    """The tab, for the window to show."""
    return WatchlistTab(context)
