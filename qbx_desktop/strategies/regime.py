"""Trending or ranging: the ADX says which of two rules is in charge, a crossing of means or a touch of a band."""

from __future__ import annotations

from typing import Any

from ..domain.bars import Bars
from ..domain.signals import Signals
from .answers import signals_from
from .comparisons import above, crossings, not_above
from .contract import Plot
from .indicators import adx, bollinger, settled_wilder, sma
from .rule import Lines


def regime_from(params: Any) -> int:
    """Index of the first bar at which ADX, both means (and the bar's before), bands and trend exist."""
    means = max(params.ma_fast_period, params.ma_slow_period)
    return int(max(2 * params.adx_period - 1, means, params.bb_length - 1, params.trend_filter_period - 1))


def regime_settled(params: Any) -> int:
    """Bars after which the ADX, a smoothing of a smoothing, has forgotten its start."""
    return max(2 * settled_wilder(params.adx_period), regime_from(params))


def regime_lines(bars: Bars, params: Any) -> dict[str, Plot]:
    """Everything that both rules read."""
    lower, middle, upper = bollinger(bars.close, params.bb_length, params.bb_std)
    close, strength = bars.close, adx(bars.high, bars.low, bars.close, params.adx_period)
    return {
        "fast": Plot(f"SMA {params.ma_fast_period}", sma(close, params.ma_fast_period)),
        "slow": Plot(f"SMA {params.ma_slow_period}", sma(close, params.ma_slow_period)),
        "trend": Plot(f"SMA {params.trend_filter_period}", sma(close, params.trend_filter_period)),
        "lower": Plot("Lower band", lower),
        "middle": Plot("Middle", middle),
        "upper": Plot("Upper band", upper),
        "adx": Plot(f"ADX {params.adx_period}", strength, pane=1),
    }


def regime_rules(bars: Bars, params: Any, lines: Lines) -> tuple[Signals, Signals]:
    """What the trending and the ranging rule say; on each bar only the one in charge speaks."""
    strength, trend = lines["adx"].values, lines["trend"].values
    up, down = crossings(lines["fast"].values, lines["slow"].values)
    trending, ranging = above(strength, params.adx_threshold), not_above(strength, params.adx_threshold)
    rising, falling = above(bars.close, trend), above(trend, bars.close)
    low_touch = not_above(bars.low, lines["lower"].values)
    high_touch = not_above(lines["upper"].values, bars.high)
    return (
        signals_from(trending & rising & up, trending & falling & down),
        signals_from(ranging & rising & low_touch, ranging & falling & high_touch),
    )
