"""A bot's wish and its run state as one word, icon and colour: never by colour alone."""

from __future__ import annotations

from dataclasses import dataclass

from ..domain.bots import Bot, BotStatus, RunState
from ..domain.events import BotChanged


@dataclass(frozen=True)
class StateLook:
    """How a state is shown: English word, icon file, colour token, and the place in the order of the column."""

    word: str
    icon: str
    token: str
    order: int


PAUSED = StateLook("Paused", "pause", "muted", 8)
LOOKS: dict[RunState, StateLook] = {
    RunState.ERROR: StateLook("Error", "error", "error", 0),
    RunState.UNKNOWN_ORDER: StateLook("Order unknown", "question", "error", 1),
    RunState.HALTED: StateLook("Halted", "halt", "error", 2),
    RunState.BLOCKED: StateLook("Blocked", "halt", "warning", 3),
    RunState.RETRYING: StateLook("Retrying", "retrying", "warning", 4),
    RunState.NO_PRICES: StateLook("No prices", "warning", "warning", 5),
    RunState.STARTING: StateLook("Starting", "waiting", "muted", 6),
    RunState.MARKET_CLOSED: StateLook("Waiting for market", "moon", "muted", 6),
    RunState.WAITING: StateLook("Active", "connected", "accent", 7),
    RunState.OFF: PAUSED,
}


def look_of(bot: Bot, live: BotChanged | None) -> StateLook:
    """The look of a bot: the stored wish decides while nothing is known of what is happening."""
    if bot.status is BotStatus.ERROR:
        return LOOKS[RunState.ERROR]
    if bot.status is BotStatus.DIJEDA:
        return PAUSED
    if live is None or live.state is RunState.OFF:
        return LOOKS[RunState.STARTING]
    return LOOKS[live.state]


def is_counted_active(look: StateLook) -> bool:
    """Whether a bot with this look counts as active in the status bar."""
    return look in (LOOKS[RunState.WAITING], LOOKS[RunState.MARKET_CLOSED], LOOKS[RunState.STARTING])
