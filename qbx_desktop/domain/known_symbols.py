"""Specifications of eighteen well-known symbols as a common retail broker has them, for when none is given.

Spreads and swaps differ from broker to broker and from month to month: a result that rests on these says so.
"""

from __future__ import annotations

import dataclasses

from .errors import UserMistake
from .messages import declare
from .symbol import SymbolSpec

_UNKNOWN = declare(
    "symbol.unknown",
    "Nothing is known of the symbol {symbol!r}. Give its specification as a file. Known without one: {known}.",
)

_FOREX, _CFD, _INDEX, _LEVERAGED = 0, 2, 3, 4
_IN_POINTS, _INTEREST = 1, 5
_WEDNESDAY, _FRIDAY = 3, 5


def _forex(name: str, digits: int, spread: int, swap_long: float, swap_short: float) -> SymbolSpec:
    return SymbolSpec(
        symbol=name, digits=digits, point=10.0**-digits, tick_size=10.0**-digits, contract_size=100_000.0,
        calc_mode=_FOREX, currency_base=name[:3], currency_profit=name[3:], currency_margin=name[:3],
        volume_min=0.01, volume_max=100.0, volume_step=0.01, spread=spread,
        swap_mode=_IN_POINTS, swap_long=swap_long, swap_short=swap_short, swap_rollover3days=_WEDNESDAY,
    )  # fmt: skip


def _metal(
    name: str, digits: int, contract: float, spread: int, swap_long: float, swap_short: float
) -> SymbolSpec:
    return SymbolSpec(
        symbol=name, digits=digits, point=10.0**-digits, tick_size=10.0**-digits, contract_size=contract,
        calc_mode=_LEVERAGED, currency_base=name[:3], currency_profit="USD", currency_margin="USD",
        volume_min=0.01, volume_max=100.0, volume_step=0.01, spread=spread,
        swap_mode=_IN_POINTS, swap_long=swap_long, swap_short=swap_short, swap_rollover3days=_WEDNESDAY,
    )  # fmt: skip


def _crypto(name: str, spread: int) -> SymbolSpec:
    return SymbolSpec(
        symbol=name, digits=2, point=0.01, tick_size=0.01, contract_size=1.0,
        calc_mode=_CFD, currency_base=name[:3], currency_profit="USD", currency_margin="USD",
        volume_min=0.01, volume_max=20.0, volume_step=0.01, spread=spread, margin_rate=0.1,
        swap_mode=_INTEREST, swap_long=-20.0, swap_short=-20.0, swap_rollover3days=_FRIDAY,
    )  # fmt: skip


def _index(name: str, currency: str, spread: int, swap_long: float, swap_short: float) -> SymbolSpec:
    return SymbolSpec(
        symbol=name, digits=1, point=0.1, tick_size=0.1, contract_size=1.0,
        calc_mode=_INDEX, currency_base=currency, currency_profit=currency, currency_margin=currency,
        volume_min=0.1, volume_max=250.0, volume_step=0.1, spread=spread, margin_rate=0.05,
        swap_mode=_INTEREST, swap_long=swap_long, swap_short=swap_short, swap_rollover3days=_FRIDAY,
    )  # fmt: skip


_ALL = (
    _forex("EURUSD", 5, 12, -7.1, 2.9),
    _forex("GBPUSD", 5, 15, -3.4, -1.9),
    _forex("USDJPY", 3, 12, 9.8, -21.4),
    _forex("USDCHF", 5, 15, 5.6, -11.2),
    _forex("AUDUSD", 5, 14, -2.8, -0.6),
    _forex("USDCAD", 5, 16, 1.4, -6.9),
    _forex("NZDUSD", 5, 18, -1.7, -1.2),
    _forex("EURGBP", 5, 16, -5.2, 1.1),
    _forex("EURJPY", 3, 18, 5.3, -15.1),
    _forex("GBPJPY", 3, 25, 10.9, -27.8),
    _metal("XAUUSD", 2, 100.0, 30, -38.2, 20.6),
    _metal("XAGUSD", 3, 5_000.0, 30, -4.6, 2.2),
    _crypto("BTCUSD", 3_188),
    _crypto("ETHUSD", 240),
    _index("US500", "USD", 4, -7.6, 2.6),
    _index("US30", "USD", 24, -7.6, 2.6),
    _index("NAS100", "USD", 12, -7.6, 2.6),
    _index("GER40", "EUR", 12, -6.1, 1.2),
)
_BY_NAME = {spec.symbol: spec for spec in _ALL}


def known_symbols() -> tuple[SymbolSpec, ...]:
    """All of them, in the order in which a list shows them."""
    return _ALL


def known_symbol(name: str) -> SymbolSpec:
    """The specification of `name`, upper or lower case. Raises UserMistake for any other symbol."""
    found = _BY_NAME.get(name.upper())
    if found is None:
        raise UserMistake(_UNKNOWN(symbol=name, known=", ".join(_BY_NAME)))
    return found


def with_digits(spec: SymbolSpec, digits: int) -> SymbolSpec:
    """The same symbol quoted with more digits: what is counted in points is scaled, so that money stays the same."""
    more = 10 ** (digits - spec.digits)
    points = spec.swap_mode == _IN_POINTS
    return dataclasses.replace(
        spec,
        digits=digits,
        point=10.0**-digits,
        tick_size=10.0**-digits,
        tick_price=spec.tick_price / more,
        pip=spec.pip_size,
        spread=spec.spread * more,
        stops_level=spec.stops_level * more,
        freeze_level=spec.freeze_level * more,
        swap_long=spec.swap_long * (more if points else 1),
        swap_short=spec.swap_short * (more if points else 1),
    )
