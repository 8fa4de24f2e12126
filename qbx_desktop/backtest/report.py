"""The report: every figure of MetaTrader 5's tester by its own definitions, and the ratios traders ask for besides.

A figure without a divisor or with too few trades is None, not 0 or infinite. Shares are fractions except where the
name ends in `_percent` (0-100); times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from .layout import FIGURES

# what the pass counts besides, shown elsewhere
_NOT_REPORTED = ("final_balance", "ambiguous_trades", "pessimistic_net", "optimistic_net")
_WHOLE = frozenset({
    "total_trades", "total_deals", "long_trades", "long_won", "short_trades", "short_won", "profit_trades",
    "loss_trades", "max_consecutive_wins", "maximal_consecutive_profit_count", "max_consecutive_losses",
    "maximal_consecutive_loss_count", "holding_min", "holding_max",
})  # fmt: skip

REPORTED: tuple[str, ...] = tuple(name for name in FIGURES.names or () if name not in _NOT_REPORTED)


def report_of(figures: NDArray[Any], exits: Mapping[str, tuple[int, int]], unit: int) -> dict[str, Any]:
    """All report fields from one record of :data:`layout.FIGURES` and, by reason, trades and their net in cents."""
    values = dict(zip(FIGURES.names or (), figures[0].item(), strict=True))
    report: dict[str, Any] = {}
    for name in REPORTED:
        value = values[name]
        if value != value:  # NaN
            report[name] = None
        else:
            report[name] = int(value) if name in _WHOLE else value + 0.0
    report["exit_reasons"] = {
        reason: {"trades": count, "net": cents / unit} for reason, (count, cents) in sorted(exits.items())
    }
    return report
