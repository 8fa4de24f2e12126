"""Between two bars: is the fill seen, are there prices, does the position have its stop, are the losses bearable."""

from __future__ import annotations

from ..data import bots, deals
from ..data.trading_state import TradingState
from ..domain.bots import BotStatus, RunState
from ..domain.clock import server_text
from ..domain.errors import QbxError
from ..domain.events import Level, Topic
from ..domain.limits import Limits
from ..domain.messages import declare
from ..domain.refusals import Halt
from ..strategies.own.errors import ProcessKilled
from .bot_slot import BotSlot
from .clean_scan import AFTER, BEFORE
from .close_position import Closer
from .equity_guard import EquityGuard
from .floor import Floor
from .halts import halt_bot
from .market_round import MarketRound
from .place_order import OrderRoad
from .protect import Protector
from .visible import is_visible

_STRATEGY = declare(
    "desk.strategy_failed",
    '"{name}" stopped: its strategy failed on the bar of {bar} ({why}). Its position is untouched.',
)
_KILLED = declare(
    "desk.strategy_killed",
    '"{name}" did not decide on this bar: {why}. It is asked again on the next bar; after {left} more such failures '
    "it is stopped. Its position is untouched.",
)
_PHANTOM = declare(
    "bot.phantom",
    "The broker confirmed order {order} of {symbol} but does not show it. The bot is off; look at the account in MetaTrader 5.",
)
_NO_PRICES = declare("bot.no_prices", "No prices for {symbol} for {age} s. Its stop stays at the broker.")
_BAD_PRICES = declare(
    "bot.bad_prices", "The prices of {symbol} cannot be right. The bot waits for good ones."
)
_NEW_DAY = "a new server day"

_PHANTOM_AFTER = 180.0
_BAD_IN_A_ROW = 3
_KILLS_ALLOWED = 3


