"""The constants of one run as one record: account, symbol, costs, stops and rules in the pass's own units."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.money import currency_digits, floor_step, holding_margin, margin, profit, swap_currency
from ..domain.sizing import StopUnit
from ..domain.symbol import SymbolSpec
from .conversion import AS_IS, Conversion, power_of
from .input import BacktestInput
from .layout import LIMITS, OPTIMISTIC, PESSIMISTIC, TERMS


def terms_of(given: BacktestInput, conversion: Conversion) -> NDArray[Any]:
    """One record of :data:`layout.TERMS`; those that depend on the bars' columns are left to the tape.

    Raises UserMistake when an amount of this symbol cannot be converted into the account's currency.
    """
    spec, account, costs, sizing = given.spec, given.account, given.costs, given.sizing
    swap_mode = 0 if costs.swap_free else spec.swap_mode
    values = {
        "own": conversion.own,
        "moving": conversion.moving,
        "unit": unit_of(given),
        "scale": 10.0**spec.digits,
        "digits": spec.digits,
        "point": spec.point,
        "tick_size": spec.tick_size,
        "tick_money": spec.tick_money,
        "contract_size": spec.contract_size,
        "calc_mode": spec.calc_mode,
        "stops_level": spec.stops_level,
        "volume_min": spec.volume_min,
        "volume_max": spec.volume_max,
        "volume_step": spec.volume_step,
        "leverage": account.leverage,
        "stop_out": account.stop_out,
        "margin_initial": spec.margin_initial,
        "margin_held": holding_margin(spec.margin_initial, spec.margin_maintenance),
        "margin_rate": spec.margin_rate,
        "margin_power": _margin_power(spec, account.currency, account.leverage),
        "swap_mode": swap_mode,
        "swap_long": spec.swap_long,
        "swap_short": spec.swap_short,
        "swap_power": _swap_power(spec, swap_mode, account.currency),
        "commission_per_lot": costs.commission_per_lot,
        "commission_per_deal": costs.commission_per_deal,
        "commission_percent": costs.commission_percent,
        "fixed_lots": 0.0 if sizing.lots is None else floor_step(sizing.lots, spec.volume_step),
        "risk": sizing.risk_percent or 0.0,
        "reverse": given.reverse,
        "inside": OPTIMISTIC if given.inside_bar == "optimistic" else PESSIMISTIC,
        "lag": 1 + given.delay_bars,
        "guarded": given.guarded,
    }
    if given.guards is not None:
        values |= {name: getattr(given.guards, name) for name in LIMITS}
    # profit of one lot when the price moves by 1, in profit currency; linear in every supported mode
    values["per_price"] = profit(
        spec.calc_mode, 1, 1.0, 0.0, 1.0, spec.contract_size, spec.tick_size, spec.tick_money
    )
    values["per_point"] = values["per_price"] * spec.point
    for name, stop in (("sl", given.sl), ("tp", given.tp)):
        values[name + "_set"] = stop.is_set
        in_atr = stop.is_set and stop.unit is StopUnit.ATR
        values[name + "_atr"] = stop.value if in_atr else 0.0
        values[name + "_price"] = 0.0 if in_atr else stop.in_price(spec.pip_size, 0.0)
    points = {name: values[name + "_price"] / spec.point for name in ("sl", "tp")}
    # a stop is rounded to the nearest tick: a thousandth of a point beside it changes nothing
    values["in_points"] = spec.tick_size == spec.point and all(
        values[name + "_atr"] == 0 and abs(each - round(each)) < 1e-3 for name, each in points.items()
    )
    for name, each in points.items():
        values[name + "_points"] = round(each) if values["in_points"] else 0
    unknown = values.keys() - set(TERMS.names or ())
    assert not unknown, unknown
    return np.array([tuple(values.get(name, 0) for name in TERMS.names or ())], TERMS)


def unit_of(given: BacktestInput) -> int:
    """How many of the account's smallest units make one: 100, or 1 on a yen account."""
    return int(10 ** currency_digits(given.account.currency))


def _margin_power(spec: SymbolSpec, account: str, leverage: float) -> int:
    held = holding_margin(spec.margin_initial, spec.margin_maintenance)
    amounts = (
        margin(
            spec.calc_mode, 1.0, 1.0, spec.contract_size, leverage, spec.tick_size, spec.tick_money, per_lot,
            spec.margin_rate,
        )
        for per_lot in (spec.margin_initial, held)
    )  # fmt: skip
    return power_of(spec, spec.currency_margin, account, "margin") if any(amounts) else AS_IS


def _swap_power(spec: SymbolSpec, swap_mode: int, account: str) -> int:
    kind = swap_currency(swap_mode)
    if kind == "deposit" or not (swap_mode and (spec.swap_long or spec.swap_short)):
        return AS_IS
    named = {"base": spec.currency_base, "margin": spec.currency_margin}
    return power_of(spec, named.get(kind, spec.currency_profit), account, "swap")
