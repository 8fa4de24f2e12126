"""Finds, in the broker's own records, what became of an order whose answer was lost. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..domain.journal import JournalAction, JournalRow
from ..domain.mt5 import DealEntry, Reason, Side
from ..domain.records import TradeDeal
from .clean_scan import BEFORE, Scan

# Closed by the broker's own hand: these can never be the answer to an order of ours.
BROKERS_REASONS = frozenset({int(Reason.SL), int(Reason.TP), int(Reason.SO)})
_ENTRIES = frozenset({int(DealEntry.IN), int(DealEntry.INOUT)})
_EXITS = frozenset({int(DealEntry.OUT), int(DealEntry.INOUT), int(DealEntry.OUT_BY)})


@dataclass(frozen=True)
class Found:
    """What the broker booked for one order ticket. `volume` lots, `price` their average, both 0 when only a
    position shows it."""

    order: int
    deal: int
    volume: float
    price: float


def candidates(row: JournalRow, scan: Scan, claimed: Collection[int]) -> list[Found]:
    """Everything in `scan` that can only be `row`: its magic, symbol and side, not `claimed` by another row.

    History counts as much as positions: a filled order may have been stopped out before anybody looked. The
    comment is not needed for the proof, a server may change it.
    """
    tickets: dict[int, list[TradeDeal]] = {}
    for deal in scan.deals:
        if deal.order and deal.order not in claimed and _is_of(row, deal):
            tickets.setdefault(deal.order, []).append(deal)
    found = [_sum(ticket, deals) for ticket, deals in tickets.items()]
    if row.action is JournalAction.OPEN:
        for position in scan.positions:
            if (
                position.magic == row.magic
                and position.symbol == row.symbol
                and Side.of_type(position.type) == row.side
                and position.identifier not in claimed
                and position.identifier not in tickets
                and not _older(position.time, row)
            ):
                found.append(Found(position.identifier, 0, position.volume, position.price_open))
    return found


def still_at_work(row: JournalRow, scan: Scan, claimed: Collection[int]) -> bool:
    """Whether an order that may be `row` is still placed: then it is too early to call it not placed."""
    return any(
        order.magic == row.magic and order.symbol == row.symbol and order.ticket not in claimed
        for order in scan.orders
    )


def _is_of(row: JournalRow, deal: TradeDeal) -> bool:
    if deal.magic != row.magic or deal.symbol != row.symbol or deal.reason in BROKERS_REASONS:
        return False
    if Side.of_type(deal.type) != row.side or _older(deal.time, row):
        return False
    if row.action is JournalAction.OPEN:
        return deal.entry in _ENTRIES
    return deal.entry in _EXITS and deal.position_id == row.position_ticket


def _older(time: int, row: JournalRow) -> bool:
    # With room for a server clock that was put back. Earlier orders are claimed by their own rows.
    return row.sent_srv is not None and time < row.sent_srv - BEFORE


def _sum(ticket: int, deals: list[TradeDeal]) -> Found:
    volume = sum(deal.volume for deal in deals)
    price = sum(deal.price * deal.volume for deal in deals) / volume if volume else deals[0].price
    return Found(ticket, deals[-1].ticket, round(volume, 8), price)
