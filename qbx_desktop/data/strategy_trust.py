"""Which bytes of which strategy file the trader has approved."""

from __future__ import annotations

import sqlite3


def approve(
    con: sqlite3.Connection, *, path: str, sha256: str, size: int, at_ms: int, user_id: int | None = None
) -> None:
    """Remember the trader's consent to exactly these bytes at this path."""
    con.execute(
        "INSERT INTO strategy_trust (path, sha256, size, approved_by, approved_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (path, sha256) DO UPDATE SET approved_by = excluded.approved_by, approved_ms = excluded.approved_ms",
        (path, sha256, size, user_id, at_ms),
    )


def is_approved(con: sqlite3.Connection, path: str, sha256: str) -> bool:
    """Whether these bytes at this path were approved; any change of the file needs a new consent."""
    row = con.execute("SELECT 1 FROM strategy_trust WHERE path = ? AND sha256 = ?", (path, sha256)).fetchone()
    return row is not None


def revoke(con: sqlite3.Connection, path: str) -> int:
    """Withdraw every consent to `path`; says how many there were."""
    return int(con.execute("DELETE FROM strategy_trust WHERE path = ?", (path,)).rowcount)
