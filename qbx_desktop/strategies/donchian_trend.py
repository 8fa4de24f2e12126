"""DONCHIAN_TREND: enter with a new extreme of many bars, follow with a stop that trails by average ranges."""

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
from .indicators import atr, highest, highest_before, lowest, lowest_before, settled_wilder
from .rule import Lines, RuleStrategy, once_per_setup
from .trend_frame import CHART, trend_frame_choice, trend_from, trend_line, trend_settled, waiting_for_trend

_BUY = declare(
    "donchian_trend.buy",
    "The close ({close:.7g}) is above the highest high of the channel ({upper:.7g}) and above the trend ({trend:.7g}).",
)
_SELL = declare(
    "donchian_trend.sell",
    "The close ({close:.7g}) is below the lowest low of the channel ({lower:.7g}) and below the trend ({trend:.7g}).",
)
_EXIT_LONG = declare(
    "donchian_trend.exit_long",
    "The close ({close:.7g}) fell below the trailing exit ({long_exit:.7g}): a long position is closed.",
)
_EXIT_SHORT = declare(
    "donchian_trend.exit_short",
    "The close ({close:.7g}) rose above the trailing exit ({short_exit:.7g}): a short position is closed.",
)
_WAIT = declare(
    "donchian_trend.wait",
    "Channel {lower:.7g} to {upper:.7g}, trend {trend:.7g}, close {close:.7g}; waiting for a breakout on its side.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars, of the trend in bars of its frame; the multiple in average true ranges."""

    entry_period: int = param(
        20, "Entry channel", low=1, high=5_000, step=1, search=(10, 60, 10),
        help="Bars before this one whose highest high or lowest low the close has to leave.",
    )  # fmt: skip
    atr_period: int = param(
        22, "Exit period", low=1, high=1_000, step=1, search=(10, 40, 6),
        help="Bars in the average range and in the extreme that the exit trails behind.",
    )  # fmt: skip
    atr_multiple: float = param(
        3.0, "Exit distance", low=0.1, high=20.0, step=0.1, search=(2.0, 5.0, 0.5),
        help="Average ranges between the latest extreme and the exit; more gives a trend more room and back more profit.",
    )  # fmt: skip
    trend_frame: str = trend_frame_choice("D1")
    trend_period: int = param(
        20, "Trend filter", low=1, high=1_000, step=1, search=(10, 50, 10),
        help="Closed bars of the trend frame in the average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip
    once_per_setup: bool = once_per_setup()

    def __post_init__(self) -> None:
        check(self)


class DonchianTrend(RuleStrategy):
    """Donchian's channel breakout with LeBeau's Chandelier exit, in the direction of a slower frame's mean.

    A long position is closed by a close below the highest high of `atr_period` bars less `atr_multiple` ATR, a short one
    by the mirror. The exit knows the bars, not the position, so live and backtest agree without a memory. A bar that
    enters on a side does not leave it.
    """

    key = "DONCHIAN_TREND"
    title = "Donchian Trend"
    description = (
        "Buys a close above the highest high of the bars before when a slower frame's average agrees, follows the move "
        "with an exit that trails by average ranges, and sells on the mirror."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Markets with long trends: metals, energies, indices, yen pairs and cryptocurrencies, on H1 to D1.",
        "Richard Donchian, Trend-Following Methods in Commodity Price Analysis (1957); Chandelier exit of Charles LeBeau, "
        "in Alexander Elder, Come Into My Trading Room (2002)",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "One entry per breakout and a nearer exit: trades begin and end soon.",
            {"atr_multiple": 2.5, "once_per_setup": True},
        ),
        Preset(
            "Long trends", "A channel of 55 bars and a wide exit: few trades that are given time.",
            {"entry_period": 55, "atr_multiple": 4.0, "trend_period": 50},
        ),
        Preset(
            "One timeframe", "The trend is read from the traded bars themselves.",
            {"trend_frame": CHART, "trend_period": 200},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {
        "BUY": _BUY, "SELL": _SELL, "EXIT_LONG": _EXIT_LONG, "EXIT_SHORT": _EXIT_SHORT, "HOLD": _WAIT,
    }  # fmt: skip

    def reads_from(self, params: Any) -> int:
        return int(max(params.entry_period, params.atr_period, trend_from(params)))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        own = max(settled_wilder(params.atr_period), self.reads_from(params))
        return max(own, trend_settled(params, timeframe))

    def lines(self, bars: Bars, params: Any) -> Lines:
        high, low, period = bars.high, bars.low, params.atr_period
        room = params.atr_multiple * atr(high, low, bars.close, period)
        return {
            "upper": Plot(f"Highest {params.entry_period}", highest_before(high, params.entry_period)),
            "lower": Plot(f"Lowest {params.entry_period}", lowest_before(low, params.entry_period)),
            "long_exit": Plot("Exit of a long", highest(high, period) - room),
            "short_exit": Plot("Exit of a short", lowest(low, period) + room),
            "trend": trend_line(bars, params),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        close, trend = bars.close, lines["trend"].values
        ready = ~np.isnan(trend)
        buy = above(close, lines["upper"].values) & above(close, trend)
        sell = above(lines["lower"].values, close) & above(trend, close)
        leave_long = above(lines["long_exit"].values, close) & ready & ~buy
        leave_short = above(close, lines["short_exit"].values) & ready & ~sell
        return Signals(signals_from(buy, sell).entry, leave_long, leave_short)

    def waiting_for(self, bars: Bars, params: Any, lines: Lines) -> Message | None:
        return super().waiting_for(bars, params, lines) or waiting_for_trend(params, lines)
