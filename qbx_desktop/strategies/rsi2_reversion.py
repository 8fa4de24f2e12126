"""RSI2_REVERSION: buy a sharp dip inside an up-trend, leave when the close is back above a short mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import Message, MessageKind, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .answers import signals_from
from .comparisons import above
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import rsi, settled_wilder, sma
from .rule import Lines, RuleStrategy, once_per_setup
from .trend_frame import CHART, trend_frame_choice, trend_from, trend_line, trend_settled, waiting_for_trend

_BUY = declare(
    "rsi2_reversion.buy",
    "The RSI ({rsi:.1f}) shows a sharp dip while the close ({close:.7g}) is above the trend ({trend:.7g}).",
)
_SELL = declare(
    "rsi2_reversion.sell",
    "The RSI ({rsi:.1f}) shows a sharp rise while the close ({close:.7g}) is below the trend ({trend:.7g}).",
)
_EXIT_LONG = declare(
    "rsi2_reversion.exit_long",
    "The close ({close:.7g}) is back above its short mean ({mean:.7g}): a long position is closed.",
)
_EXIT_SHORT = declare(
    "rsi2_reversion.exit_short",
    "The close ({close:.7g}) is back below its short mean ({mean:.7g}): a short position is closed.",
)
_WAIT = declare(
    "rsi2_reversion.wait",
    "The RSI is {rsi:.1f}, close {close:.7g}, trend {trend:.7g}; waiting for a sharp move against the trend.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars, of the trend in bars of its frame; levels in points of the RSI."""

    rsi_period: int = param(
        2, "RSI", low=1, high=100, step=1, search=(2, 5, 1),
        help="Bars in the RSI; two make it jump to its extremes within a few bars.",
    )  # fmt: skip
    oversold: float = param(
        10.0, "Oversold below", low=0.0, high=50.0, step=1, search=(2, 20, 3),
        help="Below this RSI a dip is bought; lower means rarer and sharper dips.",
    )  # fmt: skip
    overbought: float = param(
        90.0, "Overbought above", low=50.0, high=100.0, step=1, search=(80, 98, 3),
        help="Above this RSI a rise is sold; higher means rarer and sharper rises.",
    )  # fmt: skip
    exit_period: int = param(
        5, "Exit average", low=1, high=1_000, step=1, search=(3, 10, 1),
        help="Bars in the short average; the trade ends when the close is back on its other side.",
    )  # fmt: skip
    trend_frame: str = trend_frame_choice(CHART)
    trend_period: int = param(
        200, "Trend filter", low=1, high=1_000, step=1, search=(50, 250, 50),
        help="Closed bars of the trend frame in the average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip
    once_per_setup: bool = once_per_setup()

    def __post_init__(self) -> None:
        check(self)


class Rsi2Reversion(RuleStrategy):
    """Connors' short reversion: in at an extreme of the two-bar RSI with the trend, out at the five-bar mean.

    The exits are flags of their own and hold on every bar beyond the short mean, whatever the trend.
    """

    key = "RSI2_REVERSION"
    title = "RSI(2) Reversion"
    description = (
        "Buys a dip that drives the two-bar RSI below 10 while the close is above a long average, closes when the close "
        "is back above its mean of five bars, and sells on the mirror."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Stock indices and large shares on D1, where dips in up-trends tend to recover; currencies on H4.",
        "Larry Connors and Cesar Alvarez, Short Term Trading Strategies That Work (2008)",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "Sharper dips, each entered once: fewer, clearer trades.",
            {"oversold": 5.0, "overbought": 95.0, "once_per_setup": True},
        ),
        Preset(
            "Daily trend", "For charts faster than a day: the trend is the mean of 50 days.",
            {"trend_frame": "D1", "trend_period": 50},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {
        "BUY": _BUY, "SELL": _SELL, "EXIT_LONG": _EXIT_LONG, "EXIT_SHORT": _EXIT_SHORT, "HOLD": _WAIT,
    }  # fmt: skip

    def reads_from(self, params: Any) -> int:
        return int(max(params.rsi_period, params.exit_period - 1, trend_from(params)))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        own = max(settled_wilder(params.rsi_period), self.reads_from(params))
        return max(own, trend_settled(params, timeframe))

    def lines(self, bars: Bars, params: Any) -> Lines:
        return {
            "trend": trend_line(bars, params),
            "mean": Plot(f"SMA {params.exit_period}", sma(bars.close, params.exit_period)),
            "rsi": Plot(f"RSI {params.rsi_period}", rsi(bars.close, params.rsi_period), pane=1),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        close, trend, mean = bars.close, lines["trend"].values, lines["mean"].values
        strength, ready = lines["rsi"].values, ~np.isnan(trend)
        buy = above(params.oversold, strength) & above(close, trend)
        sell = above(strength, params.overbought) & above(trend, close)
        leave_long = above(close, mean) & ready & ~buy
        leave_short = above(mean, close) & ready & ~sell
        return Signals(signals_from(buy, sell).entry, leave_long, leave_short)

    def waiting_for(self, bars: Bars, params: Any, lines: Lines) -> Message | None:
        return super().waiting_for(bars, params, lines) or waiting_for_trend(params, lines)
