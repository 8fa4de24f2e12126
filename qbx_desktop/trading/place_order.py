"""The one road on which an order leaves: journal row committed, sent at most once, outcome committed."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..broker.command import Priority
from ..broker.errors import TerminalError
from ..broker.terminal import OrderAnswer, Terminal
from ..data import deals, decisions
from ..data.order_log import OrderLog
from ..domain.bots import Bot
from ..domain.events import Level, Topic
from ..domain.journal import JournalAction, JournalRow, JournalState
from ..domain.messages import Message
from ..domain.mt5 import DealEntry, Side
from ..domain.orders import Outcome, Request, classify, comment_of, new_uid
from ..domain.records import TradeDeal
from ..domain.refusals import Refusal
from . import order_sentences as say
from .clean_scan import AFTER, BEFORE
from .ledger import Ledger
from .outcome import Told, failed_word, net_of_position, record_outcome

# What a person or the kill switch closes is closed even while trading is halted.
BY_HAND = frozenset({"KILL", "USER"})


@dataclass(frozen=True)
class Order:
    """One order to place. Times in server seconds; `request` makes MetaTrader 5's request from a comment.

    `since` is when the position it closes was opened, so that its whole result can be read.
    """

    bot: Bot | None
    account: int
    server: str
    symbol: str
    timeframe: str
    action: JournalAction
    side: Side
    volume: float
    magic: int
    bar_time: int
    source: str
    request: Callable[[str], Request]
    price: float = 0.0
    sl: float = 0.0
    tp: float = 0.0
    deviation: int = 0
    position_ticket: int | None = None
    attempt: int = 1
    generation: int = 0
    valid_until: float | None = None
    priority: Priority = Priority.ENTRY
    since: int = 0
    why: Message = dataclasses.field(default_factory=say.WHY_SIGNAL)
    digits: int = 5
    stops_level: int = 0
    currency: str = ""


class OrderRoad:
    """Places orders for the desk. `last_look` answers why an order must not leave now, read directly before it would."""

    def __init__(
        self, ledger: Ledger, terminal: Terminal, log: OrderLog, last_look: Callable[[Order], Refusal | None]
    ) -> None:
        self._ledger = ledger
        self._terminal = terminal
        self._log = log
        self._last_look = last_look

    def deny(self, order: Order, refusal: Refusal) -> JournalRow:
        """Keep that a guard said no, and say it to the trader once. Nothing is sent. Raises AlreadyJournaled."""
        action = failed_word(order.action)
        with self._ledger.writing():
            row = self._insert(
                order, JournalState.DENIED, new_uid(), refusal.code, decisions.refused(refusal.message)
            )
            self._ledger.record_once(
                action,
                refusal.message,
                bot=order.bot,
                topic=Topic.REFUSAL,
                level=Level.WARNING,
                about=order.symbol,
            )
        return row

    def place(self, order: Order) -> JournalRow:
        """Place `order` and return its row: FILLED, PARTIAL, REJECTED, UNKNOWN or EXPIRED (never sent).

        Raises DbError. Before the send that means nothing left; after it the row stays SENDING and is settled
        from the broker's records.
        """
        uid = new_uid()
        request = order.request(comment_of(uid))
        row = self._insert(order, JournalState.QUEUED, uid, None, request)
        refusal = self._last_look(order)
        if refusal is not None:
            return self._expire(row, order, refusal)
        sent_srv = self._terminal.server_time()
        self._log_step(row, JournalState.SENDING)
        with self._ledger.writing():
            row = self._ledger.journal.transition(
                row.id, JournalState.SENDING, sent_srv=sent_srv, sent_ms=self._ledger.now_ms()
            )
        answer = self._terminal.send(request, valid_until=order.valid_until, priority=order.priority)
        outcome = classify(order.action, order.volume, answer)
        row = self._record(row, order, outcome, answer)
        self._log_step(row, row.state, answer)
        return row

    def _record(self, row: JournalRow, order: Order, outcome: Outcome, answer: OrderAnswer) -> JournalRow:
        net: float | None = None
        if (
            outcome.state in (JournalState.FILLED, JournalState.PARTIAL)
            and order.action is not JournalAction.MODIFY
        ):
            booked = self._deals_about(row, order)
            outcome = completed(outcome, booked, order.volume)
            if order.position_ticket is not None and booked:
                net = net_of_position(booked, order.position_ticket)
        told = Told(order.bot, order.digits, order.stops_level, order.why, net, order.currency)
        return record_outcome(self._ledger, row, outcome, told, answer.result)

    def _log_step(self, row: JournalRow, state: JournalState, answer: OrderAnswer | None = None) -> None:
        """The second record, on disk before the order leaves and after its outcome."""
        entry: dict[str, object] = {
            "uid": row.uid, "bot_id": row.bot_id, "account": row.account, "server": row.server, "symbol": row.symbol,
            "action": row.action.value, "side": row.side, "volume": row.volume, "magic": row.magic, "state": state.value,
        }  # fmt: skip
        if answer is None:
            entry["request"] = row.request_json
        else:
            entry |= {"error": list(answer.error), "order": row.order_ticket, "deal": row.deal_ticket}
            if answer.result is not None:
                entry["result"] = dataclasses.asdict(answer.result)
        self._log.append(entry, self._ledger.now_ms())

    def _deals_about(self, row: JournalRow, order: Order) -> tuple[TradeDeal, ...]:
        """What the broker booked around the order just now, and what is known of the position it closes.

        The position may have been opened days ago: what was booked since then is asked of the terminal only where we
        have not booked its opening ourselves.
        """
        found = self._deals(row.sent_srv or 0)
        if order.position_ticket is None or not found:
            return found
        known = {each.ticket: each for each in found}
        for each in deals.deals_of(
            self._ledger.con, account=row.account, server=row.server, position_id=order.position_ticket
        ):
            known.setdefault(each.deal.ticket, each.deal)
        opened = (
            each.position_id == order.position_ticket and each.entry == DealEntry.IN
            for each in known.values()
        )
        return tuple(known.values()) if any(opened) else self._deals(order.since or row.sent_srv or 0)

    def _deals(self, since: int) -> tuple[TradeDeal, ...]:
        """The broker's own figures for the sentence; without them it says less, the outcome stands all the same."""
        try:
            return self._terminal.history_deals(since - BEFORE, self._terminal.server_time() + AFTER)
        except TerminalError:
            return ()

    def _expire(self, row: JournalRow, order: Order, refusal: Refusal) -> JournalRow:
        action = failed_word(order.action)
        with self._ledger.writing():
            after = self._ledger.journal.transition(
                row.id, JournalState.EXPIRED, resolution=refusal.code, resolved_ms=self._ledger.now_ms()
            )
            self._ledger.record_once(
                action,
                refusal.message,
                bot=order.bot,
                topic=Topic.REFUSAL,
                level=Level.WARNING,
                about=order.symbol,
            )
        return after

    def _insert(
        self, order: Order, state: JournalState, uid: str, reason: str | None,
        request: Mapping[str, object] | None = None,
    ) -> JournalRow:  # fmt: skip
        bot = order.bot
        with self._ledger.writing():
            return self._ledger.journal.insert(
                uid=uid, bot_id=None if bot is None else bot.id, bot_name="" if bot is None else bot.name,
                account=order.account, server=order.server, symbol=order.symbol, timeframe=order.timeframe,
                action=order.action, side=int(order.side), volume=order.volume, price=order.price or None,
                sl=order.sl or None, tp=order.tp or None, deviation=order.deviation,
                position_ticket=order.position_ticket, magic=order.magic, comment=comment_of(uid),
                source=order.source, bar_time=order.bar_time, attempt=order.attempt, state=state,
                created_ms=self._ledger.now_ms(), request_json=json.dumps(request or {}, allow_nan=False),
                resolution=reason,
            )  # fmt: skip


def completed(outcome: Outcome, deals: tuple[TradeDeal, ...], wanted: float) -> Outcome:
    """`outcome` with volume and price as booked: an answer may leave both out."""
    booked = [deal for deal in deals if deal.order == outcome.order and outcome.order]
    volume = round(sum(deal.volume for deal in booked), 8)
    if not booked or volume <= 0:
        return dataclasses.replace(outcome, filled=outcome.filled or wanted)
    price = sum(deal.price * deal.volume for deal in booked) / volume
    state = JournalState.FILLED if volume >= wanted - 1e-9 else JournalState.PARTIAL
    price = booked[0].price if len(booked) == 1 else price
    deal = outcome.deal or booked[-1].ticket
    return dataclasses.replace(outcome, state=state, filled=volume, price=price, deal=deal)
