"""The news calendar: where the trader's list lies, what is in it, what comes next, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...data import calendar_file
from ...domain.clock import server_text
from ...domain.errors import UserMistake
from ..models.columns import RowsModel
from ..models.news_columns import news_columns
from ..table_view import table

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live


class NewsCalendarDialog(QDialog):
    """Works on the file in the data folder; the desk reads it again by itself."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._words = words = context.words
        self._path = context.home.calendar
        words.bind(self, "News calendar", setter="setWindowTitle")
        about = words.bind(
            QLabel(wordWrap=True),
            "During these times no bot opens a position; closing stays allowed. Times are the broker's server time.",
        )
        self.state = QLabel(wordWrap=True)
        words.name(self.state, "State of the news calendar")
        columns = news_columns(words, lambda: live.server_time)
        self.model = RowsModel(
            columns, words, context.theme, key=lambda row: (row.begin, row.currency, row.title), parent=self
        )
        self.events = table(
            self.model, words, "Events of the news calendar", (140, 140, 90), stretch=3, parent=self
        )
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
            self.model.set_rows([])
            return
        t = self._words.t
        if not events:
            self.state.setText(t("There is no event yet in {path}", path=self._path))
            self.model.set_rows([])
            return
        told = t("{count} events in {path}", count=len(events), path=self._path)
        coming = next((at for at, each in enumerate(events) if each.end > self._live.server_time), None)
        if coming is not None:
            event = events[coming]
            told += "\n" + t("Next: {event}, {time}", event=event.title, time=server_text(event.begin))
        self.state.setText(told)
        self.model.set_rows(events)
        if coming is not None:
            self.events.scrollTo(self.model.index(coming, 0), QAbstractItemView.ScrollHint.PositionAtTop)

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
