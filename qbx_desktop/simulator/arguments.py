"""How the module reads its arguments: which types pass, which give an error code, which raise."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..domain.records import TradeRequest
from . import surface

INVALID = -2
_INT32 = 2**31


class Refused(Exception):
    """The call ends with this last_error; nothing reached the terminal."""

    def __init__(self, code: int, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(code, text)


def bad(text: str) -> Refused:
    """An argument error as the module words it."""
    return Refused(INVALID, text)


def broken_call(function: str, cause: Exception) -> SystemError:
    """What a wrong C type raises: the module returns a result although an exception is set."""
    error = SystemError(f"<built-in function {function}> returned a result with an exception set")
    error.__cause__ = cause
    return error


def none(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    """For functions without arguments."""
    if kwargs:
        raise TypeError(f"{function}() takes no keyword arguments")
    if args:
        raise TypeError(f"{function}() takes no arguments ({len(args)} given)")


def positional(
    function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], least: int, most: int | None = None
) -> tuple[Any, ...]:
    """For functions with positional arguments only. Raises TypeError for keywords, Refused for a wrong number."""
    if kwargs:
        raise TypeError(f"{function}() takes no keyword arguments")
    most = least if most is None else most
    if not least <= len(args) <= most:
        raise bad("Invalid arguments")
    return args


def c_int(function: str, value: Any) -> int:
    """A C int: anything with `__index__`, within 32 bits."""
    try:
        number = operator.index(value)
    except TypeError as error:
        raise broken_call(function, error) from error
    if not -_INT32 <= number < _INT32:
        side = "less than minimum" if number < 0 else "greater than maximum"
        raise broken_call(function, OverflowError(f"signed integer is {side}"))
    return int(number)


def c_double(function: str, value: Any) -> float:
    """A C double: any real number."""
    if isinstance(value, (str, bytes)) or not (hasattr(value, "__float__") or hasattr(value, "__index__")):
        raise broken_call(function, TypeError(f"must be real number, not {type(value).__name__}"))
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise broken_call(function, error) from error


def symbol(value: Any) -> str:
    """A positional symbol name: a string of at most 29 characters."""
    if not isinstance(value, str) or len(value) > surface.SYMBOL_CHARS:
        raise bad("Invalid arguments")
    return value


def date(value: Any) -> int:
    """A moment in whole seconds, cut to 32 bits: int, float or datetime (a naive one is the computer's local time)."""
    if isinstance(value, datetime):
        value = value.timestamp()
    elif not isinstance(value, (int, float)):
        raise bad("Invalid arguments")
    try:
        whole = int(value)
    except (ValueError, OverflowError):
        raise bad("Invalid arguments") from None
    return (whole + _INT32) % (2 * _INT32) - _INT32


def keyword_text(kwargs: Mapping[str, Any], name: str, most: int) -> str | None:
    """An optional string keyword of at most `most` characters."""
    if name not in kwargs:
        return None
    value = kwargs[name]
    if not isinstance(value, str) or len(value) > most:
        raise bad(f'Invalid "{name}" argument')
    return value


def keyword_number(function: str, kwargs: Mapping[str, Any], name: str) -> int | None:
    """An optional unsigned integer keyword; numpy's integers are refused, negative ones raise."""
    return unsigned(function, name, kwargs[name]) if name in kwargs else None


def unsigned(function: str, name: str, value: Any, bits: int = 64) -> int:
    """An unsigned integer: `int` only."""
    if not isinstance(value, int):
        raise bad(f'Invalid "{name}" argument')
    if value < 0:
        raise broken_call(function, OverflowError("can't convert negative int to unsigned"))
    if value >= 2**bits:
        raise broken_call(function, OverflowError("Python int too large to convert to C unsigned long"))
    return int(value)


_ORDINAL = ("1st", "2nd", "3rd")


def unnamed_text(args: tuple[Any, ...], index: int, most: int) -> str:
    """A positional string of a function that takes keywords too."""
    value = args[index]
    if not isinstance(value, str) or len(value) > most:
        raise bad(f"Invalid {_ORDINAL[index]} unnamed argument")
    return value


# --- trade requests ---

_REQUEST_TYPES = dict(surface.FIELDS["TradeRequest"])


def request(function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> TradeRequest:
    """A trade request: one dict, or all fields as keywords. Keys that are not known are ignored."""
    if args and kwargs:
        raise bad("Unnamed arguments not allowed")
    if len(args) > 1 or not (args or kwargs):
        raise bad("Invalid number of arguments")
    if args and not isinstance(args[0], dict):
        raise bad("Invalid arguments")
    given = args[0] if args else kwargs
    values: dict[str, Any] = {}
    for name, kind in _REQUEST_TYPES.items():
        if name in given:
            values[name] = _request_field(function, name, kind, given[name])
    return TradeRequest(**values)


def _request_field(function: str, name: str, kind: str, value: Any) -> Any:
    if kind == "f64":
        if not isinstance(value, float):
            raise bad(f'Invalid "{name}" argument')
        return float(value)
    if kind == "str":
        most = surface.COMMENT_CHARS if name == "comment" else surface.SYMBOL_CHARS
        if not isinstance(value, str) or len(value) > most:
            raise bad(f'Invalid "{name}" argument')
        return str(value)
    if kind == "i64":
        if not isinstance(value, int):
            raise bad(f'Invalid "{name}" argument')
        if not -(2**63) <= value < 2**63:
            raise broken_call(function, OverflowError("Python int too large to convert to C long"))
        return int(value)
    return unsigned(function, name, value, 32 if kind == "u32" else 64)


def matches_group(name: str, group: str) -> bool:
    """Whether `name` passes a group filter: comma separated masks with `*`, a leading `!` forbids; case matters."""
    wanted = False
    for token in (part.strip() for part in group.split(",")):
        if token.startswith("!"):
            if _matches(name, token[1:]):
                return False
        elif token and _matches(name, token):
            wanted = True
    return wanted


def _matches(name: str, mask: str) -> bool:
    pieces = mask.split("*")
    if len(pieces) == 1:
        return name == mask
    if not name.startswith(pieces[0]) or not name.endswith(pieces[-1]):
        return False
    at, end = len(pieces[0]), len(name) - len(pieces[-1])
    for piece in pieces[1:-1]:
        found = name.find(piece, at, max(end, 0))
        if found < 0:
            return False
        at = found + len(piece)
    return at <= end
