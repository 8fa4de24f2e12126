"""What this program is, which version, where its data lies, and which keys it knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ... import __version__

if TYPE_CHECKING:
    from ..context import AppContext

_KEYS = (
    ("Ctrl+1 … Ctrl+4", "Bots, History, Backtest, Watchlist"),
    ("Ctrl+E", "Algo trading on or off"),
    ("Ctrl+Shift+P", "Pause all"),
    ("F9", "New bot"),
    ("F7", "Edit the selected bot (F7)"),
    ("Ctrl+Enter", "Start the selected bots"),
    ("Ctrl+Backspace", "Pause the selected bots"),
    ("F5", "Run the backtest"),
    ("Ctrl+R", "Go to Backtest"),
    ("Ctrl+M", "Market Watch"),
    ("Ctrl+T", "Toolbox"),
    ("Ins", "Add symbol"),
    ("Alt+A", "Set alert"),
    ("Ctrl+L", "Lock now"),
    ("F11", "Full screen"),
    ("Ctrl+F", "Filter"),
    ("Ctrl+S", "Export CSV…"),
    ("Ctrl+O", "Settings…"),
)


class AboutDialog(QDialog):
    """Version, data folder and keys."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        t = context.words.t
        self.setWindowTitle(t("About QuantumBotX"))
        title = QLabel(f"QuantumBotX Desktop {__version__}")
        title.setProperty("role", "title")
        folder = QLabel(t("Data folder: {path}", path=str(context.home.root)), wordWrap=True)
        folder.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, (keys, text) in enumerate(_KEYS):
            grid.addWidget(QLabel(keys), row, 0)
            grid.addWidget(QLabel(t(text)), row, 1)
        buttons = QDialogButtonBox()
        buttons.addButton(QPushButton(t("Close")), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(title)
        layout.addWidget(folder)
        layout.addLayout(grid)
        layout.addWidget(buttons)
        self.setMinimumWidth(460)
