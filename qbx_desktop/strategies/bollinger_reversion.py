"""BOLLINGER_REVERSION: buy at the lower band in an up-trend, sell at the upper band in a down-trend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..domain.bars import Bars
from ..domain.messages import declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from, warming_up, word_of
from .contract import Explanation, Plot
from .indicators import above, bollinger, not_above, sma

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

    bb_length: int = param(20, "Bands", low=2, high=1_000, step=1, help="Bars in the bands.")
    bb_std: float = param(2.0, "Width", low=0.1, high=10.0, step=0.1, help="Deviations from the middle.")
    trend_filter_period: int = param(
        200, "Trend filter", low=1, high=5_000, step=1, help="Bars in the mean that tells the trend."
    )

    def __post_init__(self) -> None:
        check(self)


class BollingerReversion:
    """Back to the middle after a touch of a band, in the direction of the long trend only."""

    key = "BOLLINGER_REVERSION"
    title = "Bollinger Bands Reversion"
    description = (
        "Buys when the low touches the lower band while the close is above its long mean, and sells on the mirror. "
        "The signal holds as long as the touch does, so it enters again after a stop."
    )
    Params: type = Params

    def warmup(self, params: Any) -> int:
        return int(max(params.bb_length, params.trend_filter_period)) - 1

    def history(self, params: Any) -> int:
        return self.warmup(params) + 2

    def signals(self, bars: Bars, params: Any) -> Signals:
        lower, _, upper = bollinger(bars.close, params.bb_length, params.bb_std)
        trend = sma(bars.close, params.trend_filter_period)
        return signals_from(
            above(bars.close, trend) & not_above(bars.low, lower),
            above(trend, bars.close) & not_above(upper, bars.high),
        )

    def explain(self, bars: Bars, params: Any) -> Explanation:
        if len(bars) <= self.warmup(params):
            return warming_up(len(bars), self.warmup(params) + 1)
        lower, _, upper, trend = (float(plot.values[-1]) for plot in self.plots(bars, params))
        values = {
            "lower": lower,
            "upper": upper,
            "trend": trend,
            "low": float(bars.low[-1]),
            "high": float(bars.high[-1]),
            "close": float(bars.close[-1]),
        }
        word = word_of(self.signals(bars, params))
        return Explanation(word, {"BUY": _BUY, "SELL": _SELL}.get(word, _WAIT)(**values), values)

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        lower, middle, upper = bollinger(bars.close, params.bb_length, params.bb_std)
        return (
            Plot("Lower band", lower),
            Plot("Middle", middle),
            Plot("Upper band", upper),
            Plot(f"SMA {params.trend_filter_period}", sma(bars.close, params.trend_filter_period)),
        )
