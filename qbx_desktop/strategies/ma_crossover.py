"""MA_CROSSOVER: buy when the fast simple mean of the closes crosses above the slow one, sell on the mirror."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..domain.bars import Bars
from ..domain.messages import declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from, warming_up, word_of
from .contract import Explanation, Plot
from .indicators import above, crosses_above, sma

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

    fast_period: int = param(20, "Fast average", low=1, high=5_000, step=1, help="Bars in the fast average.")
    slow_period: int = param(50, "Slow average", low=1, high=5_000, step=1, help="Bars in the slow average.")

    def __post_init__(self) -> None:
        check(self)


class MaCrossover:
    """Two simple moving averages crossing; made for markets that trend."""

    key = "MA_CROSSOVER"
    title = "Moving Average Crossover"
    description = (
        "Buys when the fast moving average crosses above the slow one and sells when it crosses below. "
        "Made for markets that trend; it loses in markets that go sideways."
    )
    Params: type = Params

    def warmup(self, params: Any) -> int:
        return int(max(params.fast_period, params.slow_period))

    def history(self, params: Any) -> int:
        return self.warmup(params) + 2

    def signals(self, bars: Bars, params: Any) -> Signals:
        fast, slow = sma(bars.close, params.fast_period), sma(bars.close, params.slow_period)
        return signals_from(crosses_above(fast, slow), crosses_above(slow, fast))

    def explain(self, bars: Bars, params: Any) -> Explanation:
        if len(bars) <= self.warmup(params):
            return warming_up(len(bars), self.warmup(params) + 1)
        fast, slow = sma(bars.close, params.fast_period), sma(bars.close, params.slow_period)
        values = {"fast": float(fast[-1]), "slow": float(slow[-1])}
        word = word_of(self.signals(bars, params))
        kind = {"BUY": _CROSSED_UP, "SELL": _CROSSED_DOWN}.get(word)
        if kind is None:
            kind = _ABOVE if above(fast[-1], slow[-1]) else _BELOW
        return Explanation(word, kind(**values), values)

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        return (
            Plot(f"SMA {params.fast_period}", sma(bars.close, params.fast_period)),
            Plot(f"SMA {params.slow_period}", sma(bars.close, params.slow_period)),
        )
