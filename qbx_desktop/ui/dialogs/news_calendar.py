"""The news calendar: where the trader's list lies, what is in it, what comes next, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...data import calendar_file
from ...domain.clock import server_text
from ...domain.errors import UserMistake

if TYPE_CHECKING:
    from ..context import AppContext

_SHOWN = 200


class NewsCalendarDialog(QDialog):
    """Works on the file in the data folder; the desk reads it again by itself."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words = context.words
        self._path = context.home.calendar
        words.bind(self, "News calendar", setter="setWindowTitle")
        about = words.bind(
            QLabel(wordWrap=True),
            "During these times no bot opens a position; closing stays allowed. Times are the broker's server time.",
        )
        self.state = QLabel(wordWrap=True)
        words.name(self.state, "State of the news calendar")
        self.events = QPlainTextEdit(readOnly=True)
        words.name(self.events, "Events of the news calendar")
        buttons = QDialogButtonBox()
        self.load = words.bind(QPushButton(), "Load a file…")
        self.edit = words.bind(QPushButton(), "Edit the list")
        self.reread = words.bind(QPushButton(), "Read again")
        for button in (self.load, self.edit, self.reread):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(words.bind(QPushButton(), "Close"), QDialogButtonBox.ButtonRole.RejectRole)
        self.load.clicked.connect(self._load)
        self.edit.clicked.connect(self._edit)
        self.reread.clicked.connect(self.read)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (about, self.state, self.events, buttons):
            layout.addWidget(widget)
        self.resize(640, 420)
        self.read()

    @Slot()
    def read(self) -> None:
        """Show what the file says now."""
        try:
            events = calendar_file.read(self._path)
        except UserMistake as mistake:
            self.state.setText(self._words.say(mistake.message))
            self.events.clear()
            return
        t = self._words.t
        self.state.setText(
            t("{count} events in {path}", count=len(events), path=self._path)
            if events
            else t("There is no event yet in {path}", path=self._path)
        )
        lines = [
            f"{server_text(each.begin)}  –  {server_text(each.end)}   {each.currency:<4} {each.title}"
            for each in events[-_SHOWN:]
        ]
        self.events.setPlainText("\n".join(lines))

    @Slot()
    def _edit(self) -> None:
        if not self._path.exists():
            self._path.write_text(calendar_file.TEMPLATE, encoding="utf-8")
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._path)))

    @Slot()
    def _load(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, self._words.t("Load a file…"), "", "CSV (*.csv *.txt)")
        if name:
            self.take(Path(name))

    def take(self, path: Path) -> None:
        """Make `path` the list; one that is wrong is told and not taken."""
        try:
            calendar_file.read(path)
            self._path.write_bytes(path.read_bytes())
        except UserMistake as mistake:
            self.state.setText(self._words.say(mistake.message))
            return
        except OSError as error:
            self.state.setText(str(error))
            return
        self.read()
