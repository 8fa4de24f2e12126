"""What the desk remembers of one bot while it runs; nothing here is needed to be safe after a restart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..broker.bar_watch import BarKey
from ..domain.bots import Bot, RunState
from ..domain.events import BotChanged
from ..domain.journal import JournalRow
from ..domain.limits import Limits
from ..domain.messages import Message
from ..domain.mt5 import Side
from ..strategies.contract import Explanation, Strategy
from .decide import BarSignal


@dataclass(frozen=True)
class Wanted:
    """A decision that could not be carried out yet. Dropped when `valid_until` (monotonic) has passed."""

    bar_time: int
    signal: BarSignal
    explanation: Explanation | None
    inputs_hash: str
    atr: float
    last_close: float
    valid_until: float
    open_side: Side | None = None
    attempt: int = 1


@dataclass
class BotSlot:
    """One bot that is on. `unseen` is its last fill while the broker's records do not show it
    yet; `armed_row` the journal row after which refusals count (the trader has seen the earlier ones)."""

    bot: Bot
    strategy: Strategy
    params: Any
    limits: Limits
    key: BarKey
    generation: int
    armed_row: int = 0
    state: RunState = RunState.STARTING
    reason: Message | None = None
    signal: str = ""
    explanation: Message | None = None
    values: dict[str, float] = field(default_factory=dict)
    bar_time: int = 0
    wanted: Wanted | None = None
    unseen: JournalRow | None = None
    unseen_since: float = 0.0
    next_look: float = 0.0
    next_check: int = 0
    sleeping_since_tick: int = 0
    slippage_breaches: int = 0
    bad_ticks: int = 0
    failures: int = 0
    refused_fillings: set[int] = field(default_factory=set)

    def changed(self) -> BotChanged:
        """As an event."""
        return BotChanged(
            self.bot.id, self.state, self.reason, self.signal, self.explanation, self.bar_time, self.next_check,
            dict(self.values),
        )  # fmt: skip
