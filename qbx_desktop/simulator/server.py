"""The simulated trade server: takes requests, fills or refuses them, and lives through time. No wall clock, no threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..domain.money import round_to
from ..domain.mt5 import OrderFilling, OrderState, OrderType, Retcode, Side, TradeAction, TradeExecution
from ..domain.records import OrderCheckResult, OrderSendResult, TradeRequest
from .account import Account
from .checks import OK, check, margin_after, modified
from .execution import Chance, Counters, Execution
from .history_texts import HistoryTexts
from .market import Market
from .profile import Profile, SymbolSetup
from .timeline import Timeline
from .triggers import Matching
from .valuation import Extra, worth

# The server's comment for each retcode.
COMMENTS: dict[int, str] = {
    Retcode.REQUOTE: "Requote", Retcode.REJECT: "Request rejected", Retcode.CANCEL: "Request canceled",
    Retcode.PLACED: "Request placed", Retcode.DONE: "Request executed",
    Retcode.DONE_PARTIAL: "Request executed partially", Retcode.ERROR: "Common error",
    Retcode.TIMEOUT: "Timeout", Retcode.INVALID: "Invalid request",
    Retcode.INVALID_VOLUME: "Invalid volume", Retcode.INVALID_PRICE: "Invalid price",
    Retcode.INVALID_STOPS: "Invalid stops", Retcode.TRADE_DISABLED: "Trade disabled",
    Retcode.MARKET_CLOSED: "Market closed", Retcode.NO_MONEY: "No money",
    Retcode.PRICE_CHANGED: "Price changed", Retcode.PRICE_OFF: "Off quotes",
    Retcode.INVALID_EXPIRATION: "Invalid expiration", Retcode.ORDER_CHANGED: "Order changed",
    Retcode.TOO_MANY_REQUESTS: "Too many requests", Retcode.NO_CHANGES: "No changes",
    Retcode.SERVER_DISABLES_AT: "AutoTrading disabled by server",
    Retcode.CLIENT_DISABLES_AT: "AutoTrading disabled by client",
    Retcode.LOCKED: "Request locked for processing", Retcode.FROZEN: "Order or position frozen",
    Retcode.INVALID_FILL: "Unsupported filling mode", Retcode.CONNECTION: "No connection",
    Retcode.ONLY_REAL: "Allowed only for real accounts", Retcode.LIMIT_ORDERS: "Too many orders",
    Retcode.LIMIT_VOLUME: "Volume limit reached", Retcode.INVALID_ORDER: "Invalid order",
    Retcode.POSITION_CLOSED: "Position doesn't exist", Retcode.INVALID_CLOSE_VOLUME: "Invalid close volume",
    Retcode.CLOSE_ORDER_EXIST: "Close order already exists", Retcode.LIMIT_POSITIONS: "Too many positions",
    Retcode.REJECT_CANCEL: "Order activation rejected", Retcode.LONG_ONLY: "Only long positions allowed",
    Retcode.SHORT_ONLY: "Only short positions allowed", Retcode.CLOSE_ONLY: "Only position closing allowed",
    Retcode.FIFO_CLOSE: "FIFO close only", Retcode.HEDGE_PROHIBITED: "Hedging is prohibited",
}  # fmt: skip


@dataclass(slots=True)
class Bend:
    """What a disturbance does to one request's execution: its slippage in points, the share that is filled."""

    slippage: int = 0
    share: float = 1.0


