"""Row by row out of a damaged file: whatever still reads, and nothing that the restored file has already."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .connection import Connection, connect
from .errors import DbError
from .legacy_repair import columns, quoted
from .transaction import transaction

# Parents before children, so that links hold.
TABLES = (
    "users", "user_security", "bots", "bot_settings", "trade_history", "backtest_results", "backtest_extras",
    "watchlist", "settings", "order_journal", "deals", "equity_daily", "trading_state", "trade_journal",
    "trade_journal_tags", "audit_log", "strategy_trust", "decisions",
)  # fmt: skip
_DAMAGED = -1
_LARGEST_ROWID = 1 << 62


@dataclass(frozen=True)
class Salvaged:
    """Of one table: rows read from the wreck, and how many of them the restored file did not have."""

    read: int
    added: int


def salvage(wreck: Path, into: Connection) -> dict[str, Salvaged]:
    """Copy every row that still reads from `wreck` (a copy that may be changed) into `into`, unless it is there."""
    _pad(wreck)
    found: dict[str, Salvaged] = {}
    try:
        con = connect(wreck)
    except DbError:
        return found
    try:
        con.execute("PRAGMA cell_size_check = OFF")
        into.execute("PRAGMA foreign_keys = OFF")
        for table in TABLES:
            with contextlib.suppress(DbError, sqlite3.Error):
                found[table] = _table(con, into, table)
    except (DbError, sqlite3.Error):
        return found
    finally:
        into.execute("PRAGMA foreign_keys = ON")
        con.close()
    return found


def _pad(wreck: Path) -> None:
    """A file cut short is given its promised length in zeros: pages before the cut then still read."""
    with wreck.open("rb+") as file:
        head = file.read(100)
        if len(head) < 100:
            return
        page = int.from_bytes(head[16:18], "big")
        size = (65_536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
        file.seek(0, os.SEEK_END)
        if 0 < size <= 1 << 40 and file.tell() < size:
            file.truncate(size)


def _table(con: Connection, into: Connection, table: str) -> Salvaged:
    here = [row[1] for row in columns(con, table)]
    names = [row[1] for row in columns(into, table) if row[1] in here]
    if not names:
        return Salvaged(0, 0)
    listed = ", ".join(quoted(name) for name in names)
    insert = f"INSERT OR IGNORE INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))})"
    read = added = 0
    with transaction(into):
        for row in _readable(con, table, listed):
            read += 1
            with contextlib.suppress(DbError, sqlite3.Error):
                added += into.execute(insert, row).rowcount
    return Salvaged(read, added)


def _readable(con: Connection, table: str, listed: str) -> Iterator[tuple[object, ...]]:
    """Every row that reads. Where one does not, the scan goes on behind the damage, which it finds in a few steps."""
    if not _has_rowid(con, table):
        # Without row numbers nothing can be skipped, but the table can be read from both ends.
        keys = [f"{quoted(str(row[1]))} DESC" for row in columns(con, table) if row[5]]
        yield from _until_damage(con, f"SELECT {listed} FROM {table}")
        yield from _until_damage(con, f"SELECT {listed} FROM {table} ORDER BY {', '.join(keys)}")
        return
    last, begun = 0, 0
    while True:
        for row in _until_damage(
            con, f"SELECT rowid, {listed} FROM {table} WHERE rowid > ? ORDER BY rowid", last
        ):
            number = int(str(row[0]))
            if number <= last:
                # Numbers that do not rise come from a page that leads back: no end would be found.
                break
            last = number
            yield row[1:]
        following = _behind_damage(con, table, last)
        if following is None:
            return
        # Each round begins further on than the one before, whatever the damaged pages pretend.
        begun = last = max(following - 1, begun + 1)


def _has_rowid(con: Connection, table: str) -> bool:
    try:
        con.execute(f"SELECT rowid FROM {table} LIMIT 0")
    except DbError:
        return True
    except sqlite3.OperationalError:
        return False
    return True


def _until_damage(con: Connection, sql: str, *values: object) -> Iterator[tuple[object, ...]]:
    with contextlib.suppress(DbError, sqlite3.Error):
        for row in con.execute(sql, values):
            yield tuple(row)


def _behind_damage(con: Connection, table: str, last: int) -> int | None:
    """The number of the first row above `last` that reads, None when none does: doubling steps, then halving."""
    step = 1
    while (found := _first_from(con, table, last + step)) == _DAMAGED:
        step *= 2
        if last + step > _LARGEST_ROWID:
            return None
    if found is None:
        return None
    bad, good = last + step // 2, last + step
    while good - bad > 1:
        middle = (bad + good) // 2
        closer = _first_from(con, table, middle)
        if closer is None or closer == _DAMAGED:
            bad = middle
        else:
            good, found = middle, closer
    return found if found > last else None


def _first_from(con: Connection, table: str, rowid: int) -> int | None:
    """The first row number from `rowid` on; None: there is none; _DAMAGED: it cannot be read."""
    try:
        # All columns: a row whose long texts lie on a damaged page does not read either.
        row = con.execute(
            f"SELECT rowid, * FROM {table} WHERE rowid >= ? ORDER BY rowid LIMIT 1", (rowid,)
        ).fetchone()
    except (DbError, sqlite3.Error):
        return _DAMAGED
    return None if row is None else int(row[0])
