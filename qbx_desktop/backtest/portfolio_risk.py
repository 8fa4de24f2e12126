"""What several strategies on one account have in common: currencies, correlation, and the sum of parts beside the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.bars import Floats, Ints
from ..domain.symbol import FOREX_MODES, SymbolSpec
from .input import BacktestInput
from .portfolio import PortfolioResult
from .trade import Trade

_DAY = 86_400


@dataclass(frozen=True)
class Exposure:
    """The largest net amount of one currency (or metal, or index) that was held at once, and when; short is negative."""

    currency: str
    amount: float
    time: int


def parts_of(spec: SymbolSpec, side: int, volume: float, price: float) -> dict[str, float]:
    """A position as amounts of what it buys and what it pays with: +100,000 EUR and -108,000 USD."""
    amount = side * volume * spec.contract_size
    bought = spec.currency_base if spec.calc_mode in FOREX_MODES else spec.symbol
    if spec.calc_mode not in FOREX_MODES and spec.currency_base not in ("", spec.currency_profit):
        bought = spec.currency_base
    parts = {bought: amount}
    parts[spec.currency_profit] = parts.get(spec.currency_profit, 0.0) - amount * price
    return parts


def exposures(inputs: Sequence[BacktestInput], result: PortfolioResult) -> list[Exposure]:
    """The largest net exposure per currency, largest share of notional first by name."""
    events: list[tuple[int, int, str, float]] = []
    for given, leg in zip(inputs, result.legs, strict=True):
        for trade in leg.trades:
            for currency, amount in _parts(given.spec, trade).items():
                # What closes and what opens at one moment: the close comes first.
                events.append((trade.open_time, 1, currency, amount))
                events.append(
                    (trade.close_time, 0 if trade.close_time > trade.open_time else 2, currency, -amount)
                )
    held: dict[str, float] = {}
    peak: dict[str, Exposure] = {}
    for time, _, currency, amount in sorted(events):
        held[currency] = held.get(currency, 0.0) + amount
        if abs(held[currency]) > abs(peak.get(currency, Exposure(currency, 0.0, 0)).amount) + 1e-6:
            peak[currency] = Exposure(currency, round(held[currency], 2), time)
    return sorted(peak.values(), key=lambda each: each.currency)


def correlations(result: PortfolioResult) -> list[list[float | None]]:
    """Pearson's coefficient of the daily money changes of each pair of legs; None where one of them never moved."""
    changes = np.array([_daily_changes(result.times, leg.money) for leg in result.legs])
    found: list[list[float | None]] = []
    for a in changes:
        found.append([_pearson(a, b) for b in changes])
    return found


def _parts(spec: SymbolSpec, trade: Trade) -> dict[str, float]:
    return parts_of(spec, 1 if trade.side == "buy" else -1, trade.volume, trade.open_price)


def _daily_changes(times: Ints, money: Floats) -> Floats:
    days = times // _DAY
    last = np.flatnonzero(np.diff(days, append=days[-1] + 1))
    return np.diff(money[last], prepend=0.0)


def _pearson(a: Floats, b: Floats) -> float | None:
    if len(a) < 2 or a.std() == 0 or b.std() == 0:
        return None
    return float(np.clip(np.corrcoef(a, b)[0, 1], -1.0, 1.0))
