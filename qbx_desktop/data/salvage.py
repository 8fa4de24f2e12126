"""Row by row out of a damaged file: whatever still reads, and nothing that the restored file has already."""

from __future__ import annotations

import contextlib
import os
import sqlite3
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
_CHUNK = 256


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
        con.execute("PRAGMA writable_schema = RESET")
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
    marks = ", ".join("?" * len(names))
    read = added = 0
    with transaction(into):
        for row in _readable(con, table, listed):
            read += 1
            with contextlib.suppress(DbError, sqlite3.Error):
                added += into.execute(
                    f"INSERT OR IGNORE INTO {table} ({listed}) VALUES ({marks})", tuple(row)
                ).rowcount
    return Salvaged(read, added)


def _readable(con: Connection, table: str, listed: str) -> list[sqlite3.Row]:
    """All rows when the table reads whole; else what reads, range by range, down to single rows."""
    try:
        whole: list[sqlite3.Row] = con.execute(f"SELECT {listed} FROM {table}").fetchall()
        return whole
    except (DbError, sqlite3.Error):
        pass
    rows: list[sqlite3.Row] = []
    last = _last_rowid(con, table)
    ranges = [(start, min(start + _CHUNK - 1, last)) for start in range(1, last + 1, _CHUNK)]
    while ranges:
        low, high = ranges.pop()
        try:
            rows += con.execute(
                f"SELECT {listed} FROM {table} WHERE rowid BETWEEN ? AND ?", (low, high)
            ).fetchall()
        except (DbError, sqlite3.Error):
            if low < high:
                middle = (low + high) // 2
                ranges += [(low, middle), (middle + 1, high)]
    return rows


def _last_rowid(con: Connection, table: str) -> int:
    for sql, values in (
        ("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)),
        (f"SELECT max(rowid) FROM {table}", ()),
    ):
        with contextlib.suppress(DbError, sqlite3.Error):
            row = con.execute(sql, values).fetchone()
            if row is not None and isinstance(row[0], int):
                return min(row[0], 100_000_000)
    return 1_000_000
