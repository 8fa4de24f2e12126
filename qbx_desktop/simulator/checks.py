"""What the trade server tests before it accepts a request, in its order; the first failure is the answer."""

from __future__ import annotations

import math

from ..domain.money import floor_step
from ..domain.mt5 import (
    FILLING_FLAG_BOC,
    FILLING_FLAG_FOK,
    FILLING_FLAG_IOC,
    OrderFilling,
    OrderTime,
    OrderType,
    Retcode,
    Side,
    SymbolTradeMode,
    TradeAction,
    TradeExecution,
)  # fmt: skip
from ..domain.records import TradeOrder, TradeRequest
from ..domain.sizing import stops_are_valid
from .account import Account, Holding
from .market import Market
from .profile import SymbolSetup
from .valuation import Extra, is_buy, margin_used, order_margin, worth

OK = 0
_MARKET_TYPES = (OrderType.BUY, OrderType.SELL)
_LIMITS = (OrderType.BUY_LIMIT, OrderType.SELL_LIMIT)
_STOPS = (OrderType.BUY_STOP, OrderType.SELL_STOP)
_STOP_LIMITS = (OrderType.BUY_STOP_LIMIT, OrderType.SELL_STOP_LIMIT)
_HEDGE_PROHIBITED = Retcode.HEDGE_PROHIBITED
# Bits of SymbolInfo.order_mode and expiration_mode; the module does not export them.
_MODE_MARKET, _MODE_LIMIT, _MODE_STOP, _MODE_STOP_LIMIT, _MODE_SL, _MODE_TP, _MODE_CLOSE_BY = (
    1, 2, 4, 8, 16, 32, 64
)  # fmt: skip
_EXPIRATION_BITS = {OrderTime.GTC: 1, OrderTime.DAY: 2, OrderTime.SPECIFIED: 4, OrderTime.SPECIFIED_DAY: 8}
_GRID_TOLERANCE = 0.01  # ticks


def check(market: Market, account: Account, request: TradeRequest) -> int:
    """0 when the server would accept `request`, else its retcode."""
    if request.action == TradeAction.CLOSE_BY:
        return _close_by(market, account, request)
    if request.action in (TradeAction.MODIFY, TradeAction.REMOVE):
        return _existing_order(market, account, request)
    if request.action == TradeAction.SLTP:
        return _stops_change(market, account, request)
    if request.action == TradeAction.DEAL:
        return _deal(market, account, request)
    if request.action == TradeAction.PENDING:
        return _pending(market, account, request)
    return Retcode.INVALID


def _deal(market: Market, account: Account, request: TradeRequest) -> int:
    setup = market.setups.get(request.symbol)
    if setup is None or request.type not in _MARKET_TYPES:
        return Retcode.INVALID
    side = Side.of_type(request.type)
    target = account.holdings.get(request.position) if request.position else None
    found = _tradable(market, setup, side, closing=target is not None and target.side is not side)
    if found or (found := _volume(account, setup, request.volume, side, closing=target is not None)):
        return found
    if found := _filling(setup, request.type_filling, pending=False):
        return found
    quote = market.quote(setup.name)
    assert quote is not None  # tested by _tradable
    if setup.info["trade_exemode"] in (TradeExecution.INSTANT, TradeExecution.REQUEST) and request.price <= 0:
        return Retcode.INVALID_PRICE
    closing_price = quote[0] if side is Side.BUY else quote[1]
    if not request.position and (found := _stops(setup, side, request.sl, request.tp, closing_price)):
        return found
    if request.position:
        return _close(market, account, request, side, setup)
    if account.settings.get("fifo_close") and account.is_hedging:
        opposite = [h for h in account.holdings.values() if h.symbol == setup.name and h.side is not side]
        if opposite:
            return _HEDGE_PROHIBITED
    # Slippage that is certain belongs to the price that must be paid for.
    slip = setup.slippage.points if setup.slippage.kind == "fixed" else 0
    price = (quote[1] if side is Side.BUY else quote[0]) + int(side) * slip * setup.point
    return affordable(market, account, Extra(setup.name, side, request.volume, price))


