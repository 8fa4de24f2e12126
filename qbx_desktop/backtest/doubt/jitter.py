"""The same backtest with every number moved a little: settings that only work exactly as they are do not work."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...domain.bars import Floats
from ...domain.errors import UserMistake
from ...domain.messages import declare
from ...domain.params import ParamInfo, Value, infos
from ...strategies import registry
from ..input import BacktestInput
from ..search.evaluate import Batch
from ..search.runner import Runner, answer_of
from ..search.space import SL, TP

_WRONG = declare("jitter.wrong", "{what} must be {rule}; {value!r} was given. Nothing was varied.")
_BATCH = 8


@dataclass(frozen=True, eq=False)
class Jittered:
    """Net profits of the runs that could be made, and how many could not because a rule between two numbers broke."""

    share: float
    nets: Floats
    failed: int

    @property
    def earning(self) -> float:
        """The share of the runs that earned money."""
        return float(np.mean(self.nets > 0)) if len(self.nets) else 0.0

    @property
    def middle(self) -> float:
        """The median net profit."""
        return float(np.median(self.nets)) if len(self.nets) else 0.0


def jittered(
    given: BacktestInput,
    share: float,
    runs: int,
    seed: int,
    runner: Runner,
    cancelled: Callable[[], bool] | None = None,
) -> Jittered:
    """Run `given` `runs` times with its parameters and stops each moved evenly by up to `share` (0-1) of themselves.

    A whole number moves by one at least and stays in its bounds. Raises UserMistake, Cancelled.
    """
    if not 0 < share <= 0.5:
        raise UserMistake(_WRONG(what="The variation", rule="more than 0 and at most 50 %", value=share))
    if not 1 <= runs <= 10_000:
        raise UserMistake(_WRONG(what="The number of runs", rule="from 1 to 10,000", value=runs))
    chance = random.Random(seed)
    items = [(number, _moved(given, share, chance)) for number in range(runs)]
    waiting = [
        runner.submit(Batch(tuple(items[at : at + _BATCH]), given.start, given.end))
        for at in range(0, runs, _BATCH)
    ]
    outcomes = [each for future in waiting for each in answer_of(future, runner.stop, cancelled)]
    nets = [each.figures["net_profit"] or 0.0 for each in outcomes if each.error is None]
    return Jittered(share, np.array(nets, np.float64), sum(each.error is not None for each in outcomes))


def _moved(given: BacktestInput, share: float, chance: random.Random) -> dict[str, Value]:
    combo: dict[str, Value] = {}
    for info in infos(registry.get(given.strategy).Params):
        value = given.params.get(info.name, info.default)
        if info.kind in (int, float) and isinstance(value, int | float):
            combo[info.name] = _near(info, float(value), share, chance)
    for name, stop in ((SL, given.sl), (TP, given.tp)):
        if stop.is_set:
            combo[name] = stop.value * (1.0 + chance.uniform(-share, share))
    return combo


def _near(info: ParamInfo, value: float, share: float, chance: random.Random) -> Value:
    moved = value + max(abs(value) * share, 1.0 if info.kind is int else 0.0) * chance.uniform(-1.0, 1.0)
    if info.low is not None:
        moved = max(moved, info.low)
    if info.high is not None:
        moved = min(moved, info.high)
    return round(moved) if info.kind is int else moved
