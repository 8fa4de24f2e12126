"""Makes the predecessor's tables fit for the side tables: keeps every row and unknown column, mends what is broken."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field

from . import app_meta
from .password_rules import is_default_password

# What each table must have; a file in which one is missing gets it with the documents' default.
_SEED_COLUMNS = {
    "users": {"name": "TEXT NOT NULL DEFAULT ''", "password_hash": "TEXT NOT NULL DEFAULT '!'", "join_date": "DATETIME"},
    "bots": {
        "status": "TEXT NOT NULL DEFAULT 'Dijeda'", "lot_size": "REAL NOT NULL DEFAULT 0.01",
        "sl_pips": "INTEGER NOT NULL DEFAULT 100", "tp_pips": "INTEGER NOT NULL DEFAULT 200",
        "timeframe": "TEXT NOT NULL DEFAULT 'H1'", "check_interval_seconds": "INTEGER NOT NULL DEFAULT 60",
        "strategy_params": "TEXT",
    },
    "backtest_results": {"equity_curve": "TEXT", "trade_log": "TEXT", "parameters": "TEXT"},
    "watchlist": {
        "added_date": "DATETIME", "notes": "TEXT", "alert_price": "REAL",
        "alert_direction": "TEXT", "alert_armed": "INTEGER", "alert_hit_ms": "INTEGER", "last_price": "REAL",
    },
}  # fmt: skip
_HISTORY = {
    "id": "INTEGER PRIMARY KEY AUTOINCREMENT",
    "bot_id": "INTEGER",
    "timestamp": "DATETIME DEFAULT CURRENT_TIMESTAMP",
    "action": "TEXT NOT NULL",
    "details": "TEXT",
    "is_notification": "INTEGER NOT NULL DEFAULT 0",
    "is_read": "INTEGER NOT NULL DEFAULT 0",
    "user_id": "INTEGER",
    "ts_ms": "INTEGER",
    "seq": "INTEGER",
    "orphan_bot_id": "INTEGER",
    "code": "TEXT",
    "params_json": "TEXT",
    "level": "TEXT",
    "symbol": "TEXT",
    "topic": "TEXT",
}
STATUSES = ("Aktif", "Dijeda", "Error")
_CHECKED_HASHES = 20


@dataclass
class Report:
    """What was found and done; `added` counts rows that a table gained."""

    added: dict[str, int] = field(default_factory=dict)
    orphans: int = 0
    recovered_users: list[int] = field(default_factory=list)
    changed_status: dict[int, str] = field(default_factory=dict)
    set_aside: list[str] = field(default_factory=list)
    unknown_tables: list[str] = field(default_factory=list)
    unknown_columns: list[str] = field(default_factory=list)
    must_change_password: list[int] = field(default_factory=list)
    legacy_bots: list[int] = field(default_factory=list)

    def to_json(self) -> str:
        """As stored in app_meta under `legacy_report`."""
        return json.dumps(self.__dict__)


def quoted(name: str) -> str:
    """A name as SQL writes it; the names of an imported file are never trusted."""
    return '"' + name.replace('"', '""') + '"'


def columns(con: sqlite3.Connection, table: str) -> list[sqlite3.Row]:
    """PRAGMA table_info of `table` (cid, name, type, notnull, dflt_value, pk)."""
    return con.execute(f"PRAGMA table_info({quoted(table)})").fetchall()


def prepare(con: sqlite3.Connection, report: Report) -> None:
    """Everything that must be true before the side tables are made. Inside the migration's transaction."""
    _note_unknown(con, report)
    for table, wanted in _SEED_COLUMNS.items():
        present = {row[1].lower() for row in columns(con, table)}
        for name, declaration in wanted.items():
            if name not in present:
                con.execute(f"ALTER TABLE {table} ADD COLUMN {name} {declaration}")
    _rebuild_history(con, report)
    _mend_history(con, report)
    _mend_watchlist(con, report)
    _mend_status(con, report)
    _adopt_notifications(con, report)


def finish(con: sqlite3.Connection, report: Report) -> None:
    """Everything that needs the side tables, and the report itself."""
    hashes = con.execute(
        "SELECT id, password_hash FROM users ORDER BY email = 'admin@quantumbotx.com' DESC, id LIMIT ?",
        (_CHECKED_HASHES,),
    ).fetchall()
    for row in hashes:
        if is_default_password(str(row[1])):
            con.execute("UPDATE user_security SET must_change = 1 WHERE user_id = ?", (row[0],))
            report.must_change_password.append(row[0])
    report.legacy_bots = [row[0] for row in con.execute("SELECT id FROM bots ORDER BY id").fetchall()]
    if report.legacy_bots or report.added or report.unknown_tables:
        app_meta.set(con, "legacy_report", report.to_json())


def mend_links(con: sqlite3.Connection) -> None:
    """Rows whose bot or user is gone are kept: history without its bot, a watchlist with a user made for it."""
    report = Report()
    _mend_history(con, report)
    _mend_watchlist(con, report)


