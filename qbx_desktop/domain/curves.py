"""Curves of money over time, as charts show them."""

from __future__ import annotations

import numpy as np

from .bars import Floats


def drawdown_percent(equity: Floats, equity_low: Floats, deposit: float) -> Floats:
    """Per bar how far the lowest equity lies below the highest seen before it (the deposit included), in −%."""
    if not len(equity):
        return np.zeros(0)
    before = np.maximum.accumulate(np.concatenate([[deposit], equity[:-1]]))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(before > 0, (before - equity_low) / before, 0.0)
    return -100.0 * np.clip(share, 0.0, None)
