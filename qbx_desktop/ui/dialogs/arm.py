"""Allowing trading again after a halt: the reason is read, a word is typed, bots stay off until they are started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...data import trading_state
from ...data.trading_state import GLOBAL
from ..halt_banner import why_halted

if TYPE_CHECKING:
    from ..context import AppContext

WORD = "ARM"


class ArmDialog(QDialog):
    """Accepted once the desk has taken the command."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        words = context.words
        words.bind(self, "Arm trading again", setter="setWindowTitle")
        reason = trading_state.get(context.db.reader(), GLOBAL).reason
        self.why = QLabel(words.t("Trading is halted: {why}", why=why_halted(words, reason)), wordWrap=True)
        ask = words.bind(
            QLabel(wordWrap=True),
            "Compare the open positions and your bots with what the broker shows. Then type {word} to allow trading "
            "again. Daily loss and drawdown count from now; bots stay off until you start them.",
            word=WORD,
        )
        self.word = words.name(QLineEdit(), "The word to type")
        self.word.textChanged.connect(self._typed)
        buttons = QDialogButtonBox()
        self.arm = words.bind(QPushButton(), "Arm trading")
        cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.arm, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._wanted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.why, ask, self.word, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(480)
        self._typed()
        self.word.setFocus()

    @Slot()
    def _typed(self) -> None:
        self.arm.setEnabled(self.word.text().strip().upper() == WORD)

    @Slot()
    def _wanted(self) -> None:
        if self.arm.isEnabled():
            self._context.tell(lambda desk: desk.rearm(), self.accept)
