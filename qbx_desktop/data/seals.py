"""Keyed hashes over what must not be changed behind the program's back: users, a bot's limits and account, the agreed account.

The key lies beside the database, not in it: whoever edits or swaps rows with another program is found out. Who can
read the whole folder as the same user can do all that this program can; that is the honest limit.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from pathlib import Path
from typing import Any

from . import snapshots
from .connection import Connection
from .transaction import transaction

USER, BOT, SETTING = "user", "bot", "setting"
SEALED_SETTINGS = ("terminal.account", "terminal.real_account", "terminal.server")
# The first format that has seals; a backup of an earlier one cannot carry any.
FIRST_FORMAT = 9

_SQL = {
    USER: "SELECT u.id, u.email, u.password_hash, coalesce(s.role, 'admin'), coalesce(s.must_change, 0)"
    " FROM users u LEFT JOIN user_security s ON s.user_id = u.id WHERE u.id = ?",
    BOT: "SELECT bot_id, sizing_mode, stop_mode, risk_percent, account, server, live_consent, limits_json"
    " FROM bot_settings WHERE bot_id = ?",
    SETTING: "SELECT key, value FROM settings WHERE key = ?",
}
_ALL = {
    USER: "SELECT id FROM users ORDER BY id",
    BOT: "SELECT bot_id FROM bot_settings ORDER BY bot_id",
    SETTING: "SELECT key FROM settings WHERE key IN (?, ?, ?) ORDER BY key",
}


def key_file(database: Path) -> Path:
    """Where the key of `database` lies."""
    return database.with_name("seal.key")


def trust_next(database: Path) -> None:
    """The next opening seals everything as it is: the program itself puts another file there (an import, a restore)."""
    _store(database, _key(database) or secrets.token_hex(32), trust=True)


def begin(con: sqlite3.Connection, database: Path) -> None:
    """Make the key of a new installation and seal what is there. Raises DbError, Stop."""
    key, trust = _key(database), _stored(database).get("trust", True)
    if key is not None and not trust:
        return
    key = key or secrets.token_hex(32)
    # The key first: seals whose key was lost would accuse the trader.
    _store(database, key, trust=True)
    with transaction(con):
        con.execute("DELETE FROM seals")
        for kind in _ALL:
            for each in _ids(con, kind):
                seal(con, kind, each)
    _store(database, key, trust=False)


def seal(con: sqlite3.Connection, kind: str, identity: object) -> None:
    """Seal one row as it is now, in the caller's transaction; a row that is gone loses its seal.

    Without a key (a copy that is being prepared somewhere else) nothing is sealed.
    """
    mac = _mac(con, kind, identity)
    if mac is None:
        con.execute("DELETE FROM seals WHERE kind = ? AND id = ?", (kind, str(identity)))
        return
    con.execute(
        "INSERT INTO seals (kind, id, mac) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET mac = excluded.mac",
        (kind, str(identity), mac),
    )


def is_whole(con: sqlite3.Connection, kind: str, identity: object) -> bool:
    """Whether the row is as this program left it. Where there is no key, nothing can be said against it."""
    mac = _mac(con, kind, identity)
    if mac is None:
        return True
    stored = con.execute("SELECT mac FROM seals WHERE kind = ? AND id = ?", (kind, str(identity))).fetchone()
    return stored is not None and hmac.compare_digest(str(stored[0]), mac)


def broken(con: sqlite3.Connection) -> list[tuple[str, str]]:
    """Every protected row that is not as this program left it, as (kind, id)."""
    return [(kind, str(each)) for kind in _ALL for each in _ids(con, kind) if not is_whole(con, kind, each)]


def _ids(con: sqlite3.Connection, kind: str) -> list[Any]:
    values = SEALED_SETTINGS if kind == SETTING else ()
    return [row[0] for row in con.execute(_ALL[kind], values).fetchall()]


def _mac(con: sqlite3.Connection, kind: str, identity: object) -> str | None:
    key = _key_of(con)
    row = None if key is None else con.execute(_SQL[kind], (identity,)).fetchone()
    if key is None or row is None:
        return None
    text = json.dumps([kind, *row], ensure_ascii=True, default=repr)
    return hmac.new(bytes.fromhex(key), text.encode(), hashlib.sha256).hexdigest()


def _key_of(con: sqlite3.Connection) -> str | None:
    """The key for the file of this connection, read once: a list of bots asks for it at every row."""
    if not isinstance(con, Connection):
        return None
    if con.seal_key is None:
        con.seal_key = _key(Path(con.path))
    return con.seal_key


def _key(database: Path) -> str | None:
    key = _stored(database).get("key")
    return key if isinstance(key, str) and len(key) == 64 else None


def _stored(database: Path) -> dict[str, Any]:
    if not database.name:
        return {}
    content = snapshots.read(key_file(database))
    try:
        value = json.loads(content) if content is not None else {}
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _store(database: Path, key: str, trust: bool) -> None:
    snapshots.write(key_file(database), json.dumps({"key": key, "trust": trust}).encode())
