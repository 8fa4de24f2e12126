"""Drawdowns of a curve the way MetaTrader 5's tester reports them: absolute, maximal, relative."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain.bars import Floats


@dataclass(frozen=True)
class Drawdown:
    """`maximal` is the largest in money with its share, `relative` the largest share with its money; shares 0-100."""

    absolute: float
    maximal: float
    maximal_percent: float
    relative: float
    relative_percent: float

    def named(self, prefix: str) -> dict[str, float]:
        """As report fields that begin with `prefix`."""
        return {
            f"{prefix}_drawdown_absolute": self.absolute,
            f"{prefix}_drawdown_maximal": self.maximal,
            f"{prefix}_drawdown_maximal_percent": self.maximal_percent,
            f"{prefix}_drawdown_relative": self.relative,
            f"{prefix}_drawdown_relative_percent": self.relative_percent,
        }


def drawdown(deposit: float, highs: Floats, lows: Floats, unit: int) -> Drawdown:
    """Drawdown at t: the highest of `deposit` and `highs[0 … t-1]`, less `lows[t]`. Of equal ones the first counts.

    `unit` is how many of the account's smallest units make one, 100 for cents.
    """
    peaks = np.maximum.accumulate(np.concatenate(([deposit], highs[:-1])))
    falls = np.maximum(np.rint((peaks - lows) * unit) / unit, 0.0)
    deepest = int(np.argmax(falls))
    shares = falls / peaks
    widest = int(np.argmax(shares))
    return Drawdown(
        absolute=max(0.0, round((deposit - float(lows.min())) * unit) / unit),
        maximal=float(falls[deepest]),
        maximal_percent=float(shares[deepest]) * 100.0,
        relative=float(falls[widest]),
        relative_percent=float(shares[widest]) * 100.0,
    )
