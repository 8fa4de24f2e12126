"""Deals: how a fill changes positions and money, on hedging and on netting accounts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

from ..domain.money import round_to
from ..domain.mt5 import DealEntry, DealType, OrderState, OrderTime, Side
from ..domain.records import TradeDeal, TradeOrder
from .account import Account, Holding
from .market import Market
from .profile import SymbolSetup
from .valuation import conversion, raw_profit


class Chance:
    """Random numbers from seed and counter alone, so that a restored server goes on with the same ones."""

    def __init__(self, seed: int, drawn: int = 0) -> None:
        self._seed = seed
        self.drawn = drawn

    def share(self) -> float:
        """The next number in [0, 1)."""
        self.drawn += 1
        digest = hashlib.blake2b(f"{self._seed}:{self.drawn}".encode(), digest_size=7).digest()
        return int.from_bytes(digest, "big") / 2**56


@dataclass(slots=True)
class Counters:
    """The server's running numbers; orders and deals count separately."""

    order: int = 100_000_000
    deal: int = 200_000_000
    request: int = 0

    def next_order(self) -> int:
        self.order += 1
        return self.order

    def next_deal(self) -> int:
        self.deal += 1
        return self.deal

    def next_request(self) -> int:
        self.request = (self.request + 1) % 2**32
        return self.request


