"""The price at which a market order will probably fill: the quote, worsened by the slippage one counts with."""

from __future__ import annotations

from ..domain.money import round_to
from ..domain.mt5 import Side
from ..domain.records import SymbolInfo, Tick


def quote(side: Side, tick: Tick) -> float:
    """The side of the quote that an order of `side` fills at: a buy at ask, a sell at bid."""
    return tick.ask if side is Side.BUY else tick.bid


def expected_fill(side: Side, tick: Tick, symbol: SymbolInfo, slippage_points: int) -> float:
    """Quote and `slippage_points` against the trader, rounded to the symbol's digits."""
    return round_to(quote(side, tick) + side * slippage_points * symbol.point, symbol.digits)
