"""What a tab shows when it has nothing to show: one sentence and at most two buttons, in place of the view."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from .words import Words


class EmptyState(QWidget):
    """One sentence in the middle; `add_button` puts buttons under it."""

    def __init__(self, words: Words, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.label = QLabel(wordWrap=True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setProperty("role", "muted")
        words.bind(self.label, sentence)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        self._buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.label)
        layout.addLayout(self._buttons)
        layout.addStretch(2)

    def add_button(self, text: str, primary: bool = False) -> QPushButton:
        """Add a button; connect its `clicked`."""
        button = QPushButton()
        self._words.bind(button, text)
        self._words.name(button, text)
        button.setProperty("primary", primary)
        self._buttons.insertWidget(self._buttons.count() - 1, button)
        return button


class MaybeEmpty(QStackedWidget):
    """A view, or one of its empty states."""

    def __init__(self, view: QWidget, *states: EmptyState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addWidget(view)
        for state in states:
            self.addWidget(state)

    def show_view(self) -> None:
        """Show the view."""
        self.setCurrentIndex(0)

    def show_empty(self, number: int = 0) -> None:
        """Show the empty state of that number."""
        self.setCurrentIndex(number + 1)
