"""One bot's turn on a closed bar: signal, intent, close proved before open, guards, order, and why."""

from __future__ import annotations

import dataclasses
import hashlib
import math

from ..data import order_counts
from ..data.decisions import ALLOWED, EXPIRED, HOLDS, LATE, NOT_SENT, Decision
from ..data.order_journal import AlreadyJournaled
from ..domain import guards
from ..domain.bars import Bars
from ..domain.bots import RunState
from ..domain.journal import JournalAction, JournalRow, JournalState
from ..domain.messages import Message, declare
from ..domain.mt5 import Retcode, Side
from ..domain.orders import MAX_ATTEMPTS, PRICE_MOVED, choose_filling, entry_request
from ..domain.params import to_json
from ..domain.records import TradePosition
from ..domain.refusals import Halt, Refusal
from ..strategies.indicators import atr as atr_of
from . import order_sentences as say
from .bot_slot import BotSlot, Wanted
from .close_position import Closer
from .decide import BarSignal, Move, decide
from .floor import Floor
from .gate import Gate
from .halts import halt_bot
from .last_bar import look_at
from .place_order import Order, OrderRoad
from .plan_order import plan_entry

_TWO_POSITIONS = declare(
    "bot.two_positions",
    "This bot has {count} positions of {symbol}, it should have one at most. The bot is off; close what you do not want, "
    "then start it again.",
)
_WAITS_FOR_FILL = declare("bot.waits_for_fill", "Waiting until the broker shows the last order.")
_WAITS_FOR_ANSWER = declare("bot.waits_for_answer", "Waiting until we know what became of the last order.")
_TOO_OLD = declare("bot.too_old", "The signal of this bar got too old before it could be acted on.")
_MARKET_CLOSED = declare("bot.market_closed", "The market for {symbol} is closed; waiting for prices.")

_FILLS = (JournalState.FILLED, JournalState.PARTIAL)
# A market order lets the price move by at most this many points (where the execution mode obeys it).
_DEVIATION = 20
_MOST_SECONDS = 60.0
_LEAST_SECONDS = 5.0


