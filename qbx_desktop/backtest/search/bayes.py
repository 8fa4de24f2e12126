"""The Bayesian plan: Optuna's tree-structured Parzen estimator proposes each round from the results so far.

The study is built anew for each round from the stored results, with a seed of its own, so that a resumed search goes
on exactly as it would have. Optuna is loaded here only; its database and its plots are never used.
"""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ...domain.params import Value
from .criterion import Criterion
from .outcome import Outcome
from .space import Axis, combo_at, key_of, place_of, size_of

# Not the number of cores: the proposals must not depend on the machine.
_ROUND = 16


@dataclass(frozen=True)
class Bayes:
    """At most `count` different combinations; the first round is random."""

    axes: tuple[Axis, ...]
    count: int
    seed: int
    wanted: Criterion

    @property
    def total(self) -> int:
        return min(self.count, size_of(self.axes))

    def round(self, done: Sequence[Outcome]) -> list[dict[str, Value]]:
        room = min(_ROUND, self.total - len(done))
        if room <= 0:
            return []
        chance = random.Random(f"{self.seed}:{len(done)}")
        seen = {key_of(each.combo) for each in done}
        found: list[dict[str, Value]] = []
        proposals = self._proposals(done, room) if done else []
        for index in range(room):
            combo = proposals[index] if index < len(proposals) else None
            while combo is None or key_of(combo) in seen:
                combo = self._unseen(chance, seen)
            seen.add(key_of(combo))
            found.append(combo)
        return found

    def _unseen(self, chance: random.Random, seen: set[str]) -> dict[str, Value]:
        """A random combination; the next one in the grid that is new when chance meets old ones only."""
        size = size_of(self.axes)
        start = chance.randrange(size)
        for step in range(size):
            combo = combo_at(self.axes, (start + step) % size)
            if key_of(combo) not in seen:
                return combo
        raise AssertionError("more combinations were wanted than there are")

    def _proposals(self, done: Sequence[Outcome], count: int) -> list[dict[str, Value]]:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            sampler = optuna.samplers.TPESampler(
                seed=(self.seed * 1_000_003 + len(done)) % 2**32, multivariate=True, constant_liar=True,
                n_startup_trials=_ROUND,
            )  # fmt: skip
            study = optuna.create_study(direction="maximize", sampler=sampler)
            spaces = self._spaces(optuna)
            for outcome in done:
                value = None if outcome.error is not None else self.wanted.value(outcome.figures)
                if value is not None:
                    params = {
                        name: outcome.combo[name] if isinstance(space, optuna.distributions.CategoricalDistribution) else place
                        for (name, space), place in zip(spaces.items(), place_of(self.axes, outcome.combo), strict=True)
                    }  # fmt: skip
                    study.add_trial(
                        optuna.trial.create_trial(params=params, distributions=spaces, value=value)
                    )
            return [self._combo(study.ask(spaces).params, spaces, optuna) for _ in range(count)]

    def _spaces(self, optuna: Any) -> dict[str, Any]:
        """Numbers as places on their axis, so that order counts; words as categories."""
        return {
            axis.name: optuna.distributions.CategoricalDistribution(axis.values)
            if isinstance(axis.values[0], bool | str)
            else optuna.distributions.IntDistribution(0, len(axis.values) - 1)
            for axis in self.axes
        }

    def _combo(self, params: dict[str, Any], spaces: dict[str, Any], optuna: Any) -> dict[str, Value]:
        return {
            axis.name: params[axis.name]
            if isinstance(spaces[axis.name], optuna.distributions.CategoricalDistribution)
            else axis.values[params[axis.name]]
            for axis in self.axes
        }
