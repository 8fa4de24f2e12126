"""How much to trade and where the stops go: the same definitions for the backtest, the live desk and the forms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from .money import floor_step, round_step

_SMALLEST = math.ulp(0.0)
# beyond any symbol's volume_max; keeps a loss of almost nothing per lot from overflowing
_MOST_LOTS = 1e9


class StopUnit(StrEnum):
    """In what a stop distance is given."""

    NONE = "NONE"
    PIPS = "PIPS"
    PRICE = "PRICE"
    ATR = "ATR_MULT"


@dataclass(frozen=True)
class StopDistance:
    """A stop-loss or take-profit distance from the fill price; `value` 0 or unit NONE means no stop."""

    unit: StopUnit = StopUnit.NONE
    value: float = 0.0

    @property
    def is_set(self) -> bool:
        """Whether there is a stop at all."""
        return self.unit is not StopUnit.NONE and self.value > 0

    def in_price(self, pip_size: float, atr: float) -> float:
        """The distance in price units; NaN where it needs an ATR that does not exist yet, 0 for no stop."""
        if not self.is_set:
            return 0.0
        if self.unit is StopUnit.PIPS:
            return self.value * pip_size
        if self.unit is StopUnit.PRICE:
            return self.value
        return atr_distance(self.value, atr)


def atr_distance(multiple: float, atr: float) -> float:
    """`multiple` of the ATR. A set stop never becomes none: at an ATR of 0 it lies on the fill, where it is refused."""
    return math.nan if math.isnan(atr) else max(multiple * atr, _SMALLEST)


@dataclass(frozen=True)
class Sizing:
    """Fixed lots, or a share of the balance at risk; exactly one of the two is given."""

    lots: float | None = None
    risk_percent: float | None = None

    def __post_init__(self) -> None:
        if (self.lots is None) == (self.risk_percent is None):
            raise ValueError("exactly one of lots and risk_percent is needed")


def stop_prices(
    side: int, fill: float, sl_distance: float, tp_distance: float, tick_size: float, digits: int
) -> tuple[float, float]:
    """SL and TP prices from the fill price, rounded to the tick; a distance of 0 gives price 0 (none)."""
    sl = round_step(fill - side * sl_distance, tick_size, digits) if sl_distance > 0 else 0.0
    tp = round_step(fill + side * tp_distance, tick_size, digits) if tp_distance > 0 else 0.0
    return sl, tp


def stops_are_valid(
    side: int, sl: float, tp: float, closing_price: float, stops_level: int, point: float
) -> bool:
    """Whether SL and TP lie on their side of the price that would close, at least `max(stops_level, 1)` points away."""
    least = max(stops_level, 1)
    here = math.floor(closing_price / point + 0.5 + 1e-6)
    if sl and side * (here - math.floor(sl / point + 0.5 + 1e-6)) < least:
        return False
    return not (tp and side * (math.floor(tp / point + 0.5 + 1e-6) - here) < least)


def lots_for_risk(balance: float, risk_percent: float, loss_per_lot: float, step: float) -> float:
    """Lots that lose `risk_percent` of `balance` at the SL; `loss_per_lot` in account currency, commission included.

    Cut down to the step and not yet held against the symbol's limits: below `volume_min` the trade is refused.
    """
    if loss_per_lot <= 0:
        return 0.0
    return floor_step(min(balance * risk_percent / 100.0 / loss_per_lot, _MOST_LOTS), step)


def within_limits(lots: float, volume_min: float, volume_max: float) -> float:
    """`lots`, at most `volume_max`; 0 below `volume_min`, never rounded up: that would exceed the risk the trader chose."""
    return 0.0 if lots < volume_min - 1e-9 else min(lots, volume_max)
