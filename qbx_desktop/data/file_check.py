"""The whole check of a database and its figures: what `qbx db check` and `qbx db stats` tell."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from . import app_meta, start_check, tampering
from .connection import connect
from .disk_space import space_of
from .home import Home
from .legacy_repair import quoted
from .migrate import LATEST


@dataclass(frozen=True)
class CheckResult:
    """Everything that was found wrong (`problems` empty: nothing), and what was looked at."""

    path: Path
    version: int
    latest: int
    problems: list[str] = field(default_factory=list)
    journal_rows: int = 0
    audit_rows: int = 0


def check(home: Home) -> CheckResult:
    """Look at everything: the pages, the links, the numbering, the hash chains, the seals, the order log. Reads only.

    Raises DbError when the file cannot be opened at all.
    """
    found = start_check.look(home.database, home.backups)
    if not found.exists:
        return CheckResult(home.database, 0, LATEST, ["there is no database yet"])
    problems: list[str] = []
    con = connect(home.database, read_only=True)
    try:
        version = int(con.execute("PRAGMA user_version").fetchone()[0])
        problems += [
            str(row[0]) for row in con.execute("PRAGMA integrity_check(20)").fetchall() if row[0] != "ok"
        ]
        for row in con.execute("PRAGMA foreign_key_check").fetchmany(20):
            problems.append(f"row {row[1]} of {row[0]} points to a row of {row[2]} that does not exist")
        if version < LATEST:
            return CheckResult(home.database, version, LATEST, problems)
        problems += _gaps(con)
        problems += [each.text for each in tampering.findings(con, home.logs, newest=None)]
        journal, audited = (
            int(con.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
            for table in ("order_journal", "audit_log")
        )
    finally:
        con.close()
    return CheckResult(home.database, version, LATEST, problems, journal, audited)


def _gaps(con: sqlite3.Connection) -> list[str]:
    """Bots whose history rows are not numbered without a gap, as far as the rows are still here."""
    archived = int(app_meta.get(con, "history_archived_to") or 0)
    rows = con.execute(
        "SELECT bot_id, id, seq, before FROM (SELECT bot_id, id, seq, lag(seq) OVER (PARTITION BY bot_id ORDER BY id)"
        " AS before FROM trade_history WHERE bot_id IS NOT NULL AND seq IS NOT NULL AND id > ?)"
        " WHERE seq <> before + 1 LIMIT 20",
        (archived,),
    ).fetchall()
    return [f"history row {row[1]} of bot {row[0]} is numbered {row[2]} after {row[3]}" for row in rows]


def stats(home: Home) -> dict[str, object]:
    """Rows per table, sizes, versions and the newest backup. Raises DbError."""
    con = connect(home.database, read_only=True)
    try:
        names = [
            str(row[0])
            for row in con.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name"
            ).fetchall()
        ]
        rows = {
            name: int(con.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0]) for name in names
        }
        version = int(con.execute("PRAGMA user_version").fetchone()[0])
    finally:
        con.close()
    log = home.database.with_name(f"{home.database.name}-wal")
    return {
        "path": str(home.database),
        "version": version,
        "bytes": home.database.stat().st_size,
        "log_bytes": log.stat().st_size if log.exists() else 0,
        "free_bytes": space_of(home.root).free,
        "rows": rows,
    }
