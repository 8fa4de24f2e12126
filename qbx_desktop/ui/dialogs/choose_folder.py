"""The data folder cannot be used at the start: why, and another one by a button instead of an environment variable."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...data.home import Home
from ...domain.errors import QbxError
from ..words import Words


class ChooseFolderDialog(QDialog):
    """Accepted with `home`, a folder that can be used; rejected changes nothing."""

    def __init__(self, words: Words, error: QbxError, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self.home: Home | None = None
        words.bind(self, "The data folder cannot be used", setter="setWindowTitle")
        self.said = QLabel(words.say(error.message), wordWrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        about = words.bind(
            QLabel(wordWrap=True),
            "Bots, history and orders are kept there. In another folder you begin with an empty database, unless one of "
            "this program is already in it; what lies in the old folder is not touched.",
        )
        buttons = QDialogButtonBox()
        self.choose = words.bind(QPushButton(), "Choose another folder…")
        self.leave = words.bind(QPushButton(), "Quit, change nothing")
        buttons.addButton(self.choose, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.leave, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._ask)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.said, about, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(600)

    @Slot()
    def _ask(self) -> None:
        name = QFileDialog.getExistingDirectory(
            self, self._words.t("Choose another folder…"), str(Path.home())
        )
        if name:
            self.use(Path(name))

    def use(self, folder: Path) -> None:
        """Take `folder`, or a new one in it when it already holds other things."""
        try:
            self.home = Home(_own(folder)).prepare()
        except QbxError as error:
            self.said.setText(self._words.say(error.message))
            return
        self.accept()


def _own(folder: Path) -> Path:
    """Ours alone: the rights of the folder are narrowed, which must not happen to the trader's documents."""
    try:
        ours = (folder / "bots.db").exists() or not any(folder.iterdir())
    except OSError:
        ours = True
    return folder if ours else folder / "QuantumBotX"
