"""An entry worked out: price, stops from the expected fill, lots. The order of refusals is the backtest's."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..broker.terminal import Terminal
from ..domain import guards, refusals
from ..domain.bots import Bot
from ..domain.mt5 import Side
from ..domain.position_size import own_price_loss, size
from ..domain.records import AccountInfo, SymbolInfo, Tick
from ..domain.refusals import Refusal
from ..domain.sizing import StopUnit, stop_prices, stops_are_valid
from ..domain.symbol import SymbolSpec
from .expected_fill import expected_fill, quote


@dataclass(frozen=True)
class Entry:
    """One entry, ready for the guards. Prices in price units, `loss_at_sl` and `margin` in account currency."""

    symbol: SymbolInfo
    tick: Tick
    side: Side
    volume: float
    price: float
    sl: float
    tp: float
    loss_at_sl: float
    margin: float


def plan_entry(
    bot: Bot, side: Side, symbol: SymbolInfo, tick: Tick, account: AccountInfo, atr: float, terminal: Terminal,
    slippage_points: int = 0, round_trip: float = 0.0,
) -> Entry | Refusal:  # fmt: skip
    """Work the entry out, or say why there can be none. `atr` of the signal bar, NaN while there is none;
    `round_trip` the commission of one lot there and back, which is lost at the stop too.

    Raises TerminalError when the terminal does not answer a calculation.
    """
    spec = SymbolSpec.from_symbol_info(symbol)
    uses_atr = StopUnit.ATR in {each.unit for each in (bot.stop_loss, bot.take_profit) if each.is_set}
    if uses_atr and not (math.isfinite(atr) and atr > 0):
        return refusals.NO_ATR(symbol=symbol.name)
    refused = guards.plausible_price(tick.bid, tick.ask, symbol.name)
    if refused is not None:
        return refused
    fill = expected_fill(side, tick, symbol, slippage_points)
    sl, tp = stop_prices(
        side, fill, bot.stop_loss.in_price(spec.pip_size, atr), bot.take_profit.in_price(spec.pip_size, atr),
        spec.tick_size, spec.digits,
    )  # fmt: skip
    closing = quote(side.opposite, tick)
    valid = min(sl, tp) >= 0 and stops_are_valid(side, sl, tp, closing, spec.stops_level, spec.point)
    refused = guards.stops(valid, spec.stops_level, symbol.name)
    if refused is not None:
        return refused
    loss_per_lot = _loss_per_lot(spec, side, fill, sl, account.currency, terminal) + round_trip if sl else 0.0
    lots = size(bot.sizing, account.balance, loss_per_lot, spec)
    if isinstance(lots, Refusal):
        return lots
    margin = terminal.calc_margin(side.order_type, symbol.name, lots, fill)
    return Entry(symbol, tick, side, lots, fill, sl, tp, lots * loss_per_lot, margin)


def _loss_per_lot(
    spec: SymbolSpec, side: Side, fill: float, sl: float, deposit: str, terminal: Terminal
) -> float:
    own = own_price_loss(spec, side, fill, sl, deposit)
    if own is not None:
        return own
    # Through the terminal, which knows the price of the pair that converts; for one lot as it rounds the money.
    return -terminal.calc_profit(side.order_type, spec.symbol, 1.0, fill, sl)
