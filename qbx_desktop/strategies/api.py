"""All that a strategy of the trader's needs to import, in one place that keeps its names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..domain.bars import Bars
from ..domain.params import check, param, rule_broken
from ..domain.signals import Signals
from .contract import Plot
from .indicators import (
    above,
    atr,
    bollinger,
    crosses_above,
    ema,
    highest_before,
    lowest_before,
    not_above,
    rsi,
    sma,
    sma_of,
    true_range,
    wilder,
)

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Bars", "Plot", "Signals", "above", "atr", "bollinger", "check", "crosses_above", "ema", "frame", "highest_before",
    "lowest_before", "not_above", "param", "rsi", "rule_broken", "sma", "sma_of", "true_range", "wilder",
]  # fmt: skip


def frame(bars: Bars) -> pd.DataFrame:
    """The bars as a pandas table: open, high, low, close, tick_volume, spread by server time. A copy, free to change."""
    import pandas as pd

    names = ("open", "high", "low", "close", "tick_volume", "spread")
    times = pd.to_datetime(bars.time, unit="s").rename("time")
    return pd.DataFrame({name: getattr(bars, name).copy() for name in names}, index=times)
