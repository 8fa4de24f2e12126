"""Says with what the window painted itself, and when, for the self-test; then ends the program."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from ..domain.clock import Clock

_LATE = ("numba", "talib", "pandas")
_SERVE_MS = 1_500


class StartReport(QObject):
    """Waits for the first paint of `window`, lets the workers serve a moment, writes `path` and calls `done`."""

    def __init__(self, window: QWidget, path: Path, clock: Clock, done: Callable[[], object]) -> None:
        super().__init__(window)
        self._window = window
        self._path = path
        self._clock = clock
        self._done = done
        self._found: dict[str, object] = {}
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Take the time when the first paint event has been served."""
        if event.type() == QEvent.Type.Paint and not self._found:
            watched.removeEventFilter(self)
            self._found["loaded_before_paint"] = [name for name in _LATE if name in sys.modules]
            QTimer.singleShot(0, self._painted)
        return False

    @Slot()
    def _painted(self) -> None:
        screen = self._window.screen()
        self._found.update(
            painted_at=self._clock.now(),
            plugin=QGuiApplication.platformName(),
            screen=[screen.size().width(), screen.size().height()],
            pixel_ratio=self._window.devicePixelRatio(),
            scheme=QGuiApplication.styleHints().colorScheme().name,
            tray=QSystemTrayIcon.isSystemTrayAvailable(),
        )
        QTimer.singleShot(_SERVE_MS, self._write)

    @Slot()
    def _write(self) -> None:
        self._path.write_text(json.dumps(self._found), encoding="utf-8")
        self._done()
