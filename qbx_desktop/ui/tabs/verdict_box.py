"""A verdict on the screen: the word, what it means, and every reason with its side in words, not in colour alone."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from ...backtest.doubt.verdict import AGAINST, FOR, Verdict
from ..words import Words

_SIGNS = {FOR: "\u2714", AGAINST: "\u2718"}
_UNDECIDED = "?"


class VerdictBox(QFrame):
    """Shows one verdict; hidden without one."""

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._verdict: Verdict | None = None
        self.setProperty("role", "panel")
        self.title, self.reasons = QLabel(), QLabel()
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        for label in (self.title, self.reasons):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.name(self.title, "Verdict")
        words.name(self.reasons, "Reasons of the verdict")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 4, 8, 4)
        box.setSpacing(2)
        box.addWidget(self.title)
        box.addWidget(self.reasons)
        words.changed.connect(self._show)
        self._show()

    def show_verdict(self, verdict: Verdict | None) -> None:
        """Show this verdict."""
        self._verdict = verdict
        self._show()

    @Slot()
    def _show(self) -> None:
        self.setVisible(self._verdict is not None)
        if self._verdict is None:
            return
        say = self._words.say
        self.title.setText(say(self._verdict.message))
        lines = [f"{_SIGNS.get(each.side, _UNDECIDED)} {say(each.message)}" for each in self._verdict.reasons]
        self.reasons.setText("\n".join(lines))
