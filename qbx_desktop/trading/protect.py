"""No position without its stop: one that lost it gets it back, or is closed."""

from __future__ import annotations

from dataclasses import dataclass

from ..broker.command import Priority
from ..broker.errors import TerminalError
from ..domain.journal import JournalAction, JournalRow, JournalState
from ..domain.messages import declare
from ..domain.mt5 import Retcode, Side
from ..domain.orders import stops_request
from ..domain.records import TradePosition
from . import order_sentences as say
from .bot_slot import BotSlot
from .close_position import Closer
from .floor import Floor
from .halts import halt_bot
from .place_order import Order, OrderRoad

_UNPROTECTED = declare(
    "bot.unprotected",
    "The position {ticket} of {symbol} has no stop-loss and could not be given one. It is being closed; the bot is off.",
)

_TRIES = 3
_PAUSE = 1.0
# The server has confirmed the stop, the list does not show it yet: it is asked again, which is no harm.
_CONFIRM_EVERY = 5.0
_CONFIRMED = (JournalState.FILLED, JournalState.PARTIAL)


@dataclass
class _Try:
    refused: int = 0
    at: float = float("-inf")


class Protector:
    """Compares each position's SL with the one its entry was sent with."""

    def __init__(self, floor: Floor, closer: Closer, road: OrderRoad) -> None:
        self._floor = floor
        self._closer = closer
        self._road = road
        self._tries: dict[int, _Try] = {}

    def protect(self, slot: BotSlot) -> None:
        """Give the bot's position its stop back if it has none: at once, whatever the bot's check interval is.

        Three refusals end in a close. Raises TerminalError and DbError.
        """
        floor = self._floor
        if not slot.limits.require_sl or slot.unseen is not None or floor.view.blind:
            return
        now = floor.clock.monotonic()
        for position in floor.view.of_bot(slot.bot.id):
            if position.sl > 0:
                self._tries.pop(position.ticket, None)
                continue
            tried = self._tries.get(position.ticket, _Try())
            if now < tried.at:
                continue
            entry = floor.ledger.journal.by_order_ticket(floor.login, floor.server, position.identifier)
            if entry is None or not entry.sl or floor.ledger.journal.unresolved_count(slot.bot.id):
                continue
            self._tries[position.ticket] = tried
            tried.at = now + _PAUSE
            if tried.refused >= _TRIES:
                self._give_up(slot, position)
                return
            tried.refused += 1
            row = self._restore(slot, position, entry)
            if row.state in _CONFIRMED or row.retcode == Retcode.NO_CHANGES:
                tried.refused, tried.at = 0, now + _CONFIRM_EVERY

    def _restore(self, slot: BotSlot, position: TradePosition, entry: JournalRow) -> JournalRow:
        floor = self._floor
        sl, tp = entry.sl or 0.0, entry.tp or 0.0
        return self._road.place(
            Order(
                bot=slot.bot, account=floor.login, server=floor.server, symbol=position.symbol,
                timeframe=slot.bot.timeframe, action=JournalAction.MODIFY, side=Side.of_type(position.type),
                volume=position.volume, magic=position.magic, bar_time=floor.view.server_time, source="BOT",
                sl=sl, tp=tp, position_ticket=position.ticket, generation=slot.generation,
                priority=Priority.PROTECTIVE, valid_until=floor.close_to(10.0),
                request=lambda _comment: stops_request(position, sl=sl, tp=tp, magic=position.magic),
            )
        )  # fmt: skip

    def _give_up(self, slot: BotSlot, position: TradePosition) -> None:
        floor = self._floor
        try:
            row = self._closer.close(
                position, slot.bot, source="KILL", why=say.WHY_KILL(), bar_time=floor.view.server_time
            )
        except TerminalError:
            return
        if row.state is not JournalState.REJECTED:
            halt_bot(floor, slot.bot.id, _UNPROTECTED(ticket=position.ticket, symbol=position.symbol))
