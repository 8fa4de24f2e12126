"""What an account is worth now: floating profit, equity, margin, from the shared money formulas only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..domain import money
from ..domain.mt5 import OrderType, Side
from .account import Account, Holding
from .market import Market
from .profile import SymbolSetup


@dataclass(frozen=True)
class Extra:
    """A position that is not there yet, to ask what the margin would be with it."""

    symbol: str
    side: Side
    volume: float
    price: float


def raw_profit(
    market: Market, currency: str, symbol: str, side: Side, volume: float, opened: float, closed: float
) -> float | None:
    """Profit in account currency, unrounded; None when there is no road from the profit currency."""
    setup = market.setups[symbol]
    info = setup.info
    amount = money.profit(
        setup.calc_mode, int(side), volume, opened, closed, info["trade_contract_size"],
        info["trade_tick_size"], setup.tick_price, info["trade_face_value"],
    )  # fmt: skip
    rate = market.converter(currency).profit(amount, info["currency_profit"], setup.forex_base, closed)
    return None if rate is None else amount * rate


def floating(market: Market, account: Account, holding: Holding) -> tuple[float, float]:
    """`(closing price, unrounded profit)` of a position now."""
    quote = market.quote(holding.symbol)
    price = holding.price_open if quote is None else quote[0] if holding.side is Side.BUY else quote[1]
    return price, profit_at(market, account, holding, price)


def profit_at(market: Market, account: Account, holding: Holding, price: float) -> float:
    """Unrounded profit of a position closed at `price`."""
    found = raw_profit(
        market, account.currency, holding.symbol, holding.side, holding.volume, holding.price_open, price
    )
    return 0.0 if found is None else found


def order_margin(
    market: Market, account: Account, symbol: str, side: Side, volume: float, price: float,
    *, holding: bool = False, pending: bool = False,
) -> float | None:  # fmt: skip
    """Margin of one order in account currency, unrounded; None when it cannot be converted."""
    setup = market.setups[symbol]
    rate = conversion(market, account.currency, setup, side, price)
    if rate is None:
        return None
    info = setup.info
    per_lot = info["margin_initial"]
    if holding:
        per_lot = money.holding_margin(per_lot, info["margin_maintenance"])
    r = setup.margin_rates[2] if pending else _rate(setup, side)
    return rate * money.margin(
        setup.calc_mode, volume, price, info["trade_contract_size"], account.settings["leverage"],
        info["trade_tick_size"], setup.tick_price, per_lot, r, info["trade_face_value"],
    )  # fmt: skip


def conversion(market: Market, currency: str, setup: SymbolSetup, side: Side, price: float) -> float | None:
    """Account currency for one unit of a symbol's margin currency at `price`."""
    info = setup.info
    # Gold in forex mode has a base currency no account is kept in; its own price converts it.
    return market.converter(currency).margin(
        info["currency_margin"], side is Side.BUY, setup.forex_base, info["currency_profit"], price
    )


def _rate(setup: SymbolSetup, side: Side) -> float:
    return setup.margin_rates[0 if side is Side.BUY else 1]


def margin_used(market: Market, account: Account, extra: Extra | None = None) -> float:
    """Margin of all positions and pending orders, rounded as the account keeps money."""
    if extra is not None or _pending_costs(market, account):
        return _margin(market, account, extra)
    # A position's margin was fixed when it was opened: it is worked out anew only when positions change.
    key = (
        market.revision,
        account.settings["leverage"],
        tuple((each.ticket, each.volume, each.price_open) for each in account.holdings.values()),
    )
    if account.margin_known is None or account.margin_known[0] != key:
        account.margin_known = key, _margin(market, account, None)
    return account.margin_known[1]


def _pending_costs(market: Market, account: Account) -> bool:
    return any(market.setups[order.symbol].margin_rates[2] > 0 for order in account.orders.values())


def _margin(market: Market, account: Account, extra: Extra | None) -> float:
    legs: dict[str, list[tuple[Side, float, float, float]]] = {}
    for holding in account.holdings.values():
        row = (holding.side, holding.volume, holding.price_open, holding.conversion)
        legs.setdefault(holding.symbol, []).append(row)
    total = 0.0
    if extra is not None:
        setup = market.setups[extra.symbol]
        rate = conversion(market, account.currency, setup, extra.side, extra.price) or 0.0
        rows = legs.setdefault(extra.symbol, [])
        added = (extra.side, extra.volume, extra.price, rate)
        if account.is_hedging:
            rows.append(added)
        else:
            legs[extra.symbol] = _netted(rows, added)
    for symbol, rows in legs.items():
        total += _symbol_margin(market, account, market.setups[symbol], rows)
    for order in account.orders.values():
        side = Side.BUY if is_buy(order.type) else Side.SELL
        price = order.price_stoplimit or order.price_open
        found = order_margin(market, account, order.symbol, side, order.volume_current, price, pending=True)
        total += account.money(found or 0.0)
    return account.money(total)


