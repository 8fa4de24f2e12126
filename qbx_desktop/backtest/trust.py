"""How far a result can be believed: a green or red mark for each thing that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import Message, declare
from .input import BacktestInput
from .trades import Trades

_TRADES = declare(
    "trust.trades", "{count} trades were made; below {least} chance decides more than the strategy does."
)
_SPAN = declare("trust.span", "The bars span {days} days; below {least} days one kind of market decides.")
_AMBIGUOUS = declare(
    "trust.ambiguous",
    "In {count} of {trades} trades one bar touched both stop and target; each counts as the stop. "
    "Finer bars would tell which came first.",
)
_COSTS = declare(
    "trust.costs",
    "Spread {spread} points, commission {commission:g} per lot and side, slippage {slippage} points.",
)
_FREE = declare(
    "trust.no_costs",
    "Neither spread nor commission nor slippage is set: real trading is not free, this result is.",
)
_QUALITY = declare(
    "trust.quality",
    "{holes} holes inside trading weeks, {odd} bars whose open or close lies outside their range, among {bars} bars.",
)

_LEAST_TRADES, _LEAST_DAYS, _MOST_AMBIGUOUS, _MOST_HOLES = 100, 365, 0.02, 0.01
_DAY = 86_400


@dataclass(frozen=True)
class TrustMark:
    """One mark: `good` is green, else red; `name` never changes."""

    name: str
    good: bool
    message: Message


def marks_of(given: BacktestInput, bars: Bars, trades: Trades, spread: Any) -> list[TrustMark]:
    """The marks of a result. `bars` are those of the range, `spread` the points of each bar."""
    days = int((int(bars.time[-1]) - int(bars.time[0])) // _DAY)
    ambiguous = int(trades.ambiguous.sum())
    return [
        TrustMark("trades", len(trades) >= _LEAST_TRADES, _TRADES(count=len(trades), least=_LEAST_TRADES)),
        TrustMark("span", days >= _LEAST_DAYS, _SPAN(days=days, least=_LEAST_DAYS)),
        _quality(bars),
        TrustMark(
            "ambiguous",
            ambiguous <= _MOST_AMBIGUOUS * len(trades),
            _AMBIGUOUS(count=ambiguous, trades=len(trades)),
        ),
        _costs(given, spread),
    ]


def _quality(bars: Bars) -> TrustMark:
    steps = np.diff(bars.time)
    holes = 0
    if len(steps):
        usual = int(np.median(steps))
        # A hole is a pause that neither a night nor a weekend explains: it begins and ends on the same day.
        same_day = bars.time[1:] // _DAY == bars.time[:-1] // _DAY
        holes = int(np.count_nonzero((steps > usual) & same_day))
    low, high = bars.low, bars.high
    odd = int(np.count_nonzero(
        (bars.open < low) | (bars.open > high) | (bars.close < low) | (bars.close > high) | (low > high)
    ))  # fmt: skip
    message = _QUALITY(holes=holes, odd=odd, bars=len(bars))
    return TrustMark("data", odd == 0 and holes <= _MOST_HOLES * len(bars), message)


def _costs(given: BacktestInput, spread: Any) -> TrustMark:
    costs = given.costs
    if not (np.any(spread) or costs.commission_per_lot or costs.slippage_points):
        return TrustMark("costs", False, _FREE())
    low, high = int(np.min(spread)), int(np.max(spread))
    words = f"{low}" if low == high else f"{low}-{high}"
    return TrustMark(
        "costs",
        bool(np.any(spread)),
        _COSTS(spread=words, commission=costs.commission_per_lot, slippage=costs.slippage_points),
    )
