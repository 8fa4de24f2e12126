"""The probability of backtest overfitting: does the best of one half of the history stay above average in the other?

Combinatorially symmetric cross-validation, D. Bailey, J. Borwein, M. López de Prado and Q. Zhu, "The Probability of
Backtest Overfitting" (2015). The performance of a set of blocks is the Sharpe ratio of all their daily returns, worked
out exactly from each block's count, sum and sum of squares; so a search stores three numbers per block, not its curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ...domain.bars import Floats, Ints

BLOCKS = 16
_VALUES_AT_ONCE = 4_000_000
_MOST_TRIALS = 20_000


@dataclass(frozen=True, eq=False)
class Overfitting:
    """`probability` 0-1; `logits` one per split, below 0 where the best inside is worse than the median outside."""

    probability: float
    logits: Floats
    trials: int


def overfitting(blocks: Floats) -> Overfitting | None:
    """From `blocks` of shape (trials, blocks, 3): count, sum and sum of squares of the daily returns of each block.

    None with fewer than two trials, an odd number of blocks, or blocks without a day. Of trials that perform equally
    the rank outside is their mean rank, so that copies of one result prove nothing either way.
    """
    trials, count, _ = blocks.shape
    if trials < 2 or count < 2 or count % 2 or not (blocks[:, :, 0] > 0).all():
        return None
    if trials > _MOST_TRIALS:  # evenly thinned out: the probability does not depend on their number
        blocks = blocks[np.linspace(0, trials - 1, _MOST_TRIALS).astype(np.int64)]
    chosen = _halves(count)
    at_once = max(1, _VALUES_AT_ONCE // len(blocks))
    logits = np.concatenate(
        [_logits(chosen[at : at + at_once], blocks) for at in range(0, len(chosen), at_once)]
    )
    return Overfitting(float(np.mean(logits <= 0.0)), logits, trials)


def _halves(count: int) -> NDArray[np.bool_]:
    """Every way to choose half of the blocks, one row each."""
    sets = list(combinations(range(count), count // 2))
    chosen = np.zeros((len(sets), count), np.bool_)
    for row, each in zip(chosen, sets, strict=True):
        row[list(each)] = True
    return chosen


def _logits(chosen: NDArray[np.bool_], blocks: Floats) -> Floats:
    inside, outside = _performance(chosen, blocks), _performance(~chosen, blocks)
    trials = inside.shape[1]
    best: Ints = np.argmax(inside, axis=1)
    own = outside[np.arange(len(best)), best][:, None]
    below = np.count_nonzero(outside < own, axis=1)
    equal = np.count_nonzero(outside == own, axis=1)
    rank = (below + (equal + 1) / 2.0) / (trials + 1)
    logits: Floats = np.log(rank / (1.0 - rank))
    return logits


def _performance(chosen: NDArray[np.bool_], blocks: Floats) -> Floats:
    """Sharpe ratios of shape (splits, trials); 0 where the returns do not vary."""
    weights = chosen.astype(np.float64)
    count, total, squares = (weights @ blocks[:, :, part].T for part in range(3))
    mean = total / count
    variance = squares / count - mean**2
    # Sums of squares cancel: what is left of a constant return is noise, not a variance.
    real = variance > 1e-12 * np.maximum(squares / count, 1e-300)
    return np.where(real, mean / np.sqrt(np.where(real, variance, 1.0)), 0.0)
