"""Rows on sound pages that no tree leads to any more, because the page above them is lost: told by their shape."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .connection import Connection
from .errors import DbError
from .legacy_repair import columns
from .raw_pages import INDEX_INTERIOR, INDEX_LEAF, TABLE_LEAF, RawFile, Record, Value

_OF_INDEXES = (INDEX_LEAF, INDEX_INTERIOR)
# Settings and this table are both names with texts; it alone holds these.
_IDENTITY = (("magic_base",), ("install_id",))


@dataclass(frozen=True)
class Shape:
    """What the rows of one table look like on disk. `rowid_at` is the column that the row number stands for."""

    table: str
    names: tuple[str, ...]
    affinities: tuple[str, ...]
    required: tuple[bool, ...]
    has_rowid: bool
    rowid_at: int | None

    def fits(self, record: Record) -> bool:
        """Whether the record looks like a row of this table in every value."""
        if not self.takes(record) or any(self.required[len(record.values) :]):
            return False
        return all(
            at == self.rowid_at
            or (not self.required[at] if value is None else _is_of(value, self.affinities[at]))
            for at, value in enumerate(record.values)
        )

    def takes(self, record: Record) -> bool:
        """Whether the record can be stored in this table. Rows written before a column was added are shorter."""
        count = len(record.values)
        if (record.rowid is not None) != self.has_rowid or not 0 < count <= len(self.names):
            return False
        if not self.has_rowid and count < len(self.names):
            # Such pages hold indexes too, whose records are short.
            return False
        return self.rowid_at is None or (count > self.rowid_at and record.values[self.rowid_at] is None)

    def row(self, record: Record) -> dict[str, Value]:
        """The record by column name."""
        found = dict(zip(self.names, record.values, strict=False))
        if self.rowid_at is not None:
            found[self.names[self.rowid_at]] = record.rowid
        return found


def shapes_of(con: Connection, tables: Sequence[str]) -> list[Shape]:
    """The shapes of those of `tables` that the readable schema of `con` has."""
    return [shape for table in tables if (shape := _shape(con, table)) is not None]


def orphan_rows(
    wreck: Path, con: Connection | None, shapes: Sequence[Shape], page_size: int
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    """Every row on a page that belongs to no whole tree, with its table. `con` reads the wreck's schema, if it does.

    A page counts for the table whose shape all its rows have, if there is only one. Rows that were deleted are not
    brought back as long as the list of free pages reads.
    """
    with RawFile(wreck, page_size) as file:
        yield from _rows(file, con, shapes)


def _rows(
    file: RawFile, con: Connection | None, shapes: Sequence[Shape]
) -> Iterator[tuple[str, Mapping[str, Value]]]:
    reached = file.free_pages()
    damaged = False
    roots = _roots(con)
    for root in roots:
        pages, whole = file.reachable(root)
        # Without row numbers sqlite cannot go on behind damage: such a tree is read page by page.
        reached |= pages if whole else {each for each in pages if file.kind(each) not in _OF_INDEXES}
        damaged = damaged or not whole
    if roots and not damaged:
        return
    for number in range(1, file.count + 1):
        if number in reached or file.kind(number) not in (TABLE_LEAF, *_OF_INDEXES):
            continue
        records = list(file.records(number))
        shape = _only(shapes, records)
        for record in records if shape is not None else ():
            if shape is not None and shape.takes(record):
                yield shape.table, shape.row(record)


def _only(shapes: Sequence[Shape], records: Sequence[Record]) -> Shape | None:
    """The one table whose shape most of the records have; a few may hold what a foreign program wrote."""
    if not records:
        return None
    if any(record.values[:1] in _IDENTITY for record in records):
        return next((shape for shape in shapes if shape.table == "app_meta"), None)
    widest = max(len(record.values) for record in records)

    def score(shape: Shape) -> tuple[int, bool]:
        # A short row fits longer tables too: the one that it fills is meant.
        return sum(shape.fits(record) for record in records), len(shape.names) == widest

    ranked = sorted((shape for shape in shapes if shape.table != "app_meta"), key=score, reverse=True)
    if not ranked or 2 * score(ranked[0])[0] < len(records):
        return None
    return None if len(ranked) > 1 and score(ranked[1]) == score(ranked[0]) else ranked[0]


def _roots(con: Connection | None) -> list[int]:
    if con is None:
        return []
    try:
        rows = con.execute("SELECT rootpage FROM sqlite_schema WHERE rootpage > 0").fetchall()
    except (DbError, sqlite3.Error):
        return []
    return [1, *(int(row[0]) for row in rows)] if rows else []


def _shape(con: Connection, table: str) -> Shape | None:
    rows = columns(con, table)
    if not rows:
        return None
    sql = str(con.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]).upper()
    has_rowid = "WITHOUT ROWID" not in sql
    keys = [row for row in rows if row[5]]
    if not has_rowid:
        # On disk the key comes first, in its own order.
        rows = sorted(keys, key=lambda row: row[5]) + [row for row in rows if not row[5]]
    alias = next(
        (at for at, row in enumerate(rows) if has_rowid and len(keys) == 1 and row[5] and row[2].upper() == "INTEGER"),
        None,
    )  # fmt: skip
    return Shape(
        table, tuple(row[1] for row in rows), tuple(_affinity(row[2]) for row in rows),
        tuple(bool(row[3] or (row[5] and not has_rowid)) for row in rows), has_rowid, alias,
    )  # fmt: skip


def _affinity(declared: str) -> str:
    """The affinity of a declared type, by sqlite's own rules (section 3.1 of "Datatypes")."""
    text = declared.upper()
    for affinity, marks in (
        ("INTEGER", ("INT",)), ("TEXT", ("CHAR", "CLOB", "TEXT")), ("BLOB", ("BLOB",)),
        ("REAL", ("REAL", "FLOA", "DOUB")),
    ):  # fmt: skip
        if any(mark in text for mark in marks):
            return affinity
    return "NUMERIC" if text else "BLOB"


def _is_of(value: Value, affinity: str) -> bool:
    if affinity == "TEXT":
        return isinstance(value, str)
    if affinity == "BLOB":
        return True
    if affinity == "NUMERIC":
        # A date is a text in a column of this kind.
        return isinstance(value, int | float | str)
    return isinstance(value, int | float)
