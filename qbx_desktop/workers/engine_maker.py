"""Has the backtest engine compiled by a process of its own, once per computer, so that neither window nor run waits."""

from __future__ import annotations

from PySide6.QtCore import QObject, QProcess, QTimer, Slot

from ..backtest import preparing

_AFTER_MS = 10_000


class EngineMaker(QObject):
    """Begins some seconds after `start`, when the window is in use; `finish` ends it at once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setStandardOutputFile(QProcess.nullDevice())
        self._process.setStandardErrorFile(QProcess.nullDevice())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AFTER_MS)
        self._timer.timeout.connect(self._begin)

    def start(self) -> None:
        """Ask for it; nothing happens where the engine is kept already."""
        self._timer.start()

    def finish(self) -> None:
        """End the process if it still runs; the next start begins anew."""
        self._timer.stop()
        if self._process.state() != QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(5_000)

    @Slot()
    def _begin(self) -> None:
        program, *arguments = preparing.command()
        self._process.start(program, arguments)
