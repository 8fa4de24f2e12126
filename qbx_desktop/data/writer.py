"""The one background writer: many threads hand over work, it commits them in groups, and says when each is safe."""

from __future__ import annotations

import atexit
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from ..domain.errors import QbxError, Stop, UserMistake
from ..domain.messages import declare
from .connection import Connection
from .errors import DbError
from .transaction import transaction

_CLOSED = declare("db.closed", "QuantumBotX is shutting down; this was not stored.")
_BUG = declare(
    "db.bug", "Something could not be stored because of an error in QuantumBotX ({why}). Please report it."
)

_T = TypeVar("_T")
MOST_PER_COMMIT = 500
Job = Callable[[sqlite3.Connection], _T]


@dataclass
class _Task:
    job: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    # Called when the database cannot take the job: true when it found another safe place.
    spool: Callable[[], bool] | None


class DbWriter:
    """Owns the second writing connection. Everything handed over is committed in the order it came."""

    def __init__(self, con: Connection, on_problem: Callable[[QbxError], None]) -> None:
        self._con = con
        self._on_problem = on_problem
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._after_commit: Callable[[sqlite3.Connection], None] | None = None
        self._thread = threading.Thread(target=self._run, name="db-writer", daemon=True)
        self._thread.start()
        # A program that ends without closing still writes what was handed over, and does end.
        atexit.register(self.close)

    def submit(self, job: Job[_T], *, spool: Callable[[], bool] | None = None) -> Future[_T]:
        """Hand `job` over; the future is resolved after its COMMIT, or with the error that refused it.

        `job` runs on the writer's thread inside a transaction; what it raises undoes this job only.
        """
        future: Future[_T] = Future()
        with self._closing:
            if self._closed:
                future.set_exception(Stop(_CLOSED()))
                return future
            self._tasks.put(_Task(job, future, spool))
        return future

    def after_commit(self, call: Callable[[sqlite3.Connection], None]) -> None:
        """Call `call` on the writer's thread and connection after each commit, before its callers are told (the spool is played back then)."""
        self._after_commit = call

    def close(self) -> None:
        """Write what was handed over, then end the thread and close the connection."""
        with self._closing:
            if not self._closed:
                self._closed = True
                self._tasks.put(None)
        self._thread.join()
        atexit.unregister(self.close)

    def _run(self) -> None:
        try:
            while True:
                group, last = self._next_group()
                if group:
                    self._write(group)
                if last:
                    return
        finally:
            self._con.close()
            self._abandon()

    def _abandon(self) -> None:
        """Nobody waits for ever, even if this thread should end by a bug."""
        with self._closing:
            self._closed = True
        while not self._tasks.empty():
            task = self._tasks.get_nowait()
            if task is not None:
                task.future.set_exception(Stop(_CLOSED()))

    def _next_group(self) -> tuple[list[_Task], bool]:
        """Wait for one task, then take all that are already there: no task waits for company."""
        group: list[_Task] = []
        task = self._tasks.get()
        while True:
            if task is None:
                return group, True
            if task.future.set_running_or_notify_cancel():
                group.append(task)
            if len(group) >= MOST_PER_COMMIT:
                return group, False
            try:
                task = self._tasks.get_nowait()
            except queue.Empty:
                return group, False

    def _write(self, group: list[_Task]) -> None:
        results: list[tuple[_Task, Any, BaseException | None]] = []
        try:
            with transaction(self._con):
                for task in group:
                    results.append(self._one(task))
        except BaseException as error:  # noqa: BLE001 - every waiting caller must learn of it
            if len(group) == 1:
                self._refused(group[0], error)
                return
            # One job may have spoiled the whole transaction (a full disk rolls all of it back): each alone.
            for task in group:
                self._write([task])
            return
        if self._after_commit is not None:
            self._after_commit(self._con)
        for task, value, problem in results:
            if problem is not None:
                self._refused(task, problem)
            else:
                task.future.set_result(value)

    def _one(self, task: _Task) -> tuple[_Task, Any, BaseException | None]:
        try:
            with transaction(self._con):
                return task, task.job(self._con), None
        except Exception as error:
            if not self._con.in_transaction:
                raise
            return task, None, error

    def _refused(self, task: _Task, error: BaseException) -> None:
        kept = isinstance(error, DbError) and task.spool is not None and task.spool()
        # A mistake of the caller goes back to the caller only; everything else the trader must see.
        if not kept and not isinstance(error, UserMistake):
            self._on_problem(error if isinstance(error, QbxError) else Stop(_BUG(why=repr(error))))
        task.future.set_exception(error)
