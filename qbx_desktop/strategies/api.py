"""All that a strategy of the trader's needs to import, in one place that keeps its names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.bars import Bars
from ..domain.params import check, param, rule_broken
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .comparisons import above, crossings, not_above
from .contract import Explanation, Plot
from .indicators import (
    adx,
    atr,
    before,
    bollinger,
    deviation,
    ema,
    highest,
    highest_before,
    lowest,
    lowest_before,
    macd,
    midpoint,
    rsi,
    sma,
    stochastic,
    true_range,
    wilder,
)
from .slower import bars_for, slower_frame

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Bars", "Explanation", "Plot", "Signals", "Timeframe", "above", "adx", "atr", "bars_for", "before", "bollinger",
    "check", "crossings", "deviation", "ema", "frame", "highest", "highest_before", "lowest", "lowest_before", "macd",
    "midpoint", "not_above", "param", "rsi", "rule_broken", "slower_frame", "sma", "stochastic", "true_range", "wilder",
]  # fmt: skip


def frame(bars: Bars) -> pd.DataFrame:
    """The bars as a pandas table: open, high, low, close, tick_volume, spread by server time. A copy, free to change."""
    import pandas as pd

    names = ("open", "high", "low", "close", "tick_volume", "spread")
    times = pd.to_datetime(bars.time, unit="s").rename("time")
    return pd.DataFrame({name: getattr(bars, name).copy() for name in names}, index=times)