class BotTurn:
    """Carries decisions out. Called by the desk when a bar closed, and again while a decision waits."""

    def __init__(self, floor: Floor, gate: Gate, road: OrderRoad, closer: Closer) -> None:
        self._floor = floor
        self._gate = gate
        self._road = road
        self._closer = closer

    def see(self, slot: BotSlot, bars: Bars, may_trade: bool, since: float) -> None:
        """Let the strategy look at closed `bars`; what it wants is kept in the slot. Raises what the strategy raises,
        and StillWorking while its process has not answered.

        The same bar again, or an older one, means nothing. A bar that came late is explained, never traded. `since`
        (monotonic) is when it was first asked about this bar: its wish is valid from then on.
        """
        bar_time = int(bars.time[-1])
        if bar_time <= slot.bar_time:
            return
        signal, explanation = look_at(slot.strategy, bars, slot.params)
        slot.bar_time = bar_time
        slot.signal = explanation.signal
        slot.explanation = explanation.message
        slot.values = {name: float(value) for name, value in explanation.values.items()}
        slot.wanted = None
        if signal == BarSignal():
            return
        share = 0.2 * slot.key.timeframe.seconds
        wanted = Wanted(
            bar_time, signal, explanation, _hash_of(bars, slot), _last_atr(bars, slot.bot.settings.atr_period),
            float(bars.close[-1]), since + min(max(share, _LEAST_SECONDS), _MOST_SECONDS),
        )  # fmt: skip
        if may_trade:
            slot.wanted = wanted
        else:
            self._note(slot, wanted, Move.NOTHING, LATE, NOT_SENT, None)

    def act(self, slot: BotSlot) -> None:
        """Carry out what the slot wants, as far as that is possible now. Raises TerminalError and DbError."""
        wanted = slot.wanted
        if wanted is None:
            return
        if self._floor.clock.monotonic() > wanted.valid_until:
            self._end(slot, wanted, EXPIRED, said=_TOO_OLD())
            return
        if not self._may_act(slot):
            return
        held = self._floor.view.of_bot(slot.bot.id)
        if len(held) > 1:
            halt_bot(self._floor, slot.bot.id, _TWO_POSITIONS(count=len(held), symbol=slot.bot.market))
            return
        if wanted.open_side is not None:
            if not held:
                self._open(slot, wanted, wanted.open_side)
            else:
                self._end(slot, wanted, HOLDS)
            return
        side = Side.of_type(held[0].type) if held else None
        intent = decide(wanted.signal, side)
        if intent.move is Move.NOTHING:
            self._end(slot, wanted, HOLDS)
        elif intent.move is Move.OPEN and intent.side is not None:
            self._open(slot, wanted, intent.side)
        else:
            self._close(slot, wanted, held[0], intent.move, intent.side)

    def _may_act(self, slot: BotSlot) -> bool:
        """Read your own writes first: nothing is decided while the last order's end is not seen."""
        if self._floor.view.blind:
            return False
        if self._floor.ledger.journal.unresolved_count(slot.bot.id):
            slot.state, slot.reason = RunState.UNKNOWN_ORDER, _WAITS_FOR_ANSWER()
            return False
        if slot.unseen is not None:
            slot.state, slot.reason = RunState.RETRYING, _WAITS_FOR_FILL()
            return False
        return True

    def _close(
        self, slot: BotSlot, wanted: Wanted, position: TradePosition, move: Move, then: Side | None
    ) -> None:
        why = say.WHY_REVERSE() if move is Move.REVERSE else say.WHY_SIGNAL()
        row = self._closer.close(
            position, slot.bot, source="BOT", why=why, bar_time=wanted.bar_time, attempt=wanted.attempt,
            timeframe=slot.bot.timeframe, generation=slot.generation,
        )  # fmt: skip
        self._learn(slot, row)
        self._decided(slot, wanted, move, ALLOWED, row)
        again = self._again(slot, wanted, row)
        if row.state is JournalState.FILLED and move is Move.REVERSE and then is not None:
            slot.wanted = dataclasses.replace(wanted, open_side=then, attempt=1)
        else:
            slot.wanted = again

    def _open(self, slot: BotSlot, wanted: Wanted, side: Side) -> None:
        floor, bot = self._floor, slot.bot
        account = floor.view.account
        assert account is not None
        symbol = floor.symbols.read(bot.market)
        order: Order | None = None
        refusal = self._gate.before_planning(slot, side, symbol, wanted)
        if refusal is None:
            tick = floor.terminal.tick(bot.market)
            age = floor.prices.saw(bot.market, tick, symbol.point, floor.clock.monotonic())
            entry = plan_entry(
                bot, side, symbol, tick, account, wanted.atr, floor.terminal, floor.slippage_points,
                floor.round_trip(bot.market),
            )  # fmt: skip
            if isinstance(entry, Refusal):
                refusal = entry
            else:
                refusal = self._gate.after_planning(slot, entry, wanted, age)
                magic = floor.view.magic_of(bot.id)
                filling = choose_filling(symbol, frozenset(slot.refused_fillings))
                order = Order(
                    bot=bot, account=floor.login, server=floor.server, symbol=bot.market, timeframe=bot.timeframe,
                    action=JournalAction.OPEN, side=side, volume=entry.volume, magic=magic, bar_time=wanted.bar_time,
                    source="BOT", price=entry.price, sl=entry.sl, tp=entry.tp, deviation=_DEVIATION,
                    attempt=wanted.attempt, valid_until=wanted.valid_until, generation=slot.generation,
                    digits=symbol.digits, stops_level=symbol.trade_stops_level, currency=account.currency,
                    request=lambda comment: entry_request(
                        symbol=bot.market, side=side, volume=entry.volume, price=entry.price, sl=entry.sl, tp=entry.tp,
                        deviation=_DEVIATION, magic=magic, comment=comment, filling=filling,
                    ),
                )  # fmt: skip
        if refusal is not None:
            self._deny(slot, wanted, side, order, refusal)
            return
        assert order is not None
        slot.wanted = None
        row = self._road.place(order)
        self._learn(slot, row)
        self._decided(slot, wanted, Move.OPEN, ALLOWED if row.sent_srv else row.resolution or "", row)
        slot.wanted = self._again(slot, wanted, row)

    def _deny(self, slot: BotSlot, wanted: Wanted, side: Side, order: Order | None, refusal: Refusal) -> None:
        floor, bot = self._floor, slot.bot
        slot.wanted = None
        denied = order or Order(
            bot=bot, account=floor.login, server=floor.server, symbol=bot.market, timeframe=bot.timeframe,
            action=JournalAction.OPEN, side=side, volume=bot.lot_size if bot.lot_size > 0 else 0.01,
            magic=floor.view.magic_of(bot.id), bar_time=wanted.bar_time, source="BOT", attempt=wanted.attempt,
            request=lambda _comment: {},
        )  # fmt: skip
        try:
            with floor.ledger.writing():
                row = self._road.deny(denied, refusal)
                self._decided(slot, wanted, Move.OPEN, refusal.code, row)
        except AlreadyJournaled:
            # This bar's entry has its row already; there is nothing more to say about it.
            return
        if refusal.halt is Halt.BOT:
            halt_bot(floor, bot.id, refusal.message)
        elif slot.bot.id in floor.slots:
            slot.state, slot.reason = RunState.BLOCKED, refusal.message

    def _learn(self, slot: BotSlot, row: JournalRow) -> None:
        """What an order's outcome means for the bot's next steps."""
        floor = self._floor
        if row.state in _FILLS:
            slot.unseen, slot.unseen_since = row, floor.clock.monotonic()
            slot.state, slot.reason = RunState.WAITING, None
            self._measure_slippage(slot, row)
        elif row.state is JournalState.UNKNOWN:
            slot.state, slot.reason = RunState.UNKNOWN_ORDER, _WAITS_FOR_ANSWER()
        elif row.retcode == Retcode.MARKET_CLOSED:
            slot.state, slot.reason = RunState.MARKET_CLOSED, _MARKET_CLOSED(symbol=row.symbol)
            slot.sleeping_since_tick = floor.terminal.tick(row.symbol).time_msc
        elif row.retcode == Retcode.INVALID_FILL:
            filling = choose_filling(floor.symbols.read(row.symbol), frozenset(slot.refused_fillings))
            slot.refused_fillings.add(int(filling))
        if row.state is JournalState.REJECTED:
            count = order_counts.refusals_in_a_row(floor.ledger.con, slot.bot.id, slot.armed_row)
            refusal = guards.refusals_in_a_row(count, slot.limits.refusals_in_a_row)
            if refusal is not None:
                halt_bot(floor, slot.bot.id, refusal.message)

    def _measure_slippage(self, slot: BotSlot, row: JournalRow) -> None:
        limit = slot.limits.slippage_points
        if not limit or not row.price or not row.fill_price:
            return
        point = self._floor.symbols.read(row.symbol).point
        if abs(row.fill_price - row.price) / point > limit + 1e-6:
            slot.slippage_breaches += 1
            refusal = guards.slippage(slot.slippage_breaches, limit, slot.limits.slippage_breaches)
            if refusal is not None:
                halt_bot(self._floor, slot.bot.id, refusal.message)

    def _again(self, slot: BotSlot, wanted: Wanted, row: JournalRow) -> Wanted | None:
        """The same wish once more, in the same bar, where a fresh price may cure the refusal."""
        if row.state is not JournalState.REJECTED or row.retcode not in PRICE_MOVED:
            return None
        if wanted.attempt >= MAX_ATTEMPTS or slot.bot.id not in self._floor.slots:
            return None
        return dataclasses.replace(wanted, attempt=wanted.attempt + 1)

    def _end(self, slot: BotSlot, wanted: Wanted, verdict: str, said: Message | None = None) -> None:
        """Nothing comes of the wish."""
        slot.wanted = None
        slot.reason = said or slot.reason
        self._note(slot, wanted, Move.NOTHING, verdict, NOT_SENT, None)

    def _decided(self, slot: BotSlot, wanted: Wanted, move: Move, verdict: str, row: JournalRow) -> None:
        self._note(slot, wanted, move, verdict, row.state.value, row.id)

    def _note(
        self, slot: BotSlot, wanted: Wanted, move: Move, verdict: str, outcome: str, journal_id: int | None
    ) -> None:
        bot, explanation = slot.bot, wanted.explanation
        self._floor.ledger.decided(
            Decision(
                bot.id, self._floor.ledger.now_ms(), bot.market, bot.timeframe, wanted.bar_time, wanted.inputs_hash,
                wanted.signal.word, None if explanation is None else explanation.message, move.value, verdict, outcome,
                journal_id,
            )
        )  # fmt: skip


def _last_atr(bars: Bars, period: int) -> float:
    if len(bars) <= period or period < 1:
        return math.nan
    return float(atr_of(bars.high, bars.low, bars.close, period)[-1])


def _hash_of(bars: Bars, slot: BotSlot) -> str:
    digest = hashlib.sha256(to_json(slot.params).encode())
    for column in (bars.time, bars.open, bars.high, bars.low, bars.close):
        digest.update(column.tobytes())
    return digest.hexdigest()[:16]
