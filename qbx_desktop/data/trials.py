"""The ledger of trials: every set of settings that was ever run on a market, counted once, never deleted."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .connection import connect
from .errors import DbError
from .migrate import is_latest
from .transaction import transaction

_PATIENCE_MS = 500


@dataclass(frozen=True)
class Trial:
    """One run. `timeframe` in seconds, `first` and `last` bar in server epoch seconds, `day_sharpe` None without one."""

    strategy: str
    symbol: str
    timeframe: int
    settings_hash: str
    first: int
    last: int
    day_sharpe: float | None
    at_ms: int


@dataclass(frozen=True)
class TrialCount:
    """How many different settings were tried, and how their daily Sharpe ratios vary (sample variance, 0 below two)."""

    count: int
    variance: float


def note(con: sqlite3.Connection, trials: Sequence[Trial]) -> None:
    """Count these. Settings that were run before on overlapping or other dates of the market are not counted again."""
    con.executemany(
        "INSERT INTO trials (strategy, symbol, timeframe, settings_hash, first_time, last_time, day_sharpe, at_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET runs = runs + 1,"
        " first_time = min(first_time, excluded.first_time), last_time = max(last_time, excluded.last_time),"
        " day_sharpe = coalesce(day_sharpe, excluded.day_sharpe)",
        [
            (each.strategy, each.symbol, each.timeframe, each.settings_hash, each.first, each.last, each.day_sharpe, each.at_ms)
            for each in trials
        ],
    )  # fmt: skip


def note_beside(database: Path, trials: Sequence[Trial]) -> bool:
    """Count these in a database that this program has not opened; False where there is none of this very format, or it
    cannot be written now. Waits half a second at most.
    """
    if not database.is_file():
        return False
    try:
        con = connect(database)
        try:
            con.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
            if not is_latest(con):
                return False
            with transaction(con):
                note(con, trials)
        finally:
            con.close()
    except (DbError, OSError):
        return False
    return True


def count(
    con: sqlite3.Connection, strategy: str, symbol: str, timeframe: int, first: int, last: int
) -> TrialCount:
    """The trials of a strategy on a market whose dates overlap with `first` … `last`."""
    row = con.execute(
        "SELECT count(*), count(day_sharpe), total(day_sharpe), total(day_sharpe * day_sharpe) FROM trials"
        " WHERE strategy = ? AND symbol = ? AND timeframe = ? AND first_time <= ? AND last_time >= ?",
        (strategy, symbol, timeframe, last, first),
    ).fetchone()
    tried, known, total, squares = int(row[0]), int(row[1]), float(row[2]), float(row[3])
    if known < 2:
        return TrialCount(tried, 0.0)
    return TrialCount(tried, max(0.0, (squares - total * total / known) / (known - 1)))
