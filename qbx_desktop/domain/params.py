"""A frozen dataclass is the schema: form, JSON, bounds, help and optimiser ranges of a strategy in one."""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from .errors import UserMistake
from .messages import declare

_UNKNOWN = declare("param.unknown", "There is no parameter {name!r}{hint}. Known: {known}.")
_NOT_A_NUMBER = declare("param.type", "{label}: {value!r} is not {kind}.")
_LOW = declare("param.low", "{label} must be at least {low}; {value} was given.")
_HIGH = declare("param.high", "{label} must be at most {high}; {value} was given.")
_CHOICE = declare("param.choice", "{label} must be one of {choices}; {value!r} was given.")
_RULE = declare("param.rule", "{label} {rule}.")
_JSON = declare("param.json", "The strategy's settings cannot be read: {why}. Nothing was changed.")

Value = int | float | bool | str
_MAX_JSON = 64 * 1024


class ParamError(UserMistake):
    """A parameter is wrong; `field` names it so that a form can show the sentence under it."""

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class ParamInfo:
    """What a form needs to know about one parameter."""

    name: str
    label: str
    kind: type
    default: Value
    low: float | None
    high: float | None
    step: float | None
    help: str
    choices: tuple[str, ...]
    search: tuple[float, float, float] | None = None

    @property
    def candidates(self) -> tuple[Value, ...]:
        """The values an optimiser tries unless told otherwise; empty where the declaration names no range.

        A number's come from `search` (low, high, step; both ends in); of yes/no and choices it is all of them.
        """
        if self.kind is bool:
            return (False, True)
        if self.choices:
            return self.choices
        if self.search is None:
            return ()
        low, high, step = self.search
        count = math.floor((high - low) / step + 1e-9) + 1
        values = (round(low + step * k, 10) for k in range(count))
        return tuple(int(each) if self.kind is int else float(each) for each in values)


def param(
    default: Value,
    label: str,
    *,
    low: float | None = None,
    high: float | None = None,
    step: float | None = None,
    help: str = "",  # noqa: A002 - the word a form and a reader expect
    choices: tuple[str, ...] = (),
    search: tuple[float, float, float] | None = None,
) -> Any:
    """Declare one parameter of a strategy's frozen `Params` dataclass. Its type is the default's type.

    `help` is one sentence for a trader. `search` is the range an optimiser looks in: low, high and step, inside the
    bounds. Raises ValueError for a range that is none or leaves the bounds.
    """
    if search is not None:
        first, last, stride = search
        inside = (low is None or first >= low) and (high is None or last <= high)
        if not (inside and first <= last and stride > 0):
            raise ValueError(
                f"the search range {search} of {label!r} does not fit its bounds {low} to {high}"
            )
    metadata = {
        "label": label, "low": low, "high": high, "step": step, "help": help, "choices": choices, "search": search,
    }  # fmt: skip
    return dataclasses.field(default=default, metadata=metadata)


def infos(params_type: type) -> tuple[ParamInfo, ...]:
    """The parameters of a `Params` dataclass in the order of their declaration."""
    return tuple(
        ParamInfo(
            name=each.name, label=each.metadata["label"], kind=type(each.default), default=cast(Value, each.default),
            low=each.metadata["low"], high=each.metadata["high"], step=each.metadata["step"],
            help=each.metadata["help"], choices=each.metadata["choices"], search=each.metadata["search"],
        )
        for each in dataclasses.fields(params_type)
    )  # fmt: skip


def rule_broken(params: Any, name: str, rule: str) -> ParamError:
    """The error for a cross-field rule, raised from `Params.__post_init__`: "<label> must be …"."""
    label = next(info.label for info in infos(type(params)) if info.name == name)
    return ParamError(name, _RULE(label=label, rule=rule))


def check(params: Any) -> None:
    """Check every value of `params` against its declaration. Raises ParamError naming the field."""
    for info in infos(type(params)):
        checked_value(info, getattr(params, info.name))


def make(params_type: type, values: Mapping[str, object]) -> Any:
    """Build and check `params_type` from plain values. Missing names take their default. Raises ParamError."""
    known = {info.name: info for info in infos(params_type)}
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise ParamError(str(name), _UNKNOWN(name=name, hint=hint, known=", ".join(known) or "none"))
    ready = {name: checked_value(known[name], value) for name, value in values.items()}
    return params_type(**ready)


def from_texts(params_type: type, texts: Mapping[str, str]) -> Any:
    """Build from texts as typed on a command line (`--set name=value`). Raises ParamError."""
    known = {info.name: info for info in infos(params_type)}
    values: dict[str, object] = {}
    for name, text in texts.items():
        info = known.get(name)
        values[name] = text if info is None else _from_text(info, text)
    return make(params_type, values)


def to_json(params: Any) -> str:
    """As the JSON text stored in `bots.strategy_params`."""
    return json.dumps(dataclasses.asdict(params), allow_nan=False, separators=(",", ":"))


def from_json(params_type: type, text: str | None) -> Any:
    """From stored JSON; NULL and the empty text mean all defaults. Raises ParamError on anything malformed.

    Names in the class's `RETIRED` (parameters of older versions that never had an effect) are left out, and a number or
    a yes/no that was stored as a text is read as what it says: a flag 'false' is off.
    """
    known = {info.name: info for info in infos(params_type)}
    retired: frozenset[str] = getattr(params_type, "RETIRED", frozenset())
    values = {name: value for name, value in parse_object(text).items() if name not in retired}
    for name, value in values.items():
        if isinstance(value, str) and name in known:
            values[name] = _from_text(known[name], value)
    return make(params_type, values)


def parse_object(text: str | None) -> dict[str, object]:
    """Parse stored parameters as a flat JSON object, refusing NaN, infinities, duplicates and size bombs."""
    if text is None or not text.strip():
        return {}
    if len(text) > _MAX_JSON:
        raise ParamError("", _JSON(why="they are larger than 64 KB"))
    try:
        value = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise ParamError("", _JSON(why=str(error)[:200])) from error
    if not isinstance(value, dict):
        raise ParamError("", _JSON(why="they are not a JSON object"))
    return value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a number we trade with")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the name {key!r} appears twice")
        found[key] = value
    return found


def checked_value(info: ParamInfo, value: object) -> Value:
    """`value` in the parameter's own type. Raises ParamError when it is of another kind or out of its bounds."""
    fitting = _fit(info, value)
    if info.choices and fitting not in info.choices:
        raise ParamError(info.name, _CHOICE(label=info.label, choices=", ".join(info.choices), value=value))
    if isinstance(fitting, (int, float)) and not isinstance(fitting, bool):
        if info.low is not None and fitting < info.low:
            raise ParamError(info.name, _LOW(label=info.label, low=info.low, value=fitting))
        if info.high is not None and fitting > info.high:
            raise ParamError(info.name, _HIGH(label=info.label, high=info.high, value=fitting))
    return fitting


def _fit(info: ParamInfo, value: object) -> Value:
    if info.kind is bool and isinstance(value, bool):
        return value
    if info.kind is str and isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        if info.kind is float:
            return float(value)
        if info.kind is int and value == int(value):
            return int(value)
    kinds = {int: "a whole number", float: "a number", bool: "yes or no", str: "a text"}
    raise ParamError(info.name, _NOT_A_NUMBER(label=info.label, value=value, kind=kinds[info.kind]))


def _from_text(info: ParamInfo, text: str) -> object:
    if info.kind is bool:
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            text.lower(), text
        )
    if info.kind is str:
        return text
    try:
        return int(text) if info.kind is int else float(text)
    except ValueError:
        return text
