"""Which terminal to trade on: the practice terminal, or MetaTrader 5 on this computer, from the next start on."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ..badge import Badge

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live


class ConnectDialog(QDialog):
    """Stores the choice; nothing is connected or sent from here, and a real account is refused without consent."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._words = words = context.words
        words.bind(self, "Connect MetaTrader 5…", setter="setWindowTitle")
        self.practice, self.metatrader = QRadioButton(), QRadioButton()
        words.bind(self.practice, "Practice: the built-in simulated terminal")
        words.bind(self.metatrader, "MetaTrader 5 on this computer, with the demo account it is logged in to")
        kind = context.settings.get("terminal.kind")
        (self.metatrader if kind == "mt5" else self.practice).setChecked(True)
        self.path = QLineEdit(context.settings.get("terminal.path"))
        words.name(self.path, "Path of terminal64.exe")
        words.bind(
            self.path, "terminal64.exe (empty: the one that is installed)", setter="setPlaceholderText"
        )
        choose = words.bind(QPushButton(), "Choose…")
        words.name(choose, "Choose terminal64.exe")
        choose.clicked.connect(self._choose)
        self.note = QLabel(wordWrap=True)
        self.note.setProperty("role", "muted")
        buttons = QDialogButtonBox()
        self.save = words.bind(QPushButton(), "Save")
        cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        file_row = QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(choose)
        layout = QVBoxLayout(self)
        layout.addWidget(Badge(live, words))
        layout.addWidget(self.practice)
        layout.addWidget(self.metatrader)
        layout.addLayout(file_row)
        layout.addWidget(self.note)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)
        self.metatrader.toggled.connect(self._show)
        self._installed = importlib.util.find_spec("MetaTrader5") is not None
        self._show()

    @Slot()
    def _show(self) -> None:
        wanted = self.metatrader.isChecked()
        self.path.setEnabled(wanted)
        possible = self._installed or not wanted
        self.save.setEnabled(possible)
        if not possible:
            text = (
                "MetaTrader 5 can be reached on Windows only, from a QuantumBotX that was installed with it. "
                "Backtests, history and practice work here without it."
            )
        else:
            text = (
                "This takes effect at the next start. Log in to a demo account in MetaTrader 5 first and switch "
                "Algo Trading on there; real accounts are refused."
            )
        self.note.setText(self._words.t(text))
        self.save.setToolTip("" if possible else self._words.t(text))

    @Slot()
    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self._words.t("Choose terminal64.exe"), self.path.text(), "terminal64.exe (*.exe)"
        )
        if name:
            self.path.setText(str(Path(name)))

    @Slot()
    def _save(self) -> None:
        settings = self._context.settings
        settings.set("terminal.kind", "mt5" if self.metatrader.isChecked() else "simulated")
        settings.set("terminal.path", self.path.text().strip())
        self.accept()
