"""Runs combinations one after the other over the same prices: the work that every worker of a search does."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

from ...domain.errors import QbxError
from ..input import BacktestInput
from ..run import Cancelled, run
from .outcome import Outcome, outcome_of
from .space import Combo, applied


@dataclass(frozen=True)
class Batch:
    """Combinations with their places in the plan, all over the same dates (None: as in the input)."""

    items: tuple[tuple[int, Combo], ...]
    start: int | None = None
    end: int | None = None


def evaluated(
    given: BacktestInput, batch: Batch, cancelled: Callable[[], bool] | None = None
) -> list[Outcome]:
    """The outcomes in the order of the batch; what breaks a rule is an outcome with an error.

    When `cancelled()` becomes true the list ends early: what was computed is not thrown away.
    """
    inside = dataclasses.replace(given, start=batch.start, end=batch.end)
    found: list[Outcome] = []
    for number, combo in batch.items:
        try:
            result = run(applied(inside, combo), cancelled=cancelled)
        except Cancelled:
            break
        except QbxError as error:
            found.append(Outcome(number, dict(combo), error=error.message))
        else:
            found.append(outcome_of(number, combo, result, given.account.balance))
    return found
