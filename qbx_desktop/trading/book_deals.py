"""Books the broker's deals once each: closes that were not ours to send get their history row, strangers an alarm."""

from __future__ import annotations

from ..data import deals
from ..domain.bots import Bot
from ..domain.events import Level, Topic
from ..domain.journal import JournalState
from ..domain.messages import Message, declare
from ..domain.mt5 import DealEntry, DealType, Reason, Side
from ..domain.records import TradeDeal
from . import order_sentences as say
from .clean_scan import AFTER, BEFORE
from .floor import Floor
from .halts import halt_bot
from .match_order import BROKERS_REASONS
from .outcome import CLOSED, net_of_position

_STRANGER = declare(
    "audit.stranger",
    "Another copy is trading this account: order {order} of {symbol} carries this bot's number and we did not send it. "
    "The bot is off; its position keeps its stops. End the other copy, then start the bot again.",
)
_NO_BOT = declare(
    "audit.no_bot",
    "Order {order} of {symbol} carries a number of this installation, but there is no such bot. Nothing was touched; "
    "look for another copy of the program or a restored backup.",
)

AUDIT_EVERY = 10.0
_FIRST_IMPORT = 30 * 86_400
_HANDS = frozenset({int(Reason.CLIENT), int(Reason.MOBILE), int(Reason.WEB)})
_TRADES = frozenset({int(DealType.BUY), int(DealType.SELL)})
_WHY = {int(Reason.SL): say.WHY_SL, int(Reason.TP): say.WHY_TP, int(Reason.SO): say.WHY_SO}


class DealBook:
    """Reads the deals since the last one known. What may still be the answer to an open question waits for it."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._next = float("-inf")
        self._waiting_since: int | None = None

    def due(self, now: float) -> bool:
        """Whether ten seconds have passed, or somebody asked for a look."""
        return now >= self._next

    def seconds_to_next(self, now: float) -> float:
        """Until the next look."""
        return max(0.0, self._next - now)

    def soon(self) -> None:
        """Something changed: look at the next opportunity."""
        self._next = float("-inf")

    def look(self) -> int:
        """Import and judge new deals; returns how many. Raises TerminalError and DbError."""
        floor = self._floor
        self._next = floor.close_to(AUDIT_EVERY)
        server_time = floor.terminal.server_time()
        last = deals.last_deal_time(floor.ledger.con, floor.login, floor.server) // 1000
        since = (last or server_time - _FIRST_IMPORT) - BEFORE
        if self._waiting_since is not None:
            since = min(since, self._waiting_since)
        found = sorted(floor.terminal.history_deals(since, server_time + AFTER), key=_order)
        self._waiting_since = None
        new = 0
        for deal in found:
            if deals.by_ticket(floor.ledger.con, floor.login, floor.server, deal.ticket) is None:
                new += self._book(deal, found)
        return new

    def _book(self, deal: TradeDeal, around: list[TradeDeal]) -> int:
        owner = self._owner(deal, around)
        row = None
        if deal.order:
            row = self._floor.ledger.journal.by_order_ticket(
                self._floor.login, self._floor.server, deal.order
            )
        with self._floor.ledger.writing():
            if owner is not None and deal.type in _TRADES and row is None:
                if self._may_be_an_answer(owner, deal):
                    self._waiting_since = min(self._waiting_since or deal.time, deal.time) - BEFORE
                    return 0
                self._judge(owner, deal, around)
            elif row is not None and row.state not in (JournalState.FILLED, JournalState.PARTIAL):
                self._surprise(owner, deal, row.state)
            return deals.record_deals(
                self._floor.ledger.con, self._floor.login, self._floor.server, [deal], lambda _magic: owner
            )

    def _owner(self, deal: TradeDeal, around: list[TradeDeal]) -> int | None:
        """The bot whose position this deal is about; a close by hand carries no magic number of ours."""
        mine = self._floor.view.bot_of_magic(deal.magic)
        if mine is not None or not deal.position_id:
            return mine
        for other in around:
            if other.position_id == deal.position_id:
                mine = self._floor.view.bot_of_magic(other.magic)
                if mine is not None:
                    return mine
        booked = deals.deals_of(
            self._floor.ledger.con,
            account=self._floor.login,
            server=self._floor.server,
            position_id=deal.position_id,
        )
        return next((each.bot_id for each in booked if each.bot_id is not None), None)

    def _may_be_an_answer(self, owner: int, deal: TradeDeal) -> bool:
        if deal.reason in BROKERS_REASONS or self._floor.view.bot_of_magic(deal.magic) is None:
            return False
        open_rows = self._floor.ledger.journal.open_questions()
        return any(row.bot_id == owner and row.state is not JournalState.REVIEW for row in open_rows)

    def _judge(self, owner: int, deal: TradeDeal, around: list[TradeDeal]) -> None:
        leaves = deal.entry in (DealEntry.OUT, DealEntry.OUT_BY)
        by_program = deal.reason not in BROKERS_REASONS and deal.reason not in _HANDS
        ours = self._floor.view.bot_of_magic(deal.magic) is not None
        if not leaves or (by_program and ours):
            self._alarm(owner, deal)
            return
        self._closed_elsewhere(self._floor.bots.get(owner), deal, around)

    def _closed_elsewhere(self, bot: Bot | None, deal: TradeDeal, around: list[TradeDeal]) -> None:
        floor = self._floor
        history = {each.ticket: each for each in around}
        for each in deals.deals_of(
            floor.ledger.con, account=floor.login, server=floor.server, position_id=deal.position_id
        ):
            history.setdefault(each.deal.ticket, each.deal)
        why: Message = _WHY[deal.reason]() if deal.reason in _WHY else say.WHY_ELSEWHERE()
        currency = "" if floor.view.account is None else floor.view.account.currency
        net = net_of_position(history.values(), deal.position_id)
        message = say.closed(
            side=-int(Side.of_type(deal.type)), volume=deal.volume, symbol=deal.symbol, price=deal.price,
            digits=floor.symbols.digits(deal.symbol), why=why, ticket=deal.position_id, profit=net, currency=currency,
        )  # fmt: skip
        level = Level.GOOD if net >= 0 else Level.INFO
        floor.ledger.record(CLOSED, message, bot=bot, topic=Topic.FILL, level=level, symbol=deal.symbol)

    def _alarm(self, owner: int, deal: TradeDeal) -> None:
        if owner in self._floor.bots:
            halt_bot(self._floor, owner, _STRANGER(order=deal.order, symbol=deal.symbol))
            return
        self._floor.ledger.record(
            "ERROR", _NO_BOT(order=deal.order, symbol=deal.symbol), topic=Topic.BOT_ERROR, level=Level.PROBLEM
        )

    def _surprise(self, owner: int | None, deal: TradeDeal, state: JournalState) -> None:
        if owner is not None and state.is_open_question is False:
            halt_bot(self._floor, owner, say.SURPRISE(symbol=deal.symbol, state=state.value))


def _order(deal: TradeDeal) -> tuple[int, int]:
    return (deal.time_msc or deal.time * 1000, deal.ticket)