class BotCare:
    """Looks after the running bots. `check_interval_seconds` of a bot says how often, decisions fall at bars only."""

    def __init__(
        self, floor: Floor, market: MarketRound, closer: Closer, road: OrderRoad, equity: EquityGuard
    ) -> None:
        self._floor = floor
        self._market = market
        self._equity = equity
        self._protector = Protector(floor, closer, road)

    def check(self, now: float) -> None:
        """One look at every bot that is due. Raises TerminalError and DbError."""
        bad = self._market.look_at_ticks(now)
        self._count_bad(bad)
        for slot in list(self._floor.slots.values()):
            if slot.unseen is not None:
                self.look_for_fill(slot)
            self._wake(slot)
            self._protector.protect(slot)
            if now < slot.next_look or slot.bot.id not in self._floor.slots:
                continue
            slot.next_look = now + max(1, slot.bot.check_interval_seconds)
            self._look_at_prices(slot, now)
        self._look_at_losses()

    def look_for_fill(self, slot: BotSlot) -> None:
        """Whether the broker shows the bot's last fill by now. Raises TerminalError and DbError."""
        row, floor = slot.unseen, self._floor
        if row is None:
            return
        since = (row.sent_srv or floor.view.server_time) - BEFORE
        found = {
            each.ticket: each for each in floor.terminal.history_deals(since, floor.view.server_time + AFTER)
        }
        own = next(
            (each for each in found.values() if row.order_ticket and each.order == row.order_ticket), None
        )
        position_id = own.position_id if own is not None else row.position_ticket
        if position_id:
            booked = deals.deals_of(
                floor.ledger.con, account=row.account, server=row.server, position_id=position_id
            )
            for each in booked:
                found.setdefault(each.deal.ticket, each.deal)
        if is_visible(row, found.values(), floor.view.positions):
            slot.unseen = None
            if slot.state is RunState.RETRYING:
                slot.state, slot.reason = RunState.WAITING, None
                floor.ledger.announce(slot.changed())
        elif floor.clock.monotonic() - slot.unseen_since > _PHANTOM_AFTER:
            halt_bot(floor, slot.bot.id, _PHANTOM(order=row.order_ticket, symbol=row.symbol))

    def strategy_failed(self, slot: BotSlot, error: Exception, bar_time: int) -> None:
        """The bot is off with status Error; nobody else notices.

        A strategy whose process had to be ended gets two more bars first: the computer may have been busy.
        """
        why = error.sentence if isinstance(error, QbxError) else f"{type(error).__name__}: {error}"
        if isinstance(error, ProcessKilled):
            slot.failures += 1
            if slot.failures < _KILLS_ALLOWED:
                message = _KILLED(name=slot.bot.name, why=why, left=_KILLS_ALLOWED - slot.failures)
                slot.bar_time, slot.wanted = max(slot.bar_time, bar_time), None
                slot.state, slot.reason = RunState.RETRYING, message
                self._floor.ledger.record(
                    "ERROR", message, bot=slot.bot, topic=Topic.BOT_ERROR, level=Level.WARNING
                )
                self._floor.ledger.announce(slot.changed())
                return
        message = _STRATEGY(name=slot.bot.name, bar=server_text(bar_time)[11:], why=why[:200])
        floor = self._floor
        with floor.ledger.writing():
            bots.set_status(floor.ledger.con, slot.bot.id, BotStatus.ERROR)
            floor.ledger.record("ERROR", message, bot=slot.bot, topic=Topic.BOT_ERROR, level=Level.PROBLEM)
        floor.slots.pop(slot.bot.id, None)
        slot.state, slot.reason, slot.wanted = RunState.ERROR, message, None
        floor.ledger.announce(slot.changed())

    def _count_bad(self, bad: list[str]) -> None:
        for slot in self._floor.slots.values():
            if slot.bot.market not in bad:
                slot.bad_ticks = 0
                continue
            slot.bad_ticks += 1
            if slot.bad_ticks == _BAD_IN_A_ROW:
                self._suspend(slot, _BAD_PRICES(symbol=slot.bot.market).code, 0)

    def _wake(self, slot: BotSlot) -> None:
        """A market that was closed gives prices again."""
        if slot.state is not RunState.MARKET_CLOSED:
            return
        tick = self._floor.prices.last_time(slot.bot.market)
        if tick > slot.sleeping_since_tick:
            slot.state, slot.reason = RunState.WAITING, None
            self._floor.ledger.announce(slot.changed())

    def _look_at_prices(self, slot: BotSlot, now: float) -> None:
        limit = slot.limits.max_price_age
        age = self._floor.prices.age(slot.bot.market, now)
        if limit and age > max(limit, 3.0 * slot.bot.check_interval_seconds):
            if slot.state is RunState.WAITING:
                self._suspend(slot, "", round(age))
        elif slot.state is RunState.NO_PRICES and slot.bad_ticks == 0:
            slot.state, slot.reason = RunState.WAITING, None
            self._floor.ledger.announce(slot.changed())

    def _suspend(self, slot: BotSlot, code: str, age: int) -> None:
        symbol = slot.bot.market
        message = _BAD_PRICES(symbol=symbol) if code else _NO_PRICES(symbol=symbol, age=age)
        slot.state, slot.reason = RunState.NO_PRICES, message
        self._floor.ledger.announce(slot.changed())
        self._floor.ledger.record_once(
            "INFO", message, bot=slot.bot, topic=Topic.CONNECTION, level=Level.WARNING
        )

    def _look_at_losses(self) -> None:
        """A loss limit once reached holds, whatever the equity does afterwards: it is stored."""
        floor = self._floor
        if not floor.slots:
            return
        scope = floor.account_scope
        if floor.stopped_on and floor.stopped_on < floor.server_day:
            floor.set_state(scope, TradingState.ACTIVE, _NEW_DAY)
        if floor.states.get(scope, (TradingState.ACTIVE, ""))[0] is not TradingState.ACTIVE:
            return
        refusal = self._equity.account_refusal(self._strictest())
        if refusal is None or refusal.halt is not Halt.ACCOUNT:
            return
        if refusal.code == "guard.daily_loss":
            floor.stop_for_the_day()
        else:
            floor.set_state(scope, TradingState.HALTED, refusal.message.text)
        floor.ledger.record("ERROR", refusal.message, topic=Topic.BOT_ERROR, level=Level.PROBLEM)

    def _strictest(self) -> Limits:
        """The account's limits are the tightest that any running bot was given."""
        daily = [each.limits.daily_loss_percent for each in self._floor.slots.values()]
        deep = [each.limits.drawdown_percent for each in self._floor.slots.values()]
        return Limits(
            daily_loss_percent=min((each for each in daily if each), default=0.0),
            drawdown_percent=min((each for each in deep if each), default=0.0),
        )
