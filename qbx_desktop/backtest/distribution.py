"""When the money was made: net profit and number of trades by hour, weekday and month of their entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.bars import Floats, Ints
from .trade import Trade

_DAY = 86_400
# 1970-01-01 was a Thursday; weekdays count from Monday.
_THURSDAY = 3


@dataclass(frozen=True, eq=False)
class Distribution:
    """Per part (hour 0-23, weekday 0-6 from Monday, month 0-11): net profit in money and the number of trades."""

    net: Floats
    trades: Ints

    def __len__(self) -> int:
        return len(self.net)


def by_hour(trades: Sequence[Trade]) -> Distribution:
    """By the hour of the server's day in which the bar of entry opened."""
    return _counted(_opened(trades) % _DAY // 3_600, trades, 24)


def by_weekday(trades: Sequence[Trade]) -> Distribution:
    """By the weekday of the entry, server time."""
    return _counted((_opened(trades) // _DAY + _THURSDAY) % 7, trades, 7)


def by_month(trades: Sequence[Trade]) -> Distribution:
    """By the month of the year of the entry, server time; the same month of several years together."""
    months = _opened(trades).astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    return _counted(months % 12, trades, 12)


def _opened(trades: Sequence[Trade]) -> Ints:
    return np.fromiter((each.open_time for each in trades), np.int64, len(trades))


def _counted(part: Ints, trades: Sequence[Trade], parts: int) -> Distribution:
    net = np.fromiter((each.net for each in trades), np.float64, len(trades))
    return Distribution(
        np.bincount(part, weights=net, minlength=parts).astype(np.float64), np.bincount(part, minlength=parts).astype(np.int64)
    )  # fmt: skip
