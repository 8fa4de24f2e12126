"""The deflated Sharpe ratio against the worked example of its authors, and against what luck really gives."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qbx_desktop.backtest.doubt.daily import block_sums, daily_returns, moments_of
from qbx_desktop.backtest.doubt.deflated_sharpe import (
    deflated_sharpe,
    expected_best_sharpe,
    least_track_record,
    probabilistic_sharpe,
)


def test_the_worked_example() -> None:
    # An annual ratio of 2.5, the best of 100 trials whose annual ratios vary by 1/2, over 1250 of 250 days a year.
    best = expected_best_sharpe(100, 0.5 / 250)
    assert round(best, 4) == 0.1132
    found = deflated_sharpe(2.5 / math.sqrt(250), 1250, 100, 0.5 / 250, skew=-3.0, kurtosis=10.0)
    assert found is not None
    assert round(found, 4) == 0.9004


@pytest.mark.parametrize("trials", [10, 100, 1000])
def test_the_expected_best_is_what_luck_gives(trials: int) -> None:
    luck = np.random.default_rng(1).normal(0.0, 0.05, (4000, trials)).max(axis=1).mean()
    assert expected_best_sharpe(trials, 0.05**2) == pytest.approx(luck, rel=0.03)


def test_one_trial_is_not_deflated() -> None:
    assert deflated_sharpe(0.1, 500, 1, 0.0) == probabilistic_sharpe(0.1, 0.0, 500)


def test_the_least_track_record_is_where_the_confidence_is_reached() -> None:
    needed = least_track_record(0.08, skew=-0.5, kurtosis=5.0)
    assert needed is not None
    at = [probabilistic_sharpe(0.08, 0.0, n, -0.5, 5.0) for n in (int(needed), int(needed) + 1)]
    assert at[0] is not None and at[1] is not None  # noqa: PT018
    assert at[0] < 0.95 <= at[1]
    assert least_track_record(0.0) is None


def test_moments_of_a_known_sample() -> None:
    moments = moments_of(np.array([1.0, 1.0, 1.0, 5.0]))
    assert moments.sharpe == pytest.approx(2.0 / 2.0)  # mean 2, sample deviation 2
    assert moments.skew == pytest.approx(1.1547005383792515)
    assert moments.kurtosis == pytest.approx(7.0 / 3.0)
    assert moments_of(np.zeros(10)).sharpe is None


def test_daily_returns_and_their_blocks() -> None:
    day = 86_400
    times = np.array([0, day // 2, day, 2 * day, 3 * day])
    returns = daily_returns(times, np.array([90.0, 110.0, 99.0, -1.0, 50.0]), 100.0)
    assert returns == pytest.approx([0.1, -0.1, -1.0 - 1.0 / 99.0, 0.0])
    sums = block_sums(returns, 2)
    assert sums[:, 0].tolist() == [2, 2]
    assert sums[0, 1:] == pytest.approx([0.0, 0.02])
