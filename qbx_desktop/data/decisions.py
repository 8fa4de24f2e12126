"""The decision journal: what a bot saw, wanted, and what came of it."""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import dataclass

from ..domain.messages import Message

ALLOWED = "allowed"
# Why nothing was wanted or sent without any guard's doing.
HOLDS, LATE, EXPIRED = "holds", "late", "expired"
NOT_SENT = "not sent"


@dataclass(frozen=True)
class Decision:
    """One decision. `bar_time` server seconds, `at_ms` UTC milliseconds; `inputs_hash` of the bars and parameters.

    `verdict` is one of the words above or the code of the guard that refused; `outcome` a journal state or what kept
    it from being sent; `journal_id` the order it led to, `refusal` the guard's own sentence (read only).
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
    refusal: Message | None = None


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
        "SELECT decisions.*, order_journal.request_json AS asked FROM decisions"
        " LEFT JOIN order_journal ON order_journal.id = decisions.journal_id"
        " WHERE decisions.bot_id = ? AND decisions.id < ? ORDER BY decisions.id DESC LIMIT ?",
        (bot_id, before_id if before_id is not None else 2**62, limit),
    ).fetchall()
    return [_decision(row) for row in rows]


def _decision(row: sqlite3.Row) -> Decision:
    code = row["explanation_code"]
    return Decision(
        row["bot_id"], row["at_ms"], row["symbol"], row["timeframe"], row["bar_time"], row["inputs_hash"], row["signal"],
        None if code is None else Message(code, json.loads(row["explanation_json"] or "{}")), row["move"],
        row["verdict"], row["outcome"], row["journal_id"], row["id"], _refusal(row["asked"]),
    )  # fmt: skip


def refused(message: Message) -> dict[str, object]:
    """What a denied order's row keeps in place of a request: the guard's sentence, in plain JSON values."""
    params = {name: value if _is_plain(value) else str(value) for name, value in message.params.items()}
    return {"refused": {"code": message.code, "params": params}}


def _refusal(asked: str | None) -> Message | None:
    told = json.loads(asked or "{}").get("refused")
    return None if told is None else Message(told["code"], told["params"])


def _is_plain(value: object) -> bool:
    return isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))
