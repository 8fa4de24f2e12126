"""Searches: begun, filled with results as they are computed, found again by their key, listed, deleted."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from .transaction import transaction

_GONE = declare("searches.gone", "There is no saved search {id} any more.")
OPEN, DONE = "open", "done"


@dataclass(frozen=True)
class SearchRecord:
    """One search. `fields` name the numbers of each run's `figures`; `result` is what a finished one adds up to."""

    key: str
    kind: str
    title: str
    task: dict[str, Any]
    fields: tuple[str, ...]
    total: int
    created_ms: int
    state: str = OPEN
    result: dict[str, Any] | None = None
    id: int = 0


@dataclass(frozen=True)
class RunRow:
    """One combination's result: `figures` and `blocks` as little-endian float64, both None when it failed."""

    number: int
    combo_json: str
    figures: bytes | None
    blocks: bytes | None
    error_code: str | None = None
    error_json: str | None = None


def begin(con: sqlite3.Connection, record: SearchRecord) -> int:
    """Store a new search (its `id` is ignored) and return its id."""
    cursor = con.execute(
        "INSERT INTO searches (key, kind, title, task_json, fields_json, total, created_ms, state)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.key, record.kind, record.title, _to_json(record.task), _to_json(list(record.fields)), record.total,
            record.created_ms, record.state,
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def keep(con: sqlite3.Connection, search_id: int, rows: Sequence[RunRow]) -> None:
    """Store results. One that is there already stays: a combination counts once."""
    with transaction(con):
        con.executemany(
            "INSERT OR IGNORE INTO search_runs (search_id, number, combo_json, figures, blocks, error_code, error_json)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    search_id,
                    row.number,
                    row.combo_json,
                    row.figures,
                    row.blocks,
                    row.error_code,
                    row.error_json,
                )
                for row in rows
            ],
        )


def finish(con: sqlite3.Connection, search_id: int, result: dict[str, Any] | None = None) -> None:
    """Mark a search as done, with what it added up to."""
    packed = None if result is None else zlib.compress(_to_json(result).encode(), 6)
    con.execute(
        "UPDATE searches SET state = ?, result_zjson = coalesce(?, result_zjson) WHERE id = ?",
        (DONE, packed, search_id),
    )


def runs(con: sqlite3.Connection, search_id: int) -> list[RunRow]:
    """Every stored result of a search, by number."""
    rows = con.execute(
        "SELECT number, combo_json, figures, blocks, error_code, error_json FROM search_runs WHERE search_id = ?"
        " ORDER BY number",
        (search_id,),
    ).fetchall()
    return [RunRow(*row) for row in rows]


def resumable(con: sqlite3.Connection, key: str) -> SearchRecord | None:
    """The newest search of this key, whether it was finished or not."""
    row = con.execute("SELECT * FROM searches WHERE key = ? ORDER BY id DESC LIMIT 1", (key,)).fetchone()
    return None if row is None else _record(row)


def load(con: sqlite3.Connection, search_id: int) -> SearchRecord:
    """One search. Raises UserMistake when it is gone."""
    row = con.execute("SELECT * FROM searches WHERE id = ?", (search_id,)).fetchone()
    if row is None:
        raise UserMistake(_GONE(id=search_id))
    return _record(row)


def newest(con: sqlite3.Connection, kind: str = "", limit: int = 100) -> list[SearchRecord]:
    """The newest searches, of one kind if named, newest first."""
    rows = con.execute(
        "SELECT * FROM searches WHERE (? = '' OR kind = ?) ORDER BY id DESC LIMIT ?", (kind, kind, limit)
    ).fetchall()
    return [_record(row) for row in rows]


def delete(con: sqlite3.Connection, search_id: int) -> None:
    """Delete a search and its results; the trials it made stay counted. Raises UserMistake when it is gone."""
    if not con.execute("DELETE FROM searches WHERE id = ?", (search_id,)).rowcount:
        raise UserMistake(_GONE(id=search_id))


def _record(row: sqlite3.Row) -> SearchRecord:
    packed = row["result_zjson"]
    return SearchRecord(
        key=row["key"], kind=row["kind"], title=row["title"], task=json.loads(row["task_json"]),
        fields=tuple(json.loads(row["fields_json"])), total=row["total"], created_ms=row["created_ms"],
        state=row["state"], result=None if packed is None else json.loads(zlib.decompress(packed)), id=row["id"],
    )  # fmt: skip


def _to_json(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
