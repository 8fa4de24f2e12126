"""Runs combinations one after the other over the same prices: the work that every worker of a search does.

What combinations have in common is worked out once: the prices in points, the signals of equal parameters, the ATR, and
what :mod:`..skimmer` shares. Each run is the run of `backtest.run` to the last bit.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from dataclasses import dataclass

from ...domain.errors import QbxError
from ...domain.params import Value
from ...domain.signals import Signals
from ...strategies.shared_columns import SharedColumns
from ..compiled import make
from ..doubt.daily import returns_of
from ..input import BacktestInput, check
from ..report import REPORTED
from ..skimmer import Skimmer
from ..tape import Prices, prices_of, ranges_of, signals_of
from .outcome import Outcome, day_figures, sums_of
from .space import SETTINGS, Combo, applied

# Bytes of indicator columns that are remembered: those of a grid of twenty by twenty over a million bars.
_COLUMN_BYTES = 192 << 20


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
        self._skimmer: Skimmer | None = None
        self._columns: SharedColumns | None = None
        self._prices: Prices | None = None
        self._signals: tuple[str, Signals] | None = None

    def outcomes(self, batch: Batch, cancelled: Callable[[], bool] | None = None) -> list[Outcome]:
        """The outcomes in the order of the batch; what breaks a rule is an outcome with an error.

        When `cancelled()` becomes true the list ends early: what was computed is not thrown away.
        """
        inside = dataclasses.replace(self._given, start=batch.start, end=batch.end)
        found: dict[int, Outcome] = {}
        # Equal parameters one after the other: their signals are the same.
        for number, combo in sorted(batch.items, key=lambda item: _params_of(item[1])):
            if cancelled is not None and cancelled():
                break
            try:
                found[number] = self._one(applied(inside, combo), number, combo)
            except QbxError as error:
                found[number] = Outcome(number, dict(combo), error=error.message)
        return [found[number] for number, _ in batch.items if number in found]

    def _one(self, given: BacktestInput, number: int, combo: Combo) -> Outcome:
        check(given)
        if self._prices is None or self._skimmer is None or self._columns is None:
            code = make()
            self._prices = prices_of(given)
            self._skimmer = Skimmer(self._prices)
            self._columns = SharedColumns(
                self._prices.bars, _COLUMN_BYTES, None if code.plain else code.find_crossings
            )
        with self._columns.opened():
            signals, ranges = self._signals_of(given, self._prices), ranges_of(given, self._prices.bars)
        found = self._skimmer.run(given, signals, ranges)
        values = found.figures[list(REPORTED)].item()
        figures = {
            name: None if math.isnan(value) else value + 0.0
            for name, value in zip(REPORTED, values, strict=True)
        }
        returns = returns_of(found.equity, given.account.balance)
        return Outcome(number, dict(combo), {**figures, **day_figures(returns)}, sums_of(returns))

    def _signals_of(self, given: BacktestInput, prices: Prices) -> Signals:
        key = json.dumps(dict(given.params), sort_keys=True)
        if self._signals is None or self._signals[0] != key:
            self._signals = key, signals_of(given, prices.bars)
        return self._signals[1]


def _params_of(combo: Combo) -> tuple[Value, ...]:
    return tuple(combo[name] for name in sorted(combo) if name not in SETTINGS)


def evaluated(given: BacktestInput, batch: Batch) -> list[Outcome]:
    """The outcomes of one batch by an evaluator of its own, for a worker that keeps nothing between batches."""
    return Evaluator(given).outcomes(batch)
