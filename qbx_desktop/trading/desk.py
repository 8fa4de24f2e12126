"""The desk: everything that trades, in one object, used by one thread, with time as an argument."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ..broker.bar_watch import BarClosed
from ..broker.errors import TerminalError
from ..broker.terminal import Terminal
from ..data import app_meta
from ..data.database import Database
from ..data.disk_space import Space
from ..data.errors import DbError
from ..data.order_journal import AlreadyJournaled
from ..data.order_log import OrderLog
from ..domain.bars import Bars
from ..domain.bots import RunState
from ..domain.clock import Clock
from ..domain.errors import QbxError
from ..domain.events import Event, Level, Notice, Topic
from ..domain.messages import Message, declare
from ..strategies import registry
from ..strategies.contract import Strategy
from ..strategies.own.errors import StillWorking
from . import tamper_care
from .account_view import AccountView
from .book_deals import DealBook
from .bot_care import BotCare
from .bot_turn import BotTurn
from .brake import Brake
from .close_position import Closer
from .commission import Commission
from .connection_care import ConnectionCare
from .disk_care import DiskCare
from .equity_guard import EquityGuard
from .floor import Floor
from .gate import Gate
from .kill_switch import OURS, KillSwitch
from .ledger import Ledger
from .market_round import MarketRound
from .news_watch import NewsWatch
from .place_order import OrderRoad
from .price_watch import PriceWatch
from .roster import Roster
from .settle import Settler
from .symbols import Symbols
from .wishes import Wishes

_UNSAVED = declare(
    "desk.unsaved", "Cannot save to disk ({why}). Trading is paused so that nothing happens unrecorded."
)

_LOOK_EVERY, _LOOK_IDLE = 1.0, 5.0
_SLEEP_GAP = 10.0
_AFTER_DB_ERROR = 5.0
# So long a failed read of a closed bar is tried again before the bar counts as missed.
_CLOSED_BAR_WAITS = 30.0
# How often a strategy that has a process of its own is asked whether its answer is there.
_THINK_EVERY = 0.05


class Desk:
    """Commands give back what happened; :meth:`run_due` does what is due now and may be broken off at any event.

    `detect_sleep` off is for a caller that moves the clock itself, in steps as large as it likes; without `disk` the
    disk's free space limits nothing.
    """

    def __init__(
        self, db: Database, terminal: Terminal, clock: Clock, *, strategy_of: Callable[[str], Strategy] = registry.get,
        halt_file: Path | None = None, order_log: OrderLog | None = None,
        slippage_points: int = 0, detect_sleep: bool = True, disk: Callable[[], Space] | None = None,
        brake: Brake | None = None, calendar_path: Path | None = None,
    ) -> None:  # fmt: skip
        ledger = Ledger(db, clock)
        view = AccountView(terminal, clock, app_meta.magic_base(ledger.con))
        spec = terminal.client.spec
        self.floor = Floor(
            terminal, ledger, clock, view, Symbols(terminal), PriceWatch(), Commission(ledger, clock),
            halt_file or spec.halt_file, spec.speed if spec.simulated else 1.0, slippage_points, brake or Brake(),
        )  # fmt: skip
        log = order_log or OrderLog(db.path.parent / "logs")
        self._equity = EquityGuard(self.floor)
        self._disk = DiskCare(self.floor, disk)
        self.floor.news = NewsWatch(calendar_path, clock, self.floor.symbols.last)
        gate = Gate(self.floor, self._equity, self.floor.news)
        self.floor.logs = log.folder
        self._road = OrderRoad(ledger, terminal, log, gate.last_look)
        self._closer = Closer(self.floor, self._road)
        self._turn = BotTurn(self.floor, gate, self._road, self._closer)
        self._settler, self._book = Settler(self.floor), DealBook(self.floor)
        self._market, self._roster = MarketRound(self.floor), Roster(self.floor, strategy_of)
        self._kill = KillSwitch(self.floor, self._closer)
        self._bots = BotCare(self.floor, self._market, self._closer, self._road, self._equity)
        self._care = ConnectionCare(
            self.floor, self._roster, self._settler, self._book, self._market, self._equity
        )
        self._wishes = Wishes(
            self.floor, self._roster, self._market, self._kill, self._closer, self._care, self._equity
        )
        self.strategy_of = strategy_of
        self._detect_sleep = detect_sleep
        self._last_round: float | None = None
        self._promised = 0.0
        self._no_writes_until = float("-inf")
        # Bars that closed, and the bots' turns on them: a round that is broken off goes on with them.
        self._closed: deque[tuple[BarClosed, float]] = deque()
        self._turns: deque[Callable[[], object]] = deque()
        # Bots whose strategy's process has not answered yet: about which bar, and since when it is asked.
        self._thinking: dict[int, tuple[Bars, BarClosed, float]] = {}
        self._care.on_break = self._forget_bars

    # -- life

    def open(self, now: float) -> list[Event]:
        """Find out what happened while nobody looked; the start is the recovery. Raises DbError."""
        self._roster.load()
        self.floor.load_states()
        tamper_care.look(self.floor)
        self._kill.load()
        self._settler.forget_flight(self.floor.ledger.journal.open_questions())
        self._care.step(now)
        return list(self._out())

    def close(self) -> None:
        """Leave everything as it is, on disk: wishes, positions, open questions. They are taken up at the next start."""
        self.floor.slots.clear()
        self._guarded(self.floor.ledger.keep_decisions)
        self.floor.ledger.close()

    # -- commands

    def start_bot(self, bot_id: int) -> list[Event]:
        """Take a bot up by the trader's wish. What is wrong with it comes back as an event, not as an exception."""
        return self._command(lambda: self._wishes.start(bot_id))

    def pause_bot(self, bot_id: int) -> list[Event]:
        """From this moment the bot decides nothing more; its position stays."""
        return self._command(lambda: self._wishes.pause(bot_id))

    def reload_bot(self, bot_id: int) -> list[Event]:
        """The bot's row was changed: a running one starts again with its new settings."""
        return self._command(lambda: self._wishes.reload(bot_id))

    def pause_strategy(self, key: str, why: Message) -> list[Event]:
        """Pause the bots that run the trader's strategy `key`, because its file is not what was approved any more."""
        return self._command(lambda: self._wishes.pause_strategy(key, why))

    def pause_all(self) -> list[Event]:
        """Pause every bot. Twice is once."""
        return self._command(self._wishes.pause_all)

    def close_all(self, scope: str = OURS) -> list[Event]:
        """Pause every bot and close all our positions; with scope "all" every position of the account."""
        return self._command(lambda: self._wishes.close_all(scope))

    def emergency(self, reason: str) -> list[Event]:
        """Halt, close everything of ours, stay halted over restarts until :meth:`rearm`."""
        return self._command(lambda: self._wishes.emergency(reason))

    def halt(self, reason: str) -> list[Event]:
        """Halt and leave the positions to their stops, until :meth:`rearm`."""
        return self._command(lambda: self._wishes.halt(reason))

    def rearm(self) -> list[Event]:
        """Trading is allowed again; bots stay off until they are started."""
        return self._command(self._wishes.rearm)

    def set_algo(self, on: bool) -> list[Event]:
        """The desk's own main switch: off means no new positions; bots keep their wish."""
        return self._command(lambda: self._wishes.set_algo(on))

    def resume_bots(self) -> list[Event]:
        """Let the active bots trade on a real account, which waits for the trader's word after a start."""
        return self._command(self._care.resume)

    def close_position(self, ticket: int) -> list[Event]:
        """Close one position by the trader's click, whoever opened it."""
        return self._command(lambda: self._wishes.close_position(ticket))

    def decide_review(self, row_id: int, happened: bool) -> list[Event]:
        """The trader's answer for an order that could not be settled; the bot may be started again afterwards."""
        return self._command(lambda: self._wishes.decide_review(row_id, happened))

    # -- rounds

    def run_due(self, now: float) -> Iterator[Event]:
        """Do what is due, one step at a time, giving the events of each."""
        slept = self._last_round is not None and now - self._last_round > self._promised + _SLEEP_GAP
        if self._detect_sleep and slept:
            self._care.broke(None)
        self._last_round = now
        for step in self._steps(now):
            self._guarded(step)
            yield from self._out()
        self._guarded(self.floor.ledger.keep_decisions)
        yield from self._out()

    def seconds_to_next(self, now: float) -> float:
        """How long nothing is due."""
        waits = [self._care.seconds_to_next(now), self._no_writes_until - now]
        waits = [wait for wait in waits if wait > 0] or [0.05]
        if self._care.ready and now >= self._no_writes_until:
            look = self.floor.view.read_at + self._look_pause() - now
            waits = [max(0.0, look), self._book.seconds_to_next(now)]
            for wait in (self._market.seconds_to_next(now), self._kill.seconds_to_next(now)):
                if wait is not None:
                    waits.append(wait)
            if any(slot.wanted is not None for slot in self.floor.slots.values()):
                waits.append(0.25)
            if self._thinking or self._roster.loading:
                waits.append(_THINK_EVERY)
        self._promised = max(0.01, min(waits))
        return self._promised

    def _steps(self, now: float) -> Iterator[Callable[[], object]]:
        """What to do in this round, in order of urgency. Whatever is taken from a queue here is also carried out."""
        if now < self._no_writes_until:
            return
        yield lambda: self._disk.step(now)
        yield self._wishes.see_halt_file
        yield lambda: self._care.step(now)
        if not self._may_go_on():
            return
        yield lambda: self._look(now)
        yield lambda: self._settle(now)
        if self._book.due(now):
            yield self._book.look
        # One step per position, and one more that finds nothing left.
        for _ in range(len(self.floor.view.positions) + 1):
            if self._may_go_on() and self._kill.armed:
                yield self._kill_step
        yield lambda: self._bots.check(now)
        if not self._may_go_on():
            return
        yield from self._roster.retries()
        for bot_id in list(self._thinking):
            yield partial(self._think_on, bot_id)
        yield lambda: self._look_for_closed_bars(now)
        yield self._show_last_bar
        for _ in range(len(self._closed)):
            yield self._take_closed_bar
        while self._turns and self._may_go_on():
            yield self._turns.popleft()
        for slot in [slot for slot in self.floor.slots.values() if slot.wanted is not None]:
            yield partial(self._act, slot.bot.id)

    def _may_go_on(self) -> bool:
        return self._care.ready

    def _look_for_closed_bars(self, now: float) -> None:
        self._market.follow()
        for event in self._market.closed_bars(now):
            self._closed.append((event, self.floor.close_to(_CLOSED_BAR_WAITS)))

    def _show_last_bar(self) -> None:
        """A bot that was just taken up explains the last closed bar; it trades from the next one on."""
        for key, bot_ids in self._market.fresh(self._thinking).items():
            history = self._market.history(key)
            if not len(history):
                continue
            last = int(history.time[-1])
            closed = BarClosed(key, last, key.timeframe.next_open(last), 0, late=True)
            for bot_id in bot_ids:
                self._see(bot_id, history, closed)

    def _take_closed_bar(self) -> None:
        """Load the bars for all bots of one key; while that fails the event waits for another round, for a while."""
        event, until = self._closed[0]
        try:
            history = self._market.history(event.key, event.time)
        except TerminalError:
            if self.floor.clock.monotonic() > until:
                self._closed.popleft()
            else:
                self._closed.rotate(-1)
            raise
        self._closed.popleft()
        if not len(history):
            return
        for slot in self._market.slots_on(event.key):
            self._turns += partial(self._see, slot.bot.id, history, event), partial(self._act, slot.bot.id)

    def _see(self, bot_id: int, history: Bars, event: BarClosed, since: float | None = None) -> None:
        slot = self.floor.slots.get(bot_id)
        if slot is None:
            return
        since = self.floor.clock.monotonic() if since is None else since
        slot.next_check = slot.key.timeframe.next_open(event.forming)
        try:
            self._turn.see(slot, history, not event.late, since)
        except StillWorking:
            self._thinking[bot_id] = (history, event, since)
            return
        except Exception as error:  # noqa: BLE001 - a strategy may raise anything; it ends this bot and no other
            self._bots.strategy_failed(slot, error, event.time)
            return
        slot.failures = 0
        if slot.state in (RunState.STARTING, RunState.BLOCKED, RunState.RETRYING):
            slot.state, slot.reason = RunState.WAITING, None
        self.floor.ledger.announce(slot.changed())

    def _think_on(self, bot_id: int) -> None:
        """Ask again whether the strategy's process has answered; what it wants is carried out in this round."""
        history, event, since = self._thinking.pop(bot_id)
        self._see(bot_id, history, event, since)

    def _act(self, bot_id: int) -> None:
        slot = self.floor.slots.get(bot_id)
        if slot is None or slot.wanted is None or not self._care.ready:
            return
        if not self.floor.view.is_of(self._last_round or 0.0):
            self._look_again()
        # A reversal is two acts: the open follows when the close is seen, which one more look may show at once.
        for _ in range(2):
            before = (slot.state, slot.reason)
            self._turn.act(slot)
            if bot_id not in self.floor.slots:
                return
            if (slot.state, slot.reason) != before:
                self.floor.ledger.announce(slot.changed())
            if slot.unseen is None:
                return
            self._book.soon()
            self._look_again(slot.bot.market)
            self._bots.look_for_fill(slot)

    def _look(self, now: float) -> None:
        if self.floor.view.blind or now - self.floor.view.read_at >= self._look_pause():
            self._look_again()
            self._equity.look()

    def _look_pause(self) -> float:
        return _LOOK_EVERY if self.floor.slots or self.floor.view.ours or self._kill.armed else _LOOK_IDLE

    def _look_again(self, symbol: str | None = None) -> None:
        for event in self.floor.view.look(symbol):
            self.floor.ledger.announce(event)
        account = self.floor.view.account
        if account is not None and (account.login, account.server) != (self.floor.login, self.floor.server):
            self._care.broke(None)
        self._care.sees_again()

    def _settle(self, now: float) -> None:
        if not self._settler.due(now):
            return
        rows = self.floor.ledger.journal.open_questions()
        if rows and self._settler.look(rows) is not None:
            self._look_again()

    def _kill_step(self) -> None:
        if self._kill.step():
            self._look_again()

    def _forget_bars(self) -> None:
        self._closed.clear()
        self._turns.clear()
        self._thinking.clear()

    # -- how a step may end

    def _command(self, action: Callable[[], None]) -> list[Event]:
        try:
            action()
        except QbxError as error:
            self._announce_only(error.message)
        return list(self._out())

    def _guarded(self, step: Callable[[], object]) -> None:
        try:
            step()
        except TerminalError as error:
            self._care.failed(error)
        except AlreadyJournaled as error:
            self._announce_only(error.message)
        except DbError as error:
            self._cannot_save(error)

    def _cannot_save(self, error: DbError) -> None:
        """Nothing may happen unrecorded: no round until the disk takes rows again."""
        self._no_writes_until = self.floor.close_to(_AFTER_DB_ERROR)
        if self.floor.ledger.notices.count("desk.unsaved", None):
            self._announce_only(_UNSAVED(why=error.sentence))
        for slot in self.floor.slots.values():
            slot.wanted = None
            slot.state, slot.reason = RunState.BLOCKED, _UNSAVED(why=error.sentence)
            self.floor.ledger.announce(slot.changed())

    def _announce_only(self, message: Message) -> None:
        """A notice without a history row: the database may be what failed, or the answer is for this moment."""
        at = self.floor.clock.now()
        self.floor.ledger.announce(Notice(message, Topic.INFO, Level.PROBLEM, at))

    def _out(self) -> Iterator[Event]:
        while self.floor.ledger.events:
            yield self.floor.ledger.events.popleft()