def is_buy(order_type: int) -> bool:
    """Whether an order of this type buys."""
    return order_type in (
        OrderType.BUY, OrderType.BUY_LIMIT, OrderType.BUY_STOP, OrderType.BUY_STOP_LIMIT
    )  # fmt: skip


def _netted(
    rows: list[tuple[Side, float, float, float]], added: tuple[Side, float, float, float]
) -> list[tuple[Side, float, float, float]]:
    """The one position that is left when `added` meets what a netting account holds."""
    if not rows:
        return [added]
    side, volume, price, rate = rows[0]
    if added[0] is side:
        whole = volume + added[1]
        return [
            (side, whole, (price * volume + added[2] * added[1]) / whole, (rate * volume + added[3] * added[1]) / whole)
        ]  # fmt: skip
    left = round(volume - added[1], 8)
    if left > 0:
        return [(side, left, price, rate)]
    return [(added[0], -left, added[2], added[3])] if left < 0 else []


def _symbol_margin(
    market: Market, account: Account, setup: SymbolSetup, rows: Iterable[tuple[Side, float, float, float]]
) -> float:
    info = setup.info
    buys = [row for row in rows if row[0] is Side.BUY]
    sells = [row for row in rows if row[0] is Side.SELL]
    volume_buy, price_buy, conversion_buy = _mean(buys)
    volume_sell, price_sell, conversion_sell = _mean(sells)
    _, price_all, conversion_all = _mean([*buys, *sells])
    parts = money.hedged_margin(
        setup.calc_mode, volume_buy, volume_sell, price_buy, price_sell, price_all, conversion_buy,
        conversion_sell, conversion_all, _rate(setup, Side.BUY), _rate(setup, Side.SELL),
        info["trade_contract_size"], account.settings["leverage"], info["trade_tick_size"],
        setup.tick_price, money.holding_margin(info["margin_initial"], info["margin_maintenance"]),
        info["margin_hedged"], info["margin_hedged_use_leg"], info["trade_face_value"],
    )  # fmt: skip
    return account.money(parts[0]) + account.money(parts[1])


def _mean(rows: list[tuple[Side, float, float, float]]) -> tuple[float, float, float]:
    """Total volume, and price and conversion weighted by volume."""
    if len(rows) == 1:
        return rows[0][1:]
    volume = sum(row[1] for row in rows)
    if volume == 0:
        return 0.0, 0.0, 0.0
    price = sum(row[1] * row[2] for row in rows) / volume
    return volume, price, sum(row[1] * row[3] for row in rows) / volume


@dataclass(frozen=True)
class Worth:
    """An account's figures now. `exact_equity` is equity before each position's profit was rounded."""

    profit: float
    equity: float
    exact_equity: float
    margin: float
    free: float
    level: float


def _profits_known(market: Market, account: Account) -> dict[int, tuple[float, float, float]] | None:
    """Profits by ticket as worked out for the quotes of now; None where comparing the quotes costs more than it saves.

    Many orders of one moment ask for the account's worth each, and every position's profit hangs on quotes only.
    """
    if len(account.holdings) <= len(market.setups):
        return None
    key = market.revision, account.currency, tuple(map(market.quote, market.setups))
    if account.profits_known is None or account.profits_known[0] != key:
        account.profits_known = key, {}
    return account.profits_known[1]


def worth(market: Market, account: Account) -> Worth:
    """Floating profit, equity, margin, free margin and margin level (0 without margin)."""
    profit = exact = swap = 0.0
    known = _profits_known(market, account)
    for holding in account.holdings.values():
        if known is None:
            raw = floating(market, account, holding)[1]
        else:
            volume, opened, raw = known.get(holding.ticket, (0.0, 0.0, 0.0))
            if (volume, opened) != (holding.volume, holding.price_open):
                raw = floating(market, account, holding)[1]
                known[holding.ticket] = holding.volume, holding.price_open, raw
        profit += account.money(raw)
        exact += raw
        swap += holding.swap
    profit = account.money(profit + swap)
    base = account.balance + account.credit
    equity = account.money(base + profit)
    margin = margin_used(market, account)
    level = money.margin_level(equity, margin)
    return Worth(profit, equity, base + exact + swap, margin, account.money(equity - margin), level)
