"""How far a booked trade ran for and against the trader: the backtest's MFE and MAE, from bars of the time it was open."""

from __future__ import annotations

from dataclasses import dataclass

from .bars import Bars
from .timeframe import Timeframe
from .trades import RebuiltTrade

_NOTHING = 1e-12
# Finest first; a longer trade takes longer bars, so that it is read in one answer.
_FRAMES = ((Timeframe.M1, 3_000), (Timeframe.M5, 3_000), (Timeframe.M15, 3_000), (Timeframe.H1, 50_000))


@dataclass(frozen=True)
class Excursion:
    """Highest and lowest floating profit in account currency, without costs; `mfe` not below and `mae` not above 0."""

    mfe: float
    mae: float


def frame_for(trade: RebuiltTrade) -> Timeframe | None:
    """The bars to look at; None where the trade is still open, was closed in parts, or its entry is not known."""
    if (
        trade.is_open
        or not trade.complete
        or trade.exits != 1
        or trade.open_ms is None
        or trade.close_ms is None
    ):
        return None
    seconds = (trade.close_ms - trade.open_ms) / 1000
    return next((frame for frame, most in _FRAMES if seconds / frame.seconds <= most), None)


def excursion(trade: RebuiltTrade, bars: Bars, timeframe: Timeframe, point: float) -> Excursion | None:
    """From the bars (of bid, spread in points of `point`) that lie wholly between entry and exit.

    What a bar showed before the entry or after the exit did not happen to the trade, so the first and last bars count
    only where they are whole. Money per price is that of the exit. None where the exit's price tells no money.
    """
    move = trade.side * (trade.close_price - trade.open_price)
    if abs(move) < _NOTHING or trade.profit / move <= 0 or trade.open_ms is None or trade.close_ms is None:
        return None
    per_price = trade.profit / move
    inside = (bars.time * 1000 >= trade.open_ms) & (
        (bars.time + timeframe.seconds) * 1000 <= trade.close_ms
    )  # fmt: skip
    best, worst = [0.0, trade.profit], [0.0, trade.profit]
    if inside.any():
        low, high = bars.low[inside], bars.high[inside]
        if trade.side < 0:
            ask = bars.spread[inside] * point
            low, high = low + ask, high + ask
        lowest, highest = float(low.min()), float(high.max())
        best_price, worst_price = (highest, lowest) if trade.side > 0 else (lowest, highest)
        best.append(trade.side * (best_price - trade.open_price) * per_price)
        worst.append(trade.side * (worst_price - trade.open_price) * per_price)
    return Excursion(max(best), min(worst))
