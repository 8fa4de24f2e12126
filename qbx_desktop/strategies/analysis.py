"""Does a strategy know the future, or does it depend on how old its data is? Cut both and compare, value by value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Bars
from ..domain.clock import server_text
from ..domain.errors import Stop
from ..domain.messages import Message, declare
from ..domain.timeframe import Timeframe
from .contract import Strategy

_FUTURE = declare(
    "analysis.future",
    "Looks ahead: {value} on the bar of {bar} is {was} when all bars are there and {now} when the bars after {edge} are "
    "cut off. It reads bars that do not exist yet.",
)
_PAST = declare(
    "analysis.past",
    "Depends on how old the data is: {value} on the bar of {bar} is {was} with all bars and {now} with the {kept} bars "
    "that a bot loads. The bot would decide otherwise than the backtest.",
)
_CANCELLED = declare("analysis.cancelled", "The check was stopped.")

# A recursive average that has settled differs by less; a line that depends on the start differs by much more.
_TOLERANCE = 1e-6
_MOST_SHOWN = 50


class Cut(StrEnum):
    """What was taken away."""

    FUTURE = "future"
    PAST = "past"


@dataclass(frozen=True)
class Change:
    """One value of one bar that was otherwise before the cut. `edge` is the last bar kept (FUTURE) or the first (PAST);
    all bars are indexes into the bars given, all times server epoch seconds. NaN means: no value."""

    cut: Cut
    value: str
    bar: int
    time: int
    edge: int
    edge_time: int
    kept: int
    was: float
    now: float

    @property
    def message(self) -> Message:
        """In words."""
        params = {"value": self.value, "bar": server_text(self.time), "was": _shown(self.value, self.was),
                  "now": _shown(self.value, self.now)}  # fmt: skip
        if self.cut is Cut.FUTURE:
            return _FUTURE(**params, edge=server_text(self.edge_time))
        return _PAST(**params, kept=self.kept)


@dataclass(frozen=True)
class Analysis:
    """`changes` are the first ones of each value and cut; `count` counts all. `future_cuts` and `past_cuts` say how
    often each was tried: 0 past cuts mean that the bars are too few to tell."""

    changes: tuple[Change, ...]
    count: int
    future_cuts: int
    past_cuts: int
    bars: int

    def of(self, cut: Cut) -> tuple[Change, ...]:
        """The changes that this cut made."""
        return tuple(each for each in self.changes if each.cut is cut)


Values = dict[str, NDArray[np.float64]]


def analyse(
    strategy: Strategy, bars: Bars, params: Any, timeframe: Timeframe, *, cuts: int = 40,
    cancelled: Callable[[], bool] = lambda: False, progress: Callable[[float], None] = lambda share: None,
) -> Analysis:  # fmt: skip
    """Run the strategy on all bars, then on parts of them, and compare what both say about the same bars.

    `cuts` of each kind: half of them right behind a signal, half spread evenly. Raises what the strategy raises, and
    Stop when `cancelled`.
    """
    whole = _values(strategy, bars, params)
    history = strategy.history(params, timeframe)
    edges = _edges(whole, len(bars), strategy.warmup(params), cuts)
    seen: dict[tuple[Cut, str], list[Change]] = {}
    count = past_cuts = 0
    for done, edge in enumerate(edges):
        if cancelled():
            raise Stop(_CANCELLED())
        progress(done / max(len(edges), 1))
        found = list(_future(strategy, bars, params, whole, edge))
        if edge + 1 > history:
            past_cuts += 1
            found += _past(strategy, bars, params, whole, edge, history)
        count += len(found)
        for each in found:
            of_value = seen.setdefault((each.cut, each.value), [])
            if len(of_value) < _MOST_SHOWN:
                of_value.append(each)
    changes = [each for group in seen.values() for each in group]
    changes.sort(key=lambda each: (each.cut is Cut.PAST, each.value not in _FLAGS, each.bar))
    return Analysis(tuple(changes), count, len(edges), past_cuts, len(bars))


_FLAGS = ("entry", "exit long", "exit short")


def _values(strategy: Strategy, bars: Bars, params: Any) -> Values:
    found = strategy.signals(bars, params)
    columns = (found.entry, found.exit_long, found.exit_short)
    values: Values = {
        name: np.asarray(column, np.float64) for name, column in zip(_FLAGS, columns, strict=True)
    }
    for plot in strategy.plots(bars, params):
        values[plot.name] = np.asarray(plot.values, np.float64)
    return values


def _edges(whole: Values, n: int, warmup: int, cuts: int) -> list[int]:
    speaks = np.flatnonzero(np.any([whole[name] != 0 for name in _FLAGS], axis=0))
    speaks = speaks[speaks < n - 1]
    spoken = speaks[np.linspace(0, len(speaks) - 1, min(cuts // 2, len(speaks))).astype(int)]
    first = min(warmup, max(n - 2, 0))
    even = np.linspace(first, n - 2, max(cuts - len(spoken), 1)).astype(int) if n > 1 else np.zeros(0, int)
    return sorted({int(each) for each in (*spoken, *even) if each >= 0})


def _future(strategy: Strategy, bars: Bars, params: Any, whole: Values, edge: int) -> Iterator[Change]:
    part = _values(strategy, bars[: edge + 1], params)
    for name, values in whole.items():
        now = part.get(name, np.full(edge + 1, np.nan))
        for bar in np.flatnonzero(_differs(values[: edge + 1], now))[-_MOST_SHOWN:]:
            yield _change(
                Cut.FUTURE, bars, name, int(bar), edge, edge + 1, float(values[bar]), float(now[bar])
            )


def _past(
    strategy: Strategy, bars: Bars, params: Any, whole: Values, edge: int, history: int
) -> Iterator[Change]:
    start = edge + 1 - history
    part = _values(strategy, bars[start : edge + 1], params)
    for name, values in whole.items():
        now = part.get(name, np.full(history, np.nan))[-1:]
        if _differs(values[edge : edge + 1], now).any():
            yield _change(Cut.PAST, bars, name, edge, start, history, float(values[edge]), float(now[0]))


def _differs(was: NDArray[np.float64], now: NDArray[np.float64]) -> NDArray[np.bool_]:
    missing = np.isnan(was) | np.isnan(now)
    with np.errstate(invalid="ignore"):
        apart = np.abs(was - now) > _TOLERANCE * np.maximum(np.abs(was), np.abs(now))
    return np.where(missing, np.isnan(was) != np.isnan(now), apart)


def _change(
    cut: Cut, bars: Bars, name: str, bar: int, edge: int, kept: int, was: float, now: float
) -> Change:
    return Change(cut, name, bar, int(bars.time[bar]), edge, int(bars.time[edge]), kept, was, now)


def _shown(value: str, number: float) -> str:
    if np.isnan(number):
        return "nothing"
    if value == "entry":
        return {1: "BUY", -1: "SELL"}.get(round(number), "HOLD")
    if value in _FLAGS:
        return "yes" if number else "no"
    return f"{number:.7g}"
