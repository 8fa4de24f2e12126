"""The trader's settings: one JSON value per key."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import seals

_NOT_JSON = declare(
    "settings.value", "The setting {key!r} cannot hold this value ({why}). It was left as it was."
)


def get(con: sqlite3.Connection, key: str, default: Any) -> Any:
    """The stored value of `key`, `default` when it was never set or is unreadable by this version.

    The agreed account counts as not set when another program wrote it: real money then needs the trader's word again.
    """
    row = con.execute("SELECT value FROM settings WHERE key = ?", (key,)).fetchone()
    if row is None or (key in seals.SEALED_SETTINGS and not seals.is_whole(con, seals.SETTING, key)):
        return default
    try:
        return json.loads(row[0])
    except ValueError:
        return default


def set(con: sqlite3.Connection, key: str, value: Any) -> None:  # noqa: A001 - read as settings.set
    """Store `value` as JSON. Raises UserMistake for what JSON cannot carry (NaN included)."""
    try:
        text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise UserMistake(_NOT_JSON(key=key, why=str(error))) from error
    con.execute(
        "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, text),
    )
    if key in seals.SEALED_SETTINGS:
        seals.seal(con, seals.SETTING, key)


def all_settings(con: sqlite3.Connection) -> dict[str, Any]:
    """Every stored setting that is readable."""
    found: dict[str, Any] = {}
    for row in con.execute("SELECT key, value FROM settings ORDER BY key").fetchall():
        found[row[0]] = get(con, row[0], None)
    return found
