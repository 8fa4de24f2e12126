"""Locks the screen after minutes without a key or a mouse button, whatever window of the program they went to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtGui import QGuiApplication, QWindow

from ..domain.clock import Clock

_LOOK_MS = 5_000
_SIGNS = frozenset({
    QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel, QEvent.Type.TouchBegin,
})  # fmt: skip


class AutoLock(QObject):
    """`minutes()` is the setting, 0 never. Only windows are watched, not every widget: the filter must cost nothing."""

    def __init__(
        self, clock: Clock, minutes: Callable[[], int], lock: Callable[[], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._minutes = minutes
        self._lock = lock
        self._last = clock.monotonic()
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self.look)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.focusWindowChanged.connect(self._watch)
        self._timer.start()

    def end(self) -> None:
        """Look no more."""
        self._timer.stop()

    @Slot()
    def look(self) -> None:
        """Lock when it is time."""
        minutes = self._minutes()
        if minutes and self._clock.monotonic() - self._last >= 60 * minutes:
            self._last = self._clock.monotonic()
            self._lock()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """A key or the mouse: somebody is there."""
        if event.type() in _SIGNS:
            self._last = self._clock.monotonic()
        return super().eventFilter(watched, event)

    @Slot(QWindow)
    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.removeEventFilter(self)
            window.installEventFilter(self)
            self._last = self._clock.monotonic()
