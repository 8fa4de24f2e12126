"""History, Trades: every trade of one account rebuilt from the broker's deals, with totals, notes and export."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...data import snapshots, trades
from ...data.trades import TradeHistory, TradeRecord
from ...domain.errors import QbxError
from ...domain.trade_totals import totals_of
from .. import figures
from ..dialogs.trade_note import TradeNoteDialog
from ..empty import EmptyState, MaybeEmpty
from ..models.booked_trades_model import BookedTradesModel
from ..models.trade_groups_model import TradeGroupsModel
from ..table_view import selected_rows, table
from ..trade_excursions import TradeExcursions
from ..trade_filter import GROUPS, TradeFilter
from ..trades_export import to_csv
from .trade_filters import TradeFilters

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live

_WIDTHS = (124, 100, 72, 64, 92, 48, 78, 74, 150, 78, 78, 124, 78, 78, 78, 78, 66, 96)
_GROUP_WIDTHS = (96, 76, 80, 66, 48)
_BESIDE = 372


class TradesPage(QWidget):
    """Reads in a thread of its own when asked to. `chart_wanted` carries the TradeRecord to show on a chart."""

    chart_wanted = Signal(object)
    _DEFAULT_GROUP = "symbol"

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context, self._live = context, live
        self.history = TradeHistory(0, "")
        self._reading = self._again = False
        self._accounts: list[tuple[int, str]] = []
        self._picked: tuple[int, str] | None = None
        self._last_connected: tuple[int, str] | None = None
        words = context.words
        self.model = BookedTradesModel(words, context.theme, self)
        self.view = table(self.model, words, "Trades", _WIDTHS)
        self.groups = TradeGroupsModel(words, context.theme, self)
        self.groups_view = table(self.groups, words, "Totals per group", _GROUP_WIDTHS)
        self.filters = TradeFilters(context, live)
        self.account = words.name(QComboBox(), "Account")
        self.group = words.name(QComboBox(), "Group the totals")
        self.note = self._button(
            "Note…", self.write_note, "Write a note, tags and a rating about the selected trade"
        )
        self.chart = self._button(
            "Chart", self.show_chart, "Show the selected trade on a chart (double-click, Enter)"
        )
        self.export_button = self._button("Export CSV…", self.export, "")
        context.icons.bind(self.export_button, "export")
        self.totals = QLabel()
        self.totals.setProperty("role", "muted")
        self.ran = TradeExcursions(context, self.isVisible, self)
        self.ran.found.connect(self._ran_found)
        self._lay_out()
        self._fill_groups()
        self.filters.changed.connect(self._show)
        self.group.currentIndexChanged.connect(self._show_groups)
        self.account.activated.connect(self._pick)
        live.account_changed.connect(self._account_changed)
        self.view.activated.connect(self.show_chart)
        self.view.selectionModel().selectionChanged.connect(self._enable)
        words.changed.connect(self._reword)
        self._show()

    @Slot()
    def reload(self) -> None:
        """Read the trades again; what is asked while a reading is under way is read after it."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        current = self._live.account
        self._last_connected = self._connected()
        digits = current.currency_digits if current is not None else 2
        answer: Future[Any] = Future()
        self._context.answers.deliver(answer, self._read, self._failed)
        read = partial(_read, self._context.db.reader, self._last_connected, self._picked, digits)
        threading.Thread(target=_settle, args=(answer, read), name="qbx-trades", daemon=True).start()

    def focus(self) -> None:
        """Put the cursor into the text filter."""
        self.filters.focus()

    @Slot()
    def show_chart(self) -> None:
        """Show the selected trade on a chart."""
        record = self._selected()
        if record is not None:
            self.chart_wanted.emit(record)

    @Slot()
    def write_note(self) -> None:
        """Ask for note, tags and rating of the selected trade."""
        record = self._selected()
        if record is None:
            return
        dialog = TradeNoteDialog(self._context, self.history, record, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.saved.connect(self.reload)
        dialog.open()

    @Slot()
    def export(self) -> None:
        """Ask for a file and write the trades shown."""
        t = self._context.words.t
        name, _ = QFileDialog.getSaveFileName(self, t("Export CSV…"), "trades.csv", "CSV (*.csv)")
        if not name:
            return
        rows, history = self.model.rows, self.history
        try:
            snapshots.write(
                Path(name), to_csv(history.account, history.server, rows, self.model.money_digits)
            )
        except QbxError as error:
            QMessageBox.warning(self, t("Export CSV…"), self._context.words.say(error.message))
            return
        self.totals.setText(t("{n} rows written to {path}.", n=len(rows), path=name))

    def _read(self, answer: tuple[list[tuple[int, str]], TradeHistory]) -> None:
        self._reading = False
        accounts, self.history = answer
        self._offer_accounts(accounts)
        current = self._live.account
        if current is not None:
            self.model.money_digits = self.groups.money_digits = current.currency_digits
        self.filters.offer(self.history.records)
        self._show()
        if self._connected() == (self.history.account, self.history.server):
            self.ran.look_at(self.history)
        if self._again:
            self._again = False
            self.reload()

    @Slot(object)
    def _ran_found(self, record: TradeRecord) -> None:
        """Show how far one trade ran, where it stands."""
        records = tuple(record if each.key == record.key else each for each in self.history.records)
        self.history = replace(self.history, records=records)
        if self.model.position_of(record.key) is not None:
            self.model.put(record)

    def _failed(self, error: BaseException) -> None:
        self._reading = self._again = False
        said = self._context.words.say(error.message) if isinstance(error, QbxError) else ""
        self.totals.setText(said)
        if not said:
            self._context.board.problem.emit(error)

    @Slot()
    def _pick(self) -> None:
        self._picked = self._accounts[self.account.currentIndex()]
        self.reload()

    @Slot()
    def _account_changed(self) -> None:
        # Another account is connected: its trades are the ones that matter now.
        connected = self._connected()
        if self.isVisible() and not self._reading and connected not in (None, self._last_connected):
            self._picked = None
            self.reload()

    def _connected(self) -> tuple[int, str] | None:
        current = self._live.account
        return (current.login, current.server) if current is not None else None

    def _offer_accounts(self, accounts: list[tuple[int, str]]) -> None:
        shown = (self.history.account, self.history.server)
        self.account.clear()
        for each in accounts:
            self.account.addItem(f"{each[0]} · {each[1]}")
        self._accounts = accounts
        self.account.setCurrentIndex(accounts.index(shown) if shown in accounts else -1)
        # Never somebody else's money without a name on it.
        self.account.setVisible(len(accounts) > 1 or (bool(accounts) and shown != self._connected()))

    @Slot()
    def _show(self) -> None:
        wanted = self.filters.chosen()
        found = wanted.applied(self.history.records)
        # The newest at the top, open rests first.
        found.sort(key=lambda each: (each.trade.close_ms or 1 << 62, each.trade.open_ms or 0), reverse=True)
        self.model.set_rows(found)
        if found:
            self.whole.show_view()
        else:
            self.whole.show_empty(1 if wanted != TradeFilter() else 0)
        self._show_groups()
        self._say_totals()
        self._enable()

    @Slot()
    def _show_groups(self) -> None:
        self.groups.show(
            [each for each in self.model.rows if not each.trade.is_open], self.group.currentData()
        )

    def _say_totals(self) -> None:
        t, language = self._context.words.t, self._context.words.language
        closed = totals_of(each.trade.net for each in self.model.rows if not each.trade.is_open)
        still_open = len(self.model.rows) - closed.count
        share, factor = closed.won_percent, closed.profit_factor
        parts = [
            t("{n} trades", n=closed.count),
            t("net {net} {currency}", net=self.model.money(closed.net), currency=self._currency()).strip(),
            t("won {share}", share=figures.NOTHING if share is None else figures.percent(share, 1, language)),
            t("profit factor {factor}", factor=figures.NOTHING if factor is None else f"{factor:.2f}"),
        ]
        if still_open:
            parts.append(t("{n} still open", n=still_open))
        self.totals.setText(" · ".join(parts))

    def _currency(self) -> str:
        current = self._live.account
        shown = (self.history.account, self.history.server)
        return current.currency if current is not None and self._connected() == shown else ""

    def _selected(self) -> TradeRecord | None:
        rows = selected_rows(self.view)
        return rows[0] if rows and isinstance(rows[0], TradeRecord) else None

    @Slot()
    def _enable(self) -> None:
        self.note.setEnabled(self._selected() is not None)
        self.chart.setEnabled(self._selected() is not None)
        self.export_button.setEnabled(bool(self.model.rows))

    def _button(self, text: str, slot: Any, tooltip: str) -> QPushButton:
        words = self._context.words
        made = words.name(words.bind(QPushButton(), text), text, tooltip=tooltip)
        made.clicked.connect(slot)
        return made

    def _lay_out(self) -> None:
        words = self._context.words
        nothing = EmptyState(
            words, "No trades yet. Every closed position will be listed, rebuilt from the broker's deals."
        )
        no_match = EmptyState(words, "Nothing matches.")
        no_match.add_button("Clear filter").clicked.connect(self.filters.clear)
        self.whole = MaybeEmpty(self.view, nothing, no_match)
        beside = QWidget()
        column = QVBoxLayout(beside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.group)
        column.addWidget(self.groups_view, 1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.addWidget(self.whole)
        halves.addWidget(beside)
        halves.setStretchFactor(0, 1)
        halves.setSizes([2 * _BESIDE, _BESIDE])
        halves.setCollapsible(0, False)
        foot = QHBoxLayout()
        foot.addWidget(self.totals)
        foot.addStretch(1)
        for widget in (self.account, self.note, self.chart, self.export_button):
            foot.addWidget(widget)
        self.account.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.filters)
        layout.addWidget(halves, 1)
        layout.addLayout(foot)

    def _fill_groups(self) -> None:
        chosen = self.group.currentData() or self._DEFAULT_GROUP
        self.group.blockSignals(True)
        self.group.clear()
        for name, shown in GROUPS.items():
            self.group.addItem(self._context.words.t(shown), name)
        self.group.setCurrentIndex(self.group.findData(chosen))
        self.group.blockSignals(False)

    @Slot()
    def _reword(self) -> None:
        self._fill_groups()
        self.filters.offer(self.history.records)
        self._say_totals()


def _read(
    reader: Any, connected: tuple[int, str] | None, picked: tuple[int, str] | None, money_digits: int
) -> tuple[list[tuple[int, str]], TradeHistory]:
    con = reader()
    known = trades.accounts(con)
    if connected is not None and connected not in known:
        known = [connected, *known]
    if not known:
        return known, TradeHistory(0, "")
    account = picked or connected or known[0]
    return known, trades.trades_of(con, account[0], account[1], money_digits)


def _settle(answer: Future[Any], read: Any) -> None:
    try:
        answer.set_result(read())
    except Exception as error:  # noqa: BLE001 - handed to the window, which says it
        answer.set_exception(error)
