"""Brings the result of a future (a database write, a question to the terminal) back to the GUI thread."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

Then = Callable[[Any], object]
Failed = Callable[[BaseException], object]


class Answers(QObject):
    """Lives in the GUI thread. `deliver` returns at once; the callbacks run later, in the GUI thread.

    A failure nobody asked for goes to `problem`, so that none is silent.
    """

    problem = Signal(object)
    _settled = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[int, tuple[Future[Any], Then | None, Failed | None]] = {}
        self._numbers = itertools.count(1)
        self._settled.connect(self._hand_over)

    def deliver(self, future: Future[Any], then: Then | None = None, failed: Failed | None = None) -> None:
        """Call `then(result)` or `failed(error)` in the GUI thread once `future` is done; nothing if it is cancelled."""
        number = next(self._numbers)
        self._waiting[number] = (future, then, failed)
        future.add_done_callback(partial(self._done, number))

    def end(self) -> None:
        """Nobody listens any more: what is still under way is finished, but nothing is called for it."""
        self._waiting.clear()

    def _done(self, number: int, _future: Future[Any]) -> None:
        # Runs in whatever thread settled the future: the signal is what changes threads.
        try:
            self._settled.emit(number)
        except RuntimeError:
            # The window is gone already; there is nobody left to tell.
            return

    @Slot(int)
    def _hand_over(self, number: int) -> None:
        if number not in self._waiting:
            return
        future, then, failed = self._waiting.pop(number)
        try:
            result = future.result(timeout=0)
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - whatever failed in the other thread is handed on, not hidden
            (failed or self.problem.emit)(error)
            return
        if then is not None:
            then(result)
