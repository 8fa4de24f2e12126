"""Looks at the file before anything opens it: missing, empty, foreign, newer or damaged, and never changes it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from . import snapshots
from .backup import backups_in, quick_check
from .connection import connect, may_be_open_here
from .errors import damaged, foreign, newer, read_only
from .migrate import APPLICATION_ID, LATEST, SEED_TABLES

_MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Found:
    """What lies at the path: nothing yet, or a file of `version` that may have been left by a crash."""

    exists: bool
    version: int = 0
    crashed: bool = False


def registry(database: Path) -> Path:
    """The small file beside the database that remembers that there was one."""
    return database.with_name(f"{database.name}.registry")


def remember(database: Path, install_id: str) -> None:
    """Note that `database` exists, so that its later absence is seen as damage, not as a first run."""
    if not registry(database).exists():
        snapshots.write(registry(database), json.dumps({"install_id": install_id}).encode())


def look(database: Path, backups: Path, may_be_missing: bool = False) -> Found:
    """What is at `database`. Raises DbDamaged, DbNewer, DbForeign or DbReadOnly; reads only."""
    try:
        exists = database.exists()
        size = database.stat().st_size if exists else 0
        head = b""
        in_use = may_be_open_here(database)
        if exists and not in_use:
            with database.open("rb") as file:
                head = file.read(100)
    except OSError as error:
        raise read_only(database, error.strerror or str(error)) from error
    if not exists:
        if not may_be_missing and (registry(database).exists() or backups_in(backups)):
            raise damaged(database, "it is missing although it was there before")
        return Found(False)
    if size == 0:
        raise damaged(database, "it is empty")
    if in_use:
        return Found(True, LATEST)
    if len(head) < 100 or not head.startswith(_MAGIC):
        raise damaged(database, "it is not an sqlite file")
    version = int.from_bytes(head[60:64], "big")
    application = int.from_bytes(head[68:72], "big")
    _check_ours(database, version, application)
    log = database.with_name(f"{database.name}-wal")
    return Found(True, version, log.exists() and log.stat().st_size > 0)


def look_inside(database: Path, found: Found) -> None:
    """The same questions asked through sqlite, which also knows the write-ahead log; quick_check after a crash."""
    con = connect(database, read_only=True)
    try:
        version = int(con.execute("PRAGMA user_version").fetchone()[0])
        application = int(con.execute("PRAGMA application_id").fetchone()[0])
        _check_ours(database, version, application)
        names = {
            row[0] for row in con.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        }
        if application == 0 and names and not names & set(SEED_TABLES):
            raise foreign(database, "it holds none of the tables of QuantumBotX")
        if not names:
            raise damaged(database, "it holds no table at all")
        if found.crashed or version < LATEST:
            why = quick_check(con)
            if why:
                raise damaged(database, why)
    finally:
        con.close()


def _check_ours(database: Path, version: int, application: int) -> None:
    if application == APPLICATION_ID:
        if version > LATEST:
            raise newer(database, version, LATEST)
    elif application != 0:
        raise foreign(database, f"it carries the mark {application:#x} of another program")
    elif version != 0:
        raise foreign(database, f"it carries the format number {version} of another program")
