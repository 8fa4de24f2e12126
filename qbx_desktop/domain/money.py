"""Margin, profit and swap per calculation mode, in plain scalar form: one source for simulator, backtest and sizing.

Formulas: MetaQuotes, "Margin Calculation: Retail Forex, Futures" and the symbol specification of MetaTrader 5.
Functions give profit- or margin-currency amounts, unrounded; conversion and rounding are the caller's, by
:func:`round_to` and :func:`currency_digits`. All are compilable: floats and ints in, a float out.
"""

from __future__ import annotations

import math

_NOISE = 1e-6
_POWERS = tuple(10.0**digits for digits in range(23))
# times the open price: further away than any stop-out price that matters
_ENDLESS = 1e5
_ZERO_DECIMALS = frozenset({"JPY", "KRW", "CLP", "VND"})

FOREX, FUTURES, CFD, CFDINDEX, CFDLEVERAGE, FOREX_NO_LEVERAGE = 0, 1, 2, 3, 4, 5
EXCH_STOCKS, EXCH_FUTURES, EXCH_OPTIONS, EXCH_OPTIONS_MARGIN = 32, 33, 34, 36
EXCH_BONDS, EXCH_STOCKS_MOEX, EXCH_BONDS_MOEX, SERV_COLLATERAL = 37, 38, 39, 64


def currency_digits(currency: str) -> int:
    """Decimals in which an account in `currency` is kept: 2, or 0 for the yen and its like."""
    return 0 if currency in _ZERO_DECIMALS else 2


def round_units(x: float, unit: float) -> float:
    """How many whole `unit`s are in `x`, half away from zero, deaf to binary noise: sign(x)·floor(|x|/u + 0.5 + 1e-6)."""
    n = math.floor(abs(x) / unit + 0.5 + _NOISE)
    return n if x >= 0 else -n


def round_to(x: float, digits: int) -> float:
    """`x` rounded half away from zero to `digits` decimals, as the nearest float of that decimal number."""
    scale = _POWERS[digits]
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
    face_value: float = 0.0, accrued_interest: float = 0.0,
) -> float:  # fmt: skip
    """Profit in profit currency. `direction` is +1 for a buy, -1 for a sell; `tick_money` as SymbolSpec's.

    Bonds are quoted in percent of `face_value`; `accrued_interest` is what one unit accrued between open and close.
    """
    move = direction * (price_close - price_open)
    if calc_mode in (FUTURES, EXCH_FUTURES, EXCH_OPTIONS, EXCH_OPTIONS_MARGIN):
        return move / tick_size * tick_money * volume
    if calc_mode in (EXCH_BONDS, EXCH_BONDS_MOEX):
        return (move * face_value / 100.0 + direction * accrued_interest) * contract_size * volume
    if calc_mode == SERV_COLLATERAL:
        return 0.0
    return move * contract_size * volume


def margin(
    calc_mode: int, volume: float, price: float, contract_size: float, leverage: float,
    tick_size: float, tick_money: float, margin_initial: float, margin_rate: float,
    face_value: float = 0.0,
) -> float:  # fmt: skip
    """Margin in margin currency for `volume` lots at `price`, margin rate included.

    A `margin_initial` other than 0 replaces the formula (per lot), still divided by the leverage in modes 0 and 4.
    For holding a position pass :func:`holding_margin` of the symbol in its place.
    """
    divisor = leverage if calc_mode in (FOREX, CFDLEVERAGE) else 1.0
    if calc_mode == SERV_COLLATERAL:
        amount = 0.0
    elif margin_initial != 0:
        amount = volume * margin_initial / divisor
    elif calc_mode in (FOREX, FOREX_NO_LEVERAGE):
        amount = volume * contract_size / divisor
    elif calc_mode in (CFD, CFDLEVERAGE, EXCH_STOCKS, EXCH_STOCKS_MOEX, EXCH_OPTIONS, EXCH_OPTIONS_MARGIN):
        amount = volume * contract_size * price / divisor
    elif calc_mode == CFDINDEX:
        amount = volume * contract_size * price * tick_money / tick_size
    elif calc_mode in (EXCH_BONDS, EXCH_BONDS_MOEX):
        amount = volume * contract_size * face_value * price / 100.0
    else:
        amount = 0.0
    return amount * margin_rate


def holding_margin(margin_initial: float, margin_maintenance: float) -> float:
    """Margin per lot that holds an open position: the maintenance margin, the initial one where it is 0."""
    return margin_maintenance if margin_maintenance != 0 else margin_initial


