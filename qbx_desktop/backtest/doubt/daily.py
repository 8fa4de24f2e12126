"""Daily returns of a run and what the statistics of doubt need of them: moments, and sums per block of days."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ...domain.bars import Floats, Ints
from .cscv import BLOCKS

_DAY = 86_400


@dataclass(frozen=True)
class Moments:
    """Of daily returns: how many, Sharpe ratio per day, skewness, Pearson's kurtosis. None where nothing varies."""

    days: int
    sharpe: float | None
    skew: float | None
    kurtosis: float | None


def daily_returns(times: Ints, equity: Floats, deposit: float) -> Floats:
    """Change of the last equity of each server day, as a share of the day before's, from the deposit."""
    return returns_of(equity[last_of_days(times)], deposit)


def last_of_days(times: Ints) -> Ints:
    """The index of the last bar of each server day."""
    if not len(times):
        return np.zeros(0, np.int64)
    days = times // _DAY
    return np.flatnonzero(np.diff(days, append=days[-1] + 1))


def returns_of(values: Floats, deposit: float) -> Floats:
    """Changes of one value a day as shares of the day before's, from the deposit.

    An account that is down to nothing returns 0 from then on: there is nothing left to lose a share of.
    """
    values = np.concatenate(([deposit], values))
    before, after = values[:-1], values[1:]
    alive = np.logical_and.accumulate(before > 0)
    return np.where(alive, after / np.where(alive, before, 1.0) - 1.0, 0.0)


def moments_of(returns: Floats) -> Moments:
    """The moments of `returns`; the deviation is the sample's."""
    n = len(returns)
    if n < 2:
        return Moments(n, None, None, None)
    middle = float(np.mean(returns))
    away = returns - middle
    second = float(np.mean(away**2))
    if second <= 1e-30:
        return Moments(n, None, None, None)
    return Moments(
        n,
        middle / math.sqrt(second * n / (n - 1)),
        float(np.mean(away**3)) / second**1.5,
        float(np.mean(away**4)) / second**2,
    )


def block_sums(returns: Floats, blocks: int = BLOCKS) -> Floats:
    """Count, sum and sum of squares of each of `blocks` equal stretches of days, of shape (blocks, 3)."""
    parts = np.array_split(returns, blocks)
    return np.array([(len(part), part.sum(), (part**2).sum()) for part in parts], np.float64)
