"""The terminal's tuples and arrays as our own records: checked against what each function may answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import RATES_DTYPE, TICKS_DTYPE, Bars
from ..domain.records import (
    AccountInfo,
    BookInfo,
    OrderCheckResult,
    OrderSendResult,
    SymbolInfo,
    TerminalInfo,
    Tick,
    TradeDeal,
    TradeOrder,
    TradePosition,
    TradeRequest,
)


class WrongAnswerError(Exception):
    """The terminal answered something that this function cannot answer."""


_ONE: dict[str, type] = {
    "account_info": AccountInfo,
    "terminal_info": TerminalInfo,
    "symbol_info": SymbolInfo,
    "symbol_info_tick": Tick,
    "order_check": OrderCheckResult,
    "order_send": OrderSendResult,
}
_MANY: dict[str, type] = {
    "positions_get": TradePosition,
    "orders_get": TradeOrder,
    "history_orders_get": TradeOrder,
    "history_deals_get": TradeDeal,
    "symbols_get": SymbolInfo,
    "market_book_get": BookInfo,
}
_PLAIN: dict[str, tuple[type, ...]] = {
    "initialize": (bool,),
    "login": (bool,),
    "shutdown": (bool,),
    "symbol_select": (bool,),
    "market_book_add": (bool,),
    "market_book_release": (bool,),
    "version": (tuple,),
    "last_error": (tuple,),
    "symbols_total": (int,),
    "orders_total": (int,),
    "positions_total": (int,),
    "history_orders_total": (int,),
    "history_deals_total": (int,),
    "order_calc_margin": (float, int),
    "order_calc_profit": (float, int),
}
_ARRAYS = {
    "copy_rates_from": RATES_DTYPE,
    "copy_rates_from_pos": RATES_DTYPE,
    "copy_rates_range": RATES_DTYPE,
    "copy_ticks_from": TICKS_DTYPE,
    "copy_ticks_range": TICKS_DTYPE,
}

FUNCTIONS = frozenset({*_ONE, *_MANY, *_PLAIN, *_ARRAYS})
_WIDTH = {each: len(fields(each)) for each in {*_ONE.values(), *_MANY.values(), TradeRequest}}
_REQUEST = [each.name for each in fields(OrderSendResult)].index("request")
_CHECK_REQUEST = [each.name for each in fields(OrderCheckResult)].index("request")


@dataclass(frozen=True)
class Packed:
    """An array on its way through the pipe: its bytes, and which of the two layouts they have."""

    ticks: bool
    content: bytes

    def unpack(self) -> Bars | NDArray[Any]:
        """As :class:`Bars`, or as a read-only array of ticks."""
        if self.ticks:
            return np.frombuffer(self.content, dtype=TICKS_DTYPE)
        return Bars.from_rates(np.frombuffer(self.content, dtype=RATES_DTYPE))


def unpacked(value: object) -> object:
    """`value` with an array that came through the pipe as bytes turned back."""
    return value.unpack() if isinstance(value, Packed) else value


def to_record(kind: type, value: object) -> object:
    """One of the terminal's structs as the record `kind`. Fields that a newer build added at the end are dropped.

    Raises WrongAnswerError when it is another struct or too short.
    """
    if not isinstance(value, tuple) or type(value).__name__ != kind.__name__ or len(value) < _WIDTH[kind]:
        raise WrongAnswerError(f"expected {kind.__name__}, got {type(value).__name__}")
    parts = list(value[: _WIDTH[kind]])
    if kind is OrderSendResult:
        parts[_REQUEST] = to_record(TradeRequest, parts[_REQUEST])
    elif kind is OrderCheckResult:
        parts[_CHECK_REQUEST] = to_record(TradeRequest, parts[_CHECK_REQUEST])
    return kind(*parts)


def to_plain(name: str, value: object) -> object:
    """What the function `name` answered, as values that can be pickled; arrays become :class:`Packed`.

    None stays None, `False` stays `False`: both mean failure. Raises WrongAnswerError.
    """
    if value is None or name not in FUNCTIONS:
        return value
    if name in _ONE:
        return to_record(_ONE[name], value)
    if name in _MANY:
        if value is False:
            return False
        if not isinstance(value, tuple):
            raise WrongAnswerError(f"{name} answered {type(value).__name__}, not a tuple")
        return tuple(to_record(_MANY[name], each) for each in value)
    if name in _ARRAYS:
        layout = _ARRAYS[name]
        if not isinstance(value, np.ndarray) or value.dtype != layout or value.ndim != 1:
            raise WrongAnswerError(f"{name} answered {type(value).__name__}, not an array of its layout")
        return Packed(layout is TICKS_DTYPE, value.tobytes())
    if not isinstance(value, _PLAIN[name]):
        raise WrongAnswerError(f"{name} answered {type(value).__name__}")
    if _PLAIN[name] == (float, int):
        return float(value)  # type: ignore[arg-type]  # checked in the line above
    return value


_REALS = frozenset({"volume", "price", "stoplimit", "sl", "tp"})


def to_argument(value: object) -> object:
    """numpy scalars and enum members as the plain Python values that the module insists on."""
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    return value


def to_request(request: Mapping[str, object]) -> dict[str, object]:
    """A trade request with the types that the module insists on: real numbers never as int, tickets never numpy."""
    plain = {name: to_argument(value) for name, value in request.items()}
    for name in _REALS & plain.keys():
        value = plain[name]
        if isinstance(value, int) and not isinstance(value, bool):
            plain[name] = float(value)
    return plain