def set_aside(con: sqlite3.Connection, new: list[str], report: Report) -> None:
    """A table that happens to have the name of a new one of ours keeps its rows under another name."""
    found = con.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").fetchall()
    taken = {str(row[0]).lower() for row in found}
    for name in (str(row[0]) for row in found):
        if name.lower() in new:
            other = f"legacy_{name}"
            while other.lower() in taken:
                other += "_"
            con.execute(f"ALTER TABLE {quoted(name)} RENAME TO {quoted(other)}")
            taken.add(other.lower())
            report.set_aside.append(other)


def _note_unknown(con: sqlite3.Connection, report: Report) -> None:
    known = {"users", "bots", "trade_history", "backtest_results", "watchlist"}
    for row in con.execute(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') ORDER BY name"
    ).fetchall():
        name = str(row[0])
        if name.lower() not in known and not name.startswith("sqlite_"):
            report.unknown_tables.append(name)


def _rebuild_history(con: sqlite3.Connection, report: Report) -> None:
    old = columns(con, "trade_history")
    unknown = [row for row in old if row[1].lower() not in _HISTORY]
    report.unknown_columns = [f"trade_history.{row[1]}" for row in unknown]
    parts = [f"{name} {declaration}" for name, declaration in _HISTORY.items()]
    parts += [_declaration(row) for row in unknown]
    parts.append("FOREIGN KEY (bot_id) REFERENCES bots (id) ON DELETE CASCADE")
    others = con.execute(
        "SELECT sql FROM sqlite_schema WHERE tbl_name = 'trade_history' COLLATE NOCASE"
        " AND type IN ('index', 'trigger') AND sql IS NOT NULL"
    ).fetchall()
    con.execute("DROP TABLE IF EXISTS qbx_new_history")
    con.execute(f"CREATE TABLE qbx_new_history ({', '.join(parts)})")
    names = ", ".join(quoted(row[1]) for row in old)
    con.execute(f"INSERT INTO qbx_new_history ({names}) SELECT {names} FROM trade_history ORDER BY rowid")
    con.execute("DROP TABLE trade_history")
    con.execute("ALTER TABLE qbx_new_history RENAME TO trade_history")
    for row in others:
        con.execute(row[0])


def _declaration(row: sqlite3.Row) -> str:
    text = f"{quoted(row[1])} {row[2]}"
    if row[4] is not None:
        text += f" DEFAULT ({row[4]})" if row[4].startswith("(") else f" DEFAULT {row[4]}"
        text += " NOT NULL" if row[3] else ""
    return text


def _mend_history(con: sqlite3.Connection, report: Report) -> None:
    report.orphans = con.execute(
        "UPDATE trade_history SET orphan_bot_id = bot_id, bot_id = NULL"
        " WHERE bot_id IS NOT NULL AND bot_id NOT IN (SELECT id FROM bots)"
    ).rowcount


def _mend_watchlist(con: sqlite3.Connection, report: Report) -> None:
    missing = con.execute(
        "SELECT DISTINCT user_id FROM watchlist WHERE user_id NOT IN (SELECT id FROM users)"
    ).fetchall()
    for row in missing:
        con.execute(
            "INSERT INTO users (id, name, email, password_hash) VALUES (?, ?, ?, '!')",
            (row[0], f"Recovered user {row[0]}", f"recovered-{row[0]}@localhost"),
        )
        report.recovered_users.append(row[0])
        report.added["users"] = report.added.get("users", 0) + 1


def _mend_status(con: sqlite3.Connection, report: Report) -> None:
    odd = con.execute("SELECT id, status FROM bots WHERE status NOT IN (?, ?, ?)", STATUSES).fetchall()
    for row in odd:
        report.changed_status[row[0]] = str(row[1])
        con.execute("UPDATE bots SET status = 'Dijeda' WHERE id = ?", (row[0],))


def _adopt_notifications(con: sqlite3.Connection, report: Report) -> None:
    """Rows of an old `notifications` table enter the history once; the table itself stays."""
    present = {row[1].lower(): row[1] for row in columns(con, "notifications")}
    text = next(
        (present[name] for name in ("message", "details", "text", "content", "title") if name in present),
        None,
    )
    if text is None:
        return
    when = next((present[name] for name in ("timestamp", "created_at", "date") if name in present), None)
    bot = present.get("bot_id")
    read = present.get("is_read")
    owner = f"(SELECT id FROM bots WHERE id = {quoted(bot)})" if bot else "NULL"
    orphan = (
        f"CASE WHEN {quoted(bot)} IN (SELECT id FROM bots) THEN NULL ELSE {quoted(bot)} END"
        if bot
        else "NULL"
    )
    seen = f"CASE WHEN {quoted(read)} THEN 1 ELSE 0 END" if read else "1"
    moment = quoted(when) if when else "CURRENT_TIMESTAMP"
    count = con.execute(
        "INSERT INTO trade_history (bot_id, orphan_bot_id, timestamp, action, details, is_notification, is_read)"
        f" SELECT {owner}, {orphan}, {moment}, 'NOTIFICATION', {quoted(text)}, 1, {seen} FROM notifications ORDER BY rowid"
    ).rowcount
    report.added["trade_history"] = report.added.get("trade_history", 0) + count
