"""A thread that does one numbered job after the other, the newest first: an earlier one that still runs is cancelled."""

from __future__ import annotations

import itertools
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QThread, Signal

from ..domain.errors import Stop

_SWITCH_INTERVAL = 0.0005

# Numbers of jobs, of all threads: what is on the board tells whose news it is.
_numbers = itertools.count(1)

NumberedJob = Callable[[int, threading.Event], None]


@dataclass(frozen=True)
class BacktestFailed:
    """A job ended without a result. `cancelled` by the trader, or `error`: a QbxError has a sentence, else a bug."""

    number: int
    error: BaseException
    cancelled: bool


class JobThread(QThread):
    """Starts with the first job. All signals connect to the board only, signal to signal."""

    progressed = Signal(object)
    done = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inbox: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._cancel = threading.Event()

    def cancel(self) -> None:
        """Stop what runs now; it then fails as cancelled."""
        self._cancel.set()

    def finish(self) -> None:
        """Cancel and ask the thread to end; then `wait()`. Also right when it never started."""
        self._cancel.set()
        self._inbox.put(None)

    def run(self) -> None:
        """The thread: one job after the other."""
        while (job := self._inbox.get()) is not None:
            with _quick_switching():
                job()

    def put(self, job: NumberedJob) -> int:
        """Do this next; what runs now is cancelled first. Returns the job's number. Never waits."""
        self._cancel.set()
        self._cancel = threading.Event()
        number = next(_numbers)
        self._inbox.put(partial(self._guarded, job, number, self._cancel))
        if not self.isRunning():
            self.start()
        return number

    def _guarded(self, job: NumberedJob, number: int, cancel: threading.Event) -> None:
        try:
            job(number, cancel)
        except Exception as error:  # noqa: BLE001 - the thread outlives any failure; the board says it
            stopped = isinstance(error, Stop) and cancel.is_set()
            self.failed.emit(BacktestFailed(number, error, stopped))


class _Switching:
    """How many threads want the interpreter handed on quickly, and how quickly it was before."""

    lock = threading.Lock()
    wanted = 0
    usual = 0.0


@contextmanager
def _quick_switching() -> Iterator[None]:
    """The window asks for the interpreter dozens of times to paint once; it must not wait 5 ms each time."""
    with _Switching.lock:
        if _Switching.wanted == 0:
            _Switching.usual = sys.getswitchinterval()
            sys.setswitchinterval(_SWITCH_INTERVAL)
        _Switching.wanted += 1
    try:
        yield
    finally:
        with _Switching.lock:
            _Switching.wanted -= 1
            if _Switching.wanted == 0:
                sys.setswitchinterval(_Switching.usual)
