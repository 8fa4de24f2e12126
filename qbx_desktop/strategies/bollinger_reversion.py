"""BOLLINGER_REVERSION: buy at the lower band in an up-trend, sell at the upper band in a down-trend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..domain.bars import Bars
from ..domain.messages import MessageKind, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from
from .comparisons import above, not_above
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import bollinger, sma
from .rule import Lines, RuleStrategy, once_per_setup

_BUY = declare(
    "bollinger_reversion.buy",
    "The low ({low:.7g}) is at the lower band ({lower:.7g}) and the close is above the trend ({trend:.7g}).",
)
_SELL = declare(
    "bollinger_reversion.sell",
    "The high ({high:.7g}) is at the upper band ({upper:.7g}) and the close is below the trend ({trend:.7g}).",
)
_WAIT = declare(
    "bollinger_reversion.wait",
    "Bands {lower:.7g} to {upper:.7g}, trend {trend:.7g}, close {close:.7g}; waiting for a touch on the trend's side.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars, width in standard deviations."""

    bb_length: int = param(
        20, "Bands", low=2, high=1_000, step=1, search=(10, 40, 5),
        help="Bars in the bands: how many bars are the normal range that price returns to.",
    )  # fmt: skip
    bb_std: float = param(
        2.0, "Width", low=0.1, high=10.0, step=0.1, search=(1.5, 3.0, 0.25),
        help="Standard deviations between the middle and a band; wider bands are touched less often.",
    )  # fmt: skip
    trend_filter_period: int = param(
        200, "Trend filter", low=1, high=5_000, step=1, search=(50, 300, 50),
        help="Bars in the long average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip
    once_per_setup: bool = once_per_setup()

    def __post_init__(self) -> None:
        check(self)


class BollingerReversion(RuleStrategy):
    """Back to the middle after a touch of a band, in the direction of the long trend only."""

    key = "BOLLINGER_REVERSION"
    title = "Bollinger Bands Reversion"
    description = (
        "Buys when the low touches the lower band while the close is above its long mean, and sells on the mirror. "
        "The signal holds as long as the touch does, so it enters again after a stop unless once per setup is chosen."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Markets that swing around a slow trend: currency pairs in quiet months, on H1.",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "Wider bands and one entry per touch: fewer trades, each easy to follow.",
            {"bb_std": 2.5, "trend_filter_period": 100, "once_per_setup": True},
        ),
        Preset(
            "Calm", "Long, wide bands: only rare, far moves are traded.",
            {"bb_length": 40, "bb_std": 2.5, "trend_filter_period": 200, "once_per_setup": True},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        return int(max(params.bb_length, params.trend_filter_period)) - 1

    def lines(self, bars: Bars, params: Any) -> Lines:
        lower, middle, upper = bollinger(bars.close, params.bb_length, params.bb_std)
        return {
            "lower": Plot("Lower band", lower),
            "middle": Plot("Middle", middle),
            "upper": Plot("Upper band", upper),
            "trend": Plot(f"SMA {params.trend_filter_period}", sma(bars.close, params.trend_filter_period)),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        lower, upper, trend = (lines[name].values for name in ("lower", "upper", "trend"))
        return signals_from(
            above(bars.close, trend) & not_above(bars.low, lower),
            above(trend, bars.close) & not_above(upper, bars.high),
        )
