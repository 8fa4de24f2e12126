"""May this signal become a position, how large, and with which stops: the four refusals in their order."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..domain.money import round_units
from ..domain.position_size import size
from ..domain.refusals import Refusal
from ..domain.sizing import stop_prices, stops_are_valid
from .input import BacktestInput
from .terms import NEVER, Terms

NO_ATR, INVALID_STOPS, INVALID_VOLUME, NO_MONEY = "no atr", "invalid stops", "invalid volume", "no money"
REFUSALS = (NO_ATR, INVALID_STOPS, INVALID_VOLUME, NO_MONEY)


@dataclass(frozen=True)
class Entry:
    """A position about to be opened. `fill`, `sl`, `tp` are turned points; no SL is -NEVER, no TP is NEVER."""

    lots: float
    fill: int
    sl: int
    tp: int
    margin: int


def plan_entry(
    given: BacktestInput, terms: Terms, side: int, closing: int, fill: int, atr: float, balance: int, t: int
) -> Entry | str:
    """The entry, or the reason why it is refused.

    `closing` is the turned point at which the position could be closed at once, `atr` that of the signal's bar,
    `balance` in cents before the entry's commission.
    """
    spec = given.spec
    sl_distance = given.sl.in_price(spec.pip_size, atr)
    tp_distance = given.tp.in_price(spec.pip_size, atr)
    if math.isnan(sl_distance) or math.isnan(tp_distance):
        return NO_ATR

    price, close_price = side * fill / terms.scale, side * closing / terms.scale
    sl_price, tp_price = stop_prices(side, price, sl_distance, tp_distance, spec.tick_size, spec.digits)
    if not stops_are_valid(side, sl_price, tp_price, close_price, spec.stops_level, spec.point):
        return INVALID_STOPS
    sl = side * int(round_units(sl_price, spec.point)) if given.sl.is_set else -NEVER
    tp = side * int(round_units(tp_price, spec.point)) if given.tp.is_set else NEVER

    per_lot = terms.loss_per_lot(fill, sl, t) if given.sizing.risk_percent is not None else 0.0
    lots = size(given.sizing, balance / terms.unit, per_lot, spec)
    if isinstance(lots, Refusal):
        return INVALID_VOLUME

    if terms.margin(lots, price, t, held=False) > balance:
        return NO_MONEY
    return Entry(lots, fill, sl, tp, terms.margin(lots, price, t, held=True))
