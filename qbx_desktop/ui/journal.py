"""The program's own log on the screen: a ring of the latest records, brought to the GUI thread by a signal."""

from __future__ import annotations

import itertools
import logging
from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from . import figures
from .models.columns import Column, RowsModel
from .theme import Theme
from .words import Words

RING = 500
_PAUSE_MS = 250


@dataclass(frozen=True)
class JournalLine:
    """One record as it is shown; `at` UTC seconds."""

    number: int
    at: float
    level: str
    area: str
    text: str


class _Handler(logging.Handler):
    """Runs in any thread; the signal is what changes threads."""

    def __init__(self, ring: JournalRing) -> None:
        super().__init__(logging.INFO)
        self._ring = ring
        self._numbers = itertools.count(1)

    def emit(self, record: logging.LogRecord) -> None:
        line = JournalLine(
            next(self._numbers), record.created, record.levelname, record.name, record.getMessage()
        )
        try:
            self._ring.arrived.emit(line)
        except RuntimeError:
            # The ring is gone with the window; the file has the record.
            return


class JournalRing(QObject):
    """Holds the latest lines. `arrived` is for the handler; the model hears `filled` a few times a second."""

    arrived = Signal(object)
    filled = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lines: deque[JournalLine] = deque(maxlen=RING)
        self.handler: logging.Handler = _Handler(self)
        self._soon = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._soon.timeout.connect(self.filled)
        self.arrived.connect(self._take)

    @Slot(object)
    def _take(self, line: JournalLine) -> None:
        self.lines.appendleft(line)
        if not self._soon.isActive():
            self._soon.start()


class JournalModel(RowsModel):
    """The ring as a table, newest first."""

    def __init__(self, ring: JournalRing, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        colours = {"ERROR": "error", "CRITICAL": "error", "WARNING": "warning"}
        columns = (
            Column("Time", lambda row: figures.local_time(row.at), sort=lambda row: row.number),
            Column("Level", lambda row: row.level, colour=lambda row: colours.get(row.level)),
            Column("Area", lambda row: row.area),
            Column("Message", lambda row: row.text, tooltip=lambda row: row.text),
        )
        super().__init__(columns, words, theme, key=lambda row: row.number, parent=parent)
        self._ring = ring
        ring.filled.connect(self._filled)

    @Slot()
    def _filled(self) -> None:
        self.set_rows(list(self._ring.lines))
