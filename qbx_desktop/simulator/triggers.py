"""Prices at which something happens by itself: pending orders, stops, targets and the stop-out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..domain.money import margin_level, round_to
from ..domain.mt5 import OrderFilling, OrderState, OrderType, Reason, Side
from ..domain.records import TradeOrder
from .account import Account, Holding
from .checks import affordable
from .execution import Execution
from .market import Market
from .series import Shown
from .valuation import Extra, floating, is_buy, worth

_STOP_LIMITS = (OrderType.BUY_STOP_LIMIT, OrderType.SELL_STOP_LIMIT)
_LIMITS = (OrderType.BUY_LIMIT, OrderType.SELL_LIMIT)
# Rank of what is reached in one tick: stop-limits wake, pending orders fill, SL before TP.
_WAKE, _PENDING, _SL, _TP = range(4)


@dataclass(frozen=True, slots=True)
class Trigger:
    """Fires when bid (or ask, with `on_ask`) is at or beyond `level`: below it for `direction` -1, above for +1."""

    account: Account
    ticket: int
    rank: int
    on_ask: bool
    direction: int
    level: float

    def reached(self, bid: float, ask: float, point: float) -> bool:
        """Whether it fires at this quote; compared in whole points."""
        price = ask if self.on_ask else bid
        return round((price - self.level) / point) * self.direction >= 0


def triggers_of(accounts: Iterable[Account], symbol: str) -> list[Trigger]:
    """Everything that waits for a price of `symbol`."""
    found: list[Trigger] = []
    for account in accounts:
        for order in account.orders.values():
            if order.symbol == symbol:
                buys = is_buy(order.type)
                rank = _WAKE if order.type in _STOP_LIMITS else _PENDING
                sign = (1 if buys else -1) * (-1 if order.type in _LIMITS else 1)
                found.append(Trigger(account, order.ticket, rank, buys, sign, order.price_open))
        for holding in account.holdings.values():
            if holding.symbol == symbol:
                sells = holding.side is Side.SELL
                side = int(holding.side)
                if holding.sl:
                    found.append(Trigger(account, holding.ticket, _SL, sells, -side, holding.sl))
                if holding.tp:
                    found.append(Trigger(account, holding.ticket, _TP, sells, side, holding.tp))
    found.sort(key=lambda trigger: trigger.rank)
    return found


class Matching:
    """Fires triggers tick by tick, or along a path on which every price is passed."""

    def __init__(self, market: Market, execution: Execution, accounts: dict[int, Account]) -> None:
        self._market = market
        self._execution = execution
        self._accounts = accounts
        self._changed = False

    def take_change(self) -> bool:
        """Whether anything happened since the last time this was asked."""
        changed, self._changed = self._changed, False
        return changed

    def tick(self, symbol: str, may_ruin: bool = True) -> bool:
        """Act on the symbol's current quote as one jump; True when anything was filled.

        Without `may_ruin` the stop-out is looked at only after a fill.
        """
        happened = False
        while (trigger := self._first_reached(symbol)) is not None:
            self._fire(trigger, symbol, None)
            happened = self._changed = True
        if may_ruin or happened:
            happened = self.stop_outs() or happened
        return happened

    def pass_through(self, symbol: str, before: Shown, after: Shown, may_ruin: bool = True) -> bool:
        """Act on every price between two quotes, in order; True when anything was filled."""
        happened = False
        setup = self._market.setups[symbol]
        spread = after.ask - after.bid
        direction = 1 if after.bid > before.bid else -1
        here = before.bid
        try:
            while True:
                nearest, at = self._nearest(symbol, here, after.bid, spread, direction)
                self._stand(symbol, at, spread, after)
                ruined = None
                if may_ruin or happened:
                    ruined = self._ruined_between(symbol, here, at, spread, after)
                if ruined is not None and not (
                    nearest is not None and nearest.rank == _SL and round((ruined - at) / setup.point) == 0
                ):
                    here = ruined
                    self._stand(symbol, here, spread, after)
                    happened = self.stop_outs() or happened
                    continue
                if nearest is None:
                    return happened
                here = at
                self._fire(nearest, symbol, nearest.level)
                happened = self._changed = True
        finally:
            self._market.standing.pop(symbol, None)

    def _stand(self, symbol: str, bid: float, spread: float, after: Shown) -> None:
        """Let the symbol quote a price between two ticks."""
        digits = self._market.setups[symbol].digits
        bid = round_to(bid, digits)
        ask = round_to(bid + spread, digits)
        self._market.standing[symbol] = replace(after, bid=bid, ask=ask)

    def _first_reached(self, symbol: str) -> Trigger | None:
        quote = self._market.quote(symbol)
        if quote is None:
            return None
        point = self._market.setups[symbol].point
        for trigger in triggers_of(self._accounts.values(), symbol):
            if trigger.reached(quote[0], quote[1], point):
                return trigger
        return None

    def _nearest(
        self, symbol: str, here: float, target: float, spread: float, direction: int
    ) -> tuple[Trigger | None, float]:
        """The first trigger on the way from `here` to `target` (bids), and the bid at which it fires."""
        point = self._market.setups[symbol].point
        best: tuple[int, int] | None = None
        found: Trigger | None = None
        length = round((target - here) * direction / point)
        for trigger in triggers_of(self._accounts.values(), symbol):
            level = trigger.level - (spread if trigger.on_ask else 0.0)
            away = round((level - here) * direction / point)
            # A trigger already behind fires where the price stands.
            away = max(away, 0)
            if trigger.direction != direction or away > length:
                continue
            if best is None or (away, trigger.rank) < best:
                best, found = (away, trigger.rank), trigger
        if found is None or best is None:
            return None, target
        return found, here + best[0] * direction * point

    def _ruined_between(
        self, symbol: str, here: float, target: float, spread: float, after: Shown
    ) -> float | None:
        """The first price (bid, on the tick grid) from `here` to `target` that brings a stop-out; None for none.

        The market must stand at `target` when this is called, and does so again afterwards.
        """
        involved = [
            a for a in self._accounts.values() if any(h.symbol == symbol for h in a.holdings.values())
        ]
        if not any(self._is_ruined(account) for account in involved):
            return None
        tick = float(self._market.setups[symbol].info["trade_tick_size"])
        direction = 1 if target > here else -1
        start = round(here / tick, 6)
        first = math.ceil(start) if direction > 0 else math.floor(start)
        low, high = 0, max(round((target / tick - first) * direction), 0)
        while low < high:
            middle = (low + high) // 2
            self._stand(symbol, (first + middle * direction) * tick, spread, after)
            if any(self._is_ruined(account) for account in involved):
                high = middle
            else:
                low = middle + 1
        self._stand(symbol, target, spread, after)
        return (first + low * direction) * tick

    # --- what a trigger does ---

    def _fire(self, trigger: Trigger, symbol: str, level: float | None) -> None:
        """`level` is the price passed on a continuous path; None on a jump, where stops fill at the market."""
        if trigger.rank in (_WAKE, _PENDING):
            order = trigger.account.orders[trigger.ticket]
            if trigger.rank == _WAKE:
                self._wake(trigger.account, order)
            else:
                self._fill_pending(trigger.account, order, level)
            return
        holding = trigger.account.holdings[trigger.ticket]
        closing = holding.side.opposite
        setup = self._market.setups[symbol]
        quote = self._market.quote(symbol)
        assert quote is not None  # a trigger was reached
        if trigger.rank == _TP:
            price, reason, word = trigger.level, Reason.TP, "tp"
        else:
            market_price = quote[0] if closing is Side.SELL else quote[1]
            # Where the price already stood beyond the stop, it fills at the market.
            beyond = (market_price - trigger.level) * trigger.direction > 0
            start = market_price if level is None or beyond else level
            price, reason, word = self._execution.slipped(setup, closing, start), Reason.SL, "sl"
        self.close(trigger.account, holding, price, reason, f"[{word} {trigger.level:.{setup.digits}f}]")

    def close(self, account: Account, holding: Holding, price: float, reason: int, comment: str) -> None:
        """Close a whole position on the server's own account: stop, target or stop-out."""
        kind = holding.side.opposite.order_type
        order = self._execution.new_order(
            holding.symbol, kind, holding.volume, price=price, filling=OrderFilling.FOK, magic=holding.magic,
            comment=comment, reason=reason, position=holding.identifier,
        )  # fmt: skip
        self._execution.fill(account, order, holding.side.opposite, holding.volume, price, holding.ticket)
        self._execution.archive(account, order, OrderState.FILLED)

    def _wake(self, account: Account, order: TradeOrder) -> None:
        kind = OrderType.BUY_LIMIT if is_buy(order.type) else OrderType.SELL_LIMIT
        account.orders[order.ticket] = replace(
            order, type=kind, price_open=order.price_stoplimit, price_stoplimit=0.0
        )

    def _fill_pending(self, account: Account, order: TradeOrder, level: float | None) -> None:
        side = Side.BUY if is_buy(order.type) else Side.SELL
        setup = self._market.setups[order.symbol]
        if order.type in _LIMITS:
            price = order.price_open
        else:
            start = level
            if start is None:
                quote = self._market.quote(order.symbol)
                assert quote is not None  # the trigger was reached
                start = quote[1] if side is Side.BUY else quote[0]
            price = self._execution.slipped(setup, side, start)
        extra = Extra(order.symbol, side, order.volume_current, price)
        if affordable(self._market, account, extra):
            self._execution.archive(
                account, replace(order, comment="No money"), OrderState.REJECTED, order.volume_current
            )
            return
        del account.orders[order.ticket]
        deal = self._execution.fill(account, order, side, order.volume_current, price)
        self._execution.archive(account, order, OrderState.FILLED, position=deal.position_id)

    # --- stop-out ---

    def _is_ruined(self, account: Account) -> bool:
        if not account.holdings:
            return False
        now = worth(self._market, account)
        level = float(account.settings.get("margin_so_so", 0.0))
        if level <= 0 or now.margin <= 0:
            return False
        if account.settings.get("margin_so_mode") == 1:
            return now.exact_equity <= level
        # The same product as in the closed formula, so that both find the same tick.
        return now.exact_equity <= now.margin * level / 100.0 + 1e-9

    def stop_outs(self) -> bool:
        """Close the largest losers while an account is at or below its stop-out level; True when any was closed."""
        happened = False
        for account in self._accounts.values():
            while account.holdings and self._is_ruined(account):
                self._stop_out(account)
                happened = self._changed = True
        return happened

    def _stop_out(self, account: Account) -> None:
        now = worth(self._market, account)
        bearing = [o for o in account.orders.values() if self._market.setups[o.symbol].margin_rates[2] > 0]
        if bearing:
            for order in bearing:
                self._execution.archive(account, order, OrderState.CANCELED, order.volume_current)
            return
        loser = min(
            account.holdings.values(),
            key=lambda holding: floating(self._market, account, holding)[1] + holding.swap,
        )
        setup = self._market.setups[loser.symbol]
        closing = loser.side.opposite
        price = self._execution.slipped(setup, closing, floating(self._market, account, loser)[0])
        level = margin_level(now.equity, now.margin)
        self.close(
            account, loser, price, Reason.SO, f"so: {level:.2f}%/{now.equity:.2f}/{now.margin:.2f}"[:29]
        )
