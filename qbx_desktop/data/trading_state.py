"""Whether trading is allowed: ACTIVE, REDUCING or HALTED, for everything, an account or a bot."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum

GLOBAL = "global"


class TradingState(StrEnum):
    """ACTIVE trades; REDUCING only shrinks exposure; HALTED sends nothing until a person re-arms."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


@dataclass(frozen=True)
class StateRow:
    """The stored state of one scope and why; `at_ms` UTC milliseconds."""

    scope: str
    state: TradingState
    reason: str
    at_ms: int
    by_user: int | None = None


def get(con: sqlite3.Connection, scope: str) -> StateRow:
    """The state of `scope` ("global", "account:…", "bot:…"); ACTIVE when none was ever stored."""
    row = con.execute("SELECT * FROM trading_state WHERE scope = ?", (scope,)).fetchone()
    return StateRow(scope, TradingState.ACTIVE, "", 0) if row is None else _state(row)


def set(  # noqa: A001 - read as trading_state.set
    con: sqlite3.Connection, scope: str, state: str, reason: str, at_ms: int, by_user: int | None = None
) -> None:
    """Store the state of `scope`. Raises ValueError for a state that does not exist."""
    con.execute(
        "INSERT INTO trading_state (scope, state, reason, by_user, at_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (scope) DO UPDATE SET state = excluded.state, reason = excluded.reason,"
        " by_user = excluded.by_user, at_ms = excluded.at_ms",
        (scope, TradingState(state).value, reason, by_user, at_ms),
    )


def all_states(con: sqlite3.Connection) -> list[StateRow]:
    """Every scope that was ever set."""
    return [_state(row) for row in con.execute("SELECT * FROM trading_state ORDER BY scope").fetchall()]


def _state(row: sqlite3.Row) -> StateRow:
    return StateRow(
        row["scope"], TradingState(row["state"]), row["reason"] or "", row["at_ms"] or 0, row["by_user"]
    )
