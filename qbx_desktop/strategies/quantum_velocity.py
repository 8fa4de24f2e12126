"""quantum_velocity: the squeeze breakout, taken only on the side of a long exponential mean."""

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
from .indicators import ema, settled_ema
from .rule import Lines, RuleStrategy
from .squeeze import squeeze_from, squeeze_lines, squeeze_rule

_BUY = declare(
    "quantum_velocity.buy",
    "The close ({close:.7g}) left a squeeze above the upper band ({upper_before:.7g}) in an up-trend ({trend:.7g}).",
)
_SELL = declare(
    "quantum_velocity.sell",
    "The close ({close:.7g}) left a squeeze below the lower band ({lower_before:.7g}) in a down-trend ({trend:.7g}).",
)
_WAIT = declare(
    "quantum_velocity.wait",
    "The bands are {width:.3g} % wide, narrow below {narrow:.3g} %; close {close:.7g}, trend {trend:.7g}; "
    "waiting for a breakout on the trend's side.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars, width in standard deviations, the factor as a share of the mean width."""

    ema_period: int = param(
        200, "Trend filter", low=1, high=5_000, step=1, search=(50, 300, 50),
        help="Bars in the long average: above it only buying is allowed, below it only selling.",
    )  # fmt: skip
    bb_length: int = param(
        20, "Bands", low=2, high=1_000, step=1, search=(10, 40, 5),
        help="Bars in the bands: how many bars are the normal range that price breaks out of.",
    )  # fmt: skip
    bb_std: float = param(
        2.0, "Width", low=0.1, high=10.0, step=0.1, search=(1.5, 3.0, 0.25),
        help="Standard deviations between the middle and a band; wider bands are left less often.",
    )  # fmt: skip
    squeeze_window: int = param(
        10, "Squeeze window", low=1, high=1_000, step=1, search=(5, 20, 5),
        help="Bars over which the usual width of the bands is taken.",
    )  # fmt: skip
    squeeze_factor: float = param(
        0.7, "Squeeze factor", low=0.05, high=2.0, step=0.05, search=(0.5, 0.9, 0.1),
        help="The bands count as narrow below this share of their usual width; smaller means rarer signals.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check(self)


class QuantumVelocity(RuleStrategy):
    """A breakout from narrow bands in the direction of the long trend.

    The history that live loads is long enough for the exponential mean to forget its start, so it is the mean that a
    backtest over all bars sees.
    """

    key = "quantum_velocity"
    title = "Quantum Velocity"
    description = (
        "Waits until the Bollinger bands shrink, then trades the close that leaves them, but only in the direction of "
        "a long exponential average."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.ADVANCED,
        "Markets that pause inside long trends, such as indices, gold and currency majors, on H1 to H4.",
        "Bollinger on Bollinger Bands (John Bollinger, 2001), the squeeze",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "A nearer trend and a looser squeeze: signals come often enough to watch and learn.",
            {"ema_period": 100, "squeeze_window": 8, "squeeze_factor": 0.8},
        ),
        Preset(
            "Calm", "Long bands and a tight squeeze: few breakouts, each after a real pause.",
            {"bb_length": 40, "squeeze_window": 20, "squeeze_factor": 0.6},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        return max(squeeze_from(params), int(params.ema_period) - 1)

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        return max(settled_ema(params.ema_period), self.reads_from(params))

    def lines(self, bars: Bars, params: Any) -> Lines:
        trend = Plot(f"EMA {params.ema_period}", ema(bars.close, params.ema_period))
        return {**squeeze_lines(bars, params), "trend": trend}

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        entry, trend = squeeze_rule(bars, lines).entry, lines["trend"].values
        return signals_from((entry > 0) & above(bars.close, trend), (entry < 0) & above(trend, bars.close))
