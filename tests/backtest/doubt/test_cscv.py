"""The probability of overfitting on what is known to be noise and on what is known to have an edge."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from qbx_desktop.backtest.doubt.cscv import overfitting
from qbx_desktop.backtest.doubt.daily import block_sums
from qbx_desktop.domain.bars import Floats


def blocks_of(returns: Floats, count: int) -> Floats:
    return np.array([block_sums(each, count) for each in returns])


def noise(seed: int, edge: float = 0.0) -> Floats:
    returns = np.random.default_rng(seed).normal(0.0, 0.01, (40, 480))
    returns[7] += edge
    return returns


def test_noise_is_a_coin_toss_over_two_hundred_seeds() -> None:
    found = [overfitting(blocks_of(noise(seed), 8)) for seed in range(200)]
    mean = float(np.mean([each.probability for each in found if each is not None]))
    assert mean == pytest.approx(0.5, abs=0.05)


def test_a_planted_edge_is_recognised() -> None:
    for seed in range(20):
        found = overfitting(blocks_of(noise(seed, edge=0.004), 8))
        assert found is not None
        assert found.probability < 0.1


def test_sums_per_block_give_what_the_returns_give() -> None:
    """The plain definition, written out: the best of each half by its Sharpe ratio, its rank in the other half."""
    returns = noise(3)[:12, :96]
    parts = np.array_split(returns, 6, axis=1)
    below = []
    for chosen in combinations(range(6), 3):
        inside = np.concatenate([parts[at] for at in chosen], axis=1)
        outside = np.concatenate([parts[at] for at in range(6) if at not in chosen], axis=1)
        best = int(np.argmax(inside.mean(axis=1) / inside.std(axis=1)))
        scores = outside.mean(axis=1) / outside.std(axis=1)
        rank = (np.sum(scores < scores[best]) + 1) / (len(scores) + 1)
        below.append(rank <= 0.5)
    found = overfitting(blocks_of(returns, 6))
    assert found is not None
    assert len(found.logits) == 20
    assert found.probability == pytest.approx(np.mean(below))


def test_copies_of_one_result_prove_nothing() -> None:
    same = np.repeat(noise(1)[:1], 10, axis=0)
    found = overfitting(blocks_of(same, 4))
    assert found is not None
    assert found.logits == pytest.approx(np.zeros(6))


def test_too_little_to_tell() -> None:
    assert overfitting(blocks_of(noise(1)[:1], 4)) is None
    assert overfitting(blocks_of(noise(1)[:, :3], 4)) is None
