"""Start and reconnect are the same: settle, import, compare, and only then trade."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..broker.errors import ConnectionRefusedByUsError, TerminalError
from ..broker.handshake import OTHER_ACCOUNT, OTHER_MARGIN_MODE, OTHER_SERVER, OTHER_TRADE_MODE, REAL_MONEY
from ..data import settings
from ..data.trading_state import GLOBAL, TradingState
from ..domain.bots import Bot, BotStatus, RunState
from ..domain.errors import QbxError
from ..domain.events import Level, Link, Topic
from ..domain.messages import Message, declare
from ..strategies.own.errors import StillWorking
from .book_deals import DealBook
from .equity_guard import EquityGuard
from .floor import Floor
from .market_round import MarketRound
from .roster import Roster
from .settle import Settler

_LOST = declare(
    "desk.lost",
    "MetaTrader 5 does not answer. Bots are waiting; open positions keep their stops at the broker. "
    "Start MetaTrader 5 and we reconnect by ourselves.",
)
_SWITCHED = declare(
    "desk.account_switched",
    "The terminal changed from account {known} to {found}. All trading is halted and nothing was sent. Log in to "
    "{known} again, or restart the program on the new account.",
)
_ASK = declare(
    "desk.ask_to_resume",
    "This is a real account: {count} bots wait for your word. Press Resume to let them trade.",
)

_OTHER_ACCOUNT = frozenset(
    {OTHER_ACCOUNT.code, OTHER_SERVER.code, OTHER_TRADE_MODE.code, OTHER_MARGIN_MODE.code, REAL_MONEY.code}
)

_TRY_EVERY = 5.0
_KNOCK_EVERY = 1.0
_SAY_LOST_AFTER = 5.0


class ConnectionCare:
    """Knows whether the desk may trade: after a complete recovery, until the link breaks."""

    def __init__(
        self, floor: Floor, roster: Roster, settler: Settler, book: DealBook, market: MarketRound, equity: EquityGuard,
        resume_real: bool = False,
    ) -> None:  # fmt: skip
        self._floor = floor
        self._roster = roster
        self._settler = settler
        self._book = book
        self._market = market
        self._equity = equity
        self._next_try = float("-inf")
        self._next_knock = float("-inf")
        self._lost_since: float | None = None
        self._resumed = False
        self._resume_real = resume_real
        self.ready = False
        self.on_break: Callable[[], None] = lambda: None

    def step(self, now: float) -> None:
        """Recover when that is needed and possible. Raises DbError."""
        if not self._is_up():
            self.broke(None)
            self._look_for_another_account()
            self._lost_since = now if self._lost_since is None else self._lost_since
            if now - self._lost_since >= _SAY_LOST_AFTER and self._floor.slots:
                self._floor.ledger.record_once("INFO", _LOST(), topic=Topic.CONNECTION, level=Level.WARNING)
            if now < self._next_knock:
                return
            self._next_knock = now + _KNOCK_EVERY
            self._knock()
        if self._is_up() and not self.ready and now >= self._next_try:
            self._next_try = now + _TRY_EVERY
            self._recover()

    def _is_up(self) -> bool:
        return self._floor.terminal.link in (Link.READY, Link.DEGRADED)

    def broke(self, reason: Message | None) -> None:
        """What was known is old: no trading until it was all read again."""
        if self.ready:
            self.ready = False
            self._next_try = float("-inf")
        self.on_break()
        self._floor.view.blind = True
        for slot in self._floor.slots.values():
            slot.wanted = None
            if slot.state is not RunState.RETRYING:
                slot.state, slot.reason = RunState.RETRYING, reason or _LOST()
                self._floor.ledger.announce(slot.changed())

    def failed(self, error: TerminalError) -> None:
        """A call failed. Over a good link that makes us blind until the next look; else the link is broken."""
        if not self._is_up():
            self.broke(error.message)
            return
        self._floor.view.blind = True
        for slot in self._floor.slots.values():
            if slot.state in (RunState.WAITING, RunState.STARTING):
                slot.state, slot.reason = RunState.RETRYING, error.message
                self._floor.ledger.announce(slot.changed())

    def sees_again(self) -> None:
        """A look succeeded: bots that only waited for it go on."""
        for slot in self._floor.slots.values():
            if slot.state is RunState.RETRYING and slot.unseen is None and self.ready:
                slot.state, slot.reason = RunState.WAITING, None
                self._floor.ledger.announce(slot.changed())

    def seconds_to_next(self, now: float) -> float:
        """Until the next attempt."""
        return 0.5 if self.ready else min(max(0.05, self._next_try - now), 1.0)

    def resume(self) -> None:
        """The trader's word for a real account."""
        self._resume_real = True
        self._resumed = False
        if self.ready:
            self._take_up()

    def _knock(self) -> None:
        """A lost link mends itself when it is asked for something; one that was never opened is opened."""
        try:
            if self._floor.terminal.link is Link.STOPPED:
                self._floor.terminal.open(patience=0.0)
            else:
                self._floor.terminal.terminal_info()
        except ConnectionRefusedByUsError as error:
            self._floor.ledger.record_once(
                "ERROR", error.message, topic=Topic.CONNECTION, level=Level.PROBLEM
            )
        except TerminalError:
            return

    def _recover(self) -> None:
        floor = self._floor
        try:
            for event in floor.view.look():
                floor.ledger.announce(event)
            if not self._is_our_account():
                return
            self._settler.reconnected()
            self._settler.look(floor.ledger.journal.open_questions())
            self._book.look()
            self._equity.look()
        except TerminalError as error:
            self.broke(error.message)
            return
        self._lost_since = None
        floor.ledger.notices.over(_LOST.code)
        self._market.start_over()
        self.ready = True
        if not self._resumed:
            self._take_up()
        self.sees_again()
        self._market.follow()

    def _is_our_account(self) -> bool:
        floor = self._floor
        account = floor.view.account
        assert account is not None
        if not floor.login:
            floor.login, floor.server = account.login, account.server
            return True
        if (account.login, account.server) == (floor.login, floor.server):
            return True
        self._switched(_SWITCHED(known=floor.login, found=account.login))
        return False

    def _look_for_another_account(self) -> None:
        """The link also counts as broken when the terminal shows an account that is not the agreed one."""
        reason = self._floor.terminal.client.reason
        if self._floor.login and reason is not None and reason.code in _OTHER_ACCOUNT:
            self._switched(reason)

    def _switched(self, message: Message) -> None:
        floor = self._floor
        if floor.states.get(GLOBAL, (TradingState.ACTIVE, ""))[0] is not TradingState.HALTED:
            floor.set_state(GLOBAL, TradingState.HALTED, message.text)
        floor.ledger.record_once("ERROR", message, topic=Topic.CONNECTION, level=Level.PROBLEM)
        self.broke(message)

    def _take_up(self) -> None:
        floor = self._floor
        self._resumed = True
        wishing = [
            bot
            for bot in sorted(floor.bots.values(), key=lambda each: each.id)
            if bot.status is BotStatus.AKTIF and not bot.settings.archived and bot.id not in floor.slots
        ]
        if not wishing or not settings.get(floor.ledger.con, "resume_bots", True):
            return
        if floor.view.is_real and not self._resume_real:
            floor.ledger.record("INFO", _ASK(count=len(wishing)), topic=Topic.INFO, level=Level.WARNING)
            return
        for bot in wishing:
            if bot.settings.halted_reason is not None:
                continue
            self._put_on(bot)

    def _put_on(self, bot: Bot) -> None:
        try:
            slot = self._roster.put_on(bot)
        except StillWorking as error:
            self._roster.wait_for(bot, error, partial(self._put_on, bot))
            return
        except QbxError as error:
            self._roster.refuse(bot, error)
            return
        slot.state = RunState.WAITING
        self._floor.ledger.announce(slot.changed())
