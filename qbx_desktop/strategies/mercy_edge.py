"""MERCY_EDGE: the stochastic's crossing, where the MACD and a mean of 200 bars point the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..domain.messages import MessageKind, declare
from ..domain.params import check
from .contract import Difficulty, Guidance, Preset
from .momentum_cross import MomentumCross, macd_fast, macd_signal, macd_slow, stoch_d, stoch_k, stoch_smooth

_BUY = declare(
    "mercy_edge.buy",
    "The stochastic ({k:.1f}) has just crossed above its mean ({d:.1f}), the MACD is above its signal and the close "
    "({close:.7g}) above the trend ({trend:.7g}).",
)
_SELL = declare(
    "mercy_edge.sell",
    "The stochastic ({k:.1f}) has just crossed below its mean ({d:.1f}), the MACD is below its signal and the close "
    "({close:.7g}) below the trend ({trend:.7g}).",
)
_WAIT = declare(
    "mercy_edge.wait",
    "Stochastic {k:.1f} over {d:.1f}, MACD {macd:.3g} over {signal:.3g}, close {close:.7g}, trend {trend:.7g}; "
    "waiting for a crossing that agrees with both.",
)
_TREND = 200


@dataclass(frozen=True)
class Params:
    """Lengths in bars and values."""

    macd_fast: int = macd_fast()
    macd_slow: int = macd_slow()
    macd_signal: int = macd_signal()
    stoch_k: int = stoch_k()
    stoch_d: int = stoch_d()
    stoch_smooth: int = stoch_smooth()

    def __post_init__(self) -> None:
        check(self)


class MercyEdge(MomentumCross):
    """Three readings of the same bars must agree. There is no artificial intelligence in it.

    The long trend is the mean of 200 bars of the traded timeframe, which stands for the daily trend on H1.
    """

    key = "MERCY_EDGE"
    title = "Mercy Edge"
    description = (
        "Buys when the stochastic crosses up while the MACD is above its signal and the close above its mean of 200 "
        "bars, and sells on the mirror. Plain indicators, no artificial intelligence."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.ADVANCED, "Markets with steady trends and short pauses, such as currency majors on H1."
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "A calmer stochastic: fewer signals, each easier to see on the chart.",
            {"stoch_smooth": 5, "stoch_d": 5},
        ),
        Preset(
            "Calm", "Longer averages everywhere: only slow swings of the trend are traded.",
            {"macd_fast": 24, "macd_slow": 52, "macd_signal": 18, "stoch_k": 28},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def trend_period(self, params: Any) -> int:
        return _TREND
