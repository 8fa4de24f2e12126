"""One order's life as a value: the row of the order journal and its states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class JournalState(StrEnum):
    """States of an order. DENIED, EXPIRED, FILLED, PARTIAL, REJECTED and NOT_PLACED are terminal and never change."""

    DENIED = "DENIED"
    QUEUED = "QUEUED"
    EXPIRED = "EXPIRED"
    SENDING = "SENDING"
    UNKNOWN = "UNKNOWN"
    FILLED = "FILLED"
    PARTIAL = "PARTIAL"
    REJECTED = "REJECTED"
    NOT_PLACED = "NOT_PLACED"
    REVIEW = "REVIEW"

    @property
    def is_open_question(self) -> bool:
        """Whether the broker's answer is still to be found: at most one such row per bot."""
        return self in _OPEN


_OPEN = frozenset({JournalState.QUEUED, JournalState.SENDING, JournalState.UNKNOWN, JournalState.REVIEW})


class JournalAction(StrEnum):
    """What an order does."""

    OPEN = "OPEN"
    CLOSE = "CLOSE"
    MODIFY = "MODIFY"
    CANCEL = "CANCEL"


@dataclass(frozen=True)
class JournalRow:
    """One row of `order_journal`. Times in `*_ms` are UTC milliseconds, `bar_time` and `sent_srv` server seconds."""

    id: int
    uid: str
    bot_id: int | None
    bot_name: str
    account: int
    server: str
    symbol: str
    timeframe: str
    action: JournalAction
    side: int
    volume: float
    magic: int
    comment: str
    source: str
    bar_time: int
    state: JournalState
    created_ms: int
    request_json: str
    attempt: int = 1
    price: float | None = None
    sl: float | None = None
    tp: float | None = None
    deviation: int | None = None
    position_ticket: int | None = None
    retcode: int | None = None
    last_error: str | None = None
    order_ticket: int | None = None
    deal_ticket: int | None = None
    filled: float = 0.0
    fill_price: float | None = None
    sent_srv: int | None = None
    sent_ms: int | None = None
    resolved_ms: int | None = None
    clean_scans: int = 0
    last_scan_ms: int | None = None
    resolution: str | None = None
    result_json: str | None = None
    prev_hash: str | None = None
    row_hash: str | None = None
