"""The account's equity over time: a sample a minute while it changes, thinned to one an hour after a week."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from .transaction import transaction

HOUR = 3_600


@dataclass(frozen=True)
class EquitySample:
    """`time` server epoch seconds; money in account currency; `lowest` equity seen since the sample before."""

    time: int
    balance: float
    equity: float
    lowest: float


def add(con: sqlite3.Connection, account: int, server: str, sample: EquitySample) -> None:
    """Store a sample; a second one of the same moment takes its place, the lower of both lows stays."""
    con.execute(
        "INSERT INTO equity_samples (account, server, time, balance, equity, lowest) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account, server, time) DO UPDATE SET balance = excluded.balance, equity = excluded.equity,"
        " lowest = min(lowest, excluded.lowest)",
        (account, server, sample.time, sample.balance, sample.equity, sample.lowest),
    )


def samples_of(con: sqlite3.Connection, account: int, server: str) -> list[EquitySample]:
    """All samples of the account, oldest first."""
    rows = con.execute(
        "SELECT time, balance, equity, lowest FROM equity_samples WHERE account = ? AND server = ? ORDER BY time",
        (account, server),
    ).fetchall()
    return [EquitySample(int(row[0]), float(row[1]), float(row[2]), float(row[3])) for row in rows]


def thin(con: sqlite3.Connection, account: int, server: str, before: int) -> int:
    """Of each whole hour before `before` (server seconds) keep the last sample, with the hour's lowest equity.

    Returns how many went.
    """
    until = before // HOUR * HOUR
    with transaction(con):
        crowded = con.execute(
            "SELECT max(time), min(lowest) FROM equity_samples WHERE account = ? AND server = ? AND time < ?"
            " GROUP BY time / 3600 HAVING count(*) > 1",
            (account, server, until),
        ).fetchall()
        gone = 0
        for last, lowest in crowded:
            con.execute(
                "UPDATE equity_samples SET lowest = ? WHERE account = ? AND server = ? AND time = ?",
                (lowest, account, server, last),
            )
            gone += con.execute(
                "DELETE FROM equity_samples WHERE account = ? AND server = ? AND time >= ? AND time < ?",
                (account, server, last // HOUR * HOUR, last),
            ).rowcount
    return gone