def _close(market: Market, account: Account, request: TradeRequest, side: Side, setup: SymbolSetup) -> int:
    target = account.holdings.get(request.position)
    if target is None:
        return Retcode.POSITION_CLOSED
    if target.symbol != setup.name or target.side is side:
        return Retcode.INVALID
    if request.volume > target.volume + 1e-9:
        return Retcode.INVALID_CLOSE_VOLUME
    rest = round(target.volume - request.volume, 8)
    if rest and rest < setup.info["volume_min"] - 1e-9:
        return Retcode.INVALID_VOLUME
    if _is_frozen(market, setup, target):
        return Retcode.FROZEN
    if account.settings.get("fifo_close"):
        older = [h for h in account.holdings.values() if h.symbol == setup.name and h.side is target.side]
        if older[0] is not target:
            return Retcode.FIFO_CLOSE
    return OK


def _pending(market: Market, account: Account, request: TradeRequest) -> int:
    setup = market.setups.get(request.symbol)
    if setup is None or request.type not in (*_LIMITS, *_STOPS, *_STOP_LIMITS):
        return Retcode.INVALID
    side = Side.BUY if is_buy(request.type) else Side.SELL
    found = _tradable(market, setup, side, closing=False)
    if found or (found := _order_kind(setup, request.type)):
        return found
    if found := _volume(account, setup, request.volume, side, closing=False):
        return found
    if len(account.orders) >= int(account.settings.get("limit_orders") or 1_000_000):
        return Retcode.LIMIT_ORDERS
    if found := _filling(setup, request.type_filling, pending=True):
        return found
    if found := _expiration(market, setup, request.type_time, request.expiration):
        return found
    return _pending_prices(market, setup, request) or affordable(
        market, account, Extra(setup.name, side, request.volume, request.price), pending=True
    )


def _pending_prices(market: Market, setup: SymbolSetup, request: TradeRequest) -> int:
    """Price on its side of the market, then distances of the price, SL and TP."""
    quote = market.quote(setup.name)
    assert quote is not None  # tested by _tradable
    buys = is_buy(request.type)
    price, inner = request.price, request.price
    if price <= 0 or not _on_grid(setup, price):
        return Retcode.INVALID_PRICE
    # A limit waits on the good side of the market, a stop on the bad one.
    sign = (1 if buys else -1) * (-1 if request.type in _LIMITS else 1)
    here = quote[1] if buys else quote[0]
    distance = _points(setup, (price - here) * sign)
    if distance <= 0:
        return Retcode.INVALID_PRICE
    if request.type in _STOP_LIMITS:
        inner = request.stoplimit
        wrong = inner > price if buys else inner < price
        if inner <= 0 or wrong or not _on_grid(setup, inner):
            return Retcode.INVALID_PRICE
    if distance < setup.info["trade_stops_level"]:
        return Retcode.INVALID_STOPS
    return _stops(setup, Side.BUY if buys else Side.SELL, request.sl, request.tp, inner)


def _existing_order(market: Market, account: Account, request: TradeRequest) -> int:
    order = account.orders.get(request.order)
    if order is None:
        return Retcode.INVALID
    setup = market.setups[order.symbol]
    quote = market.quote(order.symbol)
    if quote is None:
        return Retcode.PRICE_OFF
    if not market.is_open(order.symbol):
        return Retcode.MARKET_CLOSED
    here = quote[1] if is_buy(order.type) else quote[0]
    level = setup.info["trade_freeze_level"]
    if level and abs(_points(setup, order.price_open - here)) <= level:
        return Retcode.FROZEN
    if request.action == TradeAction.REMOVE:
        return OK
    changed = modified(order, request)
    if found := _expiration(market, setup, changed.type_time, changed.expiration):
        return found
    if found := _pending_prices(market, setup, changed):
        return found
    same = (changed.price, changed.stoplimit, changed.sl, changed.tp, changed.type_time, changed.expiration)
    before = (
        order.price_open, order.price_stoplimit, order.sl, order.tp, order.type_time, order.time_expiration
    )  # fmt: skip
    return Retcode.NO_CHANGES if same == before else OK


