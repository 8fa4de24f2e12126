"""The columns of a decision: when, what the strategy said, what came of it, and why nothing did."""

from __future__ import annotations

from ...data import decisions
from ...data.decisions import Decision
from ...domain.clock import server_text
from ...domain.messages import SENTENCES, Message
from ..words import Words
from .columns import Column

# What a verdict that is no guard's means; "allowed" is told by the outcome.
VERDICTS = {
    decisions.HOLDS: "Nothing to do: it holds that side, or has nothing to close.",
    decisions.LATE: "The bar had closed before the bot looked; only bars that close while it watches are traded.",
    decisions.EXPIRED: "It could not be acted on in time: an order was not settled yet, or the terminal did not answer.",
}
OUTCOMES = {
    "FILLED": "Filled", "PARTIAL": "Filled in part", "REJECTED": "Refused by the broker", "DENIED": "Held back by a guard",
    "EXPIRED": "Not sent", "UNKNOWN": "Not known yet", "NOT_PLACED": "Did not reach the broker", "REVIEW": "Please look",
    decisions.NOT_SENT: "Not sent",
}  # fmt: skip
# What it set out to do; a turn is two orders and so two rows.
_MOVES = {"open": "Open", "close": "Close", "reverse": "Close to turn", "nothing": "–"}
_SIGNALS = {"BUY": "Buy", "SELL": "Sell", "EXIT": "Close"}
_COLOURS = {
    "DENIED": "warning",
    "REJECTED": "warning",
    "UNKNOWN": "warning",
    "REVIEW": "error",
    "EXPIRED": "warning",
}


def decision_columns(words: Words) -> tuple[Column, ...]:
    """Columns over :class:`data.decisions.Decision`."""
    return (
        Column("Bar (server)", lambda row: server_text(row.bar_time), sort=lambda row: row.id),
        Column("Signal", lambda row: words.t(_SIGNALS.get(row.signal, row.signal))),
        Column("Order", lambda row: words.t(_MOVES.get(row.move, row.move))),
        Column(
            "Outcome", lambda row: words.t(OUTCOMES.get(row.outcome, row.outcome)), colour=lambda row: _COLOURS.get(row.outcome)
        ),
        Column("Why", lambda row: why(row, words), tooltip=lambda row: why(row, words)),
        Column("What it saw", lambda row: saw(row, words), tooltip=lambda row: saw(row, words)),
    )  # fmt: skip


def why(row: Decision, words: Words) -> str:
    """What kept the decision from becoming a position; nothing for one that was sent."""
    if row.verdict in VERDICTS:
        return words.t(VERDICTS[row.verdict])
    if row.refusal is not None:
        return words.say(row.refusal)
    # A row of an older version kept the guard's code only.
    remedy = f"{row.verdict}.remedy"
    return words.say(Message(remedy)) if remedy in SENTENCES else ""


def saw(row: Decision, words: Words) -> str:
    """The strategy's own explanation."""
    return "" if row.explanation is None else words.say(row.explanation)
