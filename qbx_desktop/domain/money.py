"""Margin, profit and swap per calculation mode, in plain scalar form: one source for simulator, backtest and sizing.

Formulas: MetaQuotes, "Margin Calculation: Retail Forex, Futures" and the symbol specification of MetaTrader 5.
Functions give profit- or margin-currency amounts, unrounded; conversion and rounding are the caller's, by
:func:`round_to` and :func:`currency_digits`. All are compilable: floats and ints in, a float out.
"""

from __future__ import annotations

import math

_NOISE = 1e-6
_ZERO_DECIMALS = frozenset({"JPY", "KRW", "CLP", "VND"})

FOREX, FUTURES, CFD, CFDINDEX, CFDLEVERAGE, FOREX_NO_LEVERAGE = 0, 1, 2, 3, 4, 5
EXCH_STOCKS, EXCH_FUTURES = 32, 33


def currency_digits(currency: str) -> int:
    """Decimals in which an account in `currency` is kept: 2, or 0 for the yen and its like."""
    return 0 if currency in _ZERO_DECIMALS else 2


def round_units(x: float, unit: float) -> float:
    """How many whole `unit`s are in `x`, half away from zero, deaf to binary noise: sign(x)·floor(|x|/u + 0.5 + 1e-6)."""
    n = math.floor(abs(x) / unit + 0.5 + _NOISE)
    return n if x >= 0 else -n


def round_to(x: float, digits: int) -> float:
    """`x` rounded half away from zero to `digits` decimals, as the nearest float of that decimal number."""
    scale = 10.0**digits
    return round_units(x * scale, 1.0) / scale


def round_step(x: float, step: float, digits: int) -> float:
    """`x` rounded half away from zero to a multiple of `step`, then cleaned to `digits` decimals."""
    return round_to(round_units(x, step) * step, digits)


def floor_step(volume: float, step: float) -> float:
    """`volume` (lots) cut down to the step, deaf to binary noise; cleaned to 8 decimals."""
    return round(math.floor(volume / step + 1e-9) * step, 8)


def profit(
    calc_mode: int, direction: int, volume: float, price_open: float, price_close: float,
    contract_size: float, tick_size: float, tick_money: float,
) -> float:  # fmt: skip
    """Profit in profit currency. `direction` is +1 for a buy, -1 for a sell; `tick_money` as SymbolSpec's."""
    move = direction * (price_close - price_open)
    if calc_mode in (FUTURES, EXCH_FUTURES):
        return move / tick_size * tick_money * volume
    return move * contract_size * volume


def margin(
    calc_mode: int, volume: float, price: float, contract_size: float, leverage: float,
    tick_size: float, tick_money: float, margin_initial: float, margin_rate: float,
) -> float:  # fmt: skip
    """Margin in margin currency for `volume` lots at `price`, margin rate included.

    A `margin_initial` other than 0 replaces the formula (per lot), still divided by the leverage in modes 0 and 4.
    """
    divisor = leverage if calc_mode in (FOREX, CFDLEVERAGE) else 1.0
    if margin_initial != 0:
        amount = volume * margin_initial / divisor
    elif calc_mode in (FOREX, FOREX_NO_LEVERAGE):
        amount = volume * contract_size / divisor
    elif calc_mode in (CFD, CFDLEVERAGE, EXCH_STOCKS):
        amount = volume * contract_size * price / divisor
    elif calc_mode == CFDINDEX:
        amount = volume * contract_size * price * tick_money / tick_size
    else:
        amount = 0.0
    return amount * margin_rate