class SimServer:
    """One trade server with its market and accounts. Moments are server time in milliseconds."""

    def __init__(
        self, profile: Profile, market: Market, accounts: dict[int, Account], seed: int, path: str,
        counters: Counters | None = None, drawn: int = 0, origin_week: int = 0,
    ) -> None:  # fmt: skip
        self.profile = profile
        self.market = market
        self.accounts = accounts
        self.seed = seed
        self.path = path
        # The first week of generated history; fixed when the server was made.
        self.origin_week = origin_week
        self.texts: dict[int, HistoryTexts] = {}
        self.counters = counters or Counters()
        self.chance = Chance(seed, drawn)
        self.execution = Execution(market, self.counters, self.chance)
        self.matching = Matching(market, self.execution, accounts)
        self.timeline = Timeline(market, self.execution, self.matching, accounts, path)
        # Rewrites the comments of orders as some brokers do.
        self.comment_rule: Callable[[str], str] | None = None

    @property
    def now_ms(self) -> int:
        """Server time."""
        return self.market.now_ms

    def advance_to(self, moment_ms: int) -> None:
        """Live until `moment_ms`; a moment that is past changes nothing."""
        if moment_ms > self.market.now_ms:
            self.timeline.advance_to(moment_ms)

    def take_change(self) -> bool:
        """Whether anything was booked or altered since the last time this was asked."""
        changed, self.timeline.changed = self.timeline.changed, False
        return changed

    # --- requests ---

    def permission(self, account: Account) -> int:
        """0 when the account may trade by program, else the retcode that says why not."""
        if not account.settings.get("trade_expert", True):
            return Retcode.SERVER_DISABLES_AT
        return OK if account.settings.get("trade_allowed", True) else Retcode.TRADE_DISABLED

    def check(self, account: Account, request: TradeRequest) -> OrderCheckResult:
        """`order_check`: the same tests without execution; retcode 0 when the request would be accepted."""
        request = self._cleaned(account, request)
        code = check(self.market, account, request)
        now = worth(self.market, account)
        margin = now.margin
        if (
            request.action == TradeAction.DEAL
            and not request.position
            and request.symbol in self.market.setups
        ):
            quote = self.market.quote(request.symbol)
            if quote is not None and request.type in (0, 1) and request.volume > 0:
                side = Side.of_type(request.type)
                price = quote[1] if side is Side.BUY else quote[0]
                extra = Extra(request.symbol, side, request.volume, price)
                after = margin_after(self.market, account, extra, now.margin)
                margin = now.margin if after is None else after
        free = account.money(now.equity - margin)
        level = now.equity / margin * 100.0 if margin else 0.0
        return OrderCheckResult(
            retcode=int(code), balance=account.balance, equity=now.equity, profit=now.profit, margin=margin,
            margin_free=free, margin_level=level, comment=COMMENTS.get(code, "Done"), request=request,
        )  # fmt: skip

    def send(self, account: Account, request: TradeRequest, bend: Bend | None = None) -> OrderSendResult:
        """`order_send`, at the current moment."""
        number = self.counters.next_request()
        echo = request
        request = self._cleaned(account, request)
        code = self.permission(account) or check(self.market, account, request)
        if not code:
            code = self._requoted(request)
        if code:
            answer = self._refusal(request, code)
        else:
            answer = self._execute(account, request, bend or Bend())
            self.timeline.changed = True
        return replace(answer, request_id=number, request=echo)

    def _cleaned(self, account: Account, request: TradeRequest) -> TradeRequest:
        """Prices rounded to the symbol's digits, as servers do with raw floats."""
        subject = account.orders.get(request.order) or account.holdings.get(request.position)
        setup = self.market.setups.get(request.symbol or (subject.symbol if subject else ""))
        if setup is None:
            return request
        prices = {name: getattr(request, name) for name in ("price", "stoplimit", "sl", "tp")}
        clean: dict[str, Any] = {
            name: round_to(price, setup.digits) for name, price in prices.items() if abs(price) < 1e12
        }
        return replace(request, **clean)

    def _refusal(self, request: TradeRequest, code: int) -> OrderSendResult:
        quote = None
        if code in (Retcode.REQUOTE, Retcode.PRICE_CHANGED, Retcode.INVALID_PRICE, Retcode.INVALID_STOPS):
            quote = self.market.quote(request.symbol) if request.symbol in self.market.setups else None
        bid, ask = quote if quote is not None else (0.0, 0.0)
        return OrderSendResult(retcode=int(code), bid=bid, ask=ask, comment=COMMENTS.get(code, ""))

    def _requoted(self, request: TradeRequest) -> int:
        """Instant execution fills at the asked price or not at all."""
        if request.action != TradeAction.DEAL:
            return OK
        setup = self.market.setups[request.symbol]
        if setup.info["trade_exemode"] not in (TradeExecution.INSTANT, TradeExecution.REQUEST):
            return OK
        quote = self.market.quote(request.symbol)
        assert quote is not None  # the checks come first
        here = quote[1] if request.type == OrderType.BUY else quote[0]
        if round(abs(request.price - here) / setup.point) > request.deviation:
            return Retcode.REQUOTE
        chance = self.profile.requote_probability
        return Retcode.REQUOTE if chance and self.chance.share() < chance else OK

    def _execute(self, account: Account, request: TradeRequest, bend: Bend) -> OrderSendResult:
        done = {
            TradeAction.DEAL: self._deal, TradeAction.PENDING: self._pending, TradeAction.SLTP: self._stops,
            TradeAction.MODIFY: self._modify, TradeAction.REMOVE: self._remove,
            TradeAction.CLOSE_BY: self._close_by,
        }  # fmt: skip
        return done[TradeAction(request.action)](account, request, bend)

    def _comment(self, request: TradeRequest) -> str:
        return request.comment if self.comment_rule is None else self.comment_rule(request.comment)

    def _deal(self, account: Account, request: TradeRequest, bend: Bend) -> OrderSendResult:
        setup = self.market.setups[request.symbol]
        side = Side.of_type(request.type)
        quote = self.market.quote(request.symbol)
        assert quote is not None  # the checks come first
        price = self._fill_price(setup, side, request, bend)
        volume = self._filled_volume(setup, request, bend)
        if volume <= 0:
            return OrderSendResult(
                retcode=int(Retcode.REJECT), bid=quote[0], ask=quote[1], comment=COMMENTS[Retcode.REJECT]
            )
        target = account.holdings.get(request.position)
        order = self.execution.new_order(
            request.symbol, request.type, request.volume, price=price, sl=request.sl, tp=request.tp,
            filling=request.type_filling, type_time=request.type_time, magic=request.magic,
            comment=self._comment(request), position=target.identifier if target else 0,
        )  # fmt: skip
        deal = self.execution.fill(account, order, side, volume, price, request.position)
        left = round(request.volume - volume, 8)
        if left and request.type_filling == OrderFilling.RETURN:
            account.orders[order.ticket] = replace(
                order, state=OrderState.PARTIAL, volume_current=left, position_id=deal.position_id,
                type=OrderType.BUY_LIMIT if side is Side.BUY else OrderType.SELL_LIMIT,
            )  # fmt: skip
        else:
            state = OrderState.CANCELED if left else OrderState.FILLED
            self.execution.archive(account, order, state, left, deal.position_id)
        code = Retcode.DONE_PARTIAL if left else Retcode.DONE
        return OrderSendResult(
            retcode=int(code), deal=deal.ticket, order=order.ticket, volume=volume, price=price, bid=quote[0],
            ask=quote[1], comment=COMMENTS[code],
        )  # fmt: skip

    def _fill_price(self, setup: SymbolSetup, side: Side, request: TradeRequest, bend: Bend) -> float:
        if setup.info["trade_exemode"] in (TradeExecution.INSTANT, TradeExecution.REQUEST):
            return request.price
        price = self.execution.market_price(setup, side)
        return round_to(price + int(side) * bend.slippage * setup.point, setup.digits)

    def _filled_volume(self, setup: SymbolSetup, request: TradeRequest, bend: Bend) -> float:
        """What the market gives; FOK takes all or nothing, the others what there is, in whole steps."""
        depth = self.profile.depth_lots
        share = min(bend.share, depth / request.volume) if depth else bend.share
        if share >= 1.0:
            return request.volume
        if request.type_filling == OrderFilling.FOK:
            return 0.0
        step = float(setup.info["volume_step"])
        whole = max(int(request.volume * share / step + 1e-9), 1) * step
        return min(round(whole, 8), request.volume)

    def _pending(self, account: Account, request: TradeRequest, _bend: Bend) -> OrderSendResult:
        order = self.execution.new_order(
            request.symbol, request.type, request.volume, price=request.price, sl=request.sl, tp=request.tp,
            stoplimit=request.stoplimit, filling=request.type_filling, type_time=request.type_time,
            expiration=request.expiration, magic=request.magic, comment=self._comment(request),
        )  # fmt: skip
        account.orders[order.ticket] = order
        quote = self.market.quote(request.symbol) or (0.0, 0.0)
        return OrderSendResult(
            retcode=int(Retcode.DONE), order=order.ticket, volume=request.volume, bid=quote[0], ask=quote[1],
            comment=COMMENTS[Retcode.DONE],
        )  # fmt: skip

    def _stops(self, account: Account, request: TradeRequest, _bend: Bend) -> OrderSendResult:
        target = account.holdings.get(request.position) or account.holding_of(request.symbol)
        assert target is not None  # the checks come first
        digits = self.market.setups[target.symbol].digits
        target.sl, target.tp = round_to(request.sl, digits), round_to(request.tp, digits)
        target.updated_ms = self.now_ms
        return OrderSendResult(retcode=int(Retcode.DONE), comment=COMMENTS[Retcode.DONE])

    def _modify(self, account: Account, request: TradeRequest, _bend: Bend) -> OrderSendResult:
        order = account.orders[request.order]
        changed = modified(order, request)
        account.orders[order.ticket] = replace(
            order, price_open=changed.price, price_stoplimit=changed.stoplimit, sl=changed.sl, tp=changed.tp,
            type_time=changed.type_time, time_expiration=changed.expiration,
        )  # fmt: skip
        return OrderSendResult(
            retcode=int(Retcode.DONE), order=order.ticket, price=changed.price, comment=COMMENTS[Retcode.DONE]
        )

    def _remove(self, account: Account, request: TradeRequest, _bend: Bend) -> OrderSendResult:
        order = account.orders[request.order]
        self.execution.archive(account, order, OrderState.CANCELED, order.volume_current)
        return OrderSendResult(retcode=int(Retcode.DONE), order=order.ticket, comment=COMMENTS[Retcode.DONE])

    def _close_by(self, account: Account, request: TradeRequest, _bend: Bend) -> OrderSendResult:
        first, second = account.holdings[request.position], account.holdings[request.position_by]
        volume = min(first.volume, second.volume)
        order = self.execution.new_order(
            first.symbol, OrderType.CLOSE_BY, volume, price=second.price_open, magic=request.magic or first.magic,
            comment=self._comment(request), position=first.identifier, position_by=second.identifier,
        )  # fmt: skip
        deal, _ = self.execution.close_by(account, order, first, second)
        self.execution.archive(account, order, OrderState.FILLED)
        return OrderSendResult(
            retcode=int(Retcode.DONE), deal=deal.ticket, order=order.ticket, volume=volume, price=deal.price,
            comment=COMMENTS[Retcode.DONE],
        )  # fmt: skip
