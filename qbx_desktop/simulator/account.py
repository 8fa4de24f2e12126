"""A trading account on the simulated server: its money, positions, orders and everything that was booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..domain.money import currency_digits, round_to
from ..domain.mt5 import MarginMode, Side
from ..domain.records import TradeDeal, TradeOrder, TradePosition
from .past import Past


@dataclass(slots=True)
class Holding:
    """An open position. `conversion` is account currency for one unit of margin currency, fixed when it was opened."""

    ticket: int
    identifier: int
    symbol: str
    side: Side
    volume: float
    price_open: float
    conversion: float
    opened_ms: int
    updated_ms: int
    sl: float = 0.0
    tp: float = 0.0
    swap: float = 0.0
    magic: int = 0
    reason: int = 3
    comment: str = ""

    def record(self, price_current: float, profit: float) -> TradePosition:
        """As the terminal shows it."""
        return TradePosition(
            ticket=self.ticket, time=self.opened_ms // 1_000, time_msc=self.opened_ms,
            time_update=self.updated_ms // 1_000, time_update_msc=self.updated_ms,
            type=self.side.order_type, magic=self.magic, identifier=self.identifier, reason=self.reason,
            volume=self.volume, price_open=self.price_open, sl=self.sl, tp=self.tp,
            price_current=price_current, swap=self.swap, profit=profit, symbol=self.symbol,
            comment=self.comment,
        )  # fmt: skip


@dataclass(slots=True)
class Account:
    """One account. `settings` are the AccountInfo fields the broker sets; money is in `currency`."""

    login: int
    password: str
    settings: Mapping[str, Any]
    balance: float = 0.0
    credit: float = 0.0
    holdings: dict[int, Holding] = field(default_factory=dict)
    orders: dict[int, TradeOrder] = field(default_factory=dict)
    past_orders: list[TradeOrder] = field(default_factory=list)
    deals: list[TradeDeal] = field(default_factory=list)
    # The margin worked out last, and the positions it belongs to.
    margin_known: tuple[object, float] | None = field(default=None, compare=False, repr=False)
    # The quotes of a moment, and by ticket (volume, opening price, profit) as worked out for them.
    profits_known: tuple[object, dict[int, tuple[float, float, float]]] | None = field(
        default=None, init=False, compare=False, repr=False
    )
    _orders_past: Past = field(
        default_factory=lambda: Past("time_done"), init=False, compare=False, repr=False
    )
    _deals_past: Past = field(default_factory=lambda: Past("time"), init=False, compare=False, repr=False)

    @property
    def currency(self) -> str:
        return str(self.settings["currency"])

    @property
    def digits(self) -> int:
        """Decimals in which this account's money is kept."""
        return currency_digits(self.currency)

    @property
    def is_hedging(self) -> bool:
        return int(self.settings["margin_mode"]) == MarginMode.RETAIL_HEDGING

    def money(self, amount: float) -> float:
        """`amount` rounded as this account books it."""
        return round_to(amount, self.digits)

    def book(self, deal: TradeDeal) -> None:
        """Enter a deal; the balance changes here and nowhere else."""
        self.deals.append(deal)
        if deal.type == 3:
            self.credit = self.money(self.credit + deal.profit)
        else:
            self.balance = self.money(self.balance + deal.profit + deal.swap + deal.commission + deal.fee)

    def orders_since(self, first: int) -> Sequence[TradeOrder]:
        """The ended orders that may be as young as `first` (server seconds), and some older ones."""
        return self._orders_past.tail(self.past_orders, first)

    def deals_since(self, first: int) -> Sequence[TradeDeal]:
        """The deals that may be as young as `first` (server seconds), and some older ones."""
        return self._deals_past.tail(self.deals, first)

    def holding_of(self, symbol: str) -> Holding | None:
        """The symbol's first position (the only one on a netting account)."""
        for holding in self.holdings.values():
            if holding.symbol == symbol:
                return holding
        return None

    def exposed_symbols(self) -> set[str]:
        """Symbols with a position or a pending order."""
        names = {holding.symbol for holding in self.holdings.values()}
        return names | {order.symbol for order in self.orders.values()}