def hedged_margin(
    calc_mode: int, volume_buy: float, volume_sell: float, price_buy: float, price_sell: float,
    price_all: float, conversion_buy: float, conversion_sell: float, conversion_all: float,
    rate_buy: float, rate_sell: float, contract_size: float, leverage: float, tick_size: float,
    tick_money: float, margin_per_lot: float, margin_hedged: float, use_leg: bool,
    face_value: float = 0.0,
) -> tuple[float, float]:  # fmt: skip
    """Margin of opposite positions of one symbol in account currency: (uncovered part, covered part), unrounded.

    Prices and conversions (account currency for one unit of margin currency) are volume-weighted means over the
    buys, the sells and all positions; `rate_*` are the margin rates. The basic rule charges the uncovered volume
    at the larger leg's means and the covered volume with `margin_hedged` in place of the contract size (or of the
    margin per lot, where there is one); with `use_leg` the dearer leg alone is charged.
    """
    buy = conversion_buy * margin(
        calc_mode, volume_buy, price_buy, contract_size, leverage, tick_size, tick_money, margin_per_lot,
        rate_buy, face_value,
    )  # fmt: skip
    sell = conversion_sell * margin(
        calc_mode, volume_sell, price_sell, contract_size, leverage, tick_size, tick_money, margin_per_lot,
        rate_sell, face_value,
    )  # fmt: skip
    if use_leg:
        return max(buy, sell), 0.0
    covered_volume = min(volume_buy, volume_sell)
    larger, volume = (buy, volume_buy) if volume_buy >= volume_sell else (sell, volume_sell)
    uncovered = larger * (volume - covered_volume) / volume if volume > 0 else 0.0
    if covered_volume == 0 or margin_hedged == 0:
        return uncovered, 0.0
    covered = conversion_all * margin(
        calc_mode, covered_volume, price_all, margin_hedged, leverage, tick_size, tick_money,
        margin_hedged if margin_per_lot != 0 else 0.0, (rate_buy + rate_sell) / 2.0, face_value,
    )  # fmt: skip
    return uncovered, covered


def swap_night(
    swap_mode: int, rate: float, volume: float, price: float, price_open: float, point: float,
    contract_size: float,
) -> float:  # fmt: skip
    """Swap of one night, in the currency :func:`swap_currency` names; negative is a cost.

    `rate` is `swap_long` or `swap_short`, `price` the current one. Interest is per year of 360 days. The reopening
    modes are charged like points; an unknown mode charges nothing.
    """
    if swap_mode in (1, 7, 8):
        return rate * point * contract_size * volume
    if swap_mode in (2, 3, 4):
        return rate * volume
    if swap_mode == 5:
        return price * contract_size * volume * rate / 100.0 / 360.0
    if swap_mode == 6:
        return price_open * contract_size * volume * rate / 100.0 / 360.0
    return 0.0


def swap_currency(swap_mode: int) -> str:
    """The currency of :func:`swap_night`'s amount: `base`, `margin`, `deposit` or `profit`."""
    return {2: "base", 3: "margin", 4: "deposit"}.get(swap_mode, "profit")


def swap_nights(weekday: int, rollover3days: int) -> int:
    """Nights charged at the midnight that ends `weekday` (0 = Sunday, as MetaTrader 5 counts).

    Three on the rollover day, one on the other days from Monday to Friday, none at the weekend.
    """
    if weekday == rollover3days:
        return 3
    return 1 if 1 <= weekday <= 5 else 0


def margin_level(equity: float, margin_used: float) -> float:
    """Margin level in percent; 0 while there is no margin, as the terminal shows it."""
    return equity / margin_used * 100.0 if margin_used else 0.0


def stop_out_price(
    direction: int, price_open: float, money: float, stop_out_money: float, profit_per_price: float,
    own_conversion: bool, tick_size: float, digits: int,
) -> float:  # fmt: skip
    """The closing price at which an account with one position reaches its stop-out level; 0 where there is none.

    `money` is balance plus accrued swap, `stop_out_money` the margin times the level / 100, `profit_per_price` the
    account currency (profit currency with `own_conversion`) gained by a price move of 1 in the position's favour.
    With `own_conversion` the profit is divided by the closing price itself. Rounded to the tick against the trader.
    """
    if stop_out_money <= 0 or profit_per_price <= 0:
        return 0.0
    slack = money - stop_out_money
    if own_conversion:
        # slack + direction * k * (x - open) / x = 0
        weight = slack + direction * profit_per_price
        price = direction * profit_per_price * price_open / weight if weight else 0.0
    else:
        price = price_open - direction * slack / profit_per_price
    if price <= 0:
        return 0.0
    price = min(price, price_open * _ENDLESS)
    ticks = price / tick_size
    whole = math.floor(ticks + _NOISE) if direction > 0 else math.ceil(ticks - _NOISE)
    return round_to(whole * tick_size, digits)
