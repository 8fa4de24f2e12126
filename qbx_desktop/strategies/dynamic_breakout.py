"""DYNAMIC_BREAKOUT: a close outside the channel on the trend's side, made by a bar with enough range."""

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
from .comparisons import above
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import atr, ema, highest_before, lowest_before, settled_ema, settled_wilder
from .rule import HIDDEN, Lines, RuleStrategy, once_per_setup

_BUY = declare(
    "dynamic_breakout.buy",
    "The close ({close:.7g}) is above the channel ({upper:.7g}) and the trend ({trend:.7g}), on a bar of {reach:.4g} "
    "where {wanted:.4g} is enough.",
)
_SELL = declare(
    "dynamic_breakout.sell",
    "The close ({close:.7g}) is below the channel ({lower:.7g}) and the trend ({trend:.7g}), on a bar of {reach:.4g} "
    "where {wanted:.4g} is enough.",
)
_WAIT = declare(
    "dynamic_breakout.wait",
    "Channel {lower:.7g} to {upper:.7g}, trend {trend:.7g}, close {close:.7g}, range {reach:.4g} of {wanted:.4g}; "
    "waiting for a strong close outside on the trend's side.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars, the multiplier in average true ranges."""

    donchian_period: int = param(
        20, "Channel", low=1, high=5_000, step=1, search=(10, 60, 10),
        help="Bars before this one whose highest high or lowest low the close has to leave.",
    )  # fmt: skip
    ema_filter_period: int = param(
        50, "Trend filter", low=1, high=5_000, step=1, search=(50, 250, 50),
        help="Bars in the long average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip
    atr_period: int = param(
        14, "ATR", low=1, high=1_000, step=1, search=(7, 28, 7),
        help="Bars in the average true range, the usual size of a bar.",
    )  # fmt: skip
    atr_multiplier: float = param(
        0.8, "Least range", low=0.0, high=10.0, step=0.1, search=(0.4, 1.6, 0.2),
        help="The bar of the breakout must span more than this many average ranges.",
    )  # fmt: skip
    once_per_setup: bool = once_per_setup()

    def __post_init__(self) -> None:
        check(self)


class DynamicBreakout(RuleStrategy):
    """A breakout that a lively bar makes; the same live as in a backtest."""

    key = "DYNAMIC_BREAKOUT"
    title = "Dynamic Breakout"
    description = (
        "Buys a close above the highest high of the bars before when it is above a long average and the bar is lively "
        "against the usual range; sells on the mirror."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE, "Markets that move in bursts: gold, indices and yen pairs, on H1 to H4."
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "One entry per breakout and livelier bars only: fewer, clearer signals.",
            {"atr_multiplier": 1.2, "once_per_setup": True},
        ),
        Preset(
            "Calm", "A long channel and a long trend: only far breakouts count.",
            {"donchian_period": 55, "ema_filter_period": 200, "atr_multiplier": 1.0, "once_per_setup": True},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        return int(max(params.donchian_period, params.ema_filter_period - 1, params.atr_period))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        recursive = max(settled_ema(params.ema_filter_period), settled_wilder(params.atr_period))
        return max(recursive, self.reads_from(params))

    def lines(self, bars: Bars, params: Any) -> Lines:
        period, reach = params.donchian_period, bars.high - bars.low
        wanted = params.atr_multiplier * atr(bars.high, bars.low, bars.close, params.atr_period)
        return {
            "upper": Plot(f"Highest {period}", highest_before(bars.high, period)),
            "lower": Plot(f"Lowest {period}", lowest_before(bars.low, period)),
            "trend": Plot(f"EMA {params.ema_filter_period}", ema(bars.close, params.ema_filter_period)),
            "wanted": Plot("Least range", wanted, pane=1),
            "reach": Plot("Range", reach, pane=HIDDEN),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        close, trend = bars.close, lines["trend"].values
        lively = above(lines["reach"].values, lines["wanted"].values)
        return signals_from(
            lively & above(close, lines["upper"].values) & above(close, trend),
            lively & above(lines["lower"].values, close) & above(trend, close),
        )
