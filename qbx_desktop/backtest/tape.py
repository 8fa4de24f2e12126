"""What happens and when, as arrays: prices in whole points, nights, rates and signals per bar."""

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
from ..strategies.shared_columns import quick_crossings
from . import spare
from .compiled import Pass, ready
from .conversion import conversion_of
from .input import BacktestInput, Costs, refuse_disorder, refuse_prices, span
from .layout import BUY, NEWS, SELL, Columns
from .terms import terms_of

_NONE: Ints = np.zeros(0, np.int64)
# of how many bars about one needs care: hourly bars, of which the first of a day does
_SELDOM = 16


@dataclass(frozen=True, eq=False)
class Prices:
    """Bars that were checked: with prices rounded to the symbol's digits, and the same in whole points."""

    bars: Bars
    open: Ints
    high: Ints
    low: Ints
    close: Ints

    def __getitem__(self, part: slice) -> Prices:
        """A slice, without copying."""
        return Prices(self.bars[part], self.open[part], self.high[part], self.low[part], self.close[part])


@dataclass(frozen=True, eq=False)
class Tape:
    """All a run needs: the bars of the range, the pass's columns over them, and the run's terms.

    `entries` is how many entry signals act inside the range: there are at most as many trades.
    """

    bars: Bars
    columns: Columns
    terms: NDArray[Any]
    entries: int

    def __len__(self) -> int:
        return len(self.bars)

    @property
    def spread(self) -> Ints:
        """The spread in points: one per bar, or one for all."""
        return np.asarray(self.columns.spread)


def tape_of(given: BacktestInput) -> Tape:
    """Prepare a checked input: signals over all the bars, then everything cut to the range of dates."""
    prices = prices_of(given)
    _, end = span(given)
    return tape_with(given, prices, signals_of(given, prices.bars[:end]))


def prices_of(given: BacktestInput, code: Pass | None = None) -> Prices:
    """All bars of an input as whole points. Raises UserMistake where they are out of order or no prices."""
    return read_prices(given.bars, given.spec.digits, code)


def read_prices(bars: Bars, digits: int, code: Pass | None = None) -> Prices:
    """The bars with prices rounded to `digits`, half away from zero and deaf to binary noise. Raises UserMistake."""
    code, scale = code or ready(), 10.0**digits
    if not len(bars):
        return Prices(bars, _NONE, _NONE, _NONE, _NONE)
    disorder = code.first_disorder(fit(code, bars.time))
    if disorder:
        raise refuse_disorder(disorder)
    good = exact = True
    points = []
    for prices in (bars.open, bars.high, bars.low, bars.close):
        whole = spare.ints(len(prices))
        right, rounded = code.read_points(fit(code, prices), scale, fit(code, whole))
        good, exact = good and right, exact and rounded
        points.append(whole)
    if not good:
        raise refuse_prices(bars)
    if not exact:
        opened, high, low, close = (each / scale for each in points)
        bars = Bars(bars.time, opened, high, low, close, bars.tick_volume, bars.spread, bars.real_volume)
    return Prices(bars, *points)


def signals_of(given: BacktestInput, history: Bars) -> Signals:
    """What the strategy says on each bar of `history`."""
    strategy, code = registry.get(given.strategy), ready()
    with quick_crossings(None if code.plain else code.find_crossings):
        return strategy.signals(history, make(strategy.Params, given.params))


def ranges_of(given: BacktestInput, history: Bars) -> Floats | None:
    """The ATR on each bar of `history`; None where no stop is measured by it."""
    if StopUnit.ATR not in (given.sl.unit, given.tp.unit):
        return None
    return atr(history.high, history.low, history.close, given.atr_period)


def tape_with(given: BacktestInput, prices: Prices, signals: Signals, ranges: Floats | None = None) -> Tape:
    """The tape of the range of dates; `signals` and `ranges` cover `prices` up to the range's end at least."""
    first, end = span(given)
    if ranges is None:
        ranges = ranges_of(given, prices.bars[:end])
    cut = Signals(signals.entry[first:end], signals.exit_long[first:end], signals.exit_short[first:end])
    return lay_out(given, prices[first:end], cut, None if ranges is None else ranges[first:end])


