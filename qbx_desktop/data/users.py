"""Who uses the program: profiles, passwords at full strength, and a lock-out that no restart or clock shortens."""

from __future__ import annotations

import sqlite3

from .password_rules import NO_PASSWORD
from .transaction import transaction

PRACTICE_EMAIL = "practice@localhost"


def ensure_practice_user(con: sqlite3.Connection) -> int:
    """The id of the local profile that practises without a password; made at the first call."""
    row = con.execute("SELECT id FROM users WHERE email = ?", (PRACTICE_EMAIL,)).fetchone()
    if row is not None:
        return int(row[0])
    with transaction(con):
        row = con.execute("SELECT id FROM users WHERE email = ?", (PRACTICE_EMAIL,)).fetchone()
        if row is not None:
            return int(row[0])
        cursor = con.execute(
            "INSERT INTO users (name, email, password_hash) VALUES ('Practice', ?, ?)",
            (PRACTICE_EMAIL, NO_PASSWORD),
        )
        user_id = int(cursor.lastrowid or 0)
        con.execute("INSERT INTO user_security (user_id, role) VALUES (?, 'practice')", (user_id,))
    return user_id
