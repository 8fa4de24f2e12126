"""What must be done to the database now and then: the daily backup and its proof, the archive, statistics."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

from ..domain.errors import QbxError
from . import app_meta, keep_backups, old_decisions, retention
from .backup import backups_in
from .database import Database
from .home import Home
from .order_journal import OrderJournal

_HOUR = 3_600.0
_WEEK = 7 * 86_400.0
_PROVED = "backup_proved_at"


class Caretaker:
    """A thread that looks once an hour, begun by :meth:`start` and ended by :meth:`close`."""

    def __init__(self, db: Database, home: Home, on_problem: Callable[[QbxError], None]) -> None:
        self._db = db
        self._home = home
        self._on_problem = on_problem
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="db-caretaker", daemon=True)

    def start(self) -> None:
        """Look at once, then every hour."""
        self._thread.start()

    def close(self) -> None:
        """End the thread, with a last backup when the newest is a day old; one that is being made is finished first."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
            # The thread may have slept through a day together with the computer.
            self._try(self._back_up)

    def look(self) -> None:
        """Do what is due. A failure is told to `on_problem` and tried again at the next look."""
        for job in (self._prove, self._back_up, self._archive, self._count):
            self._try(job)

    def _try(self, job: Callable[[], None]) -> None:
        try:
            job()
        except QbxError as error:
            self._on_problem(error)

    def _run(self) -> None:
        while True:
            self.look()
            if self._ended.wait(_HOUR):
                return

    def _back_up(self) -> None:
        keep_backups.back_up_if_due(self._db.path, self._home.backups, self._db.clock)

    def _prove(self) -> None:
        """Once a week the newest backup is read whole: one that cannot be restored is told before it is needed."""
        newest = next(iter(backups_in(self._home.backups)), None)
        if newest is None:
            return
        told = app_meta.get(self._db.reader(), _PROVED)
        if told is not None and 0 <= self._db.clock.now() - float(told) < _WEEK:
            return
        at = str(self._db.clock.now())
        # Noted first: a bad backup is told once a week, and a better one follows within a day.
        self._db.write(lambda con: app_meta.set(con, _PROVED, at))
        keep_backups.prove(newest.path)

    def _archive(self) -> None:
        # Deleting many rows makes other writers wait: never while an order is under way.
        if OrderJournal(self._db.reader()).unresolved_count() == 0:
            retention.archive_old_history(self._db, self._home.archive)
            old_decisions.forget_old_decisions(self._db)

    def _count(self) -> None:
        """The planner's figures, from a sample: a few milliseconds however large the tables are."""

        def job(con: sqlite3.Connection) -> None:
            con.execute("PRAGMA analysis_limit = 400")
            con.execute("PRAGMA optimize")

        self._db.write(job)
