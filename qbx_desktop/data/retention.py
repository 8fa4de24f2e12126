"""Old everyday rows leave the database for monthly archives; orders, deals, notifications and audit stay for ever."""

from __future__ import annotations

import gzip
import json
import os
import secrets
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from . import app_meta
from .database import Database
from .errors import from_os
from .snapshots import sync_folder

KEEP_DAYS = 90
ARCHIVED_TO = "history_archived_to"
ROWS_PER_TRANSACTION = 5_000
# Everyday rows: what the program notes without telling anyone.
_OLD = (
    "SELECT * FROM trade_history h WHERE action = 'INFO' AND is_notification = 0 AND id > ?"
    " AND timestamp >= ? AND timestamp < ?"
    # A bot's newest row stays: its number continues from there.
    " AND id <> coalesce((SELECT max(id) FROM trade_history n WHERE n.bot_id = h.bot_id), 0)"
    " ORDER BY id LIMIT ?"
)


def archive_old_history(db: Database, folder: Path, keep_days: int = KEEP_DAYS) -> int:
    """Move INFO rows of whole months older than `keep_days` to `history-YYYYMM.jsonl.gz`; says how many.

    A row is deleted only after its archive is complete on disk, 5 000 rows per transaction. Call it while no
    order is under way. Raises DbError; a later call goes on where this one stopped.
    """
    now = datetime.fromtimestamp(db.clock.now(), UTC)
    limit = (now - timedelta(days=keep_days)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    moved = 0
    while (month := _oldest_month(db, limit)) is not None:
        ids = _archive_month(db, folder, *month)
        for start in range(0, len(ids), ROWS_PER_TRANSACTION):
            _delete(db, ids[start : start + ROWS_PER_TRANSACTION])
        moved += len(ids)
    return moved


def _delete(db: Database, ids: list[int]) -> None:
    def job(con: sqlite3.Connection) -> None:
        con.executemany("DELETE FROM trade_history WHERE id = ?", [(each,) for each in ids])
        # Up to here a bot's rows may have holes in their numbering; behind it a hole is a loss.
        before = int(app_meta.get(con, ARCHIVED_TO) or 0)
        app_meta.set(con, ARCHIVED_TO, str(max(before, *ids)))

    db.write(job)


def read_archive(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of one monthly archive, oldest first."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _oldest_month(db: Database, limit: datetime) -> tuple[str, str, str] | None:
    """The oldest month before `limit` with a row to move: its name, its start, its end."""
    rows = db.reader().execute(_OLD, (0, "0000", limit.strftime("%Y-%m-%d"), 1)).fetchall()
    if not rows:
        return None
    start = str(rows[0]["timestamp"])[:7]
    try:
        first = datetime.strptime(start, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        # A foreign program wrote something else than a date: such rows share one archive.
        return "undated", "0000", limit.strftime("%Y-%m-%d")
    after = (first + timedelta(days=32)).replace(day=1)
    return first.strftime("%Y%m"), first.strftime("%Y-%m-%d"), after.strftime("%Y-%m-%d")


def _archive_month(db: Database, folder: Path, name: str, start: str, end: str) -> list[int]:
    """Write the month's archive anew (its earlier rows and the new ones), then say which rows it took."""
    target = folder / f"history-{name}.jsonl.gz"
    temporary = folder / f".{target.name}.{secrets.token_hex(4)}.tmp"
    ids: list[int] = []
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as raw:
            with gzip.GzipFile(fileobj=raw, mode="wb", mtime=0) as packed:
                for row in read_archive(target) if target.exists() else ():
                    packed.write(_line(row))
                for row in _rows(db, start, end):
                    packed.write(_line(row))
                    ids.append(row["id"])
            raw.flush()
            os.fsync(raw.fileno())
        temporary.replace(target)
        sync_folder(folder)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise from_os(target, error) from error
    return ids


def _rows(db: Database, start: str, end: str) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        rows = db.reader().execute(_OLD, (last, start, end, ROWS_PER_TRANSACTION)).fetchall()
        if not rows:
            return
        for row in rows:
            yield dict(row)
        last = int(rows[-1]["id"])


def _line(row: dict[str, Any]) -> bytes:
    return (json.dumps(row, ensure_ascii=False, default=str) + "\n").encode()
