"""INDEX_MOMENTUM: moves that volume confirms, and opening gaps, during the exchange's own hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import Message, MessageKind, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .answers import signals_from
from .comparisons import above, not_above
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import before, rsi, settled_wilder, sma
from .rule import HIDDEN, Lines, RuleStrategy, once_per_setup
from .sessions import exchange_choice, server_clock_choice, session_clock

_BUY = declare(
    "index_momentum.buy",
    "The RSI is {rsi:.1f}, the volume {volume:.2f} times its mean, the gap at the open {gap:.2f} %: the move goes up.",
)
_SELL = declare(
    "index_momentum.sell",
    "The RSI is {rsi:.1f}, the volume {volume:.2f} times its mean, the gap at the open {gap:.2f} %: the move goes down.",
)
_WAIT = declare(
    "index_momentum.wait",
    "The RSI is {rsi:.1f}, the volume {volume:.2f} times its mean, the gap at the open {gap:.2f} %; waiting for a move "
    "that volume confirms.",
)
_CLOSED = declare("index_momentum.closed", "The exchange is closed at this bar; no signal outside its hours.")
_EXTREME = declare(
    "index_momentum.extreme", "The RSI ({rsi:.1f}) is at an extreme, the move is exhausted; no signal."
)
# Gaps between these two, in percent, are neither small enough to be filled nor large enough to be followed.
_SMALL_GAP, _LARGE_GAP = 1.0, 2.0
_MIDDLE, _FOLLOW_BELOW, _FOLLOW_ABOVE = 50.0, 70.0, 30.0


@dataclass(frozen=True)
class Params:
    """Lengths in bars, levels in points of the RSI, the gap in percent, the volume as a multiple of its mean."""

    momentum_period: int = param(
        14, "RSI", low=1, high=1_000, step=1, search=(7, 28, 7),
        help="Bars in the RSI, which tells how strong the latest moves were; fewer bars make it nervous.",
    )  # fmt: skip
    volume_period: int = param(
        20, "Usual volume", low=1, high=1_000, step=1, search=(10, 50, 10),
        help="Bars over which the usual tick volume is taken.",
    )  # fmt: skip
    momentum_oversold: float = param(
        30.0, "RSI oversold", low=0, high=50, step=1, search=(20, 40, 5),
        help="Below this RSI a fall counts as exhausted and nothing is signalled.",
    )  # fmt: skip
    momentum_overbought: float = param(
        70.0, "RSI overbought", low=50, high=100, step=1, search=(60, 80, 5),
        help="Above this RSI a rise counts as exhausted and nothing is signalled.",
    )  # fmt: skip
    gap_threshold: float = param(
        0.5, "Least gap, %", low=0.0, high=20.0, step=0.1, search=(0.3, 1.5, 0.3),
        help="A bar's open counts as a gap when it is farther from the last close than this percentage.",
    )  # fmt: skip
    volume_multiplier: float = param(
        1.3, "Volume confirmation", low=0.0, high=20.0, step=0.1, search=(1.0, 2.0, 0.2),
        help="A move is confirmed by a tick volume of at least this many times the usual one.",
    )  # fmt: skip
    session_filter: bool = param(
        True,
        "Exchange hours only",
        help="Signals only on bars that open while the exchange trades; off trades all hours.",
    )
    gap_fade_mode: bool = param(
        False, "Fade small gaps", help="Trades gaps below 1 % back towards the last close; off ignores them."
    )
    exchange: str = exchange_choice("New York")
    server_clock: str = server_clock_choice()
    once_per_setup: bool = once_per_setup()

    def __post_init__(self) -> None:
        check(self)


class IndexMomentum(RuleStrategy):
    """Momentum with volume, and gaps: above 2 % followed, below 1 % faded where that is chosen.

    The hours are those of the chosen exchange in its own time and hold in a backtest as well. Closed bars only, so the
    volume is that of a whole bar.
    """

    key = "INDEX_MOMENTUM"
    title = "Index Momentum"
    description = (
        "Buys a rising bar with an RSI between 50 and overbought and more volume than usual, sells the mirror, follows "
        "opening gaps above 2 %, and does so during the exchange's hours only."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Stock indices such as US500, US30 and DE40 during their exchange's hours, M15 to H1.",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning",
            "More volume is asked for and each move is entered once.",
            {"volume_multiplier": 1.6, "once_per_setup": True},
        ),
        Preset("German index", "Frankfurt's hours for DE40 and its relatives.", {"exchange": "Frankfurt"}),
        Preset("All hours", "No session: for symbols without an exchange.", {"session_filter": False}),
    )
    sentences: ClassVar[Mapping[str, MessageKind]] = {"BUY": _BUY, "SELL": _SELL, "HOLD": _WAIT}

    def reads_from(self, params: Any) -> int:
        return int(max(params.momentum_period, params.volume_period - 1))

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        return max(settled_wilder(params.momentum_period), self.reads_from(params))

    def lines(self, bars: Bars, params: Any) -> Lines:
        volume = bars.tick_volume.astype(np.float64)
        usual, last = sma(volume, params.volume_period), before(bars.close)
        ratio = np.zeros(len(bars))
        np.divide(volume, usual, out=ratio, where=usual > 0)
        ratio[np.isnan(usual)] = np.nan
        with np.errstate(invalid="ignore", divide="ignore"):
            gap = 100.0 * (bars.open - last) / last
        clock = session_clock(bars.time, params.exchange, params.server_clock)
        allowed = clock.inside.astype(np.float64) if params.session_filter else np.ones(len(bars))
        return {
            "rsi": Plot(f"RSI {params.momentum_period}", rsi(bars.close, params.momentum_period), pane=1),
            "volume": Plot("Volume / usual", ratio, pane=2),
            "gap": Plot("Gap, %", gap, pane=HIDDEN),
            "open_hours": Plot("Exchange hours", allowed, pane=HIDDEN),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        strength, gap = lines["rsi"].values, lines["gap"].values
        confirmed = not_above(params.volume_multiplier, lines["volume"].values)
        last = before(bars.close)
        high, low = params.momentum_overbought, params.momentum_oversold
        buy = confirmed & above(strength, _MIDDLE) & above(high, strength) & above(bars.close, last)
        sell = confirmed & above(_MIDDLE, strength) & above(strength, low) & above(last, bars.close)
        size = np.abs(gap)
        counts = above(size, params.gap_threshold)
        far = counts & above(size, _LARGE_GAP)
        gap_buy = far & (gap > 0) & above(_FOLLOW_BELOW, strength)
        gap_sell = far & (gap < 0) & above(strength, _FOLLOW_ABOVE)
        if params.gap_fade_mode:
            small = counts & above(_SMALL_GAP, size)
            gap_buy, gap_sell = gap_buy | (small & (gap < 0)), gap_sell | (small & (gap > 0))
        buy = buy | gap_buy
        sell = (sell | gap_sell) & ~buy
        allowed = (lines["open_hours"].values > 0) & not_above(strength, high) & not_above(low, strength)
        return signals_from(buy & allowed, sell & allowed)

    def say(self, word: str, values: Mapping[str, float], params: Any) -> Message:
        if word == "HOLD" and not values["open_hours"]:
            return _CLOSED()
        strength = values["rsi"]
        if word == "HOLD" and (
            above(strength, params.momentum_overbought) or above(params.momentum_oversold, strength)
        ):
            return _EXTREME(**values)
        return super().say(word, values, params)