def lay_out(
    given: BacktestInput,
    prices: Prices,
    signals: Signals,
    ranges: Floats | None,
    code: Pass | None = None,
) -> Tape:
    """The tape of prices already cut to the range, with the signals and ATR of the same bars.

    Raises UserMistake where a conversion is missing.
    """
    code, bars, n = code or ready(), prices.bars, len(prices.bars)
    conversion = conversion_of(given, bars.time)
    terms = terms_of(given, conversion)
    spread, slip = spread_of(given, bars), slippage_of(given.costs, bars.time)
    for name, column in (("spread_step", spread), ("slip_step", slip), ("rate_step", conversion.rates)):
        terms[name] = 1 if len(column) > 1 else 0
    act = np.empty(n, np.int8)
    flags = (
        _own(signals.entry, np.int8),
        _own(signals.exit_long, np.bool_),
        _own(signals.exit_short, np.bool_),
    )
    entries = code.pack_signals(*(fit(code, each) for each in flags), 1 + given.delay_bars, fit(code, act))
    if given.news:
        act[news_of(given, bars.time) & (act & (BUY | SELL) != 0)] |= NEWS
    detail = None if given.detail is None else read_prices(given.detail, given.spec.digits, code)
    if detail is not None:
        terms["bar_seconds"] = code.smallest_step(fit(code, bars.time))
    columns = Columns(
        time=bars.time, open=prices.open, high=prices.high, low=prices.low, close=prices.close,
        spread=spread, slip=slip, rates=conversion.rates, act=act,
        atr=np.full(1, np.nan) if ranges is None else _own(ranges, np.float64),
        **care_of(code, prices, given.spec.swap_rollover3days),
        detail_time=_NONE if detail is None else np.array(detail.bars.time),
        detail_high=_NONE if detail is None else detail.high,
        detail_low=_NONE if detail is None else detail.low,
    )  # fmt: skip
    return Tape(bars, columns, terms, int(entries))


def care_of(code: Pass, prices: Prices, rollover: int) -> dict[str, Ints]:
    """The bars that need care, and the nights before each, as `layout.Columns` names them."""
    columns = [fit(code, each) for each in (prices.bars.time, prices.open, prices.high, prices.low)]
    room = len(prices.bars) // _SELDOM + 2
    while True:
        found = {name: np.empty(room, np.int64) for name in ("care", "singles", "triples")}
        count = code.mark_care(*columns, rollover, *(fit(code, each) for each in found.values()))
        if count <= room:
            return {name: each[:count] for name, each in found.items()}
        room = count


def news_of(given: BacktestInput, times: Ints) -> NDArray[np.bool_]:
    """Where the calendar forbids an entry at a bar's open; `times` ascend."""
    spec, found = given.spec, np.zeros(len(times), np.bool_)
    currencies = (spec.currency_base, spec.currency_profit, spec.currency_margin, spec.symbol)
    for event in given.news:
        if event.concerns(currencies):
            first, last = np.searchsorted(times, (event.begin, event.end))
            found[first:last] = True
    return found


def spread_of(given: BacktestInput, bars: Bars) -> Ints:
    """The spread in points: one for all bars, or one per bar."""
    costs = given.costs
    constant = given.spec.spread if costs.spread_points is None else costs.spread_points
    usual = np.full(1, constant, np.int64)
    if costs.spread_by_hour:
        usual = np.array(costs.spread_by_hour, np.int64)[bars.time % 86_400 // 3_600]
    if not costs.spread_from_bars:
        return usual
    return np.where(bars.spread > 0, bars.spread, usual)


def slippage_of(costs: Costs, times: Ints) -> Ints:
    """The slippage in points: one for all bars, or one drawn per bar.

    A draw depends on the seed and the bar's time alone, so a bar keeps its slippage in every range of dates.
    """
    if not costs.slippage_table:
        return np.full(1, costs.slippage_points, np.int64)
    table = np.array(costs.slippage_table, np.int64)
    # SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014
    x = times.astype(np.uint64) + np.uint64(costs.slippage_seed * 0x9E3779B97F4A7C15 % 2**64)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return table[((x ^ (x >> np.uint64(31))) % np.uint64(len(table))).astype(np.int64)]


def fit(code: Pass, array: NDArray[Any]) -> Any:
    """An array as the pass takes it: the plain one reads single values far faster from a memoryview."""
    return array.data if code.plain else array


def _own(array: NDArray[Any], kind: Any) -> NDArray[Any]:
    """Contiguous, writable and of one type, so that the machine code is the same for every caller."""
    return np.require(array, kind, ["C", "W"])
