"""May this signal become a position, how large, and with which stops: the four refusals in their order. Compilable."""

from __future__ import annotations

from typing import Any

from ..domain.money import round_units
from ..domain.sizing import atr_distance, lots_for_risk, stop_prices, stops_are_valid, within_limits
from .layout import INVALID_STOPS, INVALID_VOLUME, NEVER, NO_ATR, NO_MONEY, NOT_REFUSED
from .worth import loss_per_lot, margin_of


def plan_entry(
    terms: Any, side: int, closing: int, fill: int, atr: float, balance: int, rate: float
) -> tuple[int, float, int, int, int]:
    """Why the entry is refused (NOT_REFUSED if it is not), lots, SL, TP and the margin that holds the position.

    `closing` is the turned point at which the position could be closed at once, `fill`, SL and TP are turned points (no SL
    is -NEVER, no TP is NEVER), `atr` is that of the signal's bar, `balance` in cents before the entry's commission.
    """
    price = side * fill / terms["scale"]
    if terms["in_points"]:
        reason, sl, tp = _stops_in_points(terms, closing, fill)
    else:
        reason, sl, tp = _stops(terms, side, closing, fill, atr)
    if reason != NOT_REFUSED:
        return reason, 0.0, -NEVER, NEVER, 0

    lots = terms["fixed_lots"]
    if terms["risk"] > 0:
        money = balance / terms["unit"]
        if terms["commission_per_deal"] > 0:
            # what both deals cost whatever their size is lost as well
            money -= 200.0 * terms["commission_per_deal"] / terms["risk"]
        lots = lots_for_risk(money, terms["risk"], loss_per_lot(terms, fill, sl, rate), terms["volume_step"])
    lots = within_limits(lots, terms["volume_min"], terms["volume_max"])
    if lots == 0.0:
        return INVALID_VOLUME, 0.0, -NEVER, NEVER, 0

    if margin_of(terms, lots, price, terms["margin_initial"], rate) > balance:
        return NO_MONEY, 0.0, -NEVER, NEVER, 0
    return NOT_REFUSED, lots, sl, tp, margin_of(terms, lots, price, terms["margin_held"], rate)


def _stops(terms: Any, side: int, closing: int, fill: int, atr: float) -> tuple[int, int, int]:
    """Why the stops are refused, SL and TP, by the definitions of `domain.sizing`."""
    sl_distance, tp_distance = terms["sl_price"], terms["tp_price"]
    if terms["sl_atr"] > 0:
        sl_distance = atr_distance(terms["sl_atr"], atr)
    if terms["tp_atr"] > 0:
        tp_distance = atr_distance(terms["tp_atr"], atr)
    if sl_distance != sl_distance or tp_distance != tp_distance:  # NaN: there is no ATR yet
        return NO_ATR, -NEVER, NEVER

    price, close_price = side * fill / terms["scale"], side * closing / terms["scale"]
    sl_price, tp_price = stop_prices(
        side, price, sl_distance, tp_distance, terms["tick_size"], terms["digits"]
    )
    if not stops_are_valid(side, sl_price, tp_price, close_price, terms["stops_level"], terms["point"]):
        return INVALID_STOPS, -NEVER, NEVER
    sl = side * int(round_units(sl_price, terms["point"])) if terms["sl_set"] else -NEVER
    tp = side * int(round_units(tp_price, terms["point"])) if terms["tp_set"] else NEVER
    return NOT_REFUSED, sl, tp


def _stops_in_points(terms: Any, closing: int, fill: int) -> tuple[int, int, int]:
    """:func:`_stops` where a tick is a point and both distances are whole points: the same without a division."""
    least = max(terms["stops_level"], 1)
    sl, tp = fill - terms["sl_points"], fill + terms["tp_points"]
    if terms["sl_set"] == 0:
        sl = -NEVER
    elif sl != 0 and closing - sl < least:  # a stop at price 0 is none
        return INVALID_STOPS, -NEVER, NEVER
    if terms["tp_set"] == 0:
        tp = NEVER
    elif tp != 0 and tp - closing < least:
        return INVALID_STOPS, -NEVER, NEVER
    return NOT_REFUSED, sl, tp
