"""What happens to whom and when, as arrays: prices in whole points, nights, rates and signals per bar.

The walk over the bars knows one direction only. For a sell the tape is turned around: its closing prices (ask) are
negated, so that lower is worse and higher is better for both sides, and one rule serves both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Bars, Floats, Ints
from ..domain.params import make
from ..domain.signals import Signals
from ..domain.sizing import StopUnit
from ..strategies import registry
from ..strategies.indicators import atr
from .conversion import Conversion, conversion_of
from .input import BacktestInput, span

_NOISE = 1e-6
_DAY = 86_400


@dataclass(frozen=True, eq=False)
class Side:
    """The closing prices of one side in points, turned so that lower is worse; `busy` marks bars that need care."""

    open: Ints
    worst: Ints
    best: Ints
    close: Ints
    busy: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tape:
    """All a run needs per bar. `entry`, `leave_long`, `leave_short` and `atr` are those of the bar *before*.

    `singles` and `triples` count the midnights since the bar before that cost one and three nights.
    """

    bars: Bars
    buy: Side
    sell: Side
    spread: Ints
    before: Ints
    singles: Ints
    triples: Ints
    conversion: Conversion
    entry: NDArray[np.int8]
    leave_long: NDArray[np.bool_]
    leave_short: NDArray[np.bool_]
    atr: Floats

    def __len__(self) -> int:
        return len(self.bars)


def in_points(prices: Floats, digits: int) -> Ints:
    """Prices as whole points, half away from zero, deaf to binary noise."""
    whole = np.floor(np.abs(prices) * 10.0**digits + 0.5 + _NOISE)
    return (np.sign(prices) * whole).astype(np.int64)


def rounded(bars: Bars, digits: int) -> Bars:
    """The same bars with every price rounded to the symbol's digits."""
    scale = 10.0**digits
    opened, high, low, close = (
        in_points(each, digits) / scale for each in (bars.open, bars.high, bars.low, bars.close)
    )
    return Bars(bars.time, opened, high, low, close, bars.tick_volume, bars.spread, bars.real_volume)


def tape_of(given: BacktestInput) -> Tape:
    """Prepare a checked input: signals over all the bars, then everything cut to the range of dates."""
    history = history_of(given)
    _, end = span(given)
    return tape_with(given, history, signals_of(given, history[:end]))


def history_of(given: BacktestInput) -> Bars:
    """All bars of a checked input with rounded prices."""
    return rounded(given.bars, given.spec.digits)


def signals_of(given: BacktestInput, history: Bars) -> Signals:
    """What the strategy says on each bar of `history`."""
    strategy = registry.get(given.strategy)
    return strategy.signals(history, make(strategy.Params, given.params))


def tape_with(given: BacktestInput, history: Bars, signals: Signals) -> Tape:
    """The tape of the range of dates; `history` is rounded, `signals` cover it up to the range's end at least."""
    first, end = span(given)
    bars = history[first:end]
    ranges = np.full(len(bars), np.nan)
    if StopUnit.ATR in (given.sl.unit, given.tp.unit):
        ranges = atr(history.high[:end], history.low[:end], history.close[:end], given.atr_period)[first:]
    cut = Signals(signals.entry[first:end], signals.exit_long[first:end], signals.exit_short[first:end])
    return lay_out(given, bars, cut, ranges)


def lay_out(given: BacktestInput, bars: Bars, signals: Signals, ranges: Floats) -> Tape:
    """The tape of bars already cut to the range and rounded, with the signals and ATR of the same bars."""
    digits = given.spec.digits
    points = [in_points(each, digits) for each in (bars.open, bars.high, bars.low, bars.close)]
    opened, high, low, close = points
    spread = spread_of(given, bars)
    singles, triples = nights(bars.time, given.spec.swap_rollover3days)
    entry = _shifted(signals.entry)
    leave_long = _shifted(signals.exit_long)
    leave_short = _shifted(signals.exit_short)
    busy = (singles + triples > 0) | (opened < low) | (opened > high)
    busy[-1] = True
    against = (entry < 0, entry > 0) if given.reverse else (False, False)
    before = np.concatenate((close[:1], close[:-1]))
    return Tape(
        bars=bars,
        buy=Side(opened, low, high, close, busy | leave_long | against[0]),
        sell=Side(
            -(opened + spread), -(high + spread), -(low + spread), -(close + spread),
            busy | leave_short | against[1],
        ),
        spread=spread, before=before, singles=singles, triples=triples,
        conversion=conversion_of(given, bars.time),
        entry=entry, leave_long=leave_long, leave_short=leave_short,
        atr=np.concatenate(([np.nan], ranges[:-1])),
    )  # fmt: skip


def spread_of(given: BacktestInput, bars: Bars) -> Ints:
    """The spread of each bar in points."""
    constant = given.spec.spread if given.costs.spread_points is None else given.costs.spread_points
    if not given.costs.spread_from_bars:
        return np.full(len(bars), constant, np.int64)
    return np.where(bars.spread > 0, bars.spread, constant).astype(np.int64)


def nights(times: Ints, rollover: int) -> tuple[Ints, Ints]:
    """Midnights between each bar and the one before that cost one night, and that cost three.

    The night is named by the day that ends at the midnight (0 = Sunday).
    """
    days = times // _DAY
    ending = np.arange(days[0], days[-1] + 1)
    weekday = (ending + 4) % 7  # 1970-01-01 was a Thursday
    triple = weekday == rollover
    single = (weekday >= 1) & (weekday <= 5) & ~triple
    counts = []
    for kind in (single, triple):
        # total[k]: nights of this kind among the first k days
        total = np.concatenate(([0], np.cumsum(kind)))[days - days[0]]
        counts.append(np.diff(total, prepend=total[0]).astype(np.int64))
    return counts[0], counts[1]


def _shifted(values: NDArray[Any]) -> NDArray[Any]:
    """Each bar's signal moved to the bar that acts on it."""
    return np.concatenate((np.zeros(1, values.dtype), values[:-1]))
