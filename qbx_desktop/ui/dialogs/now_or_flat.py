"""A running bot with an open position was edited: shall the new settings count now, or once the position is closed?"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QAbstractButton, QMessageBox, QWidget

from ..words import Words


class NowOrFlat(QMessageBox):
    """`chosen` carries True for "when flat"; `edit_again` when the trader wants neither yet."""

    chosen = Signal(bool)
    edit_again = Signal()

    def __init__(self, words: Words, name: str, parent: QWidget | None = None) -> None:
        t = words.t
        text = t(
            "{name} runs and has an open position. Its stop and target stay at the broker either way. With new settings "
            "now, its next decision about this position follows the new rules.", name=name,
        )  # fmt: skip
        super().__init__(QMessageBox.Icon.Question, t("Edit bot"), text, parent=parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.flat = self.addButton(t("When its position is closed"), QMessageBox.ButtonRole.AcceptRole)
        self.now = self.addButton(t("Use the new settings now"), QMessageBox.ButtonRole.AcceptRole)
        self.back = self.addButton(t("Edit again"), QMessageBox.ButtonRole.RejectRole)
        self.setDefaultButton(self.flat)
        self.setEscapeButton(self.back)
        self.buttonClicked.connect(self._clicked)

    @Slot(QAbstractButton)
    def _clicked(self, button: QAbstractButton) -> None:
        if button is self.back:
            self.edit_again.emit()
        else:
            self.chosen.emit(button is self.flat)
