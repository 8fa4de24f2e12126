"""Market Watch at the left, as in MetaTrader: symbols of the watchlist and of the bots with their live prices."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, Qt, Slot
from PySide6.QtWidgets import QAbstractItemView, QDockWidget, QMenu, QWidget

from ..data import bots, watchlist
from ..data.watchlist import WatchlistEntry
from ..domain.quotes import WatchlistChanged
from . import figures
from .models.columns import SORT_ROLE
from .models.watchlist_model import WatchlistModel, WatchRow
from .table_view import select_row, selected_rows, table

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live
    from .symbol_actions import SymbolActions

Index = QModelIndex | QPersistentModelIndex
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_SYMBOL, _SPREAD = 0, 3
_SHOWN = (104, 78, 78, 44)
_AT_FIRST = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD")
# Rows that stand for a symbol without an entry of the watchlist.
_NO_ENTRY = -1


class MarketWatchModel(WatchlistModel):
    """The watchlist's rows with the direction of the last move before the symbol."""

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if int(role) == _DISPLAY and index.column() == _SYMBOL:
            row = self.row_at(index.row())
            return None if row is None else f"{figures.arrow(row.moved) or ' '} {row.entry.symbol}"
        return super().data(index, role)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:  # noqa: N802 - Qt's name
        if int(role) == _DISPLAY and section == _SPREAD:
            return self.words.t("Spr")
        return super().headerData(section, orientation, role)


class MarketWatch(QDockWidget):
    """May be closed; while it is, it asks for no prices."""

    def __init__(
        self, context: AppContext, live: Live, actions: SymbolActions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("market_watch")
        self._context, self._live, self._actions = context, live, actions
        words = context.words
        words.bind(self, "Market Watch", setter="setWindowTitle")
        self.model = MarketWatchModel(
            words, context.theme, context.clock.monotonic, lambda: not context.settings.get("ui.reduce_motion"), self
        )  # fmt: skip
        self.view = table(self.model, words, "Market Watch", _SHOWN, stretch=0)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        for column in range(len(_SHOWN), self.model.columnCount()):
            self.view.setColumnHidden(column, True)
        self.view.customContextMenuRequested.connect(self._menu)
        self.view.activated.connect(self._open)
        self.setWidget(self.view)
        context.board.happened.connect(self._hear)
        live.symbols_changed.connect(self.reload)
        self.visibilityChanged.connect(self._watch)
        self.reload()

    @property
    def selected(self) -> WatchRow | None:
        """The selected row."""
        return next((row for row in selected_rows(self.view) if isinstance(row, WatchRow)), None)

    @Slot()
    def reload(self) -> None:
        """Read again which symbols to show."""
        keep = self.selected
        entries = self._entries()
        self.model.set_entries(entries)
        self._watch()
        if keep is not None and self.selected is None:
            at = next(
                (at for at, row in enumerate(self.model.rows) if row.entry.symbol == keep.entry.symbol), None
            )
            if at is not None:
                select_row(self.view, at)

    def _entries(self) -> list[WatchlistEntry]:
        reader, user_id = self._context.db.reader(), self._context.user_id
        listed = {each.symbol: each for each in reversed(watchlist.list_entries(reader, user_id))}
        names = [*listed, *(bot.market for bot in bots.list_bots(reader))]
        if not names:
            known = [each for each in _AT_FIRST if each in self._live.symbols]
            names = known or list(self._live.symbols[: len(_AT_FIRST)])
        return [
            listed.get(name) or WatchlistEntry(_NO_ENTRY - at, user_id, name)
            for at, name in enumerate(dict.fromkeys(names))
        ]

    @Slot()
    def _watch(self) -> None:
        symbols = self.model.symbols if self.isVisible() else frozenset()
        self._context.quotes.watch("market watch", symbols)

    @Slot(object)
    def _hear(self, event: object) -> None:
        if isinstance(event, WatchlistChanged):
            self.reload()
        else:
            self.model.hear(event)

    @Slot(QModelIndex)
    def _open(self, index: QModelIndex) -> None:
        symbol = self.model.index(index.row(), _SYMBOL).data(SORT_ROLE)
        if symbol:
            self._actions.chart(symbol)

    @Slot(QPoint)
    def _menu(self, at: QPoint) -> None:
        menu = self.menu_for(self.selected)
        menu.popup(self.view.viewport().mapToGlobal(at))

    def menu_for(self, row: WatchRow | None) -> QMenu:
        """What can be done here, with the symbol of `row`."""
        t, actions = self._context.words.t, self._actions
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if row is not None:
            symbol = row.entry.symbol
            for text, action in (
                ("Chart of {symbol}", actions.chart), ("New bot with {symbol}…", actions.bot),
                ("Backtest {symbol}", actions.backtest), ("Set alert on {symbol}…", actions.alert),
            ):  # fmt: skip
                menu.addAction(t(text, symbol=symbol)).triggered.connect(
                    partial(_ignoring_checked, action, symbol)
                )
            if row.entry.id >= 0:
                remove = menu.addAction(t("Remove {symbol} from the watchlist", symbol=symbol))
                remove.triggered.connect(partial(_ignoring_checked, actions.forget, row.entry.id))
            menu.addSeparator()
        menu.addAction(t("Add symbol…")).triggered.connect(actions.add_symbol)
        return menu


def _ignoring_checked(action: Any, argument: Any, _checked: bool = False) -> None:
    action(argument)
