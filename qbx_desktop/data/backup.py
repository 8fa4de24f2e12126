"""A copy that can be trusted: made while others write, checked, flushed, and only then given its name."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..domain.clock import Clock, SystemClock
from .connection import connect
from .errors import DbError, damaged, from_os, full, read_only, typed
from .snapshots import sync_folder

PAGES_PER_STEP = 1024
_NAME = re.compile(r"bots-(\d{8}T\d{6})-([a-z0-9-]+?)(?:-(\d+))?\.db")
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Backup:
    """One backup file; `made` is UTC seconds, `reason` why it was made ("daily", "before-v2", …)."""

    path: Path
    made: float
    reason: str
    size: int


def copy_database(source: Path, target: Path, progress: Progress | None = None) -> None:
    """Copy a database that others may be writing to `target` (which must not exist), checked and flushed.

    Uses sqlite's backup interface, so committed rows still in the write-ahead log are included. A half copy never
    carries the final name. Raises DbError.
    """
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(6)}.tmp")
    try:
        os.close(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _copy_pages(source, temporary, progress)
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if target.exists():
            raise read_only(target, "a file of this name exists and is never overwritten")
        temporary.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        raise from_os(target, error) from error
    finally:
        for leftover in (
            temporary,
            Path(f"{temporary}-journal"),
            Path(f"{temporary}-wal"),
            Path(f"{temporary}-shm"),
        ):
            with contextlib.suppress(OSError):
                leftover.unlink()


def _copy_pages(source: Path, target: Path, progress: Progress | None) -> None:
    reader = connect(source, read_only=True)
    try:
        writer = connect(target)
        try:

            def step(_: int, remaining: int, total: int) -> None:
                if progress is not None and total:
                    progress((total - remaining) / total)

            # One reading transaction over all steps: else every commit of another connection in between would
            # make sqlite begin the copy anew, and under steady writing it would never end.
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            try:
                reader.backup(writer, pages=PAGES_PER_STEP, progress=step)
            except sqlite3.Error as error:
                raise typed(error, str(source)) from error
            # The copy is one file: it must open on a read-only medium and travel without its log.
            writer.execute("PRAGMA journal_mode = DELETE").fetchone()
            why = quick_check(writer)
            if why:
                raise damaged(source, f"its copy did not pass the check: {why}")
        finally:
            writer.close()
    finally:
        reader.close()


def quick_check(con: sqlite3.Connection) -> str:
    """Sqlite's first complaint about the file, "" when there is none."""
    try:
        found = con.execute("PRAGMA quick_check(1)").fetchone()
    except (DbError, sqlite3.Error) as error:
        return str(error)
    answer = str(found[0]) if found else "no answer"
    return "" if answer == "ok" else answer


def make_backup(
    database: Path, folder: Path, reason: str, *, clock: Clock | None = None, progress: Progress | None = None
) -> Backup:
    """Back `database` up into `folder` as `bots-<UTC time>-<reason>.db`. Raises DbError, DbFull among them."""
    now = (clock or SystemClock()).now()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        size = database.stat().st_size
        if shutil.disk_usage(folder).free < size * 1.1:
            raise full(folder)
    except OSError as error:
        raise from_os(folder, error) from error
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S")
    target = folder / f"bots-{stamp}-{reason}.db"
    count = 2
    while target.exists():
        target = folder / f"bots-{stamp}-{reason}-{count}.db"
        count += 1
    copy_database(database, target, progress)
    return Backup(target, now, reason, target.stat().st_size)


def backups_in(folder: Path) -> list[Backup]:
    """The finished backups in `folder`, newest first; other files are not ours."""
    found = []
    if folder.is_dir():
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match:
                made = datetime.strptime(match[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC).timestamp()
                found.append(Backup(path, made, match[2], path.stat().st_size))
    return sorted(found, key=lambda each: (each.made, each.path.name), reverse=True)
