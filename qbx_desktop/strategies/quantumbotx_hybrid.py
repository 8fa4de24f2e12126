"""QUANTUMBOTX_HYBRID: follow crossings while the market trends, fade touches of the bands while it ranges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.bars import Bars
from ..domain.messages import Message, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .comparisons import above
from .contract import Difficulty, Guidance, Preset
from .regime import regime_from, regime_lines, regime_rules, regime_settled
from .rule import Lines, RuleStrategy, once_per_setup

_CROSSED_UP = declare(
    "quantumbotx_hybrid.trend_buy",
    "Trending (ADX {adx:.1f}): the fast average ({fast:.7g}) has just crossed above the slow one ({slow:.7g}), on the "
    "trend's side.",
)
_CROSSED_DOWN = declare(
    "quantumbotx_hybrid.trend_sell",
    "Trending (ADX {adx:.1f}): the fast average ({fast:.7g}) has just crossed below the slow one ({slow:.7g}), on the "
    "trend's side.",
)
_LOW_TOUCH = declare(
    "quantumbotx_hybrid.range_buy",
    "Ranging (ADX {adx:.1f}): the low ({low:.7g}) is at the lower band ({lower:.7g}), on the trend's side.",
)
_HIGH_TOUCH = declare(
    "quantumbotx_hybrid.range_sell",
    "Ranging (ADX {adx:.1f}): the high ({high:.7g}) is at the upper band ({upper:.7g}), on the trend's side.",
)
_WAIT_TREND = declare(
    "quantumbotx_hybrid.trend_wait",
    "Trending (ADX {adx:.1f}): averages {fast:.7g} and {slow:.7g}, trend {trend:.7g}; waiting for a crossing.",
)
_WAIT_RANGE = declare(
    "quantumbotx_hybrid.range_wait",
    "Ranging (ADX {adx:.1f}): bands {lower:.7g} to {upper:.7g}, trend {trend:.7g}; waiting for a touch.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars, width in standard deviations, the threshold in points of the ADX."""

    adx_period: int = param(
        14, "ADX", low=1, high=500, step=1, search=(7, 28, 7),
        help="Bars in the ADX, which tells how strong the trend is, whatever its direction.",
    )  # fmt: skip
    adx_threshold: float = param(
        25.0, "ADX threshold", low=0, high=100, step=1, search=(15, 40, 5),
        help="Above this ADX the market counts as trending and crossings are traded, below it touches of the bands.",
    )  # fmt: skip
    ma_fast_period: int = param(
        20, "Fast average", low=1, high=5_000, step=1, search=(5, 50, 5),
        help="Bars in the fast average; fewer bars react sooner and give more false signals.",
    )  # fmt: skip
    ma_slow_period: int = param(
        50, "Slow average", low=1, high=5_000, step=1, search=(20, 200, 10),
        help="Bars in the slow average, which stands for the trend; it should be longer than the fast one.",
    )  # fmt: skip
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


class QuantumBotXHybrid(RuleStrategy):
    """Two rules, one in charge at a time. The parameters mean the same on every symbol; for crypto there is a preset."""

    key = "QUANTUMBOTX_HYBRID"
    title = "QuantumBotX Hybrid"
    description = (
        "While the ADX says that the market trends it trades crossings of two averages; while it ranges it buys at the "
        "lower and sells at the upper Bollinger band. Both only on the side of a long average."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.ADVANCED, "Markets that change between trends and ranges, such as currency majors on H1."
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "A nearer trend and one entry per touch: fewer, clearer signals.",
            {"trend_filter_period": 100, "bb_std": 2.5, "once_per_setup": True},
        ),
        Preset(
            "Crypto", "Quicker lengths for markets that never close.",
            {"adx_period": 10, "adx_threshold": 20.0, "ma_fast_period": 12, "ma_slow_period": 26, "bb_length": 18,
             "bb_std": 2.2, "trend_filter_period": 100},
        ),
    )  # fmt: skip

    def reads_from(self, params: Any) -> int:
        return regime_from(params)

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        return regime_settled(params)

    def lines(self, bars: Bars, params: Any) -> Lines:
        return regime_lines(bars, params)

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        trending, ranging = regime_rules(bars, params, lines)
        return Signals(trending.entry + ranging.entry, trending.exit_long, trending.exit_short)

    def say(self, word: str, values: Mapping[str, float], params: Any) -> Message:
        if above(values["adx"], params.adx_threshold):
            return {"BUY": _CROSSED_UP, "SELL": _CROSSED_DOWN}.get(word, _WAIT_TREND)(**values)
        return {"BUY": _LOW_TOUCH, "SELL": _HIGH_TOUCH}.get(word, _WAIT_RANGE)(**values)
