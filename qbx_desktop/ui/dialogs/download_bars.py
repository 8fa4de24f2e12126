"""Downloads bars from the connected terminal into the bar store; the window stays usable meanwhile."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...domain.errors import QbxError, Stop
from ...domain.timeframe import Timeframe
from ...workers.bar_download import BarDownload, Downloaded, Wanted
from .. import figures
from .fields import Field

if TYPE_CHECKING:
    from ...broker.terminal import Terminal
    from ..context import AppContext

_LOOK_EVERY_MS = 100
_DAY = 86_400
# Later than every bar: up to the newest closed one.
_NO_END = 2**31 - 1
_YEAR = timedelta(days=365)


class DownloadDialog(QDialog):
    """`stored(SeriesName)` follows every download that came to its end. Closing cancels; what arrived is kept."""

    stored = Signal(object)

    def __init__(self, context: AppContext, symbol: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._symbols: list[str] = []
        self._running: BarDownload | None = None
        self._asking = False
        words = context.words
        self._make_fields(symbol)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        words.name(self.progress, "Progress of the download")
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.status.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        words.name(self.status, "State of the download")
        self.download, self.cancel, self.close_button = QPushButton(), QPushButton(), QPushButton()
        for button, text in ((self.cancel, "Cancel"), (self.close_button, "Close")):
            words.bind(button, text)
            words.name(button, text)
            button.setAutoDefault(False)
        words.bind(self.download, "Download")
        words.name(self.download, "Download")
        self.download.setProperty("primary", True)
        self.download.setDefault(True)
        self.download.clicked.connect(self.start)
        self.cancel.clicked.connect(self.stop)
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(self.stop)
        words.bind(self, "Download bars", setter="setWindowTitle")
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self._lay_out()
        self._say("")
        self._show_state()

    @property
    def is_running(self) -> bool:
        """Whether bars are being downloaded."""
        return self._asking or self._running is not None

    @Slot()
    def start(self) -> None:
        """Download what is entered; a wrong field is said under it and nothing is asked for."""
        if self.is_running:
            return
        wanted = self._wanted()
        if wanted is None:
            return
        self._asking = True
        self._say("")
        self.progress.setValue(0)
        self._show_state()
        self._context.ask(
            lambda terminal: terminal, lambda terminal: self._begin(terminal, wanted), self._failed
        )

    @Slot()
    def stop(self) -> None:
        """Cancel what runs; never waits."""
        self._asking = False
        if self._running is not None:
            self._running.cancel()
        self._show_state()

    def _begin(self, terminal: Terminal, wanted: Wanted) -> None:
        if not self._asking:
            return
        self._asking = False
        running = BarDownload(terminal, self._context.home.bars, wanted, self._context.clock)
        # The window may go, with the program, while bars still come.
        self.destroyed.connect(running.cancel)
        self._running = running
        self._timer.start()
        self._show_state()
        self._look()
        # Last: a download that fails at once calls back before this returns.
        self._context.answers.deliver(running.begin(), self._done, self._failed)

    def _done(self, downloaded: Downloaded) -> None:
        self._ended()
        words = self._context.words
        lines = [words.say(downloaded.quality), *(f"• {words.say(each)}" for each in downloaded.notes)]
        if downloaded.begins_late:
            lines.append(words.t("The terminal has no bars as old as you asked for."))
        self.progress.setValue(1000)
        self._say("\n".join(lines))
        self.stored.emit(downloaded.name)

    def _failed(self, error: BaseException) -> None:
        self._ended()
        if isinstance(error, QbxError):
            self._say(self._context.words.say(error.message), is_error=not isinstance(error, Stop))
        else:
            self._say("")
            self._context.board.problem.emit(error)

    def _ended(self) -> None:
        self._asking = False
        self._running = None
        self._timer.stop()
        self._show_state()

    @Slot()
    def _look(self) -> None:
        """Show how far the download is."""
        if self._running is None:
            return
        words, now = self._context.words, self._running.progress
        self.progress.setValue(round(1000 * now.share))
        if self._running.is_cancelled:
            text = words.t("Ending after the piece that is under way…")
        elif not now.bars:
            text = words.t("Waiting for the terminal…")
        else:
            text = words.t("{bars} bars", bars=figures.money(now.bars, 0, words.language))
            if now.seconds_left is not None:
                seconds = str(math.ceil(now.seconds_left))
                text = words.t("{text}, about {seconds} s left", text=text, seconds=seconds)
        self._say(text)

    def _say(self, text: str, *, is_error: bool = False) -> None:
        self.status.setText(text)
        self.status.setProperty("role", "error" if is_error else "")
        self.status.style().unpolish(self.status)
        self.status.style().polish(self.status)

    @Slot()
    def _show_state(self) -> None:
        running = self.is_running
        self.download.setEnabled(not running)
        self.cancel.setEnabled(running)
        for field in self.fields:
            field.editor.setEnabled(not running)

    def _wanted(self) -> Wanted | None:
        for field in self.fields:
            field.set_error("")
        symbol = self._spelt(str(self.symbol.value()).strip())
        if not symbol:
            self._refuse(self.symbol, self._symbol_error())
            return None
        days = []
        for field in (self.start_day, self.last_day):
            try:
                days.append(_day(str(field.value())))
            except ValueError:
                text = self._context.words.t("Write the day as 2024-01-31.")
                self._refuse(field, text)
                return None
        first, last = days
        if first is None:
            self._refuse(self.start_day, self._context.words.t("Write the day as 2024-01-31."))
            return None
        if last is not None and last < first:
            self._refuse(self.last_day, self._context.words.t("This day lies before the first one."))
            return None
        stop = _NO_END if last is None else last + _DAY - 1
        return Wanted(symbol, Timeframe.named(str(self.timeframe.value())), first, stop)

    def _refuse(self, field: Field, text: str) -> None:
        field.set_error(text)
        field.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _spelt(self, typed: str) -> str:
        """As the terminal spells it; as typed while its list is not here; empty when it has no such symbol."""
        if not self._symbols or typed in self._symbols:
            return typed
        return next((each for each in self._symbols if each.casefold() == typed.casefold()), "")

    def _symbol_error(self) -> str:
        words, typed = self._context.words, str(self.symbol.value()).strip()
        if not typed:
            return words.t("Choose a symbol.")
        near = difflib.get_close_matches(typed.upper(), self._symbols, n=1, cutoff=0.5)
        if near:
            return words.t("This broker has no {symbol}. Did you mean {near}?", symbol=typed, near=near[0])
        return words.t("This broker has no {symbol}.", symbol=typed)

    def _set_symbols(self, symbols: Sequence[str]) -> None:
        """Offer these names, completed while typing; what was typed stays."""
        self._symbols = list(symbols)
        box = self.symbol.editor
        assert isinstance(box, QComboBox)
        typed = box.currentText()
        box.clear()
        box.addItems(self._symbols)
        completer = QCompleter(self._symbols, box)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        box.setCompleter(completer)
        box.setEditText(typed)

    def _no_symbols(self, error: BaseException) -> None:
        """Without the list a symbol can still be typed; why there is none is said."""
        if isinstance(error, QbxError):
            self._say(self._context.words.say(error.message), is_error=True)
        else:
            self._context.board.problem.emit(error)

    def _make_fields(self, symbol: str) -> None:
        words = self._context.words
        names, frames, start, last = QComboBox(), QComboBox(), QLineEdit(), QLineEdit()
        names.setEditable(True)
        names.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        names.setEditText(symbol)
        frames.addItems([each.name for each in Timeframe])
        frames.setCurrentText("H1")
        start.setText((datetime.fromtimestamp(self._context.clock.now(), UTC) - _YEAR).strftime("%Y-%m-%d"))
        words.bind(last, "newest bar", setter="setPlaceholderText")
        self.symbol = Field(words, "Symbol", names, "As your broker calls it")
        self.timeframe = Field(words, "Timeframe", frames)
        self.start_day = Field(words, "First day", start, "A day such as 2024-01-31 in server time")
        self.last_day = Field(
            words, "Last day", last, "A day such as 2024-01-31 in server time; empty means up to now"
        )
        self.fields = (self.symbol, self.timeframe, self.start_day, self.last_day)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for at, field in enumerate(self.fields):
            field.place(grid, 2 * at)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        for button in (self.download, self.cancel, self.close_button):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addLayout(grid)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(460)
        self.symbol.editor.setFocus()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        if not self._symbols:
            self._context.ask(lambda terminal: terminal.symbol_names(), self._set_symbols, self._no_symbols)


def _day(text: str) -> int | None:
    """The begin of a day, server epoch seconds; None for an empty text. Raises ValueError."""
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise ValueError(text)
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
