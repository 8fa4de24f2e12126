"""Which bots are on: taking them up, taking them off, and what is wrong with one that cannot be taken up."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..broker.bar_watch import BarKey
from ..data import bots, order_counts, settings
from ..domain import params as schema
from ..domain.bots import Bot, BotStatus, RunState
from ..domain.errors import QbxError, UserMistake
from ..domain.events import BotChanged, Level, Topic
from ..domain.limits import Limits
from ..domain.messages import Message, declare
from ..strategies.contract import Strategy
from ..strategies.own.errors import StillWorking
from .bot_slot import BotSlot
from .floor import Floor

_CONFIG = declare(
    "bot.config", "This bot cannot be started: {why}. Nothing was sent. Edit the bot, then start it again."
)
_UNSET = declare("bot.unset", "its lots and stops were imported and not confirmed yet")
_GONE = declare("bot.gone", "There is no bot {id} any more.")
STARTED = declare("bot.started", "{name} is on: {symbol} {timeframe}.")
STOPPED = declare(
    "bot.stopped", "{name} is paused. Its position, if it has one, keeps its stops at the broker."
)


class Roster:
    """Keeps `floor.slots` in step with the trader's wishes."""

    def __init__(self, floor: Floor, strategy_of: Callable[[str], Strategy]) -> None:
        self._floor = floor
        self._strategy_of = strategy_of
        # Bots whose strategy is still being loaded, and what to do again for each in the next round.
        self.loading: dict[int, Callable[[], None]] = {}

    def load(self) -> None:
        """Read every bot, archived ones included: their old orders still need their names."""
        found = bots.list_bots(self._floor.ledger.con, include_archived=True)
        self._floor.bots = {bot.id: bot for bot in found}

    def reload(self, bot_id: int) -> Bot:
        """Read one bot again. Raises UserMistake when it is gone."""
        bot = bots.get_bot(self._floor.ledger.con, bot_id)
        if bot is None:
            self._floor.bots.pop(bot_id, None)
            raise UserMistake(_GONE(id=bot_id))
        self._floor.bots[bot_id] = bot
        return bot

    def strategy(self, bot: Bot) -> Strategy:
        """The bot's strategy. Raises UserMistake for one that does not exist."""
        return self._strategy_of(bot.strategy)

    def put_on(self, bot: Bot) -> BotSlot:
        """Take the bot up. Raises QbxError with what is wrong with its configuration or its strategy, and StillWorking
        while that is being loaded (see :meth:`wait_for`)."""
        if not bot.is_startable:
            raise UserMistake(_CONFIG(why=bot.config_error or _UNSET().text))
        strategy = self._strategy_of(bot.strategy)
        params = schema.from_json(strategy.Params, bot.strategy_params)
        # Asked before there is a slot: from then on the answer is known and nothing has to wait for it.
        strategy.history(params, bot.frame)
        floor = self._floor
        slot = BotSlot(
            bot=bot, strategy=strategy, params=params,
            limits=Limits.of(bot.settings.limits), key=BarKey(bot.market, bot.frame),
            generation=bots.bump_generation(floor.ledger.con, bot.id),
            armed_row=int(settings.get(floor.ledger.con, _armed_key(bot.id), 0)),
        )  # fmt: skip
        last = floor.ledger.journal.last_fill(bot.id)
        if last is not None and (last.account, last.server) == (floor.login, floor.server):
            slot.unseen, slot.unseen_since = last, floor.clock.monotonic()
        floor.slots[bot.id] = slot
        return slot

    def wait_for(self, bot: Bot, why: StillWorking, again: Callable[[], None]) -> None:
        """The bot's strategy is being loaded: do `again` in the next round, unless the bot is taken off before."""
        if bot.id not in self.loading:
            self._floor.ledger.announce(BotChanged(bot.id, RunState.STARTING, why.message))
        self.loading[bot.id] = again

    def retries(self) -> list[Callable[[], None]]:
        """What waited for a strategy, to be done now; each may have to wait again."""
        return [partial(self._retry, bot_id) for bot_id in self.loading]

    def _retry(self, bot_id: int) -> None:
        again = self.loading.get(bot_id)
        if again is None:
            return
        again()
        if self.loading.get(bot_id) is again:
            del self.loading[bot_id]

    def take_off(self, bot_id: int, state: RunState = RunState.OFF, why: Message | None = None) -> bool:
        """From now on the bot decides nothing; an order on its way still ends in the journal. False: it was off."""
        slot = self._floor.slots.pop(bot_id, None)
        was_on = slot is not None or self.loading.pop(bot_id, None) is not None
        if slot is not None:
            slot.wanted = None
        self._floor.ledger.announce(BotChanged(bot_id, state, why))
        return was_on

    def arm(self, bot: Bot) -> None:
        """The trader started the bot himself: old halts and refusals are seen and done with."""
        con = self._floor.ledger.con
        with self._floor.ledger.writing():
            bots.set_halted(con, bot.id, None)
            bots.set_status(con, bot.id, BotStatus.AKTIF)
            settings.set(con, _armed_key(bot.id), order_counts.newest_id(con))
        self._floor.symbols.accept(bot.market)
        self._floor.ledger.notices.start_over(bot.id)

    def refuse(self, bot: Bot, error: QbxError) -> None:
        """The bot cannot run as it is configured: status Error, said, the others go on."""
        with self._floor.ledger.writing():
            bots.set_status(self._floor.ledger.con, bot.id, BotStatus.ERROR)
            self._floor.ledger.record(
                "ERROR", error.message, bot=bot, topic=Topic.BOT_ERROR, level=Level.PROBLEM
            )
        self._floor.slots.pop(bot.id, None)
        self._floor.ledger.announce(BotChanged(bot.id, RunState.ERROR, error.message))


def _armed_key(bot_id: int) -> str:
    return f"bot.{bot_id}.armed_row"
