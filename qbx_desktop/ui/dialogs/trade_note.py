"""What the trader writes about one trade: a note, tags and a rating."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...data import trade_journal
from ...data.trades import TradeHistory, TradeRecord
from ...domain.errors import QbxError

if TYPE_CHECKING:
    from ..context import AppContext

_STAR = "\u2605"


class TradeNoteDialog(QDialog):
    """Closes once the note is stored, then `saved` is emitted; a mistake is said and everything typed stays."""

    saved = Signal()

    def __init__(
        self, context: AppContext, history: TradeHistory, record: TradeRecord, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context, self._history, self._record = context, history, record
        words = context.words
        words.bind(self, "Note on a trade", setter="setWindowTitle")
        trade = record.trade
        head = QLabel(f"{record.bot_name} {trade.symbol} {trade.position_id}".strip())
        head.setProperty("role", "muted")
        self.notes = words.name(QPlainTextEdit(record.notes), "Note")
        self.notes.setTabChangesFocus(True)
        self.tags = words.name(QLineEdit(", ".join(record.tags)), "Tags")
        words.bind(self.tags, "separated by commas", setter="setPlaceholderText")
        self.rating = words.name(QComboBox(), "Rating")
        self.rating.addItem(words.t("none"), None)
        for stars in range(1, 6):
            self.rating.addItem(_STAR * stars, stars)
        self.rating.setCurrentIndex(record.rating or 0)
        self.said = QLabel(wordWrap=True)
        self.said.setProperty("role", "error")
        self.said.hide()
        form = QFormLayout()
        for text, field in (("Note", self.notes), ("Tags", self.tags), ("Rating", self.rating)):
            label = words.bind(QLabel(), text)
            label.setBuddy(field)
            form.addRow(label, field)
        self.save = words.name(words.bind(QPushButton(), "Save"), "Save")
        self.save.setProperty("primary", True)
        cancel = words.name(words.bind(QPushButton(), "Cancel"), "Cancel")
        buttons = QDialogButtonBox()
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._store)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(head)
        layout.addLayout(form)
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.resize(460, 320)
        self.notes.setFocus()

    @Slot()
    def _store(self) -> None:
        self.save.setEnabled(False)
        history, position = self._history, self._record.trade.position_id
        notes, rating = self.notes.toPlainText().strip(), self.rating.currentData()
        tags = [each.strip() for each in self.tags.text().split(",") if each.strip()]
        at_ms, user_id = round(self._context.clock.now() * 1000), self._context.user_id
        self._context.write(
            lambda con: trade_journal.write(
                con, account=history.account, server=history.server, position_id=position, at_ms=at_ms,
                notes=notes, rating=rating, tags=tags, user_id=user_id,
            ),
            self._stored,
            self._refused,
        )  # fmt: skip

    def _stored(self, _entry_id: int) -> None:
        if not shiboken6.isValid(self):
            return
        self.saved.emit()
        self.accept()

    def _refused(self, error: BaseException) -> None:
        if not isinstance(error, QbxError) or not shiboken6.isValid(self):
            self._context.board.problem.emit(error)
            return
        self.save.setEnabled(True)
        self.said.setText(self._context.words.say(error.message))
        self.said.show()
