"""In which order a search tries what: all of the grid, a seeded sample of it, or where earlier results point to.

A plan is made of rounds. A round is worked out from the results of the rounds before it and from nothing else, so a
search that is resumed asks for the same combinations again, whatever was running when it ended.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ...domain.params import Value
from .criterion import Criterion
from .outcome import Outcome
from .space import Axis, combo_at, size_of

GRID, RANDOM, BAYES = "grid", "random", "bayes"
METHODS = (GRID, RANDOM, BAYES)


class Plan(Protocol):
    """`total` combinations at most; `round` gives the next ones after `done` (in order), none at the end."""

    @property
    def total(self) -> int:
        """How many combinations at most."""

    def round(self, done: Sequence[Outcome]) -> list[dict[str, Value]]:
        """The combinations to run next."""


@dataclass(frozen=True)
class Grid:
    """Every combination of the axes."""

    axes: tuple[Axis, ...]

    @property
    def total(self) -> int:
        return size_of(self.axes)

    def round(self, done: Sequence[Outcome]) -> list[dict[str, Value]]:
        return [] if done else [combo_at(self.axes, index) for index in range(self.total)]


@dataclass(frozen=True)
class Sample:
    """A seeded sample of the grid, each combination at most once."""

    axes: tuple[Axis, ...]
    count: int
    seed: int = 0

    @property
    def total(self) -> int:
        return min(self.count, size_of(self.axes))

    def round(self, done: Sequence[Outcome]) -> list[dict[str, Value]]:
        if done:
            return []
        chosen = random.Random(self.seed).sample(range(size_of(self.axes)), self.total)
        return [combo_at(self.axes, index) for index in chosen]


def plan_of(method: str, axes: Sequence[Axis], count: int, seed: int, wanted: Criterion) -> Plan:
    """The plan called `method` for checked axes; `count` limits a sample or a Bayesian search."""
    if method == GRID:
        return Grid(tuple(axes))
    if method == RANDOM:
        return Sample(tuple(axes), count, seed)
    from .bayes import Bayes

    return Bayes(tuple(axes), count, seed, wanted)
