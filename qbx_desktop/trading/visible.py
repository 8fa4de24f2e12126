"""Read your own writes: a fill counts as seen when the broker's deals and positions both show it and agree. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ..domain.journal import JournalRow
from ..domain.mt5 import DealType, Side
from ..domain.records import TradeDeal, TradePosition


def is_visible(row: JournalRow, deals: Iterable[TradeDeal], positions: Iterable[TradePosition]) -> bool:
    """Whether `row` (filled) shows: its deal is there, and the position's volume is the sum of its deals."""
    deals = list(deals)
    own = next((deal for deal in deals if _is_of(row, deal)), None)
    if own is None:
        return False
    position_id = own.position_id
    volume = sum(
        Side.of_type(deal.type) * deal.volume
        for deal in deals
        if deal.position_id == position_id and deal.type in (DealType.BUY, DealType.SELL)
    )
    shown = sum(Side.of_type(each.type) * each.volume for each in positions if each.identifier == position_id)
    return abs(volume - shown) < 1e-8


def _is_of(row: JournalRow, deal: TradeDeal) -> bool:
    if row.order_ticket:
        return deal.order == row.order_ticket
    return bool(row.deal_ticket) and deal.ticket == row.deal_ticket
