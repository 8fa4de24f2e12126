"""Runs over the same bars for their figures alone; what the runs have in common is worked out once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats, Ints
from ..domain.signals import Signals
from .compiled import Pass, ready
from .conversion import conversion_of
from .doubt.daily import last_of_days
from .engine import Walk
from .input import BacktestInput, span
from .layout import FALL, FIGURES, NOT_REFUSED, REASONS, REFUSALS, RULES, STATE, TRADE, Curves
from .skim import BLOCK, Market
from .tape import Prices, care_of, lay_out, read_prices, slippage_of, spread_of
from .terms import terms_of, unit_of
from .worth import in_cents

_NONE: Ints = np.zeros(0, np.int64)
_ONE: Floats = np.full(1, np.nan)
# ranges of dates whose common ground is kept
_KEPT = 3


@dataclass(frozen=True, eq=False)
class Skimmed:
    """One run's record of :data:`layout.FIGURES`, refusals by reason, and the equity at the end of each server day."""

    figures: NDArray[Any]
    refused: dict[str, int]
    equity: Floats


@dataclass(frozen=True, eq=False)
class _Ground:
    """One range of the bars; `sound` where every close lies within its bar."""

    prices: Prices
    columns: dict[str, Any]
    ends: Ints
    sound: bool


class Skimmer:
    """Not for two threads at once; :meth:`beside` makes another one for another thread."""

    def __init__(
        self, prices: Prices, grounds: dict[tuple[int, int], _Ground] | None = None, *,
        code: Callable[[], Pass] = ready,
    ) -> None:  # fmt: skip
        """`prices` are all bars that the runs' input holds."""
        self._prices = prices
        self._code = code
        self._grounds = {} if grounds is None else grounds
        self._listed = np.empty(0, TRADE)
        self._room = np.empty(0)
        self._events = np.empty(0, np.int64), np.empty(0, np.int8)
        self._curves: Curves | None = None

    def beside(self) -> Skimmer:
        """One for another thread, on the same ground."""
        return Skimmer(self._prices, self._grounds, code=self._code)

    def run(self, given: BacktestInput, signals: Signals, ranges: Floats | None) -> Skimmed:
        """The run of a checked input, whose `signals` and `ranges` cover all bars: the figures of `run.run`, bit for bit.

        Raises UserMistake where a conversion is missing.
        """
        first, end = span(given)
        code = self._code()
        ground = self._ground_of(given, first, end, code)
        own = Signals(signals.entry[first:end], signals.exit_long[first:end], signals.exit_short[first:end])
        cut = None if ranges is None else ranges[first:end]
        conversion = conversion_of(given, ground.prices.bars.time)
        spread = spread_of(given, ground.prices.bars)
        even = len(spread) == 1 and len(conversion.rates) == 1 and not conversion.own
        if code.plain or given.guarded or not (even and ground.sound):
            return self._walked(given, ground, own, cut)
        terms = terms_of(given, conversion)
        slip = slippage_of(given.costs, ground.prices.bars.time)
        terms["slip_step"] = 1 if len(slip) > 1 else 0
        columns = {
            "spread": spread,
            "slip": slip,
            "rates": conversion.rates,
            "atr": _ONE if cut is None else cut,
        }
        if given.detail is not None:
            terms["bar_seconds"] = code.smallest_step(ground.prices.bars.time)
        return self._skimmed(given, code, Market(**ground.columns, **columns), terms, own)

    def _skimmed(
        self, given: BacktestInput, code: Pass, market: Market, terms: NDArray[Any], own: Signals
    ) -> Skimmed:
        n, unit = len(market.time), unit_of(given)
        if len(self._events[0]) != n + 1:
            self._events = np.empty(n + 1, np.int64), np.empty(n + 1, np.int8)
        has_exits = bool(own.exit_long.any() or own.exit_short.any())
        flags = (np.ascontiguousarray(each) for each in (own.entry, own.exit_long, own.exit_short))
        _, entries = code.list_events(*flags, has_exits, 1 + given.delay_bars, *self._events)
        if len(self._listed) <= entries:
            self._listed = np.empty(entries + entries // 4 + 1, TRADE)
        deposit = in_cents(given.account.balance * unit)
        state, falls, refused = np.zeros(1, STATE), np.zeros(2, FALL), np.zeros(len(REFUSALS), np.int64)
        state["balance"] = state["deposit"] = state["peak"] = falls["peak"] = falls["lowest"] = deposit
        state["level"] = math.inf
        state["day"] = state["halted"] = NOT_REFUSED
        equity, found = np.empty(len(market.ends)), np.zeros(1, FIGURES)
        code.skim(market, *self._events, terms, state, falls, equity, self._listed, refused)
        count = int(state["trades"][0])
        if len(self._room) < 4 * (count + 1):
            self._room = np.empty(5 * (count + 1))
        code.skim_figures(
            market.time, n, falls, equity, self._listed, self._room, count, float(unit), deposit, state, found,
            np.zeros(2 * len(REASONS), np.int64),
        )  # fmt: skip
        counts = dict(zip(REFUSALS, refused.tolist(), strict=True))
        return Skimmed(found, {name: counts[name] for name in RULES}, equity)

    def _walked(self, given: BacktestInput, ground: _Ground, own: Signals, ranges: Floats | None) -> Skimmed:
        n = len(ground.prices.bars)
        if self._curves is None or len(self._curves.equity) != n:
            self._curves = Curves(*(np.empty(n) for _ in range(3)))
        code = self._code()
        walk = Walk(
            given, lay_out(given, ground.prices, own, ranges, code), curves=self._curves, code=lambda: code
        )
        walk.advance(0, n)
        return Skimmed(walk.figures(), walk.refused, walk.curves.equity[ground.ends])

    def _ground_of(self, given: BacktestInput, first: int, end: int, code: Pass) -> _Ground:
        found = self._grounds.get((first, end))
        if found is None:
            found = _ground(given, self._prices[first:end], code)
            for old in list(self._grounds)[: 1 - _KEPT]:
                self._grounds.pop(old, None)
            self._grounds[first, end] = found
        return found


def _ground(given: BacktestInput, prices: Prices, code: Pass) -> _Ground:
    bars, n = prices.bars, len(prices.bars)
    ends = last_of_days(bars.time)
    if code.plain:
        return _Ground(prices, {}, ends, False)
    lows, highs = (np.empty(n // BLOCK, np.int64) for _ in range(2))
    sound = code.block_extremes(prices.low, prices.high, prices.close, lows, highs)
    detail = None if given.detail is None else read_prices(given.detail, given.spec.digits, code)
    columns = {
        "time": bars.time, "open": prices.open, "high": prices.high, "low": prices.low, "close": prices.close,
        **care_of(code, prices, given.spec.swap_rollover3days),
        "detail_time": _NONE if detail is None else np.array(detail.bars.time),
        "detail_high": _NONE if detail is None else detail.high,
        "detail_low": _NONE if detail is None else detail.low,
        "lows": lows, "highs": highs, "ends": ends,
    }  # fmt: skip
    return _Ground(prices, columns, ends, bool(sound))
