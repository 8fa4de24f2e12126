"""The order journal in pages by key, newest first, filtered: what the program sent, held back or is still asking about."""

from __future__ import annotations

import sqlite3
from typing import Any

from ..domain.journal import JournalRow
from .order_journal import row_of

_EVERY = 1 << 62


def page(
    con: sqlite3.Connection,
    *,
    bot_id: int | None = None,
    state: str | None = None,
    text: str | None = None,
    before_id: int | None = None,
    limit: int = 100,
) -> list[JournalRow]:
    """The newest rows that fit, newest first; `text` is looked for in symbol, bot, comment and order ticket."""
    where, values = _conditions(bot_id, state, text)
    found = con.execute(
        "SELECT * FROM order_journal WHERE id < ?" + where + " ORDER BY id DESC LIMIT ?",
        [before_id or _EVERY, *values, limit],
    ).fetchall()
    return [row_of(each) for each in found]


def count(
    con: sqlite3.Connection, *, bot_id: int | None = None, state: str | None = None, text: str | None = None
) -> int:
    """How many rows fit."""
    where, values = _conditions(bot_id, state, text)
    found = con.execute("SELECT count(*) FROM order_journal WHERE id > 0" + where, values).fetchone()
    return int(found[0])


def _conditions(bot_id: int | None, state: str | None, text: str | None) -> tuple[str, list[Any]]:
    where, values = "", list[Any]()
    if bot_id is not None:
        where += " AND bot_id = ?"
        values.append(bot_id)
    if state is not None:
        where += " AND state = ?"
        values.append(state)
    if text:
        where += " AND instr(lower(symbol || ' ' || bot_name || ' ' || comment || ' ' || ifnull(order_ticket, '')), ?) > 0"
        values.append(text.lower())
    return where, values
