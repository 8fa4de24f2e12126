"""Many runs over one tape: one row of report figures per set of parameters, the same figures a single run reports."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats
from ..domain.signals import Signals
from ..domain.sizing import Sizing, StopDistance, StopUnit
from .compiled import ready
from .input import BacktestInput, Costs, check
from .layout import FIGURES, REFUSALS
from .run import Cancelled, cancelled_after
from .skimmer import Skimmer
from .tape import Prices, prices_of, ranges_of, signals_of

# room for signals and ATR that further variants may ask for again
_KEPT_BYTES = 64 << 20

REFUSED = {reason: "refused_" + reason.replace(" ", "_") for reason in REFUSALS}


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
    ready(work=len(given.bars) * len(variants))
    prices = prices_of(given)
    workers = threads or os.cpu_count() or 1
    known, skimmer, room = _Known(prices, workers), Skimmer(prices), threading.local()
    table = np.zeros(len(variants), FIGURES.descr + [(name, np.float64) for name in REFUSED.values()])

    def one(index: int) -> None:
        if cancelled is not None and cancelled():
            raise Cancelled(cancelled_after(index, len(variants)))
        mine, own = inputs[index], variants[index].signals
        if not hasattr(room, "skimmer"):
            room.skimmer = skimmer.beside()
        found = room.skimmer.run(mine, own or known.signals(mine), known.ranges(mine))
        for name in FIGURES.names or ():
            table[name][index] = found.figures[name][0]
        for reason, count in found.refused.items():
            table[REFUSED[reason]][index] = count

    with ThreadPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(one, range(len(variants))), 1):
            if progress is not None:
                progress(done, len(variants))
    return table


class _Known:
    """Signals and ATR of the parameters seen last, so that variants which share them work them out once."""

    def __init__(self, prices: Prices, workers: int) -> None:
        self._prices = prices
        self._most = max(2 * workers, _KEPT_BYTES // (4 * len(prices.bars)))
        self._lock = threading.Lock()
        self._signals: dict[Any, Signals] = {}
        self._ranges: dict[int, Floats] = {}

    def signals(self, given: BacktestInput) -> Signals:
        key = tuple(sorted((name, repr(value)) for name, value in given.params.items()))
        found = self._signals.get(key)
        if found is None:
            found = signals_of(given, self._prices.bars)
            self._keep(self._signals, key, found)
        return found

    def ranges(self, given: BacktestInput) -> Floats | None:
        if StopUnit.ATR not in (given.sl.unit, given.tp.unit):
            return None
        found = self._ranges.get(given.atr_period)
        if found is None:
            found = ranges_of(given, self._prices.bars)
            assert found is not None
            self._keep(self._ranges, given.atr_period, found)
        return found

    def _keep(self, kept: dict[Any, Any], key: Any, value: Any) -> None:
        with self._lock:
            kept[key] = value
            while len(kept) > self._most:
                del kept[next(iter(kept))]
