"""Old decisions that led to no order leave the database; what an order rests on stays for ever."""

from __future__ import annotations

import sqlite3

from . import app_meta, settings
from .database import Database

KEY = "data.keep_decisions_days"
KEEP_DAYS = 90
_DAY_MS = 86_400_000
_FORGOTTEN_TO = "decisions_forgotten_to"
# Other writers wait as long as one transaction takes.
_ROWS_PER_TRANSACTION = 5_000


def forget_old_decisions(db: Database) -> int:
    """Delete the decisions older than the trader's setting (days, 0 = keep all) without an order; says how many.

    Call it while no order is under way. Raises DbError; a later call goes on where this one stopped.
    """
    days = settings.get(db.reader(), KEY, KEEP_DAYS)
    if not isinstance(days, int) or days <= 0:
        return 0
    limit = round(db.clock.now() * 1000) - days * _DAY_MS
    forgotten = 0
    while True:
        looked_at, deleted = db.write(lambda con: _forget(con, limit))
        forgotten += deleted
        if looked_at < _ROWS_PER_TRANSACTION:
            return forgotten


def _forget(con: sqlite3.Connection, limit: int) -> tuple[int, int]:
    """One step: how many rows were looked at, and deleted. Rows that stay are not looked at again."""
    begun = int(app_meta.get(con, _FORGOTTEN_TO) or 0)
    rows = con.execute(
        "SELECT id, at_ms, journal_id FROM decisions WHERE id > ? ORDER BY id LIMIT ?",
        (begun, _ROWS_PER_TRANSACTION),
    ).fetchall()
    young = next((at for at, row in enumerate(rows) if row["at_ms"] >= limit), len(rows))
    old = rows[:young]
    if not old:
        return 0, 0
    gone = [(row["id"],) for row in old if row["journal_id"] is None]
    con.executemany("DELETE FROM decisions WHERE id = ?", gone)
    app_meta.set(con, _FORGOTTEN_TO, str(old[-1]["id"]))
    return len(old), len(gone)
