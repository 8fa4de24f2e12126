"""MA_CROSSOVER: buy when the fast simple mean of the closes crosses above the slow one, sell on the mirror."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..domain.bars import Bars
from ..domain.messages import Message, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from
from .comparisons import above, crossings
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import sma
from .rule import Lines, RuleStrategy

_CROSSED_UP = declare(
    "ma_crossover.buy", "The fast average ({fast:.7g}) has just crossed above the slow one ({slow:.7g})."
)
_CROSSED_DOWN = declare(
    "ma_crossover.sell", "The fast average ({fast:.7g}) has just crossed below the slow one ({slow:.7g})."
)
_ABOVE = declare(
    "ma_crossover.above",
    "The fast average ({fast:.7g}) is above the slow one ({slow:.7g}); waiting for a crossing.",
)
_BELOW = declare(
    "ma_crossover.below",
    "The fast average ({fast:.7g}) is not above the slow one ({slow:.7g}); waiting for a crossing.",
)


@dataclass(frozen=True)
class Params:
    """Lengths of the two averages in bars."""

    fast_period: int = param(
        20, "Fast average", low=1, high=5_000, step=1, search=(5, 50, 5),
        help="Bars in the fast average; fewer bars react sooner and give more false signals.",
    )  # fmt: skip
    slow_period: int = param(
        50, "Slow average", low=1, high=5_000, step=1, search=(20, 200, 10),
        help="Bars in the slow average, which stands for the trend; it should be longer than the fast one.",
    )  # fmt: skip

    def __post_init__(self) -> None:
        check(self)


class MaCrossover(RuleStrategy):
    """Two simple moving averages crossing; made for markets that trend."""

    key = "MA_CROSSOVER"
    title = "Moving Average Crossover"
    description = (
        "Buys when the fast moving average crosses above the slow one and sells when it crosses below. "
        "Made for markets that trend; it loses in markets that go sideways."
    )
    Params: type = Params
    windowed = True
    guidance = Guidance(
        Difficulty.BEGINNER, "Markets with long trends: currency majors and indices on H1 to D1."
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "Short averages: signals come often enough to watch and learn.",
            {"fast_period": 10, "slow_period": 30},
        ),
        Preset(
            "Calm", "The classic 50 and 200 bars: few trades, only long trends.",
            {"fast_period": 50, "slow_period": 200},
        ),
    )  # fmt: skip

    def reads_from(self, params: Any) -> int:
        return int(max(params.fast_period, params.slow_period))

    def lines(self, bars: Bars, params: Any) -> Lines:
        return {
            "fast": Plot(f"SMA {params.fast_period}", sma(bars.close, params.fast_period)),
            "slow": Plot(f"SMA {params.slow_period}", sma(bars.close, params.slow_period)),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        return signals_from(*crossings(lines["fast"].values, lines["slow"].values))

    def say(self, word: str, values: Mapping[str, float], params: Any) -> Message:
        waiting = _ABOVE if above(values["fast"], values["slow"]) else _BELOW
        return {"BUY": _CROSSED_UP, "SELL": _CROSSED_DOWN}.get(word, waiting)(**values)
