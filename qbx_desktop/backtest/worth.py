"""What moves, nights and positions are worth on this account: profit, commission, swap, margin, stop-out price.

`terms` is a record of :data:`layout.TERMS`; `rate` the conversion of the bar at hand. Compilable.
"""

from __future__ import annotations

import math
from typing import Any

from ..domain.money import margin, round_units, stop_out_price, swap_night
from .conversion import AS_IS, BY_PRICE
from .layout import NEVER

# what `money.round_units` adds before it cuts off; written out here because it is asked several times a bar
HALF = 0.5 + 1e-6


def in_cents(x: float) -> int:
    """`x` cents as whole ones: half away from zero, deaf to binary noise."""
    whole = int(abs(x) + HALF)
    return whole if x >= 0 else -whole


def turned(side: int, point: int, spread: int) -> int:
    """A bid price in points as the closing price of `side`, turned so that higher is better."""
    return point if side > 0 else -(point + spread)


def rate_at(terms: Any, rate: float, price: float) -> float:
    """Account currency for one unit of profit currency at `price`."""
    return 1.0 / max(price, terms["point"]) if terms["own"] else rate


def worth_at(fill: int, point: int, per: float, rate: float, own: int, scale: float) -> int:
    """Profit in cents from `fill` to `point`, both turned; `per` as in the state, `own` and `scale` as in the terms."""
    x = (point - fill) * per
    return in_cents(x * (scale / max(abs(point), 1)) if own else x * rate)


def worth(terms: Any, fill: int, point: int, per: float, rate: float) -> int:
    """:func:`worth_at` under the run's terms."""
    return worth_at(fill, point, per, rate, terms["own"], terms["scale"])


def commission(terms: Any, lots: float, price: float, rate: float) -> int:
    """Commission of one side in cents, as a cost: 0 or negative."""
    amount = terms["commission_per_lot"] * lots + terms["commission_per_deal"]
    if terms["commission_percent"] > 0:
        amount += _percent_of(terms, price, rate) * lots
    return -in_cents(amount * terms["unit"])


def loss_per_lot(terms: Any, fill: int, sl: int, rate: float) -> float:
    """What one lot loses from `fill` to `sl`, commission of both sides included."""
    if terms["own"] and sl == 0:
        return math.inf
    opened, closed = abs(fill) / terms["scale"], abs(sl) / terms["scale"]
    lost: float = (fill - sl) * terms["per_point"] * rate_at(terms, rate, closed)
    lost += 2 * terms["commission_per_lot"]
    if terms["commission_percent"] > 0:
        lost += _percent_of(terms, opened, rate) + _percent_of(terms, closed, rate)
    return lost


def _percent_of(terms: Any, price: float, rate: float) -> float:
    """Commission in percent of the value of one lot at `price`."""
    share: float = terms["commission_percent"] / 100.0 * price * terms["per_price"]
    return share * rate_at(terms, rate, price)


def margin_of(terms: Any, lots: float, price: float, per_lot: float, rate: float) -> int:
    """Margin in cents; `per_lot` is the symbol's own margin per lot that replaces the formula, 0 for none."""
    amount = margin(
        terms["calc_mode"], lots, price, terms["contract_size"], terms["leverage"], terms["tick_size"],
        terms["tick_money"], per_lot, terms["margin_rate"],
    )  # fmt: skip
    return in_cents(_converted(terms, amount, terms["margin_power"], price, rate) * terms["unit"])


def swap_of(
    terms: Any, side: int, lots: float, nights: int, open_price: float, price: float, rate: float
) -> int:
    """One charge in cents for a night that counts as `nights`, at the current `price`."""
    night = swap_night(
        terms["swap_mode"], terms["swap_long"] if side > 0 else terms["swap_short"], lots, price, open_price,
        terms["point"], terms["contract_size"],
    )  # fmt: skip
    return in_cents(_converted(terms, nights * night, terms["swap_power"], price, rate) * terms["unit"])


def stop_out_point(
    terms: Any, side: int, fill: int, lots: float, margin_cents: int, funds: int, rate: float
) -> int:
    """The turned point at which equity is down to the stop-out level; -NEVER where there is no such price.

    `funds` is balance and accrued swap in cents. Rounded to the tick against the trader.
    """
    if margin_cents <= 0 or terms["stop_out"] <= 0:
        return -NEVER
    per_price = terms["per_price"] * lots * (1.0 if terms["own"] else rate)
    price = stop_out_price(
        side, side * fill / terms["scale"], funds / terms["unit"],
        margin_cents * terms["stop_out"] / 100.0 / terms["unit"], per_price, terms["own"] != 0,
        terms["tick_size"], terms["digits"],
    )  # fmt: skip
    return side * int(round_units(price * terms["scale"], 1.0)) if price > 0 else -NEVER


def _converted(terms: Any, amount: float, power: int, price: float, rate: float) -> float:
    if power == AS_IS:
        return amount
    if power == BY_PRICE:
        amount = amount * price
    return amount * rate_at(terms, rate, price)
