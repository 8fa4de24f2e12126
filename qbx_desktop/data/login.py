"""Logging in: every try is counted before it is checked, and waiting grows with the failures, not with the clock."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..domain.clock import Clock
from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import app_meta, seals
from .password_rules import (
    DEFAULT_PASSWORD,
    DUMMY_HASH,
    hash_password,
    is_checkable,
    matches,
    needs_rehash,
    normal,
)
from .transaction import transaction

if TYPE_CHECKING:
    from .database import Database

_WRONG = declare("login.wrong", "E-mail or password is wrong. Bots and positions are not affected.")
_LOCKED = declare(
    "login.locked",
    "Too many wrong passwords: wait {seconds} seconds, then try again. Bots go on; 'Pause all' works without login.",
)
_RESET = declare(
    "login.reset",
    "The stored password of this user cannot be checked by this version. Bots and positions are not affected; "
    "restore a backup or create a new user.",
)
_CHANGED = declare(
    "login.changed",
    "The stored password of this user was changed by another program, so it opens nothing. Bots and positions are not "
    "affected; set a new password by 'Forgot it?'.",
)

FREE_TRIES = 5
FIRST_WAIT_MS = 30_000
LONGEST_WAIT_MS = 15 * 60_000
_UNKNOWN = "login_unknown"


class LoginRefused(UserMistake):
    """Not logged in; `wait_ms` says how long no try is accepted (0: try again)."""

    wait_ms = 0


@dataclass(frozen=True)
class Login:
    """Who came in. With `must_change` only the set-password page may open."""

    user_id: int
    must_change: bool


@dataclass
class _Tries:
    """Failures in a row, and the present wait as wall-clock milliseconds."""

    failed: int = 0
    started_ms: int | None = None
    until_ms: int | None = None


@dataclass(frozen=True)
class Standing:
    """Before the next try: free tries that are left, and milliseconds in which none is accepted."""

    tries_left: int
    wait_ms: int


class Gate:
    """The login of one running program: it also remembers waits by a clock that nobody can set."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._until: dict[int | None, float] = {}

    def log_in(self, email: str, password: str) -> Login:
        """Check a password (half a second: call it from a worker). Raises LoginRefused and DbError.

        Writes through the background writer: the count survives a restart.
        """
        user_id, wait = self._db.write(lambda con: self._admit(con, email))
        if wait > 0:
            raise _locked(wait)
        row = None
        if user_id is not None:
            row = (
                self._db.reader()
                .execute("SELECT password_hash FROM users WHERE id = ?", (user_id,))
                .fetchone()
            )
        stored = DUMMY_HASH if row is None else str(row[0])
        checkable = is_checkable(stored)
        right = matches(stored if checkable else DUMMY_HASH, password)
        if user_id is None or not checkable or not right:
            raise LoginRefused(_WRONG() if checkable else _RESET())
        if not seals.is_whole(self._db.reader(), seals.USER, user_id):
            raise LoginRefused(_CHANGED())
        default = normal(password) == DEFAULT_PASSWORD
        better = hash_password(password) if needs_rehash(stored) and not default else None
        now_ms = self._now_ms()
        known: int = user_id
        must_change = self._db.write(lambda con: _came_in(con, known, stored, better, default, now_ms))
        self._until.pop(user_id, None)
        return Login(user_id, must_change)

    def standing(self, email: str) -> Standing:
        """How it stands with this user, from what is stored (a short read). Raises DbError."""
        con = self._db.reader()
        user_id = _user_id(con, email)
        tries = _load(con, user_id)
        return Standing(max(FREE_TRIES - tries.failed, 0), self._waiting(tries, user_id))

    def _now_ms(self) -> int:
        return round(self._clock.now() * 1000)

    def _admit(self, con: sqlite3.Connection, email: str) -> tuple[int | None, int]:
        """Count the try as failed before it is checked, so that no crash and no crowd gets free ones."""
        user_id = _user_id(con, email)
        tries = _load(con, user_id)
        wait = self._waiting(tries, user_id)
        if wait > 0:
            _store(con, user_id, tries)
            return user_id, wait
        tries.failed += 1
        tries.started_ms = tries.until_ms = None
        if tries.failed >= FREE_TRIES:
            length = min(LONGEST_WAIT_MS, FIRST_WAIT_MS << min(tries.failed - FREE_TRIES, 16))
            tries.started_ms = self._now_ms()
            tries.until_ms = tries.started_ms + length
            self._until[user_id] = self._clock.monotonic() + length / 1000
        _store(con, user_id, tries)
        return user_id, 0

    def _waiting(self, tries: _Tries, user_id: int | None) -> int:
        """Milliseconds left; a clock that was set back starts the wait anew, one set forward does not end it."""
        now = self._now_ms()
        if tries.until_ms is not None and tries.started_ms is not None and now < tries.started_ms:
            tries.until_ms = now + (tries.until_ms - tries.started_ms)
            tries.started_ms = now
        by_wall = 0 if tries.until_ms is None else tries.until_ms - now
        by_monotonic = round((self._until.get(user_id, 0.0) - self._clock.monotonic()) * 1000)
        return max(by_wall, by_monotonic, 0)


def _locked(wait_ms: int) -> LoginRefused:
    error = LoginRefused(_LOCKED(seconds=-(-wait_ms // 1000)))
    error.wait_ms = wait_ms
    return error


def _user_id(con: sqlite3.Connection, email: str) -> int | None:
    row = con.execute("SELECT id FROM users WHERE email = ? COLLATE NOCASE", (email.strip(),)).fetchone()
    return None if row is None else int(row[0])


def _load(con: sqlite3.Connection, user_id: int | None) -> _Tries:
    if user_id is None:
        # All unknown addresses share one count: guessing addresses is slowed like guessing passwords.
        return _Tries(**json.loads(app_meta.get(con, _UNKNOWN) or "{}"))
    row = con.execute(
        "SELECT failed, lock_started_ms, locked_until_ms FROM user_security WHERE user_id = ?", (user_id,)
    ).fetchone()
    return _Tries() if row is None else _Tries(row[0], row[1], row[2])


def _store(con: sqlite3.Connection, user_id: int | None, tries: _Tries) -> None:
    if user_id is None:
        app_meta.set(con, _UNKNOWN, json.dumps(tries.__dict__))
        return
    con.execute(
        "INSERT INTO user_security (user_id, failed, lock_started_ms, locked_until_ms) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (user_id) DO UPDATE SET failed = excluded.failed, lock_started_ms = excluded.lock_started_ms,"
        " locked_until_ms = excluded.locked_until_ms",
        (user_id, tries.failed, tries.started_ms, tries.until_ms),
    )


def _came_in(
    con: sqlite3.Connection, user_id: int, stored: str, better: str | None, default: bool, now_ms: int
) -> bool:
    with transaction(con):
        if better is not None:
            con.execute(
                "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
                (better, user_id, stored),
            )
        con.execute(
            "UPDATE user_security SET failed = 0, lock_started_ms = NULL, locked_until_ms = NULL, last_ok_ms = ?,"
            " must_change = max(must_change, ?) WHERE user_id = ?",
            (now_ms, int(default), user_id),
        )
        seals.seal(con, seals.USER, user_id)
    row = con.execute("SELECT must_change FROM user_security WHERE user_id = ?", (user_id,)).fetchone()
    return bool(row[0])
