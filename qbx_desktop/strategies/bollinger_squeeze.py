"""BOLLINGER_SQUEEZE: trade the close that leaves the Bollinger bands right after they became narrow."""

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
from .indicators import rsi, settled_wilder
from .rule import Lines, RuleStrategy
from .squeeze import squeeze_from, squeeze_lines, squeeze_rule

_BUY = declare(
    "bollinger_squeeze.buy",
    "The close ({close:.7g}) left a squeeze above the upper band ({upper_before:.7g}); the RSI is {rsi:.1f}.",
)
_SELL = declare(
    "bollinger_squeeze.sell",
    "The close ({close:.7g}) left a squeeze below the lower band ({lower_before:.7g}); the RSI is {rsi:.1f}.",
)
_WAIT = declare(
    "bollinger_squeeze.wait",
    "The bands are {width:.3g} % wide, narrow below {narrow:.3g} %; the RSI is {rsi:.1f}; "
    "waiting for a close outside narrow bands.",
)
_OVERBOUGHT, _OVERSOLD = 70.0, 30.0


@dataclass(frozen=True)
class Params:
    """Lengths in bars, width in standard deviations, the factor as a share of the mean width."""

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
    rsi_period: int = param(
        14, "RSI", low=1, high=1_000, step=1, search=(7, 21, 7),
        help="Bars in the RSI, which forbids buying above 70 and selling below 30.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check(self)


class BollingerSqueeze(RuleStrategy):
    """A breakout from narrow bands, unless the RSI says that the move is exhausted already.

    Narrow means: narrower than `squeeze_factor` of the mean width of the last `squeeze_window` bars, the current one
    included. So a squeeze is a sudden shrinking, not a historic low of the width.
    """

    key = "BOLLINGER_SQUEEZE"
    title = "Bollinger Squeeze Breakout"
    description = (
        "Waits until the Bollinger bands shrink, then buys a close above the upper band or sells one below the lower "
        "band, unless the RSI is above 70 or below 30 already."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Markets that alternate between quiet and lively hours, such as currency majors and gold, on H1.",
        "Bollinger on Bollinger Bands (John Bollinger, 2001), the squeeze",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "A looser squeeze: breakouts come often enough to watch and learn.",
            {"squeeze_window": 8, "squeeze_factor": 0.8},
        ),
        Preset(
            "Calm", "Long bands and a tight squeeze: few breakouts, each after a real pause.",
            {"bb_length": 40, "squeeze_window": 20, "squeeze_factor": 0.6},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        return max(squeeze_from(params), int(params.rsi_period))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        return max(settled_wilder(params.rsi_period), self.reads_from(params))

    def lines(self, bars: Bars, params: Any) -> Lines:
        strength = Plot(f"RSI {params.rsi_period}", rsi(bars.close, params.rsi_period), pane=2)
        return {**squeeze_lines(bars, params), "rsi": strength}

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        entry, strength = squeeze_rule(bars, lines).entry, lines["rsi"].values
        return signals_from(
            (entry > 0) & above(_OVERBOUGHT, strength), (entry < 0) & above(strength, _OVERSOLD)
        )
