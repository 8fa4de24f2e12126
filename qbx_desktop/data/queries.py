"""The predecessor's query functions under their names and shapes, for scripts; the program itself calls the modules.

One difference is meant: where the old ones logged an error and answered None, [] or False, these raise DbError.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..domain.errors import PLAIN
from . import history, watchlist
from .database import Database
from .transaction import transaction


class Queries:
    """The documented functions over one open database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @contextmanager
    def get_db_connection(self) -> Iterator[sqlite3.Connection]:
        """A connection whose block is one transaction, and which is closed after it (the old one stayed open)."""
        con = self._db.order_connection()
        try:
            with transaction(con):
                yield con
        finally:
            con.close()

    def get_all_bots(self) -> list[dict[str, Any]]:
        """Every bot, newest first."""
        return self._dicts("SELECT * FROM bots ORDER BY id DESC")

    def get_bot_by_id(self, bot_id: int) -> dict[str, Any] | None:
        """One bot, None when there is none of this id."""
        found = self._dicts("SELECT * FROM bots WHERE id = ?", bot_id)
        return found[0] if found else None

    def add_bot(
        self, name: str, market: str, lot_size: float, sl_pips: float, tp_pips: float, timeframe: str, interval: int,
        strategy: str, strategy_params: str = "{}",
    ) -> int:  # fmt: skip
        """Add a bot, paused, and return its id. It cannot start before someone said what its numbers mean."""
        return self._insert(
            "INSERT INTO bots (name, market, lot_size, sl_pips, tp_pips, timeframe, check_interval_seconds, strategy,"
            " strategy_params, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'Dijeda')",
            name, market, lot_size, sl_pips, tp_pips, timeframe, interval, strategy, strategy_params,
        )  # fmt: skip

    def update_bot(
        self, bot_id: int, name: str, market: str, lot_size: float, sl_pips: float, tp_pips: float, timeframe: str,
        interval: int, strategy: str, strategy_params: str = "{}",
    ) -> bool:  # fmt: skip
        """Change a bot; whether there was one of this id."""
        return self._change(
            "UPDATE bots SET name = ?, market = ?, lot_size = ?, sl_pips = ?, tp_pips = ?, timeframe = ?,"
            " check_interval_seconds = ?, strategy = ?, strategy_params = ? WHERE id = ?",
            name, market, lot_size, sl_pips, tp_pips, timeframe, interval, strategy, strategy_params, bot_id,
        )  # fmt: skip

    def update_bot_status(self, bot_id: int, status: str) -> bool:
        """Store `Aktif` or `Dijeda`; whether there was a bot of this id."""
        return self._change("UPDATE bots SET status = ? WHERE id = ?", status, bot_id)

    def delete_bot(self, bot_id: int) -> bool:
        """Delete a bot and its history; whether there was one of this id."""
        return self._change("DELETE FROM bots WHERE id = ?", bot_id)

    def add_history_log(
        self, bot_id: int | None, action: str, details: str, is_notification: bool = False
    ) -> int:
        """Append a row to the history and return its id; it is on disk then."""
        return self._db.log(
            bot_id=bot_id, action=action, message=PLAIN(text=details), is_notification=is_notification
        ).result()

    def get_history_by_bot_id(self, bot_id: int, limit: int = 1000) -> list[dict[str, Any]]:
        """The bot's newest rows, newest first."""
        return self._dicts(
            "SELECT * FROM trade_history WHERE bot_id = ? ORDER BY id DESC LIMIT ?", bot_id, limit
        )

    def get_notifications(self, limit: int = 100) -> list[dict[str, Any]]:
        """The newest notifications, newest first, with the name of their bot."""
        return self._dicts(
            "SELECT h.*, b.name AS bot_name FROM trade_history h LEFT JOIN bots b ON b.id = h.bot_id"
            " WHERE h.is_notification = 1 ORDER BY h.id DESC LIMIT ?",
            limit,
        )

    def get_unread_notifications_count(self) -> int:
        """How many notifications were not read yet."""
        return history.unread_count(self._db.reader())

    def mark_notifications_as_read(self, notification_ids: Sequence[Any] | None = None) -> bool:
        """Mark all (None), some, or none (an empty list) as read. Raises ValueError for an id that is no number."""
        ids = None if notification_ids is None else [int(each) for each in notification_ids]
        self._db.write(lambda con: history.mark_read(con, ids))
        return True

    def add_to_watchlist(
        self, user_id: int, symbol: str, notes: str | None = None, alert_price: float | None = None
    ) -> int:
        """Add a symbol to the user's watchlist and return the entry's id."""
        return self._db.write(lambda con: watchlist.add(con, user_id, symbol, notes, alert_price))

    def get_watchlist_by_user(self, user_id: int) -> list[dict[str, Any]]:
        """The user's entries, newest first."""
        return self._dicts("SELECT * FROM watchlist WHERE user_id = ? ORDER BY id DESC", user_id)

    def update_watchlist_entry(self, entry_id: int, user_id: int, **updates: Any) -> bool:
        """Change columns of the user's own entry. Raises UserMistake for a name that is no column of it."""
        self._db.write(lambda con: watchlist.change(con, entry_id, user_id, **updates))
        return True

    def remove_from_watchlist(self, entry_id: int, user_id: int) -> bool:
        """Remove the user's own entry; whether there was one."""
        return self._change("DELETE FROM watchlist WHERE id = ? AND user_id = ?", entry_id, user_id)

    def add_symbol_with_notification(self, user_id: int, symbol: str, alert_price: float) -> int:
        """Add a symbol and a notification about it, both or neither; returns the entry's id."""
        now_ms = round(self._db.clock.now() * 1000)
        return self._db.write(
            lambda con: watchlist.add_with_notification(con, user_id, symbol, alert_price, now_ms)
        )

    def _dicts(self, sql: str, *values: object) -> list[dict[str, Any]]:
        return [dict(row) for row in self._db.reader().execute(sql, values).fetchall()]

    def _insert(self, sql: str, *values: object) -> int:
        return self._db.write(lambda con: int(con.execute(sql, values).lastrowid or 0))

    def _change(self, sql: str, *values: object) -> bool:
        return self._db.write(lambda con: con.execute(sql, values).rowcount > 0)