def modified(order: TradeOrder, request: TradeRequest) -> TradeRequest:
    """What a MODIFY request asks of `order`: prices, stops and life time from the request, the rest as it was."""
    return TradeRequest(
        action=TradeAction.PENDING, symbol=order.symbol, type=order.type, volume=order.volume_current,
        price=request.price or order.price_open, stoplimit=request.stoplimit or order.price_stoplimit,
        sl=request.sl, tp=request.tp, type_time=request.type_time, expiration=request.expiration,
        type_filling=order.type_filling,
    )  # fmt: skip


def _stops_change(market: Market, account: Account, request: TradeRequest) -> int:
    target = account.holdings.get(request.position)
    if target is None and not account.is_hedging:
        target = account.holding_of(request.symbol)
    if target is None:
        return Retcode.POSITION_CLOSED if request.position else Retcode.INVALID
    setup = market.setups[target.symbol]
    if request.symbol and request.symbol != target.symbol:
        return Retcode.INVALID
    quote = market.quote(target.symbol)
    if quote is None:
        return Retcode.PRICE_OFF
    if not market.is_open(target.symbol):
        return Retcode.MARKET_CLOSED
    closing_price = quote[0] if target.side is Side.BUY else quote[1]
    if (request.sl, request.tp) == (target.sl, target.tp):
        return Retcode.NO_CHANGES
    if found := _stops(setup, target.side, request.sl, request.tp, closing_price):
        return found
    return Retcode.FROZEN if _is_frozen(market, setup, target) else OK


def _close_by(market: Market, account: Account, request: TradeRequest) -> int:
    first = account.holdings.get(request.position)
    second = account.holdings.get(request.position_by)
    if not account.is_hedging:
        return Retcode.INVALID
    if first is None or second is None:
        return Retcode.POSITION_CLOSED
    if first.symbol != second.symbol or first.side is second.side:
        return Retcode.INVALID
    setup = market.setups[first.symbol]
    if not setup.info["order_mode"] & _MODE_CLOSE_BY:
        return Retcode.INVALID_ORDER
    if not market.is_open(first.symbol):
        return Retcode.MARKET_CLOSED
    return Retcode.FROZEN if _is_frozen(market, setup, first) or _is_frozen(market, setup, second) else OK


def _tradable(market: Market, setup: SymbolSetup, side: Side, closing: bool) -> int:
    mode = setup.info["trade_mode"]
    if mode == SymbolTradeMode.DISABLED:
        return Retcode.TRADE_DISABLED
    if not closing:
        if mode == SymbolTradeMode.LONGONLY and side is Side.SELL:
            return Retcode.LONG_ONLY
        if mode == SymbolTradeMode.SHORTONLY and side is Side.BUY:
            return Retcode.SHORT_ONLY
        if mode == SymbolTradeMode.CLOSEONLY:
            return Retcode.CLOSE_ONLY
    if not setup.info["order_mode"] & _MODE_MARKET:
        return Retcode.INVALID_ORDER
    if not market.is_open(setup.name):
        return Retcode.MARKET_CLOSED
    return OK if market.quote(setup.name) is not None else Retcode.PRICE_OFF


def _order_kind(setup: SymbolSetup, kind: int) -> int:
    bit = _MODE_LIMIT if kind in _LIMITS else _MODE_STOP if kind in _STOPS else _MODE_STOP_LIMIT
    return OK if setup.info["order_mode"] & bit else Retcode.INVALID_ORDER


def _volume(account: Account, setup: SymbolSetup, volume: float, side: Side, closing: bool) -> int:
    info = setup.info
    if not math.isfinite(volume) or volume <= 0:
        return Retcode.INVALID_VOLUME
    if volume < info["volume_min"] - 1e-9 or volume > info["volume_max"] + 1e-9:
        return Retcode.INVALID_VOLUME
    if abs(floor_step(volume + info["volume_step"] * 1e-6, info["volume_step"]) - volume) > 1e-7:
        return Retcode.INVALID_VOLUME
    limit = info["volume_limit"]
    if limit and not closing:
        held = sum(h.volume for h in account.holdings.values() if h.symbol == setup.name and h.side is side)
        waiting = sum(
            order.volume_current
            for order in account.orders.values()
            if order.symbol == setup.name and is_buy(order.type) == (side is Side.BUY)
        )
        if held + waiting + volume > limit + 1e-9:
            return Retcode.LIMIT_VOLUME
    return OK


