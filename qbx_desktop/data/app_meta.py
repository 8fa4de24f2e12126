"""What this installation is: its magic number base and its identity."""

from __future__ import annotations

import secrets
import sqlite3

MAGIC_STEP = 100_000


def get(con: sqlite3.Connection, key: str) -> str | None:
    """The value stored under `key`, None when there is none."""
    row = con.execute("SELECT value FROM app_meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def set(con: sqlite3.Connection, key: str, value: str) -> None:  # noqa: A001 - read as app_meta.set
    """Store `value` under `key`."""
    con.execute(
        "INSERT INTO app_meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def magic_base(con: sqlite3.Connection) -> int:
    """The number that, plus a bot's id, marks our orders: a multiple of 100 000 in [1e9, 2e9)."""
    stored = get(con, "magic_base")
    if stored is None:
        raise LookupError("the database has no magic_base although every migrated file has one")
    return int(stored)


def make_identity(con: sqlite3.Connection) -> None:
    """Give a new installation its random magic base and id; an existing one keeps its own."""
    if get(con, "magic_base") is None:
        set(con, "magic_base", str((10_000 + secrets.randbelow(10_000)) * MAGIC_STEP))
    if get(con, "install_id") is None:
        set(con, "install_id", secrets.token_hex(16))
