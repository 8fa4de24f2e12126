"""Which bytes of which strategy file the trader has approved."""

from __future__ import annotations

import sqlite3


def approve(
    con: sqlite3.Connection, *, path: str, sha256: str, size: int, at_ms: int, user_id: int | None = None,
    source: bytes | None = None,
) -> None:  # fmt: skip
    """Remember the trader's consent to exactly these bytes at this path, and the bytes to compare a change with."""
    con.execute(
        "INSERT INTO strategy_trust (path, sha256, size, approved_by, approved_ms, source) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (path, sha256) DO UPDATE SET approved_by = excluded.approved_by,"
        " approved_ms = excluded.approved_ms, source = excluded.source",
        (path, sha256, size, user_id, at_ms, source),
    )


def is_approved(con: sqlite3.Connection, path: str, sha256: str) -> bool:
    """Whether these bytes at this path were approved; any change of the file needs a new consent."""
    row = con.execute("SELECT 1 FROM strategy_trust WHERE path = ? AND sha256 = ?", (path, sha256)).fetchone()
    return row is not None


def is_known(con: sqlite3.Connection, path: str) -> bool:
    """Whether any bytes at this path were approved."""
    return con.execute("SELECT 1 FROM strategy_trust WHERE path = ?", (path,)).fetchone() is not None


def last_approved(con: sqlite3.Connection, path: str) -> bytes | None:
    """The bytes at this path that were approved last; None when there are none (or an older version kept none)."""
    row = con.execute(
        "SELECT source FROM strategy_trust WHERE path = ? ORDER BY approved_ms DESC, rowid DESC", (path,)
    ).fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


def revoke(con: sqlite3.Connection, path: str) -> int:
    """Withdraw every consent to `path`; says how many there were."""
    return int(con.execute("DELETE FROM strategy_trust WHERE path = ?", (path,)).rowcount)
