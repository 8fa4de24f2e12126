"""What happened, as frozen values that cross threads: the notice board carries these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .bots import RunState
from .messages import Message
from .records import AccountInfo, Tick, TradePosition


class Level(StrEnum):
    """How much an event matters to the trader."""

    INFO = "info"
    GOOD = "good"
    WARNING = "warning"
    PROBLEM = "problem"


class Topic(StrEnum):
    """What an event is about: the key of the notification policy."""

    FILL = "fill"
    REFUSAL = "refusal"
    BOT_ERROR = "bot_error"
    CONNECTION = "connection"
    ALERT = "alert"
    UNKNOWN_ORDER = "unknown_order"
    INFO = "info"


@dataclass(frozen=True)
class Notice:
    """Something to tell the trader. `at` is UTC seconds; `history_id` the row it was stored in, if any."""

    message: Message
    topic: Topic
    level: Level
    at: float
    bot_id: int | None = None
    bot_name: str = ""
    history_id: int | None = None


@dataclass(frozen=True)
class BotChanged:
    """A bot's run state or what it sees has changed. `next_check` is server epoch seconds, 0 = none."""

    bot_id: int
    state: RunState
    reason: Message | None = None
    signal: str = ""
    explanation: Message | None = None
    bar_time: int = 0
    next_check: int = 0
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class PositionsChanged:
    """All open positions of the account; `by_bot` maps a position ticket to our bot's id. Foreign ones have none."""

    positions: tuple[TradePosition, ...]
    by_bot: Mapping[int, int]


@dataclass(frozen=True)
class AccountChanged:
    """The account's money, and the server time it was read at."""

    account: AccountInfo
    server_time: int


class Link(StrEnum):
    """State of the connection to the terminal."""

    STOPPED = "stopped"
    CONNECTING = "connecting"
    READY = "ready"
    DEGRADED = "degraded"
    LOST = "lost"


@dataclass(frozen=True)
class ConnectionChanged:
    """The link to the terminal changed. `latency_ms` of the last call; `simulated` for the practice terminal."""

    link: Link
    reason: Message | None = None
    latency_ms: float = 0.0
    simulated: bool = False
    retry_in: float = 0.0


@dataclass(frozen=True)
class DiskChanged:
    """The free space of the data folder's disk limits trading (`reason` says how), or no longer (None)."""

    reason: Message | None


@dataclass(frozen=True)
class HistoryAppended:
    """A row was added to `trade_history` (committed)."""

    row_id: int
    bot_id: int | None


@dataclass(frozen=True)
class DecisionsKept:
    """Decisions of these bots were added to `decisions` (committed)."""

    bot_ids: frozenset[int]


@dataclass(frozen=True)
class TickArrived:
    """New prices of a symbol; `age` is seconds by the monotonic clock since the price last changed."""

    symbol: str
    tick: Tick
    spread_points: int
    digits: int
    age: float = 0.0


Event = (
    Notice
    | BotChanged
    | PositionsChanged
    | AccountChanged
    | ConnectionChanged
    | DiskChanged
    | HistoryAppended
    | DecisionsKept
    | TickArrived
)
