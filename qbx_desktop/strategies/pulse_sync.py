"""PULSE_SYNC: the stochastic's crossing, where the MACD and a mean of a chosen length point the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..domain.messages import MessageKind, declare
from ..domain.params import check, param
from .contract import Difficulty, Guidance, Preset
from .momentum_cross import MomentumCross, macd_fast, macd_signal, macd_slow, stoch_d, stoch_k, stoch_smooth

_BUY = declare(
    "pulse_sync.buy",
    "The stochastic ({k:.1f}) has just crossed above its mean ({d:.1f}), the MACD is above its signal and the close "
    "({close:.7g}) above the trend ({trend:.7g}).",
)
_SELL = declare(
    "pulse_sync.sell",
    "The stochastic ({k:.1f}) has just crossed below its mean ({d:.1f}), the MACD is below its signal and the close "
    "({close:.7g}) below the trend ({trend:.7g}).",
)
_WAIT = declare(
    "pulse_sync.wait",
    "Stochastic {k:.1f} over {d:.1f}, MACD {macd:.3g} over {signal:.3g}, close {close:.7g}, trend {trend:.7g}; "
    "waiting for a crossing that agrees with both.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars and values."""

    trend_period: int = param(
        100, "Trend filter", low=1, high=5_000, step=1, search=(50, 250, 50),
        help="Bars in the long average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip
    macd_fast: int = macd_fast()
    macd_slow: int = macd_slow()
    macd_signal: int = macd_signal()
    stoch_k: int = stoch_k()
    stoch_d: int = stoch_d()
    stoch_smooth: int = stoch_smooth()

    def __post_init__(self) -> None:
        check(self)


class PulseSync(MomentumCross):
    """The rule of MERCY_EDGE with a trend of a chosen, usually shorter length."""

    key = "PULSE_SYNC"
    title = "Pulse Sync"
    description = (
        "Buys when the stochastic crosses up while the MACD is above its signal and the close above its mean of 100 "
        "bars, and sells on the mirror. Quicker to turn than Mercy Edge."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE, "Markets with trends of days to weeks, such as currency majors on H1 to H4."
    )
    presets: tuple[Preset, ...] = (
        Preset("Learning", "A nearer trend: it turns with the market within a few days.", {"trend_period": 50}),
        Preset(
            "Calm", "A longer trend and a calmer stochastic: fewer and slower signals.",
            {"trend_period": 250, "stoch_smooth": 5, "stoch_d": 5},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def trend_period(self, params: Any) -> int:
        return int(params.trend_period)
