"""INDEX_BREAKOUT_PRO: closes that stay beyond the extreme of the bars before, with trend, volume and VWAP in favour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import MessageKind, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .answers import signals_from
from .comparisons import Flags, above
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import (
    atr,
    before,
    ema,
    highest,
    highest_before,
    lowest,
    lowest_before,
    settled_ema,
    settled_wilder,
    sma,
    vwap,
)
from .rule import HIDDEN, Lines, RuleStrategy, once_per_setup

_BUY = declare(
    "index_breakout_pro.buy",
    "The last closes stayed above the resistance ({resistance:.7g}) and the close ({close:.7g}) is far enough beyond it "
    "({beyond:.4g} is enough); trend, volume and votes agree.",
)
_SELL = declare(
    "index_breakout_pro.sell",
    "The last closes stayed below the support ({support:.7g}) and the close ({close:.7g}) is far enough beyond it "
    "({beyond:.4g} is enough); trend, volume and votes agree.",
)
_WAIT = declare(
    "index_breakout_pro.wait",
    "Support {support:.7g}, resistance {resistance:.7g}, close {close:.7g}, averages {fast:.7g} and {slow:.7g}, volume "
    "{volume:.2f} times its mean; waiting for a confirmed breakout.",
)
_ATR, _FAST, _VOLUME = 14, 20, 10
# The three votes compare with so many bars ago; a move counts in volume's favour from this share of the price.
_SHORT, _MOVE = 5, 0.001


@dataclass(frozen=True)
class Params:
    """Lengths in bars, the size of a breakout in average true ranges, the surge as a multiple of the mean volume."""

    breakout_period: int = param(
        20, "Channel", low=1, high=5_000, step=1, search=(10, 50, 10),
        help="Bars whose highest high is the resistance and whose lowest low is the support.",
    )  # fmt: skip
    volume_surge_multiplier: float = param(
        1.5, "Volume surge", low=0.0, high=20.0, step=0.1, search=(1.2, 3.0, 0.3),
        help="A bar with more than this many times the usual volume that moves against the breakout forbids it.",
    )  # fmt: skip
    confirmation_candles: int = param(
        2, "Confirmation", low=1, high=50, step=1, search=(1, 4, 1),
        help="So many closes in a row have to stay beyond the level before it counts as broken.",
    )  # fmt: skip
    min_breakout_size: float = param(
        0.2, "Least breakout", low=0.0, high=10.0, step=0.1, search=(0.1, 0.8, 0.1),
        help="The last close has to be beyond the level by more than this many average ranges.",
    )  # fmt: skip
    trend_filter_period: int = param(
        50, "Trend filter", low=1, high=5_000, step=1, search=(30, 100, 10),
        help="Bars in the long average; a breakout against the trend of the averages is not taken.",
    )  # fmt: skip
    vwap_filter: bool = param(
        True, "VWAP filter",
        help="Buys only above and sells only below the volume-weighted average price of the trend filter's bars.",
    )  # fmt: skip
    once_per_setup: bool = once_per_setup()

    # Names that stored bots of QuantumBotX carry and that never had an effect on a signal there.
    RETIRED: ClassVar[frozenset[str]] = frozenset({
        "atr_multiplier_sl", "atr_multiplier_tp", "max_risk_per_trade", "institutional_levels",
        "support_resistance_strength", "gap_multiplier",
    })  # fmt: skip

    def __post_init__(self) -> None:
        check(self)


class IndexBreakoutPro(RuleStrategy):
    """One rule where there were two that disagreed: a breakout of a level that lies *before* the confirming closes.

    The resistance is the highest high of `breakout_period` bars, the `confirmation_candles` last bars left out, so that a
    close can be above it. Buy when those last closes are all above it, the last one by `min_breakout_size` of the
    ATR(14), the averages of 20 and `trend_filter_period` bars do not point down, no surge of volume goes with a fall of
    0.1 %, and two of three votes are up: the close against 5 bars ago, the quick average against 20 and the long one
    against `trend_filter_period` bars ago. Sell mirrored. Stops and risk are the bot's own settings.
    """

    key = "INDEX_BREAKOUT_PRO"
    title = "Index Breakout Pro"
    description = (
        "Buys when closes stay above the highest high of the bars before them, with the averages, the volume and the "
        "volume-weighted price in favour, and sells on the mirror."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.ADVANCED, "Stock indices such as US500, US30 and DE40 in lively months, M15 to H1."
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "One entry per breakout and a third confirming close: fewer, clearer signals.",
            {"confirmation_candles": 3, "once_per_setup": True},
        ),
        Preset(
            "Calm", "A long channel and a long trend: only breakouts of weeks count.",
            {"breakout_period": 50, "trend_filter_period": 100, "min_breakout_size": 0.5, "once_per_setup": True},
        ),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        levels = params.breakout_period + params.confirmation_candles - 1
        votes = max(2 * _FAST - 1, 2 * params.trend_filter_period - 1)
        return int(max(levels, votes, _ATR, _VOLUME - 1))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        trend = settled_ema(max(params.trend_filter_period, _FAST)) + max(params.trend_filter_period, _FAST)
        return int(max(trend, settled_wilder(_ATR), self.reads_from(params)))

    def lines(self, bars: Bars, params: Any) -> Lines:
        earlier, period = params.confirmation_candles - 1, params.breakout_period
        high, low, close = bars.high, bars.low, bars.close
        volume = bars.tick_volume.astype(np.float64)
        usual = sma(volume, _VOLUME)
        ratio = np.zeros(len(bars))
        np.divide(volume, usual, out=ratio, where=usual > 0)
        ratio[np.isnan(usual)] = np.nan
        long = params.trend_filter_period
        return {
            "resistance": Plot("Resistance", before(highest_before(high, period), earlier)),
            "support": Plot("Support", before(lowest_before(low, period), earlier)),
            "fast": Plot(f"EMA {_FAST}", ema(close, _FAST)),
            "slow": Plot(f"EMA {long}", ema(close, long)),
            "vwap": Plot(f"VWAP {long}", vwap(high, low, close, volume, long)),
            "volume": Plot("Volume / usual", ratio, pane=1),
            "beyond": Plot(
                "Least breakout", params.min_breakout_size * atr(high, low, close, _ATR), pane=HIDDEN
            ),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        close, count = bars.close, params.confirmation_candles
        resistance, support, fast, slow, average, volume, beyond = (line.values for line in lines.values())
        up = above(lowest(close, count), resistance) & above(close, resistance + beyond)
        down = above(support, highest(close, count)) & above(support - beyond, close)
        # The trend of the averages forbids the other side only; in between both are allowed.
        up &= ~(above(slow, fast) & above(fast, close))
        down &= ~(above(fast, slow) & above(close, fast))
        last = before(close)
        surge = above(volume, params.volume_surge_multiplier)
        up &= ~(surge & above(last * (1 - _MOVE), close))
        down &= ~(surge & above(close, last * (1 + _MOVE)))
        compared = ((close, _SHORT), (fast, _FAST), (slow, params.trend_filter_period))
        up &= _majority([above(line, before(line, bars_ago)) for line, bars_ago in compared])
        down &= _majority([above(before(line, bars_ago), line) for line, bars_ago in compared])
        if params.vwap_filter:
            up &= above(close, average)
            down &= above(average, close)
        return signals_from(up, down)


def _majority(votes: list[Flags]) -> Flags:
    first, second, third = votes
    return (first & second) | (first & third) | (second & third)
