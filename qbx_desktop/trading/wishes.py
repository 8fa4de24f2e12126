"""What the trader asks of the desk: start, pause, close, halt. Each command may be given twice."""

from __future__ import annotations

from functools import partial

from ..broker.errors import TerminalError
from ..data import bots
from ..data.order_journal import AlreadyJournaled
from ..data.trading_state import GLOBAL, TradingState
from ..domain.bots import Bot, BotStatus, RunState
from ..domain.errors import QbxError, UserMistake
from ..domain.events import Level, Topic
from ..domain.journal import JournalState
from ..domain.messages import Message, declare
from ..domain.orders import Outcome
from ..strategies.own.errors import StillWorking
from . import halt_file, preflight, tamper_care
from . import order_sentences as say
from .close_position import Closer
from .connection_care import ConnectionCare
from .equity_guard import EquityGuard
from .floor import Floor
from .kill_switch import ALL, OURS, KillSwitch
from .market_round import MarketRound
from .outcome import Told, record_outcome
from .roster import STARTED, STOPPED, Roster

_NO_POSITION = declare("desk.no_position", "There is no open position {ticket}. Nothing was sent.")
_BUSY = declare(
    "desk.close_waits",
    "An order of this bot is not settled yet; the position was not touched. Try again in a moment.",
)
_NOT_READY = declare(
    "desk.not_ready", "The terminal is not connected. Nothing was sent; try again when it is."
)
_FILE_CHANGED = declare(
    "desk.strategy_changed",
    '"{name}" is paused: {why} Its position, if it has one, keeps its stops at the broker.',
)
_PAUSED_ALL = declare(
    "desk.paused_all", "All bots are paused. Their positions keep their stops at the broker."
)
_CLOSING = declare("desk.closing", "Everything is being closed; all bots are paused.")
_EMERGENCY = declare("desk.emergency", "EMERGENCY: trading is halted and everything is being closed ({why}).")
_STOPPED = declare(
    "desk.stopped",
    "EMERGENCY STOP: nothing is sent until trading is armed again. Open positions keep their stops at the broker.",
)
_HALTED = declare("desk.halted", "The HALT file is there: nothing is sent until trading is armed again.")
_ARMED = declare("desk.armed", "Trading is armed again. Bots stay off until you start them.")
_ARMED_TOMORROW = declare(
    "desk.armed_tomorrow",
    "Trading is armed again, but the loss limit of {day} was reached: new positions from the next server day on.",
)
_ALGO_OFF = declare("desk.algo_off", "Trading is switched off: no new positions, closing stays allowed.")
_ALGO_ON = declare("desk.algo_on", "Trading is switched on.")
_OFF_WORD = "the trading switch is off"


