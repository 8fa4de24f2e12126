"""A made-up market to try a strategy on: the same bars for the same number, restless enough for every rule to speak."""

from __future__ import annotations

import numpy as np

from ..domain.bars import Bars
from ..domain.timeframe import Timeframe

_START = 1_704_067_200  # 2024-01-01 00:00, a Monday
_WEEK, _TRADING = 7 * 86_400, 5 * 86_400


def sample_market(count: int, number: int = 1, timeframe: Timeframe = Timeframe.H1) -> Bars:
    """`count` closed bars with trends, quiet hours, fat tails and weekends; five digits, like EURUSD."""
    rng = np.random.default_rng(number)
    at = np.arange(count)
    hours = at * timeframe.seconds / 3_600
    wave = 0.004 * np.sin(hours / 23.0) + 0.012 * np.sin(hours / 170.0)
    scale = 0.0007 * np.sqrt(timeframe.seconds / 3_600)
    noise = np.cumsum(rng.standard_t(4, count) * scale * (1 + 0.5 * np.sin(hours / 12.0)))
    # Never near zero, however far the noise walks.
    close = np.round(1.1 * np.exp((wave + 0.3 * np.tanh(noise / 0.3)) / 1.1), 5)
    opened = np.round(np.concatenate(([1.1], close[:-1])) + rng.normal(0, scale / 4, count), 5)
    reach = np.abs(rng.normal(0, scale, (2, count)))
    high = np.round(np.maximum(opened, close) + reach[0], 5)
    low = np.round(np.minimum(opened, close) - reach[1], 5)
    times = _START + at * timeframe.seconds
    if timeframe.seconds < 86_400:
        # Bars fill the five trading days of each week.
        times = _START + at * timeframe.seconds // _TRADING * _WEEK + at * timeframe.seconds % _TRADING
    return Bars.from_prices(
        times, opened, high, low, close, rng.integers(100, 3_000, count), rng.integers(5, 20, count)
    )
