"""Trades rebuilt from the broker's deals: one per closed position and one per rest that is still open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from .mt5 import DealEntry, DealType
from .records import TradeDeal

_TRADES = (DealType.BUY, DealType.SELL)
_NOTHING = 1e-9


@dataclass(frozen=True)
class RebuiltTrade:
    """Entry to exit of one position, or of one side of it where a netting deal turned it around.

    Prices are volume-weighted; times are server milliseconds; money is in account currency, costs negative.
    A position closed in part gives two: the closed part, and the rest with `is_open`. `complete` is False where the
    deals known do not show how it was opened: its entry may be unknown (`open_ms` None, price 0), its money is right.
    """

    position_id: int
    part: int
    symbol: str
    side: int
    volume: float
    open_ms: int | None
    open_price: float
    close_ms: int | None
    close_price: float
    profit: float
    swap: float
    commission: float
    fee: float
    order: int
    magic: int
    comment: str
    reason: int
    exits: int
    is_open: bool = False
    complete: bool = True

    @property
    def net(self) -> float:
        """What it brought or cost so far, everything counted."""
        return self.profit + self.swap + self.commission + self.fee


@dataclass
class _Leg:
    """One side of one position while its deals are read; `in_…` sums over entries, `out_…` over exits."""

    side: int
    in_volume: float = 0.0
    in_value: float = 0.0
    out_volume: float = 0.0
    out_value: float = 0.0
    rest_price: float = 0.0
    in_commission: float = 0.0
    in_fee: float = 0.0
    commission: float = 0.0
    fee: float = 0.0
    profit: float = 0.0
    swap: float = 0.0
    complete: bool = True
    entries: list[TradeDeal] = field(default_factory=list)
    exits: list[TradeDeal] = field(default_factory=list)

    @property
    def rest(self) -> float:
        return max(0.0, round(self.in_volume - self.out_volume, 8))

    def enter(self, deal: TradeDeal, volume: float, commission: float, fee: float) -> None:
        rest = self.rest
        self.rest_price = (self.rest_price * rest + deal.price * volume) / (rest + volume or 1.0)
        self.in_volume += volume
        self.in_value += deal.price * volume
        self.in_commission += commission
        self.in_fee += fee
        self.entries.append(deal)

    def leave(self, deal: TradeDeal, volume: float, commission: float, fee: float) -> None:
        if volume > self.rest + _NOTHING:
            self.complete = False
        self.out_volume += volume
        self.out_value += deal.price * volume
        self.commission += commission
        self.fee += fee
        self.profit += deal.profit
        self.swap += deal.swap
        self.exits.append(deal)


def rebuild(deals: Iterable[TradeDeal], money_digits: int = 2) -> list[RebuiltTrade]:
    """The trades of one account's `deals` (any order), by time of entry. Deals that are no trade are left out.

    What an entry cost is shared between a closed part and the open rest by volume, rounded to `money_digits`, so that
    the sum over all trades stays the sum over all deals.
    """
    positions: dict[int, list[_Leg]] = {}
    for deal in sorted(deals, key=lambda each: (each.time_msc or each.time * 1000, each.ticket)):
        if is_trade(deal):
            _read(positions.setdefault(deal.position_id, []), deal, money_digits)
    found = [
        trade
        for identifier, legs in positions.items()
        for part, leg in enumerate(legs)
        for trade in _told(identifier, part, leg, money_digits)
    ]
    return sorted(found, key=lambda each: (each.open_ms or each.close_ms or 0, each.position_id, each.part))


def is_trade(deal: TradeDeal) -> bool:
    """Whether the deal opened or closed something; deposits, corrections and separate charges did not."""
    return deal.type in _TRADES and deal.position_id != 0


def booked_beside(deals: Iterable[TradeDeal]) -> float:
    """The balance that did not come from trades: deposits, withdrawals, corrections, separate charges."""
    return sum(
        each.profit + each.swap + each.commission + each.fee
        for each in deals
        if not is_trade(each) and each.type != DealType.CREDIT
    )


def _read(legs: list[_Leg], deal: TradeDeal, digits: int) -> None:
    side = 1 if deal.type == DealType.BUY else -1
    last = legs[-1] if legs else None
    is_running = last is not None and last.rest > _NOTHING
    if deal.entry == DealEntry.IN:
        if last is None or not is_running:
            last = _Leg(side)
            legs.append(last)
        last.enter(deal, deal.volume, deal.commission, deal.fee)
        return
    if last is None or not (is_running or not last.complete):
        last = _Leg(-side, complete=False)
        legs.append(last)
    if deal.entry != DealEntry.INOUT:
        last.leave(deal, deal.volume, deal.commission, deal.fee)
        return
    closing = min(last.rest, deal.volume)
    share = closing / deal.volume if deal.volume else 1.0
    commission, fee = round(deal.commission * share, digits), round(deal.fee * share, digits)
    last.leave(deal, closing, commission, fee)
    turned = _Leg(side, complete=last.complete)
    turned.enter(deal, round(deal.volume - closing, 8), deal.commission - commission, deal.fee - fee)
    legs.append(turned)


def _told(identifier: int, part: int, leg: _Leg, digits: int) -> list[RebuiltTrade]:
    share = min(1.0, leg.out_volume / leg.in_volume) if leg.rest > _NOTHING else 1.0
    in_commission, in_fee = round(leg.in_commission * share, digits), round(leg.in_fee * share, digits)
    if share == 1.0:
        in_commission, in_fee = leg.in_commission, leg.in_fee
    first = (leg.entries or leg.exits)[0]
    begun = leg.entries[0] if leg.entries else None
    opened = (begun.time_msc or begun.time * 1000) if begun else None
    found = []
    if leg.exits:
        end = leg.exits[-1]
        found.append(
            RebuiltTrade(
                identifier, part, first.symbol, leg.side, round(leg.out_volume, 8), opened,
                leg.in_value / leg.in_volume if leg.in_volume else 0.0,
                end.time_msc or end.time * 1000, leg.out_value / leg.out_volume if leg.out_volume else end.price,
                leg.profit, leg.swap, leg.commission + in_commission, leg.fee + in_fee,
                first.order, first.magic, first.comment, end.reason, len(leg.exits), complete=leg.complete,
            )
        )  # fmt: skip
    if leg.rest > _NOTHING:
        found.append(
            RebuiltTrade(
                identifier, part, first.symbol, leg.side, leg.rest, opened, leg.rest_price, None, 0.0, 0.0, 0.0,
                leg.in_commission - in_commission, leg.in_fee - in_fee,
                first.order, first.magic, first.comment, first.reason, 0, is_open=True, complete=leg.complete,
            )
        )  # fmt: skip
    return found
