"""Which backups stay, when the next one is due, and proof that one can be restored."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..domain.clock import Clock
from .backup import Backup, Progress, backups_in, make_backup, quick_check
from .connection import connect
from .errors import DbDamaged, DbForeign, damaged
from .migrate import APPLICATION_ID, LATEST, SEED_TABLES

DAY = 86_400.0
DAILY, WEEKLY, MONTHLY = 7, 4, 12
KEEP_SPECIAL_DAYS = 365
SHARE_OF_FREE_DISK = 0.10


def due(folder: Path, now: float) -> bool:
    """Whether the newest daily backup is a day old, or there is none. A clock set back makes one due as well."""
    daily = [each for each in backups_in(folder) if each.reason == "daily"]
    return not daily or not 0 <= now - daily[0].made < DAY


def back_up_if_due(
    database: Path, folder: Path, clock: Clock, progress: Progress | None = None
) -> Backup | None:
    """The daily backup (call it once an hour and at exit), then the rotation. Raises DbError."""
    if not due(folder, clock.now()):
        return None
    made = make_backup(database, folder, "daily", clock=clock, progress=progress)
    rotate(folder, clock.now())
    return made


def rotate(folder: Path, now: float) -> list[Path]:
    """Delete what :func:`surplus` names; says what was deleted. What cannot be deleted now goes next time."""
    free = shutil.disk_usage(folder).free if folder.is_dir() else 0
    gone = []
    for backup in surplus(backups_in(folder), now, free):
        with contextlib.suppress(OSError):
            backup.path.unlink()
            gone.append(backup.path)
    for leftover in folder.glob(".bots-*.tmp*"):
        # Half a copy by a program that died; one that is being made now is younger.
        with contextlib.suppress(OSError):
            if leftover.stat().st_mtime < now - DAY:
                leftover.unlink()
    return gone


def surplus(backups: Sequence[Backup], now: float, free_bytes: int) -> list[Backup]:
    """What the rules do not keep: 7 daily, 4 weekly, 12 monthly; all others (before an upgrade …) for a year.

    When the kept ones take more than a tenth of the free disk, the oldest go too; the newest never.
    """
    daily = [each for each in backups if each.reason == "daily"]
    kept = set(_newest_of_each(daily, "%Y-%m-%d", DAILY))
    kept |= set(_newest_of_each(daily, "%G-%V", WEEKLY))
    kept |= set(_newest_of_each(daily, "%Y-%m", MONTHLY))
    kept |= {each for each in backups if each.reason != "daily" and now - each.made < KEEP_SPECIAL_DAYS * DAY}
    if backups:
        kept.add(backups[0])
    size = 0
    within: set[Backup] = set()
    for each in sorted(kept, key=lambda one: (one.made, one.path.name), reverse=True):
        size += each.size
        if not within or size <= free_bytes * SHARE_OF_FREE_DISK:
            within.add(each)
    return [each for each in backups if each not in within]


def _newest_of_each(backups: Sequence[Backup], period: str, count: int) -> list[Backup]:
    newest: dict[str, Backup] = {}
    for each in backups:
        key = datetime.fromtimestamp(each.made, UTC).strftime(period)
        if key not in newest or each.made > newest[key].made:
            newest[key] = each
    return sorted(newest.values(), key=lambda one: one.made, reverse=True)[:count]


@dataclass(frozen=True)
class Drill:
    """What a backup holds: its format and the rows of each table."""

    path: Path
    version: int
    rows: dict[str, int]


def drill(path: Path) -> Drill:
    """Open a backup for reading only, check it whole and count its rows. Raises DbError when it could not be restored."""
    con = connect(path, immutable=True)
    try:
        why = quick_check(con)
        if why:
            raise damaged(path, why)
        version = int(con.execute("PRAGMA user_version").fetchone()[0])
        mark = int(con.execute("PRAGMA application_id").fetchone()[0])
        if version > LATEST or (version > 0 and mark != APPLICATION_ID):
            raise damaged(path, f"it is of format {version}, this version knows {LATEST}")
        names = {
            row[0] for row in con.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        }
        rows = {
            table: int(con.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in (*SEED_TABLES, "order_journal", "deals")
            if table in names
        }
        if not rows:
            raise damaged(path, "it holds none of our tables")
    finally:
        con.close()
    return Drill(path, version, rows)


def prove(path: Path) -> None:
    """Read a backup whole, every page and index (a minute for a large one). Raises DbDamaged."""
    con = connect(path, immutable=True)
    try:
        answer = str(con.execute("PRAGMA integrity_check(1)").fetchone()[0])
    finally:
        con.close()
    if answer != "ok":
        raise damaged(path, answer)


def last_copy(database: Path, folder: Path, clock: Clock) -> Backup | None:
    """A backup before the file is set aside; None when the file is too damaged for one (it is kept whole anyway)."""
    try:
        return make_backup(database, folder, "before-init", clock=clock)
    except (DbDamaged, DbForeign):
        return None
