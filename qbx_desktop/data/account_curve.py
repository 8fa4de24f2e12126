"""Balance and equity of an account over time: the balance from its deals, the equity where it was sampled."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import numpy as np

from ..domain.bars import Floats, Ints
from ..domain.mt5 import DealType
from . import deals, equity_samples

_EVERY = 1 << 62


@dataclass(frozen=True, eq=False)
class AccountCurve:
    """One value per time (server epoch seconds, ascending); `equity` and `lowest` are NaN where nothing was sampled."""

    times: Ints
    balance: Floats
    equity: Floats
    lowest: Floats


def curve_of(con: sqlite3.Connection, account: int, server: str) -> AccountCurve:
    """Reads every deal and sample: not for the thread of the window. Raises DbError.

    Deals older than those known are part of the balance too: before the first sample it is reckoned back from it.
    """
    booked = deals.deals_of(con, account=account, server=server, limit=_EVERY)[::-1]
    money = [
        (each.deal.time, each.deal.profit + each.deal.swap + each.deal.commission + each.deal.fee)
        for each in booked
        if each.deal.type != DealType.CREDIT
    ]
    samples = equity_samples.samples_of(con, account, server)
    deal_times = np.array([time for time, _ in money], np.int64)
    running = np.cumsum([amount for _, amount in money]) if money else np.zeros(0)
    sample_times = np.array([each.time for each in samples], np.int64)
    times = np.unique(np.concatenate([deal_times, sample_times]))
    place = np.searchsorted(deal_times, times, side="right")
    balance = np.concatenate([[0.0], running])[place]
    equity, lowest = np.full(len(times), np.nan), np.full(len(times), np.nan)
    if samples:
        at = np.searchsorted(times, sample_times)
        stored = np.array([each.balance for each in samples])
        # From sample to sample the sampled balance counts; deals in between move it.
        offset = stored - balance[at]
        which = np.clip(np.searchsorted(sample_times, times, side="right") - 1, 0, len(samples) - 1)
        balance = balance + offset[which]
        equity[at] = [each.equity for each in samples]
        lowest[at] = [each.lowest for each in samples]
    return AccountCurve(times, balance, equity, lowest)
