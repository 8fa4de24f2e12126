"""What a search keeps of one combination: every number of its report, its daily returns in blocks, or why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...domain.bars import Floats
from ...domain.messages import Message
from ..doubt.cscv import BLOCKS
from ..doubt.daily import block_sums, daily_returns, moments_of
from ..report import REPORTED
from ..result import BacktestResult
from .space import Combo

DAY_FIELDS = ("days", "day_sharpe", "day_skew", "day_kurtosis")


@dataclass(frozen=True, eq=False)
class Outcome:
    """One combination of a search. `number` is its place in the plan, from 0.

    `blocks` are the sums of `doubt.daily.block_sums`; a failed combination has `error`, no figures and no blocks.
    """

    number: int
    combo: Combo
    figures: Mapping[str, float | None] = field(default_factory=dict)
    blocks: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    error: Message | None = None

    def __eq__(self, other: object) -> bool:
        """Equal to the last bit."""
        if not isinstance(other, Outcome):
            return NotImplemented
        return (self.number, dict(self.combo), dict(self.figures), self.error) == (
            other.number,
            dict(other.combo),
            dict(other.figures),
            other.error,
        ) and bool(np.array_equal(self.blocks, other.blocks))

    __hash__ = None  # type: ignore[assignment]


def outcome_of(number: int, combo: Combo, result: BacktestResult, deposit: float) -> Outcome:
    """What is kept of a whole result."""
    returns = daily_returns(result.times, result.equity, deposit)
    return Outcome(
        number, dict(combo), {**plain_figures(result.report), **day_figures(returns)}, sums_of(returns)
    )


def day_figures(returns: Floats) -> dict[str, float | None]:
    """The moments of daily returns under the names of DAY_FIELDS."""
    moments = moments_of(returns)
    values = (float(moments.days), moments.sharpe, moments.skew, moments.kurtosis)
    return dict(zip(DAY_FIELDS, values, strict=True))


def sums_of(returns: Floats) -> Floats:
    """The blocks of daily returns; none when there are fewer days than blocks."""
    return block_sums(returns) if len(returns) >= BLOCKS else np.zeros((0, 3))


def plain_figures(report: Mapping[str, Any]) -> dict[str, float | None]:
    """The numbers of a report, by name."""
    return {
        name: None if value is None else float(value)
        for name, value in report.items()
        if value is None or isinstance(value, int | float)
    }


def fields() -> tuple[str, ...]:
    """The names that a criterion may use: every number of a report, and the moments of the daily returns."""
    return (*REPORTED, *DAY_FIELDS)
