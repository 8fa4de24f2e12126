"""The one place that opens a connection: same settings everywhere, and sqlite's errors come out typed."""

from __future__ import annotations

import sqlite3
import weakref
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from .errors import BUSY_SECONDS, damaged, typed

_T = TypeVar("_T")
WAL_LIMIT = 64 * 1024 * 1024
_OPENED: weakref.WeakSet[sqlite3.Connection] = weakref.WeakSet()


class Cursor(sqlite3.Cursor):
    """A cursor whose errors are the data layer's own, also those found while rows are read."""

    def _asked(self, function: Callable[..., _T], *arguments: Any) -> _T:
        try:
            return function(*arguments)
        except sqlite3.Error as error:
            path = self.connection.path if isinstance(self.connection, Connection) else ""
            better = typed(error, path)
            if better is error:
                raise
            raise better from error
        except UnicodeDecodeError as error:
            # Names and messages in a damaged file are no texts any more.
            path = self.connection.path if isinstance(self.connection, Connection) else ""
            raise damaged(path, "it holds bytes where a text belongs") from error

    def execute(self, sql: str, parameters: Any = (), /) -> Cursor:
        self._asked(super().execute, sql, parameters)
        return self

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Cursor:
        self._asked(super().executemany, sql, parameters)
        return self

    def fetchone(self) -> Any:
        return self._asked(super().fetchone)

    def fetchall(self) -> list[Any]:
        return self._asked(super().fetchall)

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        return self._asked(super().fetchmany, size)

    def __next__(self) -> Any:
        return self._asked(super().__next__)


class Connection(sqlite3.Connection):
    """A connection in autocommit mode: transactions are opened by :func:`transaction` and nothing else."""

    path: str = ""
    seal_key: str | None = None

    def cursor(self, factory: Any = Cursor) -> Any:
        return super().cursor(factory)

    def close(self) -> None:
        _OPENED.discard(self)
        super().close()

    # The base class makes a plain cursor here without asking `cursor`.
    def execute(self, sql: str, parameters: Any = (), /) -> Any:
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Any:
        return self.cursor().executemany(sql, parameters)


def connect(path: Path, *, read_only: bool = False, immutable: bool = False) -> Connection:
    """Open `path` with the settings of the house (autocommit, rows by name).

    `read_only` refuses every write in sqlite itself. `immutable` also promises that nobody else writes (a file
    offered for import). Raises DbError. The caller closes it.
    """
    mode = "ro" if read_only or immutable else "rwc"
    uri = f"file:{quote(str(path))}?mode={mode}" + ("&immutable=1" if immutable else "")
    con: Connection | None = None
    try:
        con = sqlite3.connect(
            uri,
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            factory=Connection,
        )
        con.path = str(path)
        _OPENED.add(con)
        con.row_factory = sqlite3.Row
        # A text that is not UTF-8 (a foreign program wrote it) must not hide the other rows.
        con.text_factory = partial(str, encoding="utf-8", errors="replace")
        _configure(con, read_only or immutable)
    except sqlite3.Error as error:
        if con is not None:
            con.close()
        raise typed(error, str(path)) from error
    except Exception:
        if con is not None:
            con.close()
        raise
    return con


def may_be_open_here(path: Path) -> bool:
    """Whether a connection of this process may have `path` open.

    Then the file must be read through sqlite only: on POSIX systems closing any other handle of it would take
    away the locks that those connections hold.
    """
    return any(isinstance(con, Connection) and con.path == str(path) for con in list(_OPENED))


def _configure(con: Connection, read_only: bool) -> None:
    con.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    con.execute("PRAGMA trusted_schema = OFF")
    con.execute("PRAGMA cell_size_check = ON")
    con.execute("PRAGMA mmap_size = 0")
    con.execute("PRAGMA foreign_keys = ON")
    if read_only:
        con.execute("PRAGMA query_only = ON")


def prepare_for_writing(con: Connection) -> None:
    """WAL, a flush at every commit and a bounded log. Not inside a transaction. Raises DbError."""
    con.execute("PRAGMA journal_mode = WAL").fetchone()
    con.execute("PRAGMA synchronous = FULL")
    con.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
