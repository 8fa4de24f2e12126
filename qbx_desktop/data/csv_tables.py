"""Whole tables as CSV and back: what is exported can be imported again and is equal."""

from __future__ import annotations

import csv
import os
import secrets
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from ..domain.errors import Stop, UserMistake
from ..domain.messages import declare
from .csv_cells import from_cell, to_cell
from .errors import DbConstraint
from .legacy_repair import columns, quoted
from .snapshots import sync_folder
from .transaction import transaction

_NO_TABLE = declare("csv.table", "There is no table {name!r} to export or import. Known: {known}.")
_UNWRITABLE = declare("csv.unwritable", "{path} cannot be written ({why}). Nothing was exported.")
_BAD = declare("csv.bad", "Line {line} of {path} cannot be imported ({why}). Nothing was imported.")
_DIFFERENT = declare(
    "csv.different",
    "Line {line} of {path}: a different row is stored under its key already. Nothing was imported.",
)

# No passwords and no hashes; the key is the first column, or the first three.
TABLES = {
    "bots": ("id",),
    "trade_history": ("id",),
    "watchlist": ("id",),
    "backtest_results": ("id",),
    "deals": ("account", "server", "ticket"),
    "order_journal": ("id",),
    "trade_journal": ("id",),
}
_PAGE = 2_000


def export_table(con: sqlite3.Connection, table: str, target: Path) -> int:
    """Write every row of `table` to `target` (UTF-8 with a mark for Excel); says how many. Raises UserMistake.

    The file appears whole or not at all; memory use does not grow with the table.
    """
    key = _key(table)
    names = [str(row[1]) for row in columns(con, table)]
    textual = _textual(con, table)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    count = 0
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(names)
            for row in _rows(con, table, names, key):
                writer.writerow([to_cell(row[name], textual[name]) for name in names])
                count += 1
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise UserMistake(_UNWRITABLE(path=str(target), why=error.strerror or str(error))) from error
    finally:
        temporary.unlink(missing_ok=True)
    return count


def import_table(con: sqlite3.Connection, table: str, source: Path) -> int:
    """Bring the rows of an exported file back, all or none; says how many were new.

    A row that is there already and equal is left alone; a different one under the same key refuses the whole file.
    Raises UserMistake naming the line, and DbError.
    """
    key = _key(table)
    textual = _textual(con, table)
    added = 0
    line = 1
    try:
        with source.open(encoding="utf-8-sig", newline="") as file, transaction(con):
            reader = csv.reader(file, strict=True)
            names = next(reader, [])
            _check_header(source, names, set(textual), key)
            listed = ", ".join(quoted(name) for name in names)
            insert = f"INSERT INTO {table} ({listed}) VALUES ({', '.join('?' * len(names))})"
            same = f"SELECT {listed} FROM {table} WHERE " + " AND ".join(f"{each} = ?" for each in key)
            for cells in reader:
                line = reader.line_num
                if len(cells) != len(names):
                    raise UserMistake(
                        _BAD(line=line, path=str(source), why=f"{len(cells)} cells, not {len(names)}")
                    )
                values = [from_cell(cell, textual[name]) for name, cell in zip(names, cells, strict=True)]
                present = con.execute(same, [values[names.index(each)] for each in key]).fetchone()
                if present is None:
                    con.execute(insert, values)
                    added += 1
                elif list(present) != values:
                    raise UserMistake(_DIFFERENT(line=line, path=str(source)))
    except (ValueError, OverflowError, csv.Error, DbConstraint) as error:
        raise UserMistake(_BAD(line=line, path=str(source), why=str(error)[:200])) from error
    except OSError as error:
        raise UserMistake(_BAD(line=line, path=str(source), why=error.strerror or str(error))) from error
    return added


def _key(table: str) -> tuple[str, ...]:
    if table not in TABLES:
        raise UserMistake(_NO_TABLE(name=table, known=", ".join(TABLES)))
    return TABLES[table]


def _textual(con: sqlite3.Connection, table: str) -> dict[str, bool]:
    """Which columns hold texts, by what they were declared as (dates are texts here)."""
    return {
        str(row[1]): any(word in str(row[2]).upper() for word in ("CHAR", "CLOB", "TEXT", "DATE", "TIME"))
        for row in columns(con, table)
    }


def _check_header(source: Path, names: list[str], known: set[str], key: tuple[str, ...]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown or len(set(names)) != len(names) or not set(key) <= set(names):
        why = f"unknown columns {', '.join(unknown)}" if unknown else "the header is not complete"
        raise UserMistake(_BAD(line=1, path=str(source), why=why[:200]))


def _rows(
    con: sqlite3.Connection, table: str, names: list[str], key: tuple[str, ...]
) -> Iterator[sqlite3.Row]:
    """Every row by pages along the key, so that no reading transaction stays open while a slow disk is written."""
    listed = ", ".join(quoted(name) for name in names)
    order = ", ".join(key)
    first = con.execute(f"SELECT {listed} FROM {table} ORDER BY {order} LIMIT ?", (_PAGE,)).fetchall()
    marks = ", ".join("?" * len(key))
    page = first
    while page:
        yield from page
        last = [page[-1][each] for each in key]
        if any(each is None for each in last):
            raise Stop(_NO_TABLE(name=table, known=", ".join(TABLES)))
        page = con.execute(
            f"SELECT {listed} FROM {table} WHERE ({order}) > ({marks}) ORDER BY {order} LIMIT ?",
            [*last, _PAGE],
        ).fetchall()
