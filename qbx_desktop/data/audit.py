"""The audit log: what a person or the program decided, append-only and hash-chained."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass

from ..domain.errors import Stop
from ..domain.messages import declare
from .transaction import transaction

_TAMPERED = declare(
    "audit.tampered",
    "Row {id} of the audit log is not what was written there ({why}). Trading stays off until you decide; compare "
    "with a backup.",
)
_FIELDS = ("at_ms", "user_id", "source", "what", "detail", "prev_hash")


@dataclass(frozen=True)
class AuditRow:
    """One entry; `at_ms` UTC milliseconds, `detail` JSON."""

    id: int
    at_ms: int
    user_id: int | None
    source: str
    what: str
    detail: str


def record(
    con: sqlite3.Connection,
    what: str,
    *,
    at_ms: int,
    user_id: int | None = None,
    source: str = "app",
    detail: dict[str, object] | None = None,
) -> int:
    """Append one entry and return its id."""
    with transaction(con):
        last = con.execute("SELECT row_hash FROM audit_log ORDER BY id DESC LIMIT 1").fetchone()
        previous = "" if last is None else str(last[0] or "")
        text = json.dumps(detail or {}, ensure_ascii=False, default=str, sort_keys=True)
        values = (at_ms, user_id, source, what, text, previous)
        cursor = con.execute(
            "INSERT INTO audit_log (at_ms, user_id, source, what, detail, prev_hash, row_hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*values, _digest(values)),
        )
    return int(cursor.lastrowid or 0)


def page(con: sqlite3.Connection, before_id: int | None = None, limit: int = 100) -> list[AuditRow]:
    """The newest entries, newest first."""
    rows = con.execute(
        "SELECT * FROM audit_log WHERE id < ? ORDER BY id DESC LIMIT ?", (before_id or 1 << 62, limit)
    ).fetchall()
    return [
        AuditRow(
            row["id"], row["at_ms"], row["user_id"], row["source"] or "", row["what"], row["detail"] or ""
        )
        for row in rows
    ]


def verify(con: sqlite3.Connection) -> int:
    """Check the whole chain and return the number of entries. Raises Stop naming the first that does not fit."""
    previous, count = "", 0
    for row in con.execute("SELECT * FROM audit_log ORDER BY id").fetchall():
        if row["prev_hash"] != previous:
            raise Stop(_TAMPERED(id=row["id"], why="the row before it is missing or was changed"))
        if row["row_hash"] != _digest(tuple(row[name] for name in _FIELDS)):
            raise Stop(_TAMPERED(id=row["id"], why="its content was changed"))
        previous, count = row["row_hash"], count + 1
    return count


def _digest(values: tuple[object, ...]) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=True).encode()).hexdigest()
