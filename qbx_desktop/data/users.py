"""Who uses the program: the practice profile, accounts with passwords, and the documents' default admin."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import audit, seals
from .errors import DbConstraint
from .password_rules import DEFAULT_PASSWORD, NO_PASSWORD, check_new, hash_password
from .transaction import transaction

PRACTICE_EMAIL = "practice@localhost"
ADMIN_EMAIL = "admin@quantumbotx.com"

_EMAIL = declare("users.email", "{email!r} is not an e-mail address; nothing was stored.")
_NAME = declare("users.name", "A name is needed; nothing was stored.")
_TAKEN = declare("users.taken", "There is a user with the e-mail {email} already; nothing was stored.")
_GONE = declare("users.gone", "This user does not exist any more; nothing was changed.")

_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")


@dataclass(frozen=True)
class User:
    """One user. `must_change` opens the set-password page and nothing else; `role` "admin" or "practice"."""

    id: int
    name: str
    email: str
    join_date: str
    role: str
    must_change: bool
    has_password: bool


def create(con: sqlite3.Connection, *, name: str, email: str, password_hash: str, at_ms: int) -> int:
    """Store a new user whose password was checked and hashed by :func:`prepared_hash`. Raises UserMistake."""
    if not name.strip():
        raise UserMistake(_NAME())
    if not _ADDRESS.fullmatch(email.strip()):
        raise UserMistake(_EMAIL(email=email[:80]))
    with transaction(con):
        try:
            cursor = con.execute(
                "INSERT INTO users (name, email, password_hash) VALUES (?, ?, ?)",
                (name.strip(), email.strip(), password_hash),
            )
        except DbConstraint as error:
            raise UserMistake(_TAKEN(email=email.strip())) from error
        user_id = int(cursor.lastrowid or 0)
        con.execute("INSERT INTO user_security (user_id) VALUES (?)", (user_id,))
        seals.seal(con, seals.USER, user_id)
        audit.record(con, "user.created", at_ms=at_ms, user_id=user_id)
    return user_id


def prepared_hash(password: str, *, email: str, name: str) -> str:
    """Check a new password and hash it (half a second: never inside a transaction). Raises UserMistake."""
    check_new(password, email=email, name=name)
    return hash_password(password)


def set_password(con: sqlite3.Connection, user_id: int, password_hash: str, at_ms: int) -> None:
    """Store a hash made by :func:`prepared_hash`; the account then opens fully. Raises UserMistake when it is gone."""
    with transaction(con):
        changed = con.execute(
            "UPDATE users SET password_hash = ? WHERE id = ?", (password_hash, user_id)
        ).rowcount
        if not changed:
            raise UserMistake(_GONE())
        con.execute(
            "INSERT INTO user_security (user_id) VALUES (?) ON CONFLICT (user_id) DO UPDATE SET must_change = 0,"
            " failed = 0, locked_until_ms = NULL, lock_started_ms = NULL",
            (user_id,),
        )
        seals.seal(con, seals.USER, user_id)
        audit.record(con, "user.password_set", at_ms=at_ms, user_id=user_id)


def describe(con: sqlite3.Connection, user_id: int, *, name: str, email: str) -> None:
    """Change name and e-mail; an empty `email` keeps the present one. Raises UserMistake and changes nothing."""
    if not name.strip():
        raise UserMistake(_NAME())
    if email.strip() and not _ADDRESS.fullmatch(email.strip()):
        raise UserMistake(_EMAIL(email=email[:80]))
    with transaction(con):
        try:
            changed = con.execute(
                "UPDATE users SET name = ?, email = coalesce(nullif(?, ''), email) WHERE id = ?",
                (name.strip(), email.strip(), user_id),
            ).rowcount
        except DbConstraint as error:
            raise UserMistake(_TAKEN(email=email.strip())) from error
        if not changed:
            raise UserMistake(_GONE())
        seals.seal(con, seals.USER, user_id)


def get(con: sqlite3.Connection, user_id: int) -> User | None:
    """One user, None when there is none of this id."""
    found = [each for each in list_users(con) if each.id == user_id]
    return found[0] if found else None


def list_users(con: sqlite3.Connection) -> list[User]:
    """Every user, in the order they joined."""
    rows = con.execute(
        "SELECT u.*, s.role, coalesce(s.must_change, 0) AS must_change FROM users u"
        " LEFT JOIN user_security s ON s.user_id = u.id ORDER BY u.id"
    ).fetchall()
    return [
        User(
            row["id"], str(row["name"]), str(row["email"]), str(row["join_date"] or ""), row["role"] or "admin",
            bool(row["must_change"]), row["password_hash"] != NO_PASSWORD,
        )
        for row in rows
    ]  # fmt: skip


def ensure_practice_user(con: sqlite3.Connection) -> int:
    """The id of the local profile, which needs no password until it is given one; made at the first call."""
    known = _local_profile(con)
    if known is not None:
        return known
    with transaction(con):
        known = _local_profile(con)
        if known is not None:
            return known
        cursor = con.execute(
            "INSERT INTO users (name, email, password_hash) VALUES ('Practice', ?, ?)",
            (PRACTICE_EMAIL, NO_PASSWORD),
        )
        user_id = int(cursor.lastrowid or 0)
        con.execute("INSERT INTO user_security (user_id, role) VALUES (?, 'practice')", (user_id,))
        seals.seal(con, seals.USER, user_id)
    return user_id


def _local_profile(con: sqlite3.Connection) -> int | None:
    # By its role first: the person may have given it an e-mail of their own.
    row = con.execute(
        "SELECT u.id FROM users u LEFT JOIN user_security s ON s.user_id = u.id"
        " WHERE s.role = 'practice' OR u.email = ? ORDER BY s.role = 'practice' DESC, u.id LIMIT 1",
        (PRACTICE_EMAIL,),
    ).fetchone()
    return None if row is None else int(row[0])


def ensure_default_admin(con: sqlite3.Connection, admin_hash: str) -> int:
    """The documents' default admin, for scripts that look for it; it opens only the set-password page.

    `admin_hash` is of the default password (see :func:`default_admin_hash`).
    """
    row = con.execute("SELECT id FROM users WHERE email = ?", (ADMIN_EMAIL,)).fetchone()
    if row is not None:
        return int(row[0])
    with transaction(con):
        cursor = con.execute(
            "INSERT INTO users (name, email, password_hash) VALUES ('Admin User', ?, ?)",
            (ADMIN_EMAIL, admin_hash),
        )
        user_id = int(cursor.lastrowid or 0)
        con.execute("INSERT INTO user_security (user_id, must_change) VALUES (?, 1)", (user_id,))
        seals.seal(con, seals.USER, user_id)
    return user_id


def default_admin_hash() -> str:
    """The hash of the documents' default password."""
    return hash_password(DEFAULT_PASSWORD)
