"""Every table and column of the present format must be there, or a file is damaged however well sqlite reads it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..domain.clock import SystemClock
from .connection import Connection
from .migrate import migrate

# A table's columns by its name, all in lower case as sqlite compares them.
Shape = Mapping[str, frozenset[str]]


def missing(con: sqlite3.Connection) -> str:
    """The first table or column of the present format that the file of `con` lacks, in words; empty when none."""
    found = _shape_of(con)
    for table, columns in _present_format().items():
        if table not in found:
            return f"the table {table} is missing"
        for column in sorted(columns - found[table]):
            return f"the table {table} lacks the column {column}"
    return ""


@cache
def _present_format() -> Shape:
    """As a new file has it (about 10 ms once)."""
    con = sqlite3.connect(":memory:", isolation_level=None, factory=Connection)
    try:
        con.row_factory = sqlite3.Row
        migrate(con, Path(), clock=SystemClock(), fresh=True)
        return _shape_of(con)
    finally:
        con.close()


def _shape_of(con: sqlite3.Connection) -> dict[str, frozenset[str]]:
    rows = con.execute(
        "SELECT lower(t.name), lower(c.name) FROM sqlite_schema t, pragma_table_xinfo(t.name) c"
        " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    ).fetchall()
    found: dict[str, set[str]] = {}
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in sorted(found.items())}
