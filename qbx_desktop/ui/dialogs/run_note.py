"""A name and a note for a saved backtest."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..words import Words

_MOST_NAME = 120
_MOST_NOTE = 10_000


class RunNoteDialog(QDialog):
    """`name` and `note` are what was entered; both may be empty."""

    def __init__(
        self, words: Words, number: int, name: str, note: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        words.bind(self, "Note on run {number}", setter="setWindowTitle", number=number)
        self._name, self._note = QLineEdit(name), QPlainTextEdit(note)
        self._name.setMaxLength(_MOST_NAME)
        words.name(self._name, "Name of the run")
        words.name(self._note, "Note")
        self._note.setTabChangesFocus(True)
        layout = QVBoxLayout(self)
        for text, editor in (("Name of the run", self._name), ("Note", self._note)):
            label = words.bind(QLabel(), text)
            label.setBuddy(editor)
            layout.addWidget(label)
            layout.addWidget(editor)
        buttons = QDialogButtonBox()
        save, cancel = (words.name(words.bind(QPushButton(), text), text) for text in ("Save", "Cancel"))
        save.setProperty("primary", True)
        save.setDefault(True)
        buttons.addButton(save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.setMinimumWidth(440)

    @property
    def name(self) -> str:
        """The name, trimmed."""
        return self._name.text().strip()

    @property
    def note(self) -> str:
        """The note, trimmed and cut to what is kept."""
        return self._note.toPlainText().strip()[:_MOST_NOTE]
