"""What a search varies: named axes of values over strategy parameters, stops, size and the ATR, and what a point means."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from ...domain.errors import UserMistake
from ...domain.messages import declare
from ...domain.params import ParamInfo, Value, checked_value, infos, make
from ...domain.sizing import Sizing, StopDistance
from ...strategies import registry
from ..input import BacktestInput

_WRONG = declare("search.range", "The range {text!r} cannot be used: {why}. Nothing was run.")
_UNKNOWN = declare(
    "search.axis",
    "{name!r} cannot be varied. This strategy and these settings have: {known}. Nothing was run.",
)
_UNSET = declare(
    "search.axis_unset",
    "{name} cannot be varied, because {what} is not set. Set it first, so that its unit is known. Nothing was run.",
)
_TWICE = declare("search.axis_twice", "{name} is varied twice. Nothing was run.")
_MANY = declare(
    "search.too_many",
    "These ranges make {count:,} combinations; at most {most:,} are run. Use larger steps. Nothing was run.",
)
_NONE = declare(
    "search.no_axis", "Nothing is varied. Choose at least one parameter and its range. Nothing was run."
)

SL, TP, LOTS, RISK, ATR_PERIOD = "sl", "tp", "lots", "risk", "atr_period"
SETTINGS = (SL, TP, LOTS, RISK, ATR_PERIOD)
MOST_COMBINATIONS = 200_000
_MOST_VALUES = 10_000

Combo = Mapping[str, Value]


@dataclass(frozen=True)
class Axis:
    """One thing that varies, with its values in ascending order (or in the order given, for words)."""

    name: str
    values: tuple[Value, ...]


def axis_of_text(text: str) -> Axis:
    """`name=start:stop:step` (both ends in) or `name=a,b,c`. Raises UserMistake."""
    name, equals, rest = text.partition("=")
    name = name.strip()
    if not equals or not name or not rest.strip():
        raise UserMistake(_WRONG(text=text, why="it must read name=start:stop:step or name=a,b,c"))
    if ":" in rest:
        parts = rest.split(":")
        if len(parts) != 3:
            raise UserMistake(_WRONG(text=text, why="it must have a start, a stop and a step"))
        return Axis(name, steps(*(_decimal(part, text) for part in parts), text=text))
    return Axis(name, tuple(_plain(part.strip()) for part in rest.split(",")))


def steps(start: Decimal, stop: Decimal, step: Decimal, *, text: str = "") -> tuple[Value, ...]:
    """The values from `start` up to `stop`, in decimal arithmetic, so that 0.1 + 0.2 is 0.3. Raises UserMistake."""
    text = text or f"{start}:{stop}:{step}"
    if step <= 0 or stop < start:
        raise UserMistake(
            _WRONG(text=text, why="the step must be more than 0 and the stop not below the start")
        )
    count = int((stop - start) / step) + 1
    if count > _MOST_VALUES:
        raise UserMistake(_WRONG(text=text, why=f"it has more than {_MOST_VALUES} values"))
    values = [start + step * k for k in range(count)]
    if all(each == each.to_integral_value() for each in values):
        return tuple(int(each) for each in values)
    return tuple(float(each) for each in values)


def checked_axes(given: BacktestInput, axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """The axes with every value in its parameter's own type and inside its bounds. Raises UserMistake.

    A combination may still be refused when it is run: a rule between two parameters is not known here.
    """
    if not axes:
        raise UserMistake(_NONE())
    params = {info.name: info for info in infos(registry.get(given.strategy).Params)}
    seen: set[str] = set()
    checked = []
    for axis in axes:
        if axis.name in seen:
            raise UserMistake(_TWICE(name=axis.name))
        seen.add(axis.name)
        if axis.name in params:
            checked.append(Axis(axis.name, tuple(_fitted(params[axis.name], each) for each in axis.values)))
        elif axis.name in SETTINGS:
            checked.append(_checked_setting(given, axis))
        else:
            known = ", ".join([*params, *SETTINGS])
            raise UserMistake(_UNKNOWN(name=axis.name, known=known))
        if len(set(checked[-1].values)) != len(axis.values):
            raise UserMistake(_WRONG(text=axis.name, why="it has the same value twice"))
    if size_of(checked) > MOST_COMBINATIONS:
        raise UserMistake(_MANY(count=size_of(checked), most=MOST_COMBINATIONS))
    return tuple(checked)


def applied(given: BacktestInput, combo: Combo) -> BacktestInput:
    """The input with this combination in place. Raises UserMistake (ParamError) when it breaks a rule."""
    settings = {name: value for name, value in combo.items() if name in SETTINGS}
    params = {**given.params, **{name: value for name, value in combo.items() if name not in SETTINGS}}
    made = dataclasses.asdict(make(registry.get(given.strategy).Params, params))
    changed = dataclasses.replace(given, params=made)
    for name, value in settings.items():
        number = float(value)
        if name == SL:
            changed = dataclasses.replace(changed, sl=StopDistance(given.sl.unit, number))
        elif name == TP:
            changed = dataclasses.replace(changed, tp=StopDistance(given.tp.unit, number))
        elif name == LOTS:
            changed = dataclasses.replace(changed, sizing=Sizing(lots=number))
        elif name == RISK:
            changed = dataclasses.replace(changed, sizing=Sizing(risk_percent=number))
        else:
            changed = dataclasses.replace(changed, atr_period=int(number))
    return changed


def size_of(axes: Sequence[Axis]) -> int:
    """How many combinations the axes make."""
    return math.prod(len(axis.values) for axis in axes)


def combo_at(axes: Sequence[Axis], index: int) -> dict[str, Value]:
    """Combination `index` of the grid; the last axis runs fastest."""
    found: dict[str, Value] = {}
    for axis in reversed(axes):
        index, at = divmod(index, len(axis.values))
        found[axis.name] = axis.values[at]
    return {axis.name: found[axis.name] for axis in axes}


def place_of(axes: Sequence[Axis], combo: Combo) -> tuple[int, ...]:
    """The index on each axis of a combination that came from them."""
    return tuple(axis.values.index(combo[axis.name]) for axis in axes)


def key_of(combo: Combo) -> str:
    """A combination as text: equal ones have equal keys."""
    return json.dumps(dict(combo), sort_keys=True, separators=(",", ":"))


def _checked_setting(given: BacktestInput, axis: Axis) -> Axis:
    named = {
        SL: ("the stop-loss", given.sl.is_set),
        TP: ("the take-profit", given.tp.is_set),
        LOTS: ("a fixed size in lots", given.sizing.lots is not None),
        RISK: ("a size by risk", given.sizing.risk_percent is not None),
    }
    what, is_set = named.get(axis.name, ("", True))
    if not is_set:
        raise UserMistake(_UNSET(name=axis.name, what=what))
    values: list[Value] = []
    for value in axis.values:
        if isinstance(value, bool | str) or value < 0 or (value == 0 and axis.name not in (SL, TP)):
            raise UserMistake(_WRONG(text=axis.name, why=f"{value} is not a number more than 0"))
        if axis.name == ATR_PERIOD:
            if value != int(value):
                raise UserMistake(_WRONG(text=axis.name, why=f"{value} is not a whole number"))
            values.append(int(value))
        else:
            values.append(float(value))
    return Axis(axis.name, tuple(values))


def _fitted(info: ParamInfo, value: Value) -> Value:
    if info.kind is bool and isinstance(value, str):
        value = {"true": True, "yes": True, "false": False, "no": False}.get(value.lower(), value)
    elif info.kind is str and not isinstance(value, str):
        value = str(value)
    return checked_value(info, value)


def _decimal(text: str, whole: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise UserMistake(_WRONG(text=whole, why=f"{text.strip()!r} is not a number")) from None
    if not number.is_finite() or abs(number) > Decimal("1e12"):
        raise UserMistake(_WRONG(text=whole, why=f"{text.strip()!r} is not a number to run with"))
    return number


def _plain(text: str) -> Value:
    for kind in (int, float):
        try:
            number = kind(text)
        except ValueError:
            continue
        if math.isfinite(number):
            return number
    return text
