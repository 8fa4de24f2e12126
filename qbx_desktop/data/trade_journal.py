"""The trader's own journal: notes, tags and a rating for each trade."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.errors import UserMistake
from ..domain.messages import declare
from .transaction import transaction

_RATING = declare(
    "trade_journal.rating", "A rating is a whole number from 1 to 5, or none; nothing was stored."
)
_TAG = declare("trade_journal.tag", "A tag has 1 to 40 characters; nothing was stored.")
_LONG = declare("trade_journal.long", "The note has more than {most} characters; nothing was stored.")
_MOST_NOTE = 20_000


@dataclass(frozen=True)
class JournalEntry:
    """What the trader wrote about one position of one account; times UTC milliseconds."""

    id: int
    account: int
    server: str
    position_id: int
    notes: str
    rating: int | None
    tags: tuple[str, ...]
    created_ms: int
    changed_ms: int
    user_id: int | None = None


def write(
    con: sqlite3.Connection,
    *,
    account: int,
    server: str,
    position_id: int,
    at_ms: int,
    notes: str = "",
    rating: int | None = None,
    tags: Sequence[str] = (),
    user_id: int | None = None,
) -> int:
    """Write (or write anew) the entry of one trade and return its id. Raises UserMistake."""
    if rating is not None and (isinstance(rating, bool) or rating not in range(1, 6)):
        raise UserMistake(_RATING())
    if len(notes) > _MOST_NOTE:
        raise UserMistake(_LONG(most=_MOST_NOTE))
    clean = sorted({tag.strip() for tag in tags})
    if any(not 0 < len(tag) <= 40 for tag in clean):
        raise UserMistake(_TAG())
    with transaction(con):
        row = con.execute(
            "INSERT INTO trade_journal (user_id, account, server, position_id, notes, rating, created_ms, changed_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account, server, position_id) DO UPDATE SET"
            " notes = excluded.notes, rating = excluded.rating, changed_ms = excluded.changed_ms RETURNING id",
            (user_id, account, server, position_id, notes, rating, at_ms, at_ms),
        ).fetchone()
        entry_id = int(row[0])
        con.execute("DELETE FROM trade_journal_tags WHERE entry_id = ?", (entry_id,))
        con.executemany(
            "INSERT INTO trade_journal_tags (entry_id, tag) VALUES (?, ?)", [(entry_id, tag) for tag in clean]
        )
    return entry_id


def of_position(con: sqlite3.Connection, account: int, server: str, position_id: int) -> JournalEntry | None:
    """The entry of one trade, None when nothing was written."""
    row = con.execute(
        "SELECT * FROM trade_journal WHERE account = ? AND server = ? AND position_id = ?",
        (account, server, position_id),
    ).fetchone()
    return None if row is None else _entry(con, row)


def of_account(con: sqlite3.Connection, account: int, server: str) -> list[JournalEntry]:
    """Everything written about trades of one account, oldest first."""
    rows = con.execute(
        "SELECT * FROM trade_journal WHERE account = ? AND server = ? ORDER BY id", (account, server)
    ).fetchall()
    return [_entry(con, row) for row in rows]


def page(
    con: sqlite3.Connection, *, tag: str | None = None, before_id: int | None = None, limit: int = 100
) -> list[JournalEntry]:
    """The newest entries (with `tag`, if given), newest first."""
    rows = con.execute(
        "SELECT * FROM trade_journal WHERE id < ?"
        " AND (? IS NULL OR id IN (SELECT entry_id FROM trade_journal_tags WHERE tag = ?)) ORDER BY id DESC LIMIT ?",
        (before_id or 1 << 62, tag, tag, limit),
    ).fetchall()
    return [_entry(con, row) for row in rows]


def tags(con: sqlite3.Connection) -> dict[str, int]:
    """Every tag in use and how often."""
    rows = con.execute("SELECT tag, count(*) FROM trade_journal_tags GROUP BY tag ORDER BY tag").fetchall()
    return {str(row[0]): int(row[1]) for row in rows}


def delete(con: sqlite3.Connection, entry_id: int) -> None:
    """Delete one entry with its tags; one that is gone already is no error."""
    con.execute("DELETE FROM trade_journal WHERE id = ?", (entry_id,))


def _entry(con: sqlite3.Connection, row: sqlite3.Row) -> JournalEntry:
    found = con.execute(
        "SELECT tag FROM trade_journal_tags WHERE entry_id = ? ORDER BY tag", (row["id"],)
    ).fetchall()
    return JournalEntry(
        row["id"], row["account"], row["server"], row["position_id"], row["notes"] or "", row["rating"],
        tuple(str(each[0]) for each in found), row["created_ms"], row["changed_ms"], row["user_id"],
    )  # fmt: skip
