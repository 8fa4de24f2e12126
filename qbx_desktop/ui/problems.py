"""Failures reach the trader by two doors: an expected one as a notification, a bug as one window per traceback."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..domain.errors import QbxError
from ..domain.events import Level, Notice, Topic
from ..domain.secrets import without_secrets

if TYPE_CHECKING:
    from .context import AppContext

_LOG = logging.getLogger("qbx.problem")
_MOST_WINDOWS = 5


class Problems(QObject):
    """Hears the board's `problem` and the interpreter's hooks. `noticed` carries the Notice of an expected failure."""

    noticed = Signal(object)
    _raised = Signal(object)

    def __init__(self, context: AppContext, parent_window: QWidget) -> None:
        super().__init__(parent_window)
        self._context = context
        self._window = parent_window
        self._seen: set[str] = set()
        self._handled: list[BaseException] = []
        self.windows: list[BugWindow] = []
        self._restore: Callable[[], None] | None = None
        context.board.problem.connect(self.take)
        context.answers.problem.connect(self.take)
        self._raised.connect(self.take)

    @Slot(object)
    def take(self, error: BaseException) -> None:
        """Show one failure; the same exception twice (by two ways) is one."""
        if any(error is each for each in self._handled):
            return
        self._handled = [*self._handled[-20:], error]
        if isinstance(error, QbxError):
            _LOG.warning("%s %s", error.sentence, error.detail)
            self.noticed.emit(
                Notice(error.message, Topic.BOT_ERROR, Level.PROBLEM, self._context.clock.now())
            )
            return
        text = "".join(traceback.format_exception(error))
        _LOG.error("a bug: %s", text)
        place = _place(error)
        if place in self._seen or len(self.windows) >= _MOST_WINDOWS:
            return
        self._seen.add(place)
        window = BugWindow(self._context, text, self._window)
        self.windows.append(window)
        window.open()

    def install(self) -> None:
        """Catch what nobody caught, in any thread. `uninstall` puts the old hooks back."""
        before, before_thread = sys.excepthook, threading.excepthook

        def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if issubclass(kind, KeyboardInterrupt):
                before(kind, error, trace)
                return
            self._emit(error)

        def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
                self._emit(args.exc_value)

        sys.excepthook = uncaught
        threading.excepthook = uncaught_in_thread

        def restore() -> None:
            sys.excepthook, threading.excepthook = before, before_thread

        self._restore = restore

    def uninstall(self) -> None:
        """Put the interpreter's hooks back."""
        if self._restore is not None:
            self._restore()
            self._restore = None

    def _emit(self, error: BaseException) -> None:
        self._raised.emit(error)


def _place(error: BaseException) -> str:
    """What makes two bugs the same: the type and the lines it passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    return "|".join([type(error).__name__, *(f"{frame.filename}:{frame.lineno}" for frame in frames)])


class BugWindow(QDialog):
    """Says that it is our fault, that nothing is sent anywhere, and gives the text to copy."""

    def __init__(self, context: AppContext, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words = context.words
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        words.bind(self, "Something went wrong", setter="setWindowTitle")
        said = QLabel(wordWrap=True)
        words.bind(
            said,
            "This is a fault in QuantumBotX. Open positions keep their stops at the broker, and what was stored is "
            "safe. Nothing is sent anywhere; copy the text below if you want to report it.",
        )
        self._context = context
        self.text = QPlainTextEdit(without_secrets(text), readOnly=True)
        words.name(self.text, "Details of the fault")
        buttons = QDialogButtonBox()
        copy = words.bind(QPushButton(), "Copy")
        folder = words.bind(QPushButton(), "Open log folder")
        bundle = words.bind(QPushButton(), "Save logs to send…")
        close = words.bind(QPushButton(), "Close")
        for button, role in (
            (copy, QDialogButtonBox.ButtonRole.ActionRole), (folder, QDialogButtonBox.ButtonRole.ActionRole),
            (bundle, QDialogButtonBox.ButtonRole.ActionRole), (close, QDialogButtonBox.ButtonRole.RejectRole),
        ):  # fmt: skip
            buttons.addButton(button, role)
        self._logs = str(context.home.logs)
        copy.clicked.connect(self._copy)
        folder.clicked.connect(self._open_folder)
        bundle.clicked.connect(self._save_bundle)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(said)
        layout.addWidget(self.text)
        layout.addWidget(buttons)
        self.resize(680, 400)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    @Slot()
    def _save_bundle(self) -> None:
        from .send_logs import ask_and_save

        ask_and_save(self._context, [], self)

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._logs))
