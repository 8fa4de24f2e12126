"""The results as a landscape: the peak, the plateau where the neighbours are good too, and a map of two axes."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from ...domain.bars import Floats
from .criterion import Criterion
from .outcome import Outcome
from .space import Axis, Combo, place_of, size_of

_LEAST_NEIGHBOURS = 3
_MOST_CELLS = 4_000_000
_MOST_DIAGONAL_AXES = 4


@dataclass(frozen=True, eq=False)
class Ranked:
    """One outcome with what it is worth. `value` None does not count; `plateau` is the median of it and its neighbours."""

    outcome: Outcome
    value: float | None
    plateau: float | None

    @property
    def steadiness(self) -> float | None:
        """The plateau's share of the value, at most 1; a lonely peak is near 0. None where it has no meaning."""
        if self.value is None or self.plateau is None or self.value <= 0:
            return None
        return max(0.0, min(1.0, self.plateau / self.value))


@dataclass(frozen=True, eq=False)
class HeatMap:
    """Two axes and for each of their pairs the best value over all other axes; NaN where none counts."""

    x: Axis
    y: Axis
    values: Floats
    best: tuple[tuple[Combo | None, ...], ...]


def ranked(outcomes: Sequence[Outcome], axes: Sequence[Axis], wanted: Criterion) -> list[Ranked]:
    """All outcomes, the best first; those that do not count come last. Of equal ones the earlier comes first."""
    values = [None if each.error is not None else wanted.value(each.figures) for each in outcomes]
    places = [place_of(axes, each.combo) for each in outcomes]
    plateaus = _plateaus(axes, places, values)
    rows = [
        Ranked(outcome, value, plateau)
        for outcome, value, plateau in zip(outcomes, values, plateaus, strict=True)
    ]
    return sorted(rows, key=lambda row: (row.value is None, -(row.value or 0.0), row.outcome.number))


def recommended(rows: Sequence[Ranked]) -> Ranked | None:
    """The middle of the best plateau; the peak where no result has enough neighbours."""
    counted = [row for row in rows if row.value is not None]
    if not counted:
        return None
    on_plateau = [row for row in counted if row.plateau is not None]
    return (
        max(on_plateau, key=lambda row: (row.plateau or 0.0, row.value or 0.0)) if on_plateau else counted[0]
    )


def neighbours(axes: Sequence[Axis], row: Ranked, rows: Sequence[Ranked]) -> list[Ranked]:
    """The rows at most one step away on every axis, the row itself included."""
    here = place_of(axes, row.outcome.combo)
    return [
        each
        for each in rows
        if all(abs(a - b) <= 1 for a, b in zip(place_of(axes, each.outcome.combo), here, strict=True))
    ]


def heat_map(rows: Sequence[Ranked], axes: Sequence[Axis], x: str, y: str) -> HeatMap:
    """The map of axes `x` (columns) and `y` (rows)."""
    across = next(axis for axis in axes if axis.name == x)
    down = next(axis for axis in axes if axis.name == y)
    values = np.full((len(down.values), len(across.values)), np.nan)
    best: list[list[Combo | None]] = [[None] * len(across.values) for _ in down.values]
    for row in rows:  # the best first
        at = (down.values.index(row.outcome.combo[y]), across.values.index(row.outcome.combo[x]))
        if best[at[0]][at[1]] is None:
            best[at[0]][at[1]] = row.outcome.combo
            values[at] = np.nan if row.value is None else row.value
    return HeatMap(across, down, values, tuple(tuple(each) for each in best))


def _plateaus(
    axes: Sequence[Axis], places: Sequence[tuple[int, ...]], values: Sequence[float | None]
) -> list[float | None]:
    shape = tuple(len(axis.values) for axis in axes)
    if size_of(axes) > _MOST_CELLS:
        return [None] * len(values)
    grid = np.full(tuple(n + 2 for n in shape), np.nan)  # a rim of nothing around it
    for place, value in zip(places, values, strict=True):
        if value is not None:
            grid[tuple(at + 1 for at in place)] = value
    steps = list(product((-1, 0, 1), repeat=len(shape)))
    if len(shape) > _MOST_DIAGONAL_AXES:
        steps = [each for each in steps if sum(map(abs, each)) <= 1]
    found: list[float | None] = []
    for place, value in zip(places, values, strict=True):
        around = np.array(
            [grid[tuple(at + 1 + by for at, by in zip(place, step, strict=True))] for step in steps]
        )
        known = around[~np.isnan(around)]
        enough = value is not None and len(known) > min(_LEAST_NEIGHBOURS, 2 * len(shape))
        found.append(statistics.median(known.tolist()) if enough else None)
    return found
