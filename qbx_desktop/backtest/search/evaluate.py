"""Runs combinations one after the other over the same prices: the work that every worker of a search does.

What combinations have in common is worked out once: the prices in points, the signals of equal parameters, the ATR, the
last bar of each day, and the room for the curves. Each run is the run of `backtest.run` to the last bit.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...domain.bars import Floats, Ints
from ...domain.errors import QbxError
from ...domain.signals import Signals
from ..compiled import make
from ..doubt.daily import last_of_days, returns_of
from ..engine import Walk
from ..input import BacktestInput, check
from ..layout import Curves
from ..report import REPORTED
from ..tape import Prices, prices_of, ranges_of, signals_of, tape_with
from .outcome import Outcome, day_figures, sums_of
from .space import Combo, applied

# Signals take three bytes a bar; as many are remembered as fit into this.
_SIGNAL_BYTES = 96 * 1024 * 1024


@dataclass(frozen=True)
class Batch:
    """Combinations with their places in the plan, all over the same dates (None: as in the input)."""

    items: tuple[tuple[int, Combo], ...]
    start: int | None = None
    end: int | None = None


class Evaluator:
    """Runs batches over one input. Not for two threads at once."""

    def __init__(self, given: BacktestInput) -> None:
        self._given = given
        self._prices: Prices | None = None
        self._signals: OrderedDict[str, Signals] = OrderedDict()
        self._ranges: dict[int, Floats | None] = {}
        self._room: Curves | None = None
        self._days: tuple[int | None, int | None, Ints] | None = None

    def outcomes(self, batch: Batch, cancelled: Callable[[], bool] | None = None) -> list[Outcome]:
        """The outcomes in the order of the batch; what breaks a rule is an outcome with an error.

        When `cancelled()` becomes true the list ends early: what was computed is not thrown away.
        """
        make()
        inside = dataclasses.replace(self._given, start=batch.start, end=batch.end)
        found: list[Outcome] = []
        for number, combo in batch.items:
            if cancelled is not None and cancelled():
                break
            try:
                found.append(self._one(applied(inside, combo), number, combo))
            except QbxError as error:
                found.append(Outcome(number, dict(combo), error=error.message))
        return found

    def _one(self, given: BacktestInput, number: int, combo: Combo) -> Outcome:
        check(given)
        if self._prices is None:
            self._prices = prices_of(given)
        tape = tape_with(given, self._prices, self._signals_of(given), self._ranges_of(given))
        walk = Walk(given, tape, curves=self._curves(len(tape)))
        walk.advance(0, len(tape))
        values = walk.figures()[list(REPORTED)].item()
        figures = {
            name: None if math.isnan(value) else value + 0.0
            for name, value in zip(REPORTED, values, strict=True)
        }
        ends = self._ends_of_days(given, tape.bars.time)
        returns = returns_of(walk.curves.equity[ends], given.account.balance)
        return Outcome(number, dict(combo), {**figures, **day_figures(returns)}, sums_of(returns))

    def _signals_of(self, given: BacktestInput) -> Signals:
        assert self._prices is not None
        key = json.dumps(dict(given.params), sort_keys=True)
        if key in self._signals:
            self._signals.move_to_end(key)
        else:
            self._signals[key] = signals_of(given, self._prices.bars)
            while len(self._signals) > max(1, _SIGNAL_BYTES // (3 * max(1, len(given.bars)))):
                self._signals.popitem(last=False)
        return self._signals[key]

    def _ranges_of(self, given: BacktestInput) -> Floats | None:
        assert self._prices is not None
        if given.atr_period not in self._ranges:
            self._ranges[given.atr_period] = ranges_of(given, self._prices.bars)
        return self._ranges[given.atr_period]

    def _curves(self, count: int) -> Curves:
        if self._room is None or len(self._room.equity) != count:
            self._room = Curves(*(np.empty(count) for _ in range(3)))
        return self._room

    def _ends_of_days(self, given: BacktestInput, times: Ints) -> Ints:
        if self._days is None or self._days[:2] != (given.start, given.end):
            self._days = given.start, given.end, last_of_days(times)
        return self._days[2]


def evaluated(given: BacktestInput, batch: Batch) -> list[Outcome]:
    """The outcomes of one batch by an evaluator of its own, for a worker that keeps nothing between batches."""
    return Evaluator(given).outcomes(batch)
