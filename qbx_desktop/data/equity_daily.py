"""Each server day's first equity and the running peak: what the loss limits are measured from."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class EquityDay:
    """`day` as YYYY-MM-DD of the server; money in account currency. `peak` is carried from day to day."""

    day: str
    start: float
    peak: float


def latest(con: sqlite3.Connection, account: int, server: str) -> EquityDay | None:
    """The newest day stored for the account, None before its first."""
    row = con.execute(
        "SELECT srv_day, start_equity, peak_equity FROM equity_daily WHERE account = ? AND server = ?"
        " ORDER BY srv_day DESC LIMIT 1",
        (account, server),
    ).fetchone()
    return None if row is None else EquityDay(str(row[0]), float(row[1]), float(row[2]))


def store(con: sqlite3.Connection, account: int, server: str, day: EquityDay) -> None:
    """Store a day; its first equity never changes once it is there."""
    con.execute(
        "INSERT INTO equity_daily (account, server, srv_day, start_equity, peak_equity) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (account, server, srv_day) DO UPDATE SET peak_equity = excluded.peak_equity",
        (account, server, day.day, day.start, day.peak),
    )
