"""Putting another file in the place of the database: the present one is set aside whole, never deleted."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

from ..domain.clock import Clock
from .backup import make_backup
from .connection import connect
from .errors import DbError, from_os
from .home import Home
from .snapshots import sync_folder

# The log and its index belong to the file: a log without its file, or the file without its log, loses rows.
PARTS = ("", "-wal", "-shm", "-journal", ".registry")


def has_content(database: Path) -> bool:
    """Whether the file holds any bot, history, backtest or order. What cannot be read counts as content."""
    try:
        con = connect(database, read_only=True)
        try:
            return any(
                con.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is not None
                for table in ("bots", "trade_history", "backtest_results", "order_journal", "deals")
            )
        finally:
            con.close()
    except Exception:  # noqa: BLE001 - the safe answer for every kind of unreadable file
        return True


def set_aside(home: Home, label: str, clock: Clock) -> Path | None:
    """Move the database with its log into `<label>-<UTC time>/`; None when there was none. Raises DbError.

    Nothing of it is opened, so a damaged file is kept as evidence, byte by byte.
    """
    parts = [home.database.with_name(home.database.name + suffix) for suffix in PARTS]
    present = [each for each in parts if each.exists()]
    if not present:
        return None
    stamp = datetime.fromtimestamp(clock.now(), UTC).strftime("%Y%m%dT%H%M%S")
    folder = home.root / f"{label}-{stamp}"
    count = 2
    while folder.exists():
        folder = home.root / f"{label}-{stamp}-{count}"
        count += 1
    moved: list[tuple[Path, Path]] = []
    try:
        folder.mkdir(mode=0o700)
        for part in present:
            part.rename(folder / part.name)
            moved.append((part, folder / part.name))
        sync_folder(home.root)
    except OSError as error:
        for old, new in moved:
            with contextlib.suppress(OSError):
                new.rename(old)
        raise from_os(home.root, error) from error
    return folder


def put_in_place(new: Path, home: Home, clock: Clock, reason: str) -> Path | None:
    """Make `new` (closed, complete, on the same disk) the database; says where the present one went.

    The present one is backed up when it can be read, and set aside in any case. Raises DbError, with the present
    one back in its place.
    """
    if home.database.exists():
        with contextlib.suppress(DbError):
            make_backup(home.database, home.backups, reason, clock=clock)
    aside = set_aside(home, reason, clock)
    try:
        new.rename(home.database)
        sync_folder(home.root)
    except OSError as error:
        if aside is not None:
            for part in aside.iterdir():
                part.rename(home.root / part.name)
        raise from_os(home.database, error) from error
    return aside
