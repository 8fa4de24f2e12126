"""RSI_CROSSOVER: the RSI crossing its own mean, on the side of a long mean of the closes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..domain.bars import Bars
from ..domain.messages import MessageKind, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .answers import signals_from
from .comparisons import above, crossings
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import rsi, settled_wilder, sma
from .rule import Lines, RuleStrategy

_BUY = declare(
    "rsi_crossover.buy",
    "The RSI ({rsi:.1f}) has just crossed above its mean ({mean:.1f}) with the close above the trend ({trend:.7g}).",
)
_SELL = declare(
    "rsi_crossover.sell",
    "The RSI ({rsi:.1f}) has just crossed below its mean ({mean:.1f}) with the close below the trend ({trend:.7g}).",
)
_WAIT = declare(
    "rsi_crossover.wait",
    "The RSI is {rsi:.1f}, its mean {mean:.1f}, the trend {trend:.7g}; waiting for a crossing on the trend's side.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars."""

    rsi_period: int = param(
        14, "RSI", low=1, high=1_000, step=1, search=(5, 30, 5),
        help="Bars in the RSI, which tells how strong the latest moves were; fewer bars make it nervous.",
    )  # fmt: skip
    rsi_ma_period: int = param(
        10, "Mean of the RSI", low=1, high=1_000, step=1, search=(5, 30, 5),
        help="Values in the mean that the RSI has to cross; more values give fewer signals.",
    )  # fmt: skip
    trend_filter_period: int = param(
        50, "Trend filter", low=1, high=5_000, step=1, search=(50, 250, 50),
        help="Bars in the long average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check(self)


class RsiCrossover(RuleStrategy):
    """The RSI crossing its own mean, taken only in the direction of the trend."""

    key = "RSI_CROSSOVER"
    title = "RSI Crossover"
    description = (
        "Buys when the RSI crosses above its own mean while the close is above its long mean, and sells on the "
        "mirror. It trades often, so costs weigh heavily."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.BEGINNER, "Liquid markets with small spreads and a clear direction, on H1 to H4."
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "A shorter RSI with a nearer trend: many signals to watch.",
            {"rsi_period": 14, "rsi_ma_period": 7, "trend_filter_period": 30},
        ),
        Preset(
            "Calm", "A longer mean and a long trend: far fewer trades, so costs weigh less.",
            {"rsi_period": 14, "rsi_ma_period": 30, "trend_filter_period": 200},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        return int(max(params.rsi_period + params.rsi_ma_period, params.trend_filter_period - 1))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        return int(max(settled_wilder(params.rsi_period) + params.rsi_ma_period, self.reads_from(params)))

    def lines(self, bars: Bars, params: Any) -> Lines:
        strength = rsi(bars.close, params.rsi_period)
        return {
            "rsi": Plot(f"RSI {params.rsi_period}", strength, pane=1),
            "mean": Plot(f"Mean {params.rsi_ma_period}", sma(strength, params.rsi_ma_period), pane=1),
            "trend": Plot(f"SMA {params.trend_filter_period}", sma(bars.close, params.trend_filter_period)),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        strength, mean, trend = (lines[name].values for name in ("rsi", "mean", "trend"))
        up, down = crossings(strength, mean)
        return signals_from(up & above(bars.close, trend), down & above(trend, bars.close))
