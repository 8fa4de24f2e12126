"""The decision journal: what a bot saw, wanted, and what came of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from ..domain.messages import Message

ALLOWED = "allowed"


@dataclass(frozen=True)
class Decision:
    """One decision. `bar_time` server seconds, `at_ms` UTC milliseconds; `inputs_hash` of the bars and parameters.

    `verdict` is "allowed" or the code of the guard that refused; `outcome` a journal state or what kept it from
    being sent; `journal_id` the order it led to.
    """

    bot_id: int
    at_ms: int
    symbol: str
    timeframe: str
    bar_time: int
    inputs_hash: str
    signal: str
    explanation: Message | None
    move: str
    verdict: str
    outcome: str
    journal_id: int | None = None
    id: int = 0


def append(con: sqlite3.Connection, decision: Decision) -> int:
    """Store one decision and return its id."""
    told = decision.explanation
    cursor = con.execute(
        "INSERT INTO decisions (bot_id, at_ms, symbol, timeframe, bar_time, inputs_hash, signal, explanation_code,"
        " explanation_json, move, verdict, outcome, journal_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            decision.bot_id, decision.at_ms, decision.symbol, decision.timeframe, decision.bar_time,
            decision.inputs_hash, decision.signal, None if told is None else told.code,
            None if told is None else json.dumps(dict(told.params), default=str), decision.move, decision.verdict,
            decision.outcome, decision.journal_id,
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def page(
    con: sqlite3.Connection, bot_id: int, before_id: int | None = None, limit: int = 100
) -> list[Decision]:
    """The newest decisions of a bot, newest first; `before_id` continues below the last one seen."""
    rows = con.execute(
        "SELECT * FROM decisions WHERE bot_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
        (bot_id, before_id if before_id is not None else 2**62, limit),
    ).fetchall()
    return [_decision(row) for row in rows]


def _decision(row: sqlite3.Row) -> Decision:
    code = row["explanation_code"]
    return Decision(
        row["bot_id"], row["at_ms"], row["symbol"], row["timeframe"], row["bar_time"], row["inputs_hash"], row["signal"],
        None if code is None else Message(code, json.loads(row["explanation_json"] or "{}")), row["move"],
        row["verdict"], row["outcome"], row["journal_id"], row["id"],
    )  # fmt: skip