class Execution:
    """Fills orders and books deals at the market's current moment."""

    def __init__(self, market: Market, counters: Counters, chance: Chance) -> None:
        self.market = market
        self.counters = counters
        self.chance = chance

    def market_price(self, setup: SymbolSetup, side: Side) -> float:
        """What a market order of `side` gets now: ask or bid, slipped as the broker slips."""
        quote = self.market.quote(setup.name)
        assert quote is not None  # the checks come first
        return self.slipped(setup, side, quote[1] if side is Side.BUY else quote[0])

    def slipped(self, setup: SymbolSetup, side: Side, price: float) -> float:
        """`price` for a deal of `side` after slippage; `fixed` is always against the trader."""
        slippage = setup.slippage
        if slippage.kind == "none" or slippage.points == 0:
            return price
        points = float(slippage.points)
        if slippage.kind == "uniform":
            points = int(self.chance.share() * (2 * slippage.points + 1)) - slippage.points
        tick = float(setup.info["trade_tick_size"])
        moved = price + int(side) * points * setup.point
        return round_to(round(moved / tick) * tick, setup.digits)

    def new_order(
        self, symbol: str, kind: int, volume: float, *, price: float = 0.0, sl: float = 0.0, tp: float = 0.0,
        stoplimit: float = 0.0, filling: int = 0, type_time: int = OrderTime.GTC, expiration: int = 0,
        magic: int = 0, comment: str = "", reason: int = 3, position: int = 0, position_by: int = 0,
    ) -> TradeOrder:  # fmt: skip
        """A numbered order set up now, not yet filled."""
        now = self.market.now_ms
        return TradeOrder(
            ticket=self.counters.next_order(), time_setup=now // 1_000, time_setup_msc=now,
            time_expiration=expiration, type=kind, type_time=type_time, type_filling=filling,
            state=OrderState.PLACED, magic=magic, position_id=position, position_by_id=position_by,
            reason=reason, volume_initial=volume, volume_current=volume, price_open=price, sl=sl, tp=tp,
            price_stoplimit=stoplimit, symbol=symbol, comment=comment,
        )  # fmt: skip

    def archive(
        self, account: Account, order: TradeOrder, state: int, left: float = 0.0, position: int = 0
    ) -> None:
        """Move an order to the history in its final state."""
        now = self.market.now_ms
        account.orders.pop(order.ticket, None)
        account.past_orders.append(
            replace(
                order, state=state, volume_current=left, time_done=now // 1_000, time_done_msc=now,
                position_id=position or order.position_id, price_current=0.0,
            )
        )  # fmt: skip

    def fill(
        self, account: Account, order: TradeOrder, side: Side, volume: float, price: float, position: int = 0
    ) -> TradeDeal:
        """Fill `volume` of `order` at `price`; the order is not archived. `position` names the position to close."""
        target = account.holdings.get(position) if position else None
        if target is None and not account.is_hedging:
            target = account.holding_of(order.symbol)
        if target is None:
            return self._open(account, order, side, volume, price)
        if target.side is side:
            return self._add(account, order, target, volume, price)
        if volume <= target.volume + 1e-9:
            return self._reduce(account, order, target, volume, price, DealEntry.OUT, price)
        return self._reverse(account, order, target, volume, price)

    def close_by(
        self, account: Account, order: TradeOrder, first: Holding, second: Holding
    ) -> tuple[TradeDeal, TradeDeal]:
        """Close two opposite positions against each other: each deal at the other's open price, profit on the first."""
        volume = min(first.volume, second.volume)
        price, other = second.price_open, first.price_open
        one = self._reduce(account, order, first, volume, price, DealEntry.OUT_BY, price)
        two = self._reduce(account, order, second, volume, other, DealEntry.OUT_BY, None)
        return one, two

    def _open(
        self, account: Account, order: TradeOrder, side: Side, volume: float, price: float
    ) -> TradeDeal:
        now = self.market.now_ms
        holding = Holding(
            ticket=order.ticket, identifier=order.ticket, symbol=order.symbol, side=side, volume=volume,
            price_open=price, conversion=self._conversion(account, order.symbol, side, price),
            opened_ms=now, updated_ms=now, sl=order.sl, tp=order.tp, magic=order.magic, reason=order.reason,
            comment=order.comment,
        )  # fmt: skip
        known = account.holdings.get(order.ticket)
        if known is not None:
            # The rest of an order that was filled in part before.
            return self._add(account, order, known, volume, price)
        account.holdings[holding.ticket] = holding
        return self._book(account, order, side, volume, price, DealEntry.IN, holding.identifier)

    def _add(
        self, account: Account, order: TradeOrder, target: Holding, volume: float, price: float
    ) -> TradeDeal:
        whole = round(target.volume + volume, 8)
        rate = self._conversion(account, order.symbol, target.side, price)
        target.price_open = (target.price_open * target.volume + price * volume) / whole
        target.conversion = (target.conversion * target.volume + rate * volume) / whole
        target.volume = whole
        target.updated_ms = self.market.now_ms
        target.sl, target.tp = order.sl or target.sl, order.tp or target.tp
        return self._book(account, order, target.side, volume, price, DealEntry.IN, target.identifier)

    def _reduce(
        self, account: Account, order: TradeOrder, target: Holding, volume: float, price: float,
        entry: int, closed_at: float | None,
    ) -> TradeDeal:  # fmt: skip
        """Close `volume` of a position; profit is worked out to `closed_at`, none for None."""
        volume = min(volume, target.volume)
        profit = 0.0
        if closed_at is not None:
            found = raw_profit(
                self.market,
                account.currency,
                target.symbol,
                target.side,
                volume,
                target.price_open,
                closed_at,
            )
            profit = account.money(found or 0.0)
        left = round(target.volume - volume, 8)
        swap = account.money(target.swap * volume / target.volume) if left else target.swap
        target.volume = left
        target.swap = account.money(target.swap - swap)
        target.updated_ms = self.market.now_ms
        if not left:
            del account.holdings[target.ticket]
        side = target.side.opposite
        return self._book(account, order, side, volume, price, entry, target.identifier, profit, swap)

    def _reverse(
        self, account: Account, order: TradeOrder, target: Holding, volume: float, price: float
    ) -> TradeDeal:
        """A netting deal larger than the position: the rest stands on the other side, with the same identifier."""
        side = target.side.opposite
        found = raw_profit(
            self.market, account.currency, target.symbol, target.side, target.volume, target.price_open, price
        )
        profit, swap = account.money(found or 0.0), target.swap
        now = self.market.now_ms
        del account.holdings[target.ticket]
        account.holdings[order.ticket] = Holding(
            ticket=order.ticket, identifier=target.identifier, symbol=target.symbol, side=side,
            volume=round(volume - target.volume, 8), price_open=price,
            conversion=self._conversion(account, order.symbol, side, price), opened_ms=now, updated_ms=now,
            sl=order.sl, tp=order.tp, magic=order.magic, reason=order.reason, comment=order.comment,
        )  # fmt: skip
        return self._book(
            account, order, side, volume, price, DealEntry.INOUT, target.identifier, profit, swap
        )

    def _conversion(self, account: Account, symbol: str, side: Side, price: float) -> float:
        found = conversion(self.market, account.currency, self.market.setups[symbol], side, price)
        return found or 0.0

    def _book(
        self, account: Account, order: TradeOrder, side: Side, volume: float, price: float, entry: int,
        position: int, profit: float = 0.0, swap: float = 0.0,
    ) -> TradeDeal:  # fmt: skip
        now = self.market.now_ms
        deal = TradeDeal(
            ticket=self.counters.next_deal(), order=order.ticket, time=now // 1_000, time_msc=now,
            type=side.order_type, entry=entry, magic=order.magic, position_id=position, reason=order.reason,
            volume=volume, price=price, commission=self._commission(account, order.symbol, volume, price),
            swap=swap, profit=profit, symbol=order.symbol, comment=order.comment,
        )  # fmt: skip
        account.book(deal)
        return deal

    def _commission(self, account: Account, symbol: str, volume: float, price: float) -> float:
        """The broker's charge for one side, as a negative amount."""
        setup = self.market.setups[symbol]
        charge = setup.commission
        if charge.kind == "per_lot":
            return account.money(-charge.amount * volume)
        if charge.kind == "per_deal":
            return account.money(-charge.amount)
        value = price * volume * setup.info["trade_contract_size"]
        rate = self.market.converter(account.currency).loss(setup.info["currency_profit"]) or 0.0
        return account.money(-value * rate * charge.amount / 100.0)

    def deposit(
        self, account: Account, amount: float, comment: str, kind: int = DealType.BALANCE
    ) -> TradeDeal:
        """Pay money in (or out, when negative)."""
        now = self.market.now_ms
        deal = TradeDeal(
            ticket=self.counters.next_deal(), time=now // 1_000, time_msc=now, type=kind, profit=amount,
            comment=comment,
        )  # fmt: skip
        account.book(deal)
        return deal
