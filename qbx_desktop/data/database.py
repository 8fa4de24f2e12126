"""The database of one home folder: opened, checked, brought up to date; readers per thread and two writers."""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from ..domain.clock import Clock, SystemClock
from ..domain.errors import QbxError
from ..domain.messages import Message
from . import app_meta, history, seals, shape, start_check
from .connection import Connection, connect, prepare_for_writing
from .errors import DbError, busy, damaged, from_os, read_only
from .instance_lock import InstanceLock
from .migrate import Progress, migrate
from .snapshots import sync_folder
from .spool import Spool
from .transaction import transaction
from .writer import DbWriter, Job

_T = TypeVar("_T")
_LOCK_SECONDS = 120.0
_log = logging.getLogger(__name__)


class Database:
    """One open database. Build it with :meth:`open`, end it with :meth:`close`."""

    def __init__(self, path: Path, writing: Connection, clock: Clock) -> None:
        self.path = path
        self.clock = clock
        self._local = threading.local()
        self._readers: weakref.WeakSet[_Reader] = weakref.WeakSet()
        self._guard = threading.Lock()
        self._listeners: list[Callable[[QbxError], None]] = []
        self.spool = Spool(path.with_name("spool.jsonl"))
        self.writer = DbWriter(writing, self._tell)
        self.writer.after_commit(self._play_back)
        if self.spool.waiting:
            self.writer.submit(lambda _: None)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock | None = None,
        progress: Progress | None = None,
        backups: Path | None = None,
        start_new: bool = False,
    ) -> Database:
        """Open `path`, creating or upgrading it (a verified backup comes first, into `backups`).

        A file that is missing although there was one is damage, unless the trader asked to `start_new`.

        Raises DbBusy, DbFull, DbDamaged, DbReadOnly, DbNewer or DbForeign; then the file is as it was.
        """
        clock = clock or SystemClock()
        backups = backups or path.parent / "backups"
        lock = InstanceLock(path.with_name(f"{path.name}.lock"))
        try:
            _wait_for(lock, path, clock)
        except OSError as error:
            raise read_only(path, error.strerror or str(error)) from error
        try:
            found = start_check.look(path, backups, may_be_missing=start_new)
            if found.exists:
                _must_be_writable(path)
                start_check.look_inside(path, found)
            else:
                _create(path, backups, clock)
            con = _open_for_writing(path, backups, clock, progress)
        finally:
            lock.release()
        try:
            seals.begin(con, path)
            start_check.remember(path, app_meta.get(con, "install_id") or "")
        except QbxError:
            con.close()
            raise
        return cls(path, con, clock)

    def reader(self) -> sqlite3.Connection:
        """This thread's reading connection; it ends with the thread. Fetch whole pages, keep no cursor open."""
        reader: _Reader | None = getattr(self._local, "reader", None)
        if reader is None or reader.closed:
            reader = _Reader(connect(self.path, read_only=True))
            self._local.reader = reader
            with self._guard:
                self._readers.add(reader)
        return reader.con

    def order_connection(self) -> sqlite3.Connection:
        """A new writing connection for the one thread that trades; the caller closes it."""
        con = connect(self.path)
        prepare_for_writing(con)
        return con

    def write(self, job: Job[_T]) -> _T:
        """Run `job` on the background writer and wait for its COMMIT. Raises what the job raised, or DbError."""
        return self.writer.submit(job).result()

    def log(self, *, message: Message, **fields: Any) -> Future[int]:
        """Append a row to the history in the background (`fields` as in :func:`history.append`).

        When the database cannot take it, it goes to the spool file and into the database later: the future then
        carries the DbError, and nothing is lost.
        """
        fields.setdefault("ts_ms", round(self.clock.now() * 1000))
        entry = history.entry_json(message=message, **fields)
        return self.writer.submit(
            lambda con: history.append(con, message=message, **fields), spool=lambda: self.spool.keep(entry)
        )

    def on_problem(self, listener: Callable[[QbxError], None]) -> None:
        """Have `listener` told of every background write that failed (on the writer's thread)."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Write what is still waiting and close every connection of this object."""
        self.writer.close()
        with self._guard:
            readers = list(self._readers)
        for reader in readers:
            reader.close()
        # The last one out tidies up: the planner's figures, and the log back into the file.
        with contextlib.suppress(DbError, sqlite3.Error):
            con = connect(self.path)
            try:
                con.execute("PRAGMA analysis_limit = 400")
                con.execute("PRAGMA optimize")
            finally:
                con.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _tell(self, error: QbxError) -> None:
        for listener in list(self._listeners):
            try:
                listener(error)
            except Exception:  # noqa: BLE001 - said to the log below
                # A listener's bug must not stop the thread that writes.
                _log.exception("a listener for database problems failed")

    def _play_back(self, con: sqlite3.Connection) -> None:
        """Bring spooled rows back into the database, now that it takes rows again."""
        try:
            self.spool.play_back(con)
        except QbxError as error:
            self._tell(error)


class _Reader:
    """A reading connection that closes when its thread (or the database) ends."""

    def __init__(self, con: Connection) -> None:
        self.con = con
        self.closed = False

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.con.close()

    def __del__(self) -> None:
        self.close()


def _wait_for(lock: InstanceLock, path: Path, clock: Clock) -> None:
    """Two processes never create or upgrade the same file; an upgrade of a large file takes minutes."""
    deadline = clock.monotonic() + _LOCK_SECONDS
    while not lock.acquire():
        if clock.monotonic() > deadline:
            raise busy(path)
        time.sleep(0.05)


def _create(path: Path, backups: Path, clock: Clock) -> None:
    """Make a new database under another name, so that a crash never leaves an empty file with the real one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        for leftover in path.parent.glob(f".{path.name}.*.new*"):
            leftover.unlink()
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        con = connect(temporary)
        try:
            con.execute("PRAGMA journal_mode = DELETE").fetchone()
            migrate(con, backups, clock=clock, fresh=True)
        finally:
            con.close()
        temporary.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise from_os(path, error) from error


def _open_for_writing(path: Path, backups: Path, clock: Clock, progress: Progress | None) -> Connection:
    con = connect(path)
    try:
        with contextlib.suppress(OSError):
            path.chmod(path.stat().st_mode & 0o600)
        prepare_for_writing(con)
        migrate(con, backups, clock=clock, progress=progress)
        why = shape.missing(con)
        if why:
            raise damaged(path, why)
        with transaction(con):
            app_meta.make_identity(con)
    except BaseException:
        con.close()
        raise
    return con


def _must_be_writable(path: Path) -> None:
    """Sqlite quietly opens a file without write rights for reading; it would be found out at the first order."""
    by_present_user = os.access in os.supports_effective_ids
    if not os.access(path, os.W_OK, effective_ids=by_present_user):
        raise read_only(path, "the file is write-protected")
    if not os.access(path.parent, os.W_OK, effective_ids=by_present_user):
        raise read_only(path, "its folder is write-protected")
