"""How likely a Sharpe ratio is real when it is the best of many that were tried, and how long a record that needs.

Formulas: D. Bailey and M. López de Prado, "The Sharpe Ratio Efficient Frontier" (2012) for the probabilistic ratio and
the minimum track record length, "The Deflated Sharpe Ratio" (2014) for the best of N trials. Every Sharpe ratio here
is per period of the returns (not annualised); kurtosis is Pearson's, 3 for a normal distribution.
"""

from __future__ import annotations

import math
from statistics import NormalDist

_EULER = 0.5772156649015329
_NORMAL = NormalDist()


def expected_best_sharpe(trials: int, variance: float) -> float:
    """The highest Sharpe ratio to expect from `trials` worthless trials whose ratios vary by `variance`."""
    if trials < 2 or variance <= 0:
        return 0.0
    low, high = 1.0 - 1.0 / trials, 1.0 - 1.0 / (trials * math.e)
    return math.sqrt(variance) * ((1.0 - _EULER) * _NORMAL.inv_cdf(low) + _EULER * _NORMAL.inv_cdf(high))


def probabilistic_sharpe(
    sharpe: float, against: float, periods: int, skew: float = 0.0, kurtosis: float = 3.0
) -> float | None:
    """Probability that the true Sharpe ratio exceeds `against`; None with fewer than two periods."""
    spread = _spread(sharpe, skew, kurtosis)
    if periods < 2 or spread is None:
        return None
    return _NORMAL.cdf((sharpe - against) * math.sqrt(periods - 1) / math.sqrt(spread))


def deflated_sharpe(
    sharpe: float,
    periods: int,
    trials: int,
    variance: float,
    skew: float = 0.0,
    kurtosis: float = 3.0,
) -> float | None:
    """Probability that the best of `trials` is better than luck: the probabilistic ratio against the expected best."""
    return probabilistic_sharpe(sharpe, expected_best_sharpe(trials, variance), periods, skew, kurtosis)


def least_track_record(
    sharpe: float,
    against: float = 0.0,
    skew: float = 0.0,
    kurtosis: float = 3.0,
    confidence: float = 0.95,
) -> float | None:
    """Periods needed before `sharpe` exceeds `against` with `confidence`; None where it never does."""
    spread = _spread(sharpe, skew, kurtosis)
    if sharpe <= against or spread is None:
        return None
    return 1.0 + spread * (_NORMAL.inv_cdf(confidence) / (sharpe - against)) ** 2


def _spread(sharpe: float, skew: float, kurtosis: float) -> float | None:
    """The variance of the estimator times the number of periods; None where the moments do not fit together."""
    spread = 1.0 - skew * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    return spread if spread > 0 else None