class Wishes:
    """Carries out the commands. Raises QbxError with the sentence for the trader."""

    def __init__(
        self, floor: Floor, roster: Roster, market: MarketRound, kill: KillSwitch, closer: Closer, care: ConnectionCare,
        equity: EquityGuard,
    ) -> None:  # fmt: skip
        self._floor = floor
        self._roster = roster
        self._market = market
        self._kill = kill
        self._closer = closer
        self._care = care
        self._equity = equity

    def start(self, bot_id: int) -> None:
        """Take the bot up, after looking whether it can trade at all; a red check keeps it off."""
        bot = self._roster.reload(bot_id)
        if bot_id in self._floor.slots:
            return
        self._roster.arm(bot)
        self._begin(self._roster.reload(bot_id))

    def _begin(self, bot: Bot) -> None:
        try:
            if self._care.ready:
                preflight.demand(self._floor, bot, self._roster.strategy(bot))
            slot = self._roster.put_on(bot)
        except StillWorking as error:
            self._roster.wait_for(bot, error, partial(self._begin, bot))
            return
        except TerminalError:
            slot = self._roster.put_on(bot)
        except QbxError as error:
            self._roster.refuse(bot, error)
            return
        slot.state = RunState.WAITING if self._care.ready else RunState.RETRYING
        slot.reason = None if self._care.ready else _NOT_READY()
        message = STARTED(name=bot.name, symbol=bot.market, timeframe=bot.timeframe)
        self._floor.ledger.record("START", message, bot=bot, tell=False)
        self._floor.ledger.announce(slot.changed())
        self._market.follow()

    def pause(self, bot_id: int) -> None:
        """The bot decides nothing from now on. Its open question, if any, is still settled."""
        bot = self._roster.reload(bot_id)
        was_on = self._roster.take_off(bot_id)
        self._floor.ledger.wish(bot_id, BotStatus.DIJEDA)
        self._roster.reload(bot_id)
        if was_on:
            self._floor.ledger.record("STOP", STOPPED(name=bot.name), bot=bot, tell=False)
        self._market.follow()

    def reload(self, bot_id: int) -> None:
        """Take over a changed (or archived, or deleted) bot."""
        was_on = bot_id in self._floor.slots or bot_id in self._roster.loading
        try:
            bot = self._roster.reload(bot_id)
        except UserMistake:
            self._roster.take_off(bot_id)
            return
        if not was_on:
            return
        self._roster.take_off(bot_id)
        if bot.status is BotStatus.AKTIF and not bot.settings.archived:
            self._put_on_again(bot)
        self._market.follow()

    def pause_strategy(self, key: str, why: Message) -> None:
        """Pause every bot of the strategy `key`, each with the reason."""
        for bot_id in sorted({*self._floor.slots, *self._roster.loading}):
            bot = self._floor.bots[bot_id]
            if bot.strategy == key:
                self.pause(bot_id)
                message = _FILE_CHANGED(name=bot.name, why=why.text)
                self._floor.ledger.record(
                    "STOP", message, bot=bot, topic=Topic.BOT_ERROR, level=Level.WARNING
                )

    def pause_all(self) -> None:
        """Pause every bot that is on or wishes to be."""
        wishing = [bot.id for bot in self._floor.bots.values() if bot.status is BotStatus.AKTIF]
        some = False
        for bot_id in sorted({*wishing, *self._floor.slots}):
            self.pause(bot_id)
            some = True
        if some:
            self._floor.ledger.record("INFO", _PAUSED_ALL(), topic=Topic.INFO, level=Level.WARNING)

    def close_all(self, scope: str) -> None:
        """Pause all, then close all until the broker shows none."""
        self.pause_all()
        if self._kill.armed is None:
            self._floor.ledger.record("INFO", _CLOSING(), topic=Topic.INFO, level=Level.WARNING)
        self._kill.arm(ALL if scope == ALL else OURS)

    def emergency(self, reason: str) -> None:
        """The file first: from then on no order leaves but closes, whatever happens to this process."""
        if self._floor.halt_file is not None:
            halt_file.pull(self._floor.halt_file, reason, flatten=True)
        fresh = self._floor.state_of(None)[0] is not TradingState.HALTED or self._kill.armed is None
        self._floor.set_state(GLOBAL, TradingState.HALTED, reason)
        self._kill.arm(OURS)
        for bot_id in [*self._floor.slots, *self._roster.loading]:
            self._halted(bot_id)
        if fresh:
            self._floor.ledger.record(
                "ERROR", _EMERGENCY(why=reason), topic=Topic.BOT_ERROR, level=Level.PROBLEM
            )

    def halt(self, reason: str) -> None:
        """No order leaves any more; nothing is closed."""
        floor = self._floor
        if floor.halt_file is not None:
            halt_file.pull(floor.halt_file, reason, flatten=self._kill.armed is not None)
        if floor.states.get(GLOBAL, (None, ""))[0] is not TradingState.HALTED:
            floor.set_state(GLOBAL, TradingState.HALTED, reason)
            floor.ledger.record("ERROR", _STOPPED(), topic=Topic.BOT_ERROR, level=Level.PROBLEM)
        for bot_id in list(floor.slots):
            self._halted(bot_id)

    def see_halt_file(self) -> None:
        """Somebody made the file: halted, and that survives the file."""
        floor = self._floor
        if not floor.is_halted_by_file or floor.states.get(GLOBAL, (None, ""))[0] is TradingState.HALTED:
            return
        assert floor.halt_file is not None
        floor.set_state(GLOBAL, TradingState.HALTED, "the HALT file")
        if halt_file.wants_flat(floor.halt_file):
            self._kill.arm(OURS)
        for bot_id in [*floor.slots, *self._roster.loading]:
            self._halted(bot_id)
        floor.ledger.record("ERROR", _HALTED(), topic=Topic.BOT_ERROR, level=Level.PROBLEM)

    def rearm(self) -> None:
        """After the trader's typed word: trading is allowed, losses count from here."""
        if self._floor.halt_file is not None:
            halt_file.release(self._floor.halt_file)
        # Nobody talks himself out of the day's loss limit: that one ends with the server's day.
        stopped = self._floor.stopped_on
        for scope in (GLOBAL, self._floor.account_scope):
            if scope in self._floor.states and not (stopped and scope == self._floor.account_scope):
                self._floor.set_state(scope, TradingState.ACTIVE, "")
        self._equity.rearm()
        tamper_care.accept(self._floor)
        said = _ARMED_TOMORROW(day=stopped) if stopped else _ARMED()
        self._floor.ledger.record("INFO", said, topic=Topic.INFO, level=Level.WARNING)

    def set_algo(self, on: bool) -> None:
        """Switch new positions off or on; a halt stays a halt."""
        state = self._floor.states.get(GLOBAL, (TradingState.ACTIVE, ""))[0]
        wanted = TradingState.ACTIVE if on else TradingState.REDUCING
        if state is TradingState.HALTED or state is wanted:
            return
        self._floor.set_state(GLOBAL, wanted, "" if on else _OFF_WORD)
        self._floor.ledger.record(
            "INFO", (_ALGO_ON if on else _ALGO_OFF)(), topic=Topic.INFO, level=Level.INFO
        )

    def close_position(self, ticket: int) -> None:
        """Close one position; ours or not, the trader pointed at it."""
        if not self._care.ready:
            raise UserMistake(_NOT_READY())
        position = next((each for each in self._floor.view.positions if each.ticket == ticket), None)
        if position is None:
            raise UserMistake(_NO_POSITION(ticket=ticket))
        bot_id = self._floor.view.bot_of_magic(position.magic)
        bot = None if bot_id is None else self._floor.bots.get(bot_id)
        slot = None if bot is None else self._floor.slots.get(bot.id)
        if self._is_busy(ticket, bot):
            raise UserMistake(_BUSY())
        try:
            row = self._closer.close(
                position, bot, source="USER", why=say.WHY_USER(), bar_time=self._floor.view.server_time
            )
        except AlreadyJournaled:
            raise UserMistake(_BUSY()) from None
        if slot is not None and row.filled:
            slot.unseen, slot.unseen_since = row, self._floor.clock.monotonic()

    def decide_review(self, row_id: int, happened: bool) -> None:
        """Close an open review: the order was carried out, or it was not."""
        row = self._floor.ledger.journal.get(row_id)
        state = JournalState.FILLED if happened else JournalState.NOT_PLACED
        outcome = Outcome(state, row.retcode, row.last_error or "", filled=row.volume if happened else 0.0)
        bot = self._floor.bots.get(row.bot_id or 0)
        record_outcome(self._floor.ledger, row, outcome, Told(bot), resolution="decided by the trader")

    def _is_busy(self, ticket: int, bot: Bot | None) -> bool:
        open_rows = self._floor.ledger.journal.open_questions()
        return any(
            row.position_ticket == ticket or (bot is not None and row.bot_id == bot.id) for row in open_rows
        )

    def _put_on_again(self, bot: Bot) -> None:
        try:
            slot = self._roster.put_on(bot)
        except StillWorking as error:
            self._roster.wait_for(bot, error, partial(self._put_on_again, bot))
            return
        except QbxError as error:
            self._roster.refuse(bot, error)
            return
        slot.state = RunState.WAITING if self._care.ready else RunState.RETRYING
        self._floor.ledger.announce(slot.changed())

    def _halted(self, bot_id: int) -> None:
        """Off until the trader starts it again; the stored wish says so too."""
        with self._floor.ledger.writing():
            bots.set_status(self._floor.ledger.con, bot_id, BotStatus.DIJEDA)
            self._roster.take_off(bot_id, RunState.HALTED, _HALTED())
        self._roster.reload(bot_id)
