"""Many runs over one tape: one row of report figures per set of parameters, the same figures a single run reports."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.signals import Signals
from ..domain.sizing import Sizing, StopDistance
from .input import BacktestInput, Costs, check
from .run import Cancelled, cancelled_after, walk_of
from .tape import history_of, signals_of, tape_with

# report fields that are no single number
_NOT_NUMBERS = frozenset({"exit_reasons"})
_REFUSED = "refused_"


@dataclass(frozen=True, eq=False)
class Variant:
    """What one run of many has of its own; None means as in the common input.

    `signals` cover all bars of the common input and stand in for those of the strategy.
    """

    params: Mapping[str, object] | None = None
    signals: Signals | None = None
    sl: StopDistance | None = None
    tp: StopDistance | None = None
    sizing: Sizing | None = None
    atr_period: int | None = None
    costs: Costs | None = None
    reverse: bool | None = None
    start: int | None = None
    end: int | None = None

    def applied(self, given: BacktestInput) -> BacktestInput:
        """The input of this run alone."""
        own = {
            each.name: getattr(self, each.name)
            for each in dataclasses.fields(self)
            if each.name != "signals" and getattr(self, each.name) is not None
        }
        return dataclasses.replace(given, **own)


def run_many(
    given: BacktestInput,
    variants: Sequence[Variant],
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> NDArray[Any]:
    """One row per variant, in their order; float fields named as in the report, NaN where a figure is empty.

    Besides: `final_balance`, `ambiguous_trades` and `refused_…` per reason. Rows do not depend on `threads` (default: one
    per core). `progress` hears runs done and runs in all. Raises UserMistake for an input that cannot be run, Cancelled
    when `cancelled()` is true (asked between two runs), ValueError for signals of another length.
    """
    check(given)
    inputs = [each.applied(given) for each in variants]
    for variant, each in zip(variants, inputs, strict=True):
        check(each)
        if variant.signals is not None and len(variant.signals) != len(given.bars):
            raise ValueError(f"{len(variant.signals)} signals for {len(given.bars)} bars")
    history = history_of(given)
    known: dict[tuple[Any, ...], Signals] = {}

    def one(index: int) -> dict[str, float]:
        if cancelled is not None and cancelled():
            raise Cancelled(cancelled_after(index, len(variants)))
        mine, own = inputs[index], variants[index].signals
        if own is None:
            key = tuple(sorted((name, repr(value)) for name, value in mine.params.items()))
            own = known.get(key)
            if own is None:
                own = known.setdefault(key, signals_of(mine, history))
        return _figures(mine, tape_with(mine, history, own))

    rows: list[dict[str, float]] = []
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for row in pool.map(one, range(len(variants))):
            rows.append(row)
            if progress is not None:
                progress(len(rows), len(variants))
    names = list(rows[0]) if rows else []
    table = np.zeros(len(rows), [(name, np.float64) for name in names])
    for name in names:
        table[name] = [row[name] for row in rows]
    return table


def _figures(given: BacktestInput, tape: Any) -> dict[str, float]:
    walk, report = walk_of(given, tape)
    row = {
        name: np.nan if value is None else float(value)
        for name, value in report.items()
        if name not in _NOT_NUMBERS
    }
    row["final_balance"] = walk.balance / walk.terms.unit
    row["ambiguous_trades"] = sum(trade.ambiguous for trade in walk.trades)
    return row | {_REFUSED + reason.replace(" ", "_"): count for reason, count in walk.refused.items()}
