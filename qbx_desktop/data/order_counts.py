"""Counts over the order journal in the server's time: the memory of the rate limits, which no restart erases."""

from __future__ import annotations

import sqlite3

# Far more orders than any limit lets through in a day.
_LAST_ROWS = 2_000


def sent_by_bot(con: sqlite3.Connection, bot_id: int, since: int) -> int:
    """How many orders of the bot were sent at or after `since` (server seconds), whatever became of them."""
    return _number(
        con,
        "SELECT count(*) FROM (SELECT sent_srv FROM order_journal WHERE bot_id = ? ORDER BY id DESC LIMIT ?)"
        " WHERE sent_srv >= ?",
        (bot_id, _LAST_ROWS, since),
    )


def sent_by_account(con: sqlite3.Connection, account: int, since: int) -> int:
    """How many orders of all bots were sent on the account at or after `since` (server seconds)."""
    return _number(
        con,
        "SELECT count(*) FROM order_journal WHERE id > (SELECT coalesce(max(id), 0) - ? FROM order_journal)"
        " AND account = ? AND sent_srv >= ?",
        (_LAST_ROWS, account, since),
    )


def entries_on_bar(con: sqlite3.Connection, bot_id: int, bar_time: int) -> int:
    """How many first attempts to enter the bot made on the bar of `bar_time` (server seconds), denied ones excluded."""
    return _number(
        con,
        "SELECT count(*) FROM order_journal WHERE bot_id = ? AND bar_time = ? AND action = 'OPEN' AND attempt = 1"
        " AND state <> 'DENIED'",
        (bot_id, bar_time),
    )


def refusals_in_a_row(con: sqlite3.Connection, bot_id: int, after_id: int = 0) -> int:
    """How many of the bot's newest sent orders were rejected before one was not; only rows above `after_id`.

    Stops that the position has already ("no changes", 10025) are no refusal.
    """
    return _number(
        con,
        "SELECT count(*) FROM order_journal WHERE bot_id = ?1 AND state = 'REJECTED'"
        " AND NOT (action = 'MODIFY' AND coalesce(retcode, 0) = 10025) AND id > max(?2, coalesce("
        "(SELECT max(id) FROM order_journal WHERE bot_id = ?1 AND state IN ('FILLED', 'PARTIAL', 'UNKNOWN',"
        " 'NOT_PLACED', 'REVIEW')), 0))",
        (bot_id, after_id),
    )


def newest_id(con: sqlite3.Connection) -> int:
    """The id of the newest row, 0 when there is none."""
    return _number(con, "SELECT coalesce(max(id), 0) FROM order_journal", ())


def _number(con: sqlite3.Connection, sql: str, values: tuple[object, ...]) -> int:
    return int(con.execute(sql, values).fetchone()[0])
