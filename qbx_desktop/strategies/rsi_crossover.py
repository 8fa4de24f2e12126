"""RSI_CROSSOVER: the RSI crossing its own mean, on the side of a long mean of the closes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..domain.bars import Bars
from ..domain.messages import declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from, warming_up, word_of
from .contract import Explanation, Plot
from .indicators import above, crosses_above, rsi, sma, sma_of

_BUY = declare(
    "rsi_crossover.buy",
    "The RSI ({rsi:.1f}) has just crossed above its mean ({mean:.1f}) with the close above the trend ({trend:.7g}).",
)
_SELL = declare(
    "rsi_crossover.sell",
    "The RSI ({rsi:.1f}) has just crossed below its mean ({mean:.1f}) with the close below the trend ({trend:.7g}).",
)
_WAIT = declare(
    "rsi_crossover.wait",
    "The RSI is {rsi:.1f}, its mean {mean:.1f}, the trend {trend:.7g}; waiting for a crossing on the trend's side.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in bars."""

    rsi_period: int = param(14, "RSI", low=1, high=1_000, step=1, help="Bars in the RSI.")
    rsi_ma_period: int = param(
        10, "Mean of the RSI", low=1, high=1_000, step=1, help="RSI values in its mean."
    )
    trend_filter_period: int = param(
        50, "Trend filter", low=1, high=5_000, step=1, help="Bars in the mean that tells the trend."
    )

    def __post_init__(self) -> None:
        check(self)


class RsiCrossover:
    """The RSI crossing its own mean, taken only in the direction of the trend."""

    key = "RSI_CROSSOVER"
    title = "RSI Crossover"
    description = (
        "Buys when the RSI crosses above its own mean while the close is above its long mean, and sells on the "
        "mirror. It trades often, so costs weigh heavily."
    )
    Params: type = Params

    def warmup(self, params: Any) -> int:
        return int(max(params.rsi_period + params.rsi_ma_period, params.trend_filter_period - 1))

    def history(self, params: Any) -> int:
        # Wilder's smoothing forgets a start to 1e-9 in about 21 periods.
        settled = 21 * params.rsi_period + params.rsi_ma_period
        return max(int(settled), self.warmup(params)) + 2

    def signals(self, bars: Bars, params: Any) -> Signals:
        strength = rsi(bars.close, params.rsi_period)
        mean = sma_of(strength, params.rsi_ma_period)
        trend = sma(bars.close, params.trend_filter_period)
        return signals_from(
            crosses_above(strength, mean) & above(bars.close, trend),
            crosses_above(mean, strength) & above(trend, bars.close),
        )

    def explain(self, bars: Bars, params: Any) -> Explanation:
        if len(bars) <= self.warmup(params):
            return warming_up(len(bars), self.warmup(params) + 1)
        strength, mean, trend = (float(plot.values[-1]) for plot in self.plots(bars, params))
        values = {"rsi": strength, "mean": mean, "trend": trend, "close": float(bars.close[-1])}
        word = word_of(self.signals(bars, params))
        return Explanation(word, {"BUY": _BUY, "SELL": _SELL}.get(word, _WAIT)(**values), values)

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        strength = rsi(bars.close, params.rsi_period)
        return (
            Plot(f"RSI {params.rsi_period}", strength, pane=1),
            Plot(f"Mean {params.rsi_ma_period}", sma_of(strength, params.rsi_ma_period), pane=1),
            Plot(f"SMA {params.trend_filter_period}", sma(bars.close, params.trend_filter_period)),
        )
