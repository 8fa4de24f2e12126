"""Work of the window that is too long for one go: a piece per turn of the event loop, so that it stays alive."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Slot

Piece = Callable[[], object]


class Turns(QObject):
    """`begin` forgets what is left of the work before."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._left: deque[Piece] = deque()
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._next)

    def begin(self, pieces: Iterable[Piece], *, at_once: bool = False) -> None:
        """Do the pieces in their order, one per turn, or all of them now."""
        self._left = deque(pieces)
        while at_once and self._left:
            self._left.popleft()()
        if self._left:
            self._timer.start()

    @Slot()
    def _next(self) -> None:
        if self._left:
            self._left.popleft()()
        if self._left:
            self._timer.start()
