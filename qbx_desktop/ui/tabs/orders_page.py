"""History, Orders: every order of the journal with what became of it, filtered, paged by key, exported whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...data import bots, snapshots
from ...domain.errors import QbxError
from ..empty import EmptyState, MaybeEmpty
from ..flow import FlowRow
from ..models.orders_model import STATES, OrderFilter, OrdersModel
from ..models.paged_model import PAGE
from ..orders_export import to_csv
from ..table_view import table

if TYPE_CHECKING:
    from ..context import AppContext

_WIDTHS = (150, 110, 80, 130, 56, 150, 84, 84, 84, 96, 60)


class OrdersPage(QWidget):
    """Reads a page when asked to."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        words = context.words
        self.model = OrdersModel(context.db.reader, words, context.theme, self)
        self.view = table(self.model, words, "Orders", _WIDTHS, sortable=False)
        self.bot = words.name(QComboBox(), "Show one bot")
        self.state = words.name(QComboBox(), "Show one outcome")
        self.text = words.bind(QLineEdit(), "Search", setter="setPlaceholderText")
        words.name(self.text, "Search", tooltip="Symbol, bot, comment or ticket")
        self.text.setClearButtonEnabled(True)
        for box in (self.bot, self.state):
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.newer, self.older = self._button("Newer", self._newer), self._button("Older", self._older)
        self.export_button = self._button("Export CSV…", self.export)
        context.icons.bind(self.export_button, "export")
        self.counts = QLabel()
        self.counts.setProperty("role", "muted")
        self._lay_out()
        self._fill()
        self.bot.currentIndexChanged.connect(self._filter_changed)
        self.state.currentIndexChanged.connect(self._filter_changed)
        self.text.textChanged.connect(self._filter_changed)
        words.changed.connect(self._reword)

    @Slot()
    def reload(self) -> None:
        """Read the page shown and the names of the bots again."""
        self._fill()
        self.model.reload()
        self._show_counts()

    def focus(self) -> None:
        """Put the cursor into the text filter."""
        self.text.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.text.selectAll()

    @Slot()
    def export(self) -> None:
        """Ask for a file and write every order that matches."""
        t = self._context.words.t
        name, _ = QFileDialog.getSaveFileName(self, t("Export CSV…"), "orders.csv", "CSV (*.csv)")
        if not name:
            return
        rows = self.model.all_matching()
        try:
            snapshots.write(Path(name), to_csv(rows))
        except QbxError as error:
            QMessageBox.warning(self, t("Export CSV…"), self._context.words.say(error.message))
            return
        self.counts.setText(t("{n} rows written to {path}.", n=len(rows), path=name))

    def _fill(self) -> None:
        t = self._context.words.t
        found = bots.list_bots(self._context.db.reader(), include_archived=True)
        for box, wanted in (
            (self.bot, [(t("All bots"), None), *((bot.name, bot.id) for bot in found)]),
            (self.state, [(t("All outcomes"), None), *((t(shown), state) for state, shown in STATES.items() if state.isupper())]),
        ):  # fmt: skip
            if wanted == [(box.itemText(at), box.itemData(at)) for at in range(box.count())]:
                continue
            chosen = box.currentData()
            with QSignalBlocker(box):
                box.clear()
                for shown, data in wanted:
                    box.addItem(shown, data)
                box.setCurrentIndex(max(box.findData(chosen), 0) if chosen is not None else 0)

    def _show_counts(self) -> None:
        model, t = self.model, self._context.words.t
        if model.rowCount():
            self.whole.show_view()
        else:
            self.whole.show_empty(1 if model.filter != OrderFilter() else 0)
        pages = max(1, -(-model.total // PAGE))
        self.counts.setText(
            t(
                "{n} rows match, page {page} of {pages}",
                n=model.total,
                page=model.page_number + 1,
                pages=pages,
            )
        )
        self.newer.setEnabled(model.page_number > 0)
        self.older.setEnabled(model.has_older)
        self.export_button.setEnabled(model.total > 0)

    @Slot()
    def _filter_changed(self) -> None:
        self.model.set_filter(
            OrderFilter(self.bot.currentData(), self.state.currentData(), self.text.text().strip())
        )
        self._show_counts()

    @Slot()
    def _clear_filter(self) -> None:
        self.bot.setCurrentIndex(0)
        self.state.setCurrentIndex(0)
        self.text.clear()

    @Slot()
    def _newer(self) -> None:
        self.model.newer()
        self._show_counts()

    @Slot()
    def _older(self) -> None:
        self.model.older()
        self._show_counts()

    def _button(self, text: str, slot: Any) -> QPushButton:
        words = self._context.words
        made = words.name(words.bind(QPushButton(), text), text)
        made.clicked.connect(slot)
        return made

    def _lay_out(self) -> None:
        words = self._context.words
        nothing = EmptyState(words, "No orders yet. Every order is written here before it is sent.")
        no_match = EmptyState(words, "Nothing matches.")
        no_match.add_button("Clear filter").clicked.connect(self._clear_filter)
        self.whole = MaybeEmpty(self.view, nothing, no_match)
        foot = QHBoxLayout()
        foot.addWidget(self.counts)
        foot.addStretch(1)
        foot.addWidget(self.newer)
        foot.addWidget(self.older)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(FlowRow([self.bot, self.state], self.text, self.export_button))
        layout.addWidget(self.whole, 1)
        layout.addLayout(foot)

    @Slot()
    def _reword(self) -> None:
        self._fill()
        self._show_counts()
