"""What can go wrong with the database, typed, each as a sentence for the trader."""

from __future__ import annotations

import errno
import sqlite3

from ..domain.errors import QbxError, Stop, Temporary
from ..domain.messages import MessageKind, declare

_BUSY = declare(
    "db.busy",
    "The database {path} is in use by another program and did not become free within {seconds} seconds. "
    "Nothing was written and no order was sent. It is tried again; close other programs that have the file open.",
)
_FULL = declare(
    "db.full",
    "The disk holding {path} is full. This was not written and no order was sent; what was stored before is safe. "
    "Free some space, then start the bots again.",
)
_DAMAGED = declare(
    "db.damaged",
    "The database {path} is damaged ({why}). Trading stays off and nothing was changed. "
    "Restore a backup with 'qbx db restore'; positions at the broker are not affected.",
)
_READ_ONLY = declare(
    "db.read_only",
    "The database {path} cannot be written ({why}). Nothing was stored and no order was sent. "
    "Choose a folder you may write to, or correct the rights of the file.",
)
_NEWER = declare(
    "db.newer",
    "The database {path} was made by a newer version of QuantumBotX (format {found}, this version knows {known}). "
    "It was left exactly as it is. Install the newer version, or start with another folder.",
)
_FOREIGN = declare(
    "db.foreign",
    "The file {path} is not a QuantumBotX database ({why}). It was left exactly as it is. Choose another file.",
)
_CONSTRAINT = declare(
    "db.constraint", "The database refused a row that would contradict others ({why}). Nothing was written."
)


class DbError(QbxError):
    """Any failure of the database. Never answered with an empty list."""


class DbBusy(DbError, Temporary):
    """Locked by another program for longer than the busy time-out."""


class DbFull(DbError, Stop):
    """No space left; the transaction was rolled back."""


class DbDamaged(DbError, Stop):
    """The file is not what was written to it."""


class DbReadOnly(DbError, Stop):
    """The file or its folder may not be written."""


class DbNewer(DbError, Stop):
    """Written by a newer version; untouched."""


class DbForeign(DbError, Stop):
    """A file that is not ours; untouched."""


class DbConstraint(DbError):
    """A UNIQUE, CHECK, NOT NULL or foreign key rule refused the row."""


BUSY_SECONDS = 5

_FULL_IO = {sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_TRUNCATE}
_BY_CODE: dict[int, tuple[type[DbError], MessageKind]] = {
    sqlite3.SQLITE_BUSY: (DbBusy, _BUSY),
    sqlite3.SQLITE_LOCKED: (DbBusy, _BUSY),
    sqlite3.SQLITE_PROTOCOL: (DbBusy, _BUSY),
    sqlite3.SQLITE_FULL: (DbFull, _FULL),
    sqlite3.SQLITE_CORRUPT: (DbDamaged, _DAMAGED),
    sqlite3.SQLITE_NOTADB: (DbDamaged, _DAMAGED),
    sqlite3.SQLITE_IOERR: (DbDamaged, _DAMAGED),
    sqlite3.SQLITE_READONLY: (DbReadOnly, _READ_ONLY),
    sqlite3.SQLITE_CANTOPEN: (DbReadOnly, _READ_ONLY),
    sqlite3.SQLITE_PERM: (DbReadOnly, _READ_ONLY),
    sqlite3.SQLITE_AUTH: (DbReadOnly, _READ_ONLY),
}


def typed(error: sqlite3.Error, path: str) -> Exception:
    """The typed error for what sqlite raised; anything that is a bug of ours comes back unchanged."""
    code = getattr(error, "sqlite_errorcode", None)
    if isinstance(error, sqlite3.IntegrityError):
        return DbConstraint(_CONSTRAINT(why=str(error)))
    if code is None:
        return error
    if code in _FULL_IO:
        return DbFull(_FULL(path=path))
    found = _BY_CODE.get(code & 0xFF)
    if found is None:
        return error
    kind, sentence = found
    return kind(sentence(path=path, seconds=BUSY_SECONDS, why=str(error)))


def damaged(path: object, why: str) -> DbDamaged:
    """The error for damage that we found ourselves."""
    return DbDamaged(_DAMAGED(path=str(path), why=why))


def newer(path: object, found: int, known: int) -> DbNewer:
    """The error for a file of a later version."""
    return DbNewer(_NEWER(path=str(path), found=found, known=known))


def foreign(path: object, why: str) -> DbForeign:
    """The error for a file that is not ours."""
    return DbForeign(_FOREIGN(path=str(path), why=why))


def read_only(path: object, why: str) -> DbReadOnly:
    """The error for a place that may not be written."""
    return DbReadOnly(_READ_ONLY(path=str(path), why=why))


def full(path: object) -> DbFull:
    """The error for a full disk found outside sqlite."""
    return DbFull(_FULL(path=str(path)))


def busy(path: object) -> DbBusy:
    """The error for a file that another process keeps locked."""
    return DbBusy(_BUSY(path=str(path), seconds=BUSY_SECONDS))


def from_os(path: object, error: OSError) -> DbError:
    """The typed error for what the operating system refused."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return full(path)
    return read_only(path, error.strerror or str(error))
