"""Row by row out of a damaged file: whatever still reads, and nothing that the restored file has already."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .connection import Connection, connect
from .errors import DbError
from .legacy_repair import columns, mend_links, quoted
from .migrate import APPLICATION_ID, LATEST
from .orphan_pages import orphan_rows, shapes_of
from .transaction import transaction

_MAGIC = b"SQLite format 3\x00"
_DAMAGED = -1
_LARGEST_ROWID = 1 << 62


@dataclass(frozen=True)
class Salvaged:
    """Of one table: rows read from the wreck, and how many of them the restored file did not have."""

    read: int
    added: int


def salvage(wreck: Path, into: Connection) -> dict[str, Salvaged]:
    """Copy every row that still reads from `wreck` (a copy that may be changed) into `into`.

    First through sqlite, then from sound pages that no tree leads to any more. A row that `into` has already stays as
    it is there, unless the wreck's table is sound as a whole: then the wreck's row is the newer one.
    """
    page_size = int(into.execute("PRAGMA page_size").fetchone()[0])
    _mend_header(wreck, page_size)
    _pad(wreck)
    tables = [
        str(row[0])
        for row in into.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid").fetchall()
        if not str(row[0]).startswith("sqlite_") and row[0] != "app_meta"
    ]  # fmt: skip
    before = {table: _count(into, table) for table in tables}
    read = dict.fromkeys(tables, 0)
    into.execute("PRAGMA foreign_keys = OFF")
    try:
        con = _opened(wreck)
        try:
            if con is not None:
                for table in tables:
                    with contextlib.suppress(DbError, sqlite3.Error):
                        read[table] += _table(con, into, table)
                with contextlib.suppress(DbError, sqlite3.Error):
                    _high_water(con, into)
            _orphans(wreck, con, into, tables, page_size, read)
        finally:
            if con is not None:
                con.close()
        with transaction(into):
            mend_links(into)
    finally:
        into.execute("PRAGMA foreign_keys = ON")
    return {table: Salvaged(read[table], _count(into, table) - before[table]) for table in tables}


def identity(wreck: Path, page_size: int, into: Connection) -> dict[str, str]:
    """What the wreck says this installation is: its magic number base above all, by which its orders are known."""
    con = _opened(wreck)
    found: dict[str, str] = {}
    try:
        if con is not None:
            with contextlib.suppress(DbError, sqlite3.Error):
                found = {
                    str(row[0]): str(row[1])
                    for row in con.execute("SELECT key, value FROM app_meta").fetchall()
                }
        if not found:
            for _, row in orphan_rows(wreck, con, shapes_of(into, ["app_meta"]), page_size):
                found[str(row["key"])] = str(row["value"])
    finally:
        if con is not None:
            con.close()
    number = found.get("magic_base", "")
    if not (number.isdigit() and len(number) == 10):
        found.pop("magic_base", None)
    return {key: found[key] for key in ("magic_base", "install_id") if key in found}


def _opened(wreck: Path) -> Connection | None:
    """The wreck with its log written into it; None when sqlite does not open it at all."""
    try:
        con = connect(wreck)
    except DbError:
        return None
    with contextlib.suppress(DbError, sqlite3.Error):
        con.execute("PRAGMA cell_size_check = OFF")
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return con


def _count(con: Connection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0])


def _mend_header(wreck: Path, page_size: int) -> None:
    """A first page whose header is lost, but not its rows, is given the header that our files have."""
    with wreck.open("rb+") as file:
        head = file.read(101)
        if len(head) < 101 or head.startswith(_MAGIC) or head[100] not in (0x05, 0x0D):
            return
        log = 2 if wreck.with_name(f"{wreck.name}-wal").exists() else 1
        pages = file.seek(0, os.SEEK_END) // page_size
        words = [1, pages, 0, 0, 1, 4, 0, 0, 1, LATEST, 0, APPLICATION_ID]
        made = _MAGIC + (1 if page_size == 65_536 else page_size).to_bytes(2, "big")
        made += bytes((log, log, 0, 64, 32, 32)) + b"".join(each.to_bytes(4, "big") for each in words)
        made += bytes(20) + (1).to_bytes(4, "big") + (3_040_000).to_bytes(4, "big")
        file.seek(0)
        file.write(made)


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


def _table(con: Connection, into: Connection, table: str) -> int:
    here = [row[1] for row in columns(con, table)]
    names = [row[1] for row in columns(into, table) if row[1] in here]
    if not names:
        return 0
    listed = ", ".join(quoted(name) for name in names)
    insert = _insert(into, table, names, newer=_is_sound(con, table))
    read = 0
    with transaction(into):
        for row in _readable(con, table, listed):
            read += 1
            with contextlib.suppress(DbError, sqlite3.Error):
                into.execute(insert, row)
    return read


def _insert(into: Connection, table: str, names: list[str], newer: bool) -> str:
    listed = ", ".join(quoted(name) for name in names)
    values = ", ".join("?" * len(names))
    keys = [row[1] for row in sorted(columns(into, table), key=lambda row: row[5]) if row[5]]
    rest = [name for name in names if name not in keys]
    if not newer or not keys or not rest or not set(keys) <= set(names):
        return f"INSERT OR IGNORE INTO {quoted(table)} ({listed}) VALUES ({values})"
    changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in rest)
    by = ", ".join(quoted(name) for name in keys)
    return (
        f"INSERT INTO {quoted(table)} ({listed}) VALUES ({values}) ON CONFLICT ({by}) DO UPDATE SET {changes}"
    )


def _is_sound(con: Connection, table: str) -> bool:
    try:
        return str(con.execute(f"PRAGMA integrity_check({quoted(table)})").fetchone()[0]) == "ok"
    except (DbError, sqlite3.Error):
        return False


def _orphans(
    wreck: Path, con: Connection | None, into: Connection, tables: list[str], page_size: int, read: dict[str, int]
) -> None:  # fmt: skip
    shapes = shapes_of(into, [*tables, "app_meta"])
    with transaction(into):
        for table, row in orphan_rows(wreck, con, shapes, page_size):
            if table in read:
                read[table] += 1
                _put(into, table, row)


def _put(into: Connection, table: str, row: Mapping[str, object]) -> None:
    with contextlib.suppress(DbError, sqlite3.Error):
        into.execute(_insert(into, table, list(row), newer=False), tuple(row.values()))


def _high_water(con: Connection, into: Connection) -> None:
    """Numbers that were given once are never given again, also those of rows that are gone."""
    with transaction(into):
        for row in con.execute("SELECT name, seq FROM sqlite_sequence").fetchall():
            if isinstance(row[1], int) and 0 < row[1] < _LARGEST_ROWID:
                into.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (row[1], row[0]))


def _readable(con: Connection, table: str, listed: str) -> Iterator[tuple[object, ...]]:
    """Every row that reads. Where one does not, the scan goes on behind the damage, which it finds in a few steps."""
    if not _has_rowid(con, table):
        # Without row numbers nothing can be skipped, but the table can be read from both ends.
        keys = [f"{quoted(str(row[1]))} DESC" for row in columns(con, table) if row[5]]
        yield from _until_damage(con, f"SELECT {listed} FROM {table}")
        yield from _until_damage(con, f"SELECT {listed} FROM {table} ORDER BY {', '.join(keys)}")
        return
    last = 0
    while True:
        for row in _until_damage(
            con, f"SELECT rowid, {listed} FROM {table} WHERE rowid >= ? ORDER BY rowid", last + 1
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
        # Read by itself: a row directly before damage is lost by whoever steps on to the next one.
        last = following
        yield from _until_damage(con, f"SELECT {listed} FROM {table} WHERE rowid = ?", following)


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
