"""The thread that looks after the trader's folder of strategies: reads it when it changes, loads files, runs checks."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QThread, Signal

if TYPE_CHECKING:
    # Loaded in the thread: the window is painted before strategies and their libraries are there.
    from ..strategies.own.library import OwnLibrary
    from .own_parts import OwnParts

_LOOK_EVERY = 2.0

Job = Callable[["OwnLibrary"], Any]
Signature = tuple[tuple[str, int, int], ...]


class StrategyThread(QThread):
    """`changed` carries the files after each look that found something new; it connects to the board only."""

    changed = Signal(object)
    problem = Signal(object)

    def __init__(self, parts: OwnParts, parent: QObject | None = None) -> None:
        """`parts` makes the library in this thread and is closed by :meth:`finish`."""
        super().__init__(parent)
        self._parts = parts
        self._inbox: queue.SimpleQueue[tuple[Job, Future[Any]] | None] = queue.SimpleQueue()
        self._seen: Signature | None = None
        # For a long job to look at.
        self.ending = threading.Event()

    def ask(self, job: Job) -> Future[Any]:
        """Run `job(library)` in this thread, soon. Never waits; for any thread."""
        future: Future[Any] = Future()
        self._inbox.put((job, future))
        return future

    def refresh(self, again: bool = False) -> Future[Any]:
        """Look at the folder now; `again` loads files that failed once more."""
        return self.ask(lambda library: self._look(library, again))

    def finish(self) -> None:
        """End what runs now and the thread; then `wait()`."""
        self.ending.set()
        self._parts.close()
        self._inbox.put(None)

    def run(self) -> None:
        """The thread: jobs as they come, a look at the folder in between."""
        try:
            library = self._parts.library()
            self._look_if_changed(library)
        except Exception as error:  # noqa: BLE001 - said; without the folder everything else goes on
            self.problem.emit(error)
            return
        while True:
            try:
                found = self._inbox.get(timeout=_LOOK_EVERY)
            except queue.Empty:
                self._guarded_look(library)
                continue
            if found is None:
                return
            job, future = found
            if not future.set_running_or_notify_cancel():
                continue
            try:
                answer = job(library)
            except Exception as error:  # noqa: BLE001 - the asker gets it
                future.set_exception(error)
            else:
                future.set_result(answer)

    def _guarded_look(self, library: OwnLibrary) -> None:
        try:
            self._look_if_changed(library)
        except Exception as error:  # noqa: BLE001 - the thread outlives a folder that cannot be read
            self.problem.emit(error)

    def _look_if_changed(self, library: OwnLibrary) -> None:
        if _signature(library) != self._seen:
            self._look(library, again=False)

    def _look(self, library: OwnLibrary, again: bool) -> None:
        # Before reading: a change during the read shows as another signature the next time.
        self._seen = _signature(library)
        self.changed.emit(library.refresh(again))


def _signature(library: OwnLibrary) -> Signature:
    from ..strategies.own.source import files_in

    found = []
    for path in files_in(library.folder):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((path.name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
