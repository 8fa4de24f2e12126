"""Prices that cannot be are refused here, so that no strategy and no order ever sees them."""

from __future__ import annotations

import math

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import declare
from ..domain.records import Tick
from .command import SUCCESS
from .errors import BadPricesError

NO_QUOTE = declare(
    "prices.none",
    "There is no price of {symbol} yet. Nothing is sent; the bot waits for the first price.",
)
BAD_TICK = declare(
    "prices.bad_tick",
    "The terminal gave a price of {symbol} that cannot be (bid {bid}, ask {ask}). Nothing is sent on it; "
    "the bot waits for the next price.",
)
BAD_BARS = declare(
    "prices.bad_bars",
    "The terminal gave bars of {symbol} that cannot be ({what}). Nothing is decided on them; they are read again.",
)


def checked_tick(symbol: str, tick: Tick) -> Tick:
    """`tick`, when bid and ask are finite, positive and not crossed. Raises BadPricesError."""
    if tick.bid == 0 and tick.ask == 0:
        raise BadPricesError("symbol_info_tick", SUCCESS, NO_QUOTE(symbol=symbol))
    good = math.isfinite(tick.bid) and math.isfinite(tick.ask) and 0 < tick.bid <= tick.ask
    if not good:
        raise BadPricesError(
            "symbol_info_tick", SUCCESS, BAD_TICK(symbol=symbol, bid=repr(tick.bid), ask=repr(tick.ask))
        )
    return tick


def checked_bars(function: str, symbol: str, bars: Bars) -> Bars:
    """`bars`, when times ascend and every price is finite, positive and within its bar. Raises BadPricesError."""
    what = _fault(bars)
    if what:
        raise BadPricesError(function, SUCCESS, BAD_BARS(symbol=symbol, what=what))
    return bars


def _fault(bars: Bars) -> str:
    if len(bars) == 0:
        return ""
    if not (bars.time[1:] > bars.time[:-1]).all():
        return "the times do not ascend"
    prices = (bars.open, bars.high, bars.low, bars.close)
    if not all(np.isfinite(each).all() and (each > 0).all() for each in prices):
        return "a price is not a positive number"
    if (bars.low > np.minimum(bars.open, bars.close)).any() or (
        bars.high < np.maximum(bars.open, bars.close)
    ).any():
        return "open or close lies outside low and high"
    return ""
