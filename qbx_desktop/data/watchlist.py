"""The watchlist: symbols a user looks at, each with a note and a price that rings."""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass
from typing import Any

from ..domain.errors import UserMistake
from ..domain.messages import declare
from . import history
from .transaction import transaction

ADDED = declare("watchlist.added", "Symbol {symbol} added with alert {alert_price}")
GONE = declare("watchlist.gone", "This line of the watchlist is gone; nothing was changed.")
_SYMBOL = declare("watchlist.symbol", "A symbol of 1 to 64 characters is needed; nothing was stored.")
_PRICE = declare(
    "watchlist.price", "The alert price must be a number above zero, not {value!r}; nothing was stored."
)
_COLUMN = declare(
    "watchlist.column", "A watchlist entry has no {name!r} that can be changed; nothing was stored."
)

# Column by column, so that no name from outside ever becomes part of a statement.
_CHANGE = {
    "symbol": "UPDATE watchlist SET symbol = ? WHERE id = ? AND user_id = ?",
    "notes": "UPDATE watchlist SET notes = ? WHERE id = ? AND user_id = ?",
    "alert_price": "UPDATE watchlist SET alert_price = ? WHERE id = ? AND user_id = ?",
    "alert_direction": "UPDATE watchlist SET alert_direction = ? WHERE id = ? AND user_id = ?",
    "alert_armed": "UPDATE watchlist SET alert_armed = ? WHERE id = ? AND user_id = ?",
    "alert_hit_ms": "UPDATE watchlist SET alert_hit_ms = ? WHERE id = ? AND user_id = ?",
    "last_price": "UPDATE watchlist SET last_price = ? WHERE id = ? AND user_id = ?",
}


@dataclass(frozen=True)
class WatchlistEntry:
    """One line. `alert_direction` "up"/"down" is set once the price's side is known; `alert_hit_ms` UTC."""

    id: int
    user_id: int
    symbol: str
    added_date: str = ""
    notes: str | None = None
    alert_price: float | None = None
    alert_direction: str | None = None
    alert_armed: bool = False
    alert_hit_ms: int | None = None
    last_price: float | None = None


def add(
    con: sqlite3.Connection,
    user_id: int,
    symbol: str,
    notes: str | None = None,
    alert_price: float | None = None,
) -> int:
    """Add a symbol and return the entry's id. Raises UserMistake, and DbConstraint for a user that does not exist."""
    cursor = con.execute(
        "INSERT INTO watchlist (user_id, symbol, notes, alert_price, alert_armed) VALUES (?, ?, ?, ?, ?)",
        (user_id, _symbol(symbol), notes, _price(alert_price), int(alert_price is not None)),
    )
    return int(cursor.lastrowid or 0)


def add_with_notification(
    con: sqlite3.Connection, user_id: int, symbol: str, alert_price: float | None, ts_ms: int
) -> int:
    """Add a symbol and tell about it in the history, both or neither. Returns the entry's id."""
    with transaction(con):
        entry_id = add(con, user_id, symbol, alert_price=alert_price)
        history.append(
            con, bot_id=None, action="WATCHLIST_ADD", message=ADDED(symbol=symbol, alert_price=f"${alert_price}"),
            ts_ms=ts_ms, is_notification=True, symbol=symbol, user_id=user_id,
        )  # fmt: skip
    return entry_id


def list_entries(con: sqlite3.Connection, user_id: int) -> list[WatchlistEntry]:
    """The user's entries, newest first."""
    rows = con.execute("SELECT * FROM watchlist WHERE user_id = ? ORDER BY id DESC", (user_id,)).fetchall()
    return [_entry(row) for row in rows]


def armed_entries(con: sqlite3.Connection) -> list[WatchlistEntry]:
    """Every entry, of any user, whose alert may still ring."""
    rows = con.execute(
        "SELECT * FROM watchlist WHERE alert_price IS NOT NULL AND alert_hit_ms IS NULL"
        " AND coalesce(alert_armed, 1) = 1 ORDER BY id"
    ).fetchall()
    return [_entry(row) for row in rows]


def change(con: sqlite3.Connection, entry_id: int, user_id: int, **columns: Any) -> None:
    """Change some columns of the user's own entry. Raises UserMistake, also when it is gone; then nothing changed.

    A new alert price arms the alert again.
    """
    for name in columns:
        if name not in _CHANGE:
            raise UserMistake(_COLUMN(name=name[:40]))
    if "alert_price" in columns:
        price = _price(columns["alert_price"])
        fresh = {"alert_direction": None, "alert_armed": int(price is not None), "alert_hit_ms": None}
        columns = {**fresh, **columns, "alert_price": price}
    if "symbol" in columns:
        columns["symbol"] = _symbol(columns["symbol"])
    with transaction(con):
        own = con.execute(
            "SELECT 1 FROM watchlist WHERE id = ? AND user_id = ?", (entry_id, user_id)
        ).fetchone()
        if own is None:
            raise UserMistake(GONE())
        for name, value in columns.items():
            con.execute(_CHANGE[name], (value, entry_id, user_id))


def remove(con: sqlite3.Connection, entry_id: int, user_id: int) -> None:
    """Remove the user's own entry. Raises UserMistake when it is gone or another's."""
    if not con.execute("DELETE FROM watchlist WHERE id = ? AND user_id = ?", (entry_id, user_id)).rowcount:
        raise UserMistake(GONE())


def mark_hit(con: sqlite3.Connection, entry_id: int, ts_ms: int, price: float) -> None:
    """Note that the alert rang (once: it is disarmed). Raises UserMistake when the entry is gone."""
    changed = con.execute(
        "UPDATE watchlist SET alert_hit_ms = ?, last_price = ?, alert_armed = 0 WHERE id = ?",
        (ts_ms, price, entry_id),
    ).rowcount
    if not changed:
        raise UserMistake(GONE())


def _symbol(symbol: object) -> str:
    if not isinstance(symbol, str) or not 0 < len(symbol.strip()) <= 64:
        raise UserMistake(_SYMBOL())
    return symbol.strip()


def _price(price: object) -> float | None:
    if price is None:
        return None
    if (
        isinstance(price, bool)
        or not isinstance(price, int | float)
        or not math.isfinite(price)
        or price <= 0
    ):
        raise UserMistake(_PRICE(value=price))
    return float(price)


def _entry(row: sqlite3.Row) -> WatchlistEntry:
    price = row["alert_price"]
    alert = float(price) if isinstance(price, int | float) and math.isfinite(price) and price > 0 else None
    hit = row["alert_hit_ms"]
    armed = row["alert_armed"]
    return WatchlistEntry(
        id=row["id"], user_id=row["user_id"], symbol=str(row["symbol"]), added_date=str(row["added_date"] or ""),
        notes=None if row["notes"] is None else str(row["notes"]), alert_price=alert,
        alert_direction=row["alert_direction"],
        # Rows of the predecessor have no mark: an alert price alone means it is armed.
        alert_armed=alert is not None and hit is None and (armed is None or bool(armed)),
        alert_hit_ms=hit, last_price=row["last_price"],
    )  # fmt: skip
