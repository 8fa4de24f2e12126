"""An order's outcome: journal row and history row in one transaction, announced after the commit."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass

from ..domain.bots import Bot
from ..domain.events import Level, Topic
from ..domain.journal import JournalAction, JournalRow, JournalState
from ..domain.messages import Message
from ..domain.mt5 import Retcode
from ..domain.orders import Outcome
from ..domain.records import OrderSendResult, TradeDeal
from . import order_sentences as say
from .ledger import Ledger

_FILLS = frozenset({JournalState.FILLED, JournalState.PARTIAL})
OPENED, NOT_OPENED = "POSISI DIBUKA", "GAGAL BUKA POSISI"
CLOSED, NOT_CLOSED = "POSISI DITUTUP", "GAGAL TUTUP POSISI"
_FAILED = {JournalAction.OPEN: NOT_OPENED, JournalAction.CLOSE: NOT_CLOSED}


def failed_word(action: JournalAction) -> str:
    """The history's action word for an order that did not go through."""
    return _FAILED.get(action, "ERROR")


@dataclass(frozen=True)
class Told:
    """What the sentence needs besides the row. `net` is the closed position's result, None while not known."""

    bot: Bot | None
    digits: int = 5
    stops_level: int = 0
    why: Message = dataclasses.field(default_factory=say.WHY_SIGNAL)
    net: float | None = None
    currency: str = ""


def net_of_position(deals: Iterable[TradeDeal], position_id: int) -> float:
    """Result of a position in account currency: profit, swap, commission and fee of all its deals."""
    mine = [deal for deal in deals if deal.position_id == position_id]
    return round(sum(deal.profit + deal.swap + deal.commission + deal.fee for deal in mine), 2)


def record_outcome(
    ledger: Ledger, row: JournalRow, outcome: Outcome, told: Told, result: OrderSendResult | None = None,
    resolution: str | None = None,
) -> JournalRow:  # fmt: skip
    """Move `row` to the outcome's state and say it. Raises DbError: then neither was written."""
    columns: dict[str, object] = {
        "retcode": outcome.retcode, "last_error": outcome.error or None, "filled": outcome.filled,
        "resolution": resolution,
    }  # fmt: skip
    if outcome.order:
        columns["order_ticket"] = outcome.order
    if outcome.deal:
        columns["deal_ticket"] = outcome.deal
    if outcome.price:
        columns["fill_price"] = outcome.price
    if result is not None:
        columns["result_json"] = json.dumps(dataclasses.asdict(result), allow_nan=False, default=str)
    if outcome.state is not JournalState.UNKNOWN:
        columns["resolved_ms"] = ledger.now_ms()
    with ledger.writing():
        after = ledger.journal.transition(row.id, outcome.state, **columns)
        if outcome.state in _FILLS:
            _say_filled(ledger, row, outcome, told)
        elif outcome.state is JournalState.REJECTED:
            _say_refused(ledger, row, outcome, told)
        elif outcome.state is JournalState.UNKNOWN:
            ledger.record(
                "INFO",
                say.UNKNOWN(symbol=row.symbol),
                bot=told.bot,
                topic=Topic.UNKNOWN_ORDER,
                level=Level.WARNING,
            )
        elif outcome.state is JournalState.NOT_PLACED:
            action = failed_word(row.action)
            message = say.NOT_PLACED(symbol=row.symbol)
            ledger.record(action, message, bot=told.bot, topic=Topic.UNKNOWN_ORDER, level=Level.INFO)
        elif outcome.state is JournalState.REVIEW:
            message = say.REVIEW(symbol=row.symbol, why=resolution or "")
            ledger.record("ERROR", message, bot=told.bot, topic=Topic.UNKNOWN_ORDER, level=Level.PROBLEM)
    return after


def _say_filled(ledger: Ledger, row: JournalRow, outcome: Outcome, told: Told) -> None:
    volume = outcome.filled or row.volume
    if row.action is JournalAction.OPEN:
        message = say.opened(row, volume, outcome.price, outcome.order, told.digits)
        ledger.record(OPENED, message, bot=told.bot, topic=Topic.FILL, level=Level.GOOD, symbol=row.symbol)
    elif row.action is JournalAction.CLOSE:
        message = say.closed(
            side=-row.side, volume=volume, symbol=row.symbol, price=outcome.price, digits=told.digits, why=told.why,
            ticket=row.position_ticket or 0, profit=told.net, currency=told.currency, wanted=row.volume,
        )  # fmt: skip
        level = Level.GOOD if told.net is None or told.net >= 0 else Level.INFO
        ledger.record(CLOSED, message, bot=told.bot, topic=Topic.FILL, level=level, symbol=row.symbol)


def _say_refused(ledger: Ledger, row: JournalRow, outcome: Outcome, told: Told) -> None:
    if row.action is JournalAction.MODIFY and outcome.retcode == Retcode.NO_CHANGES:
        # The position has these stops already: nothing that anybody need read.
        return
    message = say.refused(row, outcome.retcode, outcome.error, told.stops_level)
    action = failed_word(row.action)
    ledger.record_once(
        action, message, bot=told.bot, topic=Topic.REFUSAL, level=Level.WARNING, about=str(outcome.retcode)
    )
