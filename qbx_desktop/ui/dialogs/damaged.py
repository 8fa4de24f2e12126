"""The database is damaged at the start: what happened, and the way back by one button instead of a command line."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...data import recovery
from ...data.home import Home
from ...data.recovery import Recovery
from ...domain.clock import SystemClock
from ...domain.errors import QbxError
from ..words import Words

_ASK_EVERY_MS = 100


class DamagedDialog(QDialog):
    """Accepted with `done` once the database is back; rejected leaves everything as it is."""

    def __init__(self, words: Words, home: Home, error: QbxError, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._home = home
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="qbx-recovery")
        self._future: Future[Recovery] | None = None
        self.done_work: Recovery | None = None
        words.bind(self, "The database is damaged", setter="setWindowTitle")
        self.said = QLabel(words.say(error.message), wordWrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        about = words.bind(
            QLabel(wordWrap=True),
            "Bring back takes the newest good backup, adds what can still be read from the damaged file and the orders of "
            "the order log. The damaged files are kept as they are in a folder of their own. Trading stays halted until "
            "you have compared with your broker.",
        )
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.hide()
        buttons = QDialogButtonBox()
        self.restore = words.bind(QPushButton(), "Bring back")
        self.leave = words.bind(QPushButton(), "Quit, change nothing")
        buttons.addButton(self.restore, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.leave, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.begin)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (self.said, about, self.progress, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(600)
        self._timer = QTimer(self, interval=_ASK_EVERY_MS)
        self._timer.timeout.connect(self._ask)

    @Slot()
    def begin(self) -> None:
        """Walk the ladder beside the event loop."""
        if self._future is not None:
            return
        self.restore.setEnabled(False)
        self.leave.setEnabled(False)
        self.progress.show()
        self._future = self._worker.submit(recovery.recover, self._home, clock=SystemClock())
        self._timer.start()

    def reject(self) -> None:
        """Leave everything as it is; not while it is being brought back."""
        if self._future is None:
            self._worker.shutdown()
            super().reject()

    @Slot()
    def _ask(self) -> None:
        if self._future is None or not self._future.done():
            return
        self._timer.stop()
        future, self._future = self._future, None
        self.progress.hide()
        try:
            self.done_work = future.result()
        except QbxError as error:
            self.said.setText(self._words.say(error.message))
            self.said.setProperty("role", "error")
            self.restore.setEnabled(True)
            self.leave.setEnabled(True)
            return
        self._worker.shutdown()
        self.accept()