def _filling(setup: SymbolSetup, filling: int, pending: bool) -> int:
    execution, flags = setup.info["trade_exemode"], setup.info["filling_mode"]
    exchange = execution == TradeExecution.EXCHANGE
    if filling == OrderFilling.RETURN:
        return OK if pending or exchange else Retcode.INVALID_FILL
    if filling == OrderFilling.BOC:
        return OK if pending and flags & FILLING_FLAG_BOC else Retcode.INVALID_FILL
    if filling not in (OrderFilling.FOK, OrderFilling.IOC):
        return Retcode.INVALID_FILL
    if execution in (TradeExecution.REQUEST, TradeExecution.INSTANT):
        return OK
    bit = FILLING_FLAG_FOK if filling == OrderFilling.FOK else FILLING_FLAG_IOC
    return OK if flags & bit or (pending and not exchange) else Retcode.INVALID_FILL


def _expiration(market: Market, setup: SymbolSetup, type_time: int, expiration: int) -> int:
    bit = _EXPIRATION_BITS.get(OrderTime(type_time)) if type_time in list(OrderTime) else None
    if bit is None or not setup.info["expiration_mode"] & bit:
        return Retcode.INVALID_EXPIRATION
    if type_time in (OrderTime.SPECIFIED, OrderTime.SPECIFIED_DAY) and expiration * 1_000 <= market.now_ms:
        return Retcode.INVALID_EXPIRATION
    return OK


def _stops(setup: SymbolSetup, side: Side, sl: float, tp: float, closing_price: float) -> int:
    info = setup.info
    for price, bit in ((sl, _MODE_SL), (tp, _MODE_TP)):
        if price and not info["order_mode"] & bit:
            return Retcode.INVALID_ORDER
        if not math.isfinite(price) or price < 0 or (price and not _on_grid(setup, price)):
            return Retcode.INVALID_STOPS
    level = info["trade_stops_level"]
    fits = stops_are_valid(int(side), sl, tp, closing_price, level, setup.point)
    return OK if fits else Retcode.INVALID_STOPS


def _on_grid(setup: SymbolSetup, price: float) -> bool:
    ticks = price / float(setup.info["trade_tick_size"])
    return math.isfinite(ticks) and abs(ticks - round(ticks)) <= _GRID_TOLERANCE


def _points(setup: SymbolSetup, distance: float) -> int:
    return round(distance / setup.point)


def _is_frozen(market: Market, setup: SymbolSetup, target: Holding) -> bool:
    """Whether the price is so near a position's SL or TP that nothing may be changed."""
    level = setup.info["trade_freeze_level"]
    quote = market.quote(setup.name)
    if not level or quote is None:
        return False
    here = quote[0] if target.side is Side.BUY else quote[1]
    return any(abs(_points(setup, here - stop)) <= level for stop in (target.sl, target.tp) if stop)


def affordable(market: Market, account: Account, extra: Extra, pending: bool = False) -> int:
    """Whether the free margin bears `extra`; what lowers the margin is always allowed."""
    now = worth(market, account)
    if pending:
        needed = order_margin(
            market, account, extra.symbol, extra.side, extra.volume, extra.price, pending=True
        )
        after = None if needed is None else now.margin + account.money(needed)
    else:
        after = margin_after(market, account, extra, now.margin)
    if after is None:
        return Retcode.NO_MONEY
    return OK if after <= now.margin or now.equity - after >= 0 else Retcode.NO_MONEY


def margin_after(market: Market, account: Account, extra: Extra, before: float) -> float | None:
    """The account's margin with `extra` opened, initial margin where the symbol has one; None without conversion."""
    opening = order_margin(market, account, extra.symbol, extra.side, extra.volume, extra.price)
    held = order_margin(market, account, extra.symbol, extra.side, extra.volume, extra.price, holding=True)
    if opening is None or held is None:
        return None
    after = margin_used(market, account, extra)
    return after + account.money(opening - held) if after > before else after
