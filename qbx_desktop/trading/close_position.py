"""Closes one position: the same way for a bot's signal, the trader's click and the kill switch."""

from __future__ import annotations

from ..broker.command import Priority
from ..domain.bots import Bot
from ..domain.journal import JournalAction, JournalRow
from ..domain.messages import Message
from ..domain.mt5 import Side
from ..domain.orders import choose_filling, close_request
from ..domain.records import TradePosition
from .expected_fill import expected_fill
from .floor import Floor
from .place_order import BY_HAND, Order, OrderRoad

_DEVIATION = 50
_VALID_SECONDS = 30.0


class Closer:
    """Places close orders; what keeps a new position from being opened never keeps one from being closed."""

    def __init__(self, floor: Floor, road: OrderRoad) -> None:
        self._floor = floor
        self._road = road

    def close(
        self, position: TradePosition, bot: Bot | None, *, source: str, why: Message, bar_time: int, attempt: int = 1,
        timeframe: str = "", generation: int = 0,
    ) -> JournalRow:  # fmt: skip
        """Close all of `position` and return the order's row. Raises TerminalError and DbError; then nothing left."""
        floor = self._floor
        symbol = floor.symbols.read(position.symbol)
        tick = floor.terminal.tick(position.symbol)
        side = Side.of_type(position.type).opposite
        price = expected_fill(side, tick, symbol, 0)
        filling = choose_filling(symbol, self._refused(bot))
        order = Order(
            bot=bot, account=floor.login, server=floor.server, symbol=position.symbol, timeframe=timeframe,
            action=JournalAction.CLOSE, side=side, volume=position.volume, magic=position.magic, bar_time=bar_time,
            source=source, price=price, deviation=_DEVIATION, position_ticket=position.ticket, attempt=attempt,
            generation=generation, valid_until=floor.close_to(_VALID_SECONDS), since=position.time, why=why,
            priority=Priority.EMERGENCY if source in BY_HAND else Priority.PROTECTIVE, digits=symbol.digits,
            currency="" if floor.view.account is None else floor.view.account.currency,
            request=lambda comment: close_request(
                position, volume=position.volume, price=price, deviation=_DEVIATION, magic=position.magic,
                comment=comment, filling=filling,
            ),
        )  # fmt: skip
        return self._road.place(order)

    def _refused(self, bot: Bot | None) -> frozenset[int]:
        slot = None if bot is None else self._floor.slots.get(bot.id)
        return frozenset() if slot is None else frozenset(slot.refused_fillings)
