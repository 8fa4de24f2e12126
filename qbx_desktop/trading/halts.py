"""Stops a bot until a person has looked: stored, said once, and its slot emptied."""

from __future__ import annotations

from ..data import bots
from ..domain.bots import BotStatus, RunState
from ..domain.events import BotChanged, Level, Topic
from ..domain.messages import Message
from .floor import Floor


def halt_bot(floor: Floor, bot_id: int, why: Message, tell: bool = True) -> None:
    """Take the bot off with a reason that survives a restart. Its position keeps its stops at the broker.

    The stored wish becomes Error: the bot does not come back by itself. Raises DbError.
    """
    bot = floor.bots.get(bot_id)
    if bot is None:
        return
    with floor.ledger.writing():
        bots.set_halted(floor.ledger.con, bot_id, why.text)
        bots.set_status(floor.ledger.con, bot_id, BotStatus.ERROR)
        if tell:
            floor.ledger.record("ERROR", why, bot=bot, topic=Topic.BOT_ERROR, level=Level.PROBLEM)
    slot = floor.slots.pop(bot_id, None)
    if slot is not None:
        slot.state, slot.reason = RunState.HALTED, why
        slot.wanted = None
        floor.ledger.announce(slot.changed())
    else:
        floor.ledger.announce(BotChanged(bot_id, RunState.HALTED, why))
    fresh = bots.get_bot(floor.ledger.con, bot_id)
    if fresh is not None:
        floor.bots[bot_id] = fresh
