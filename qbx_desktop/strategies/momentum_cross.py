"""Trend, MACD and stochastic must agree: the rule that MERCY_EDGE and PULSE_SYNC share."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from ..domain.bars import Bars
from ..domain.params import param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .answers import signals_from
from .comparisons import above, crossings
from .contract import Plot
from .indicators import macd, settled_ema, sma, stochastic
from .rule import Lines, RuleStrategy


def macd_fast() -> Any:
    """The parameter of the MACD's fast mean."""
    return param(
        12, "MACD fast", low=1, high=1_000, step=1, search=(6, 18, 3),
        help="Bars in the fast average of the MACD, which tells where the momentum points.",
    )  # fmt: skip


def macd_slow() -> Any:
    """The parameter of the MACD's slow mean."""
    return param(
        26, "MACD slow", low=1, high=1_000, step=1, search=(20, 40, 5),
        help="Bars in the slow average of the MACD; it should be longer than the fast one.",
    )  # fmt: skip


def macd_signal() -> Any:
    """The parameter of the MACD's signal line."""
    return param(
        9, "MACD signal", low=1, high=1_000, step=1, search=(5, 15, 2),
        help="Values in the signal line that the MACD has to be above to buy and below to sell.",
    )  # fmt: skip


def stoch_k() -> Any:
    """The parameter of the stochastic's range."""
    return param(
        14, "Stochastic %K", low=1, high=1_000, step=1, search=(8, 20, 3),
        help="Bars of the range in which the stochastic places the close.",
    )  # fmt: skip


def stoch_d() -> Any:
    """The parameter of the stochastic's signal line."""
    return param(
        3, "Stochastic %D", low=1, high=1_000, step=1, search=(2, 6, 1),
        help="Values in the mean of %K; %K crossing it gives the signal.",
    )  # fmt: skip


def stoch_smooth() -> Any:
    """The parameter that calms %K."""
    return param(
        3, "Stochastic smoothing", low=1, high=1_000, step=1, search=(1, 5, 1),
        help="Values in the mean that calms %K down; 1 leaves it as nervous as it is.",
    )  # fmt: skip


class MomentumCross(RuleStrategy):
    """Buy where the close is above its long mean, the MACD above its signal and %K crosses above %D; sell mirrored."""

    @abstractmethod
    def trend_period(self, params: Any) -> int:
        """Bars in the mean that tells the trend."""

    def reads_from(self, params: Any) -> int:
        histogram = max(params.macd_fast, params.macd_slow) + params.macd_signal - 2
        crossing = params.stoch_k + params.stoch_smooth + params.stoch_d - 2
        return int(max(self.trend_period(params) - 1, histogram, crossing))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        recursive = settled_ema(max(params.macd_fast, params.macd_slow)) + settled_ema(params.macd_signal)
        return max(recursive, self.reads_from(params))

    def lines(self, bars: Bars, params: Any) -> Lines:
        period = self.trend_period(params)
        line, signal = macd(bars.close, params.macd_fast, params.macd_slow, params.macd_signal)
        k, d = stochastic(
            bars.high, bars.low, bars.close, params.stoch_k, params.stoch_smooth, params.stoch_d
        )
        return {
            "trend": Plot(f"SMA {period}", sma(bars.close, period)),
            "macd": Plot("MACD", line, pane=1),
            "signal": Plot("MACD signal", signal, pane=1),
            "k": Plot("%K", k, pane=2),
            "d": Plot("%D", d, pane=2),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        trend, line, signal = (lines[name].values for name in ("trend", "macd", "signal"))
        up, down = crossings(lines["k"].values, lines["d"].values)
        return signals_from(
            up & above(line, signal) & above(bars.close, trend),
            down & above(signal, line) & above(trend, bars.close),
        )
