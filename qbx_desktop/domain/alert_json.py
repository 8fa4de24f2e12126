"""An alert as stored: its condition and schedule as JSON, and what must be true of both before they are stored."""

from __future__ import annotations

import json
import math
from typing import Any

from . import bar_values
from .alerts import (
    BarShows,
    Condition,
    Is,
    MovesPercent,
    Often,
    PriceReaches,
    Schedule,
    Since,
    SpreadReaches,
    Value,
    Way,
)
from .bar_values import NUMBER, VALUES
from .messages import Message, declare
from .params import ParamError
from .timeframe import Timeframe

MOST_MINUTES = 1_440
MOST_TIMES = 10_000
MOST_PAUSE = 604_800

_LEVEL = declare("alert.level", "A price above 0, such as 1.10500.")
_PERCENT = declare("alert.percent", "A number above 0, at most 1000.")
_MINUTES = declare("alert.minutes", "1 to {most} minutes.")
_POINTS = declare("alert.points", "A whole number of points above 0.")
_SETTING = declare("alert.setting", "{label} of {value} goes from {low} to {high}.")
_FAST = declare("alert.fast", "The fast period must be shorter than the slow one.")
_NUMBER = declare("alert.number", "A number, such as 30.")
_NO_VALUE = declare("alert.no_value", "There is no value {name!r}.")
_UNITS = declare("alert.units", "{left} and {right} are of different kinds: they cannot be compared.")
_SAME = declare("alert.same", "Both sides are the same: this would never fire, or always.")
_NEEDS_VALUE = declare("alert.needs_value", "One side at least must be a price or an indicator.")
_TIMES = declare("alert.times", "0 (no limit) to {most} times.")
_PAUSE = declare("alert.pause", "0 to {most} seconds.")
_FRAME = declare("alert.frame", "Choose the timeframe whose bars count.")


def condition_json(condition: Condition) -> str:
    """The condition as it is stored."""
    found: dict[str, Any]
    match condition:
        case PriceReaches(level, way):
            found = {"kind": "price", "level": level, "way": way}
        case MovesPercent(percent, way, since, base):
            found = {"kind": "percent", "percent": percent, "way": way, "since": since, "base": base}
        case SpreadReaches(points, way):
            found = {"kind": "spread", "points": points, "way": way}
        case BarShows(timeframe, left, relation, right):
            found = {
                "kind": "bar", "timeframe": timeframe.name, "left": [left.name, *left.numbers], "is": relation,
                "right": [right.name, *right.numbers],
            }  # fmt: skip
    return json.dumps(found)


def condition_of(text: str) -> Condition | None:
    """The condition stored as `text`; None for one that this version does not know or that cannot be."""
    try:
        found = json.loads(text)
        condition = _condition(found)
        check_condition(condition)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, ParamError):
        return None
    return condition


def _condition(found: dict[str, Any]) -> Condition:
    match found["kind"]:
        case "price":
            return PriceReaches(float(found["level"]), Way(found["way"]))
        case "percent":
            return MovesPercent(
                float(found["percent"]), Way(found["way"]), Since(found["since"]), float(found["base"])
            )
        case "spread":
            return SpreadReaches(int(found["points"]), Way(found["way"]))
        case "bar":
            left, right = (
                Value(str(name), tuple(map(float, numbers)))
                for name, *numbers in (found["left"], found["right"])
            )
            return BarShows(Timeframe[found["timeframe"]], left, Is(found["is"]), right)
    raise ValueError(found["kind"])


def schedule_json(schedule: Schedule) -> str:
    """The schedule as it is stored."""
    return json.dumps(
        {
            "often": schedule.often, "timeframe": schedule.timeframe and schedule.timeframe.name,
            "most": schedule.most, "pause": schedule.pause, "expires_ms": schedule.expires_ms,
        }
    )  # fmt: skip


def schedule_of(text: str) -> Schedule | None:
    """The schedule stored as `text`; None for one that this version does not know."""
    try:
        found = json.loads(text)
        frame, expires = found.get("timeframe"), found.get("expires_ms")
        schedule = Schedule(
            Often(found["often"]), Timeframe[frame] if frame else None, int(found.get("most", 0)),
            int(found.get("pause", 0)), None if expires is None else int(expires),
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return schedule


def check_condition(condition: Condition) -> None:
    """Raises ParamError naming the field: level, percent, base, points, left, right."""
    match condition:
        case PriceReaches(level):
            _must("level", 0 < level < 1e9, _LEVEL())
        case MovesPercent(percent, _, since, base):
            _must("percent", 0 < percent <= 1000, _PERCENT())
            if since is Since.PRICE:
                _must("base", 0 < base < 1e9, _LEVEL())
            if since is Since.MINUTES:
                _must("base", base in range(1, MOST_MINUTES + 1), _MINUTES(most=MOST_MINUTES))
        case SpreadReaches(points, way):
            _must("points", 0 < points < 1e9 and way is not Way.EITHER, _POINTS())
        case BarShows(_, left, _, right):
            _check_value("left", left)
            _check_value("right", right)
            _must("right", left.name != NUMBER or right.name != NUMBER, _NEEDS_VALUE())
            _must("right", left != right, _SAME())
            if NUMBER not in (left.name, right.name):
                named = {"left": VALUES[left.name].label, "right": VALUES[right.name].label}
                _must("right", VALUES[left.name].unit == VALUES[right.name].unit, _UNITS(**named))


def check_schedule(schedule: Schedule, condition: Condition) -> None:
    """Raises ParamError naming the field: most, pause, timeframe."""
    _must("most", schedule.most in range(MOST_TIMES + 1), _TIMES(most=MOST_TIMES))
    _must("pause", schedule.pause in range(MOST_PAUSE + 1), _PAUSE(most=MOST_PAUSE))
    counts_bars = schedule.often is Often.PER_BAR and not isinstance(condition, BarShows)
    _must("timeframe", not counts_bars or schedule.timeframe is not None, _FRAME())


def _check_value(field: str, value: Value) -> None:
    if value.name == NUMBER:
        _must(field, bar_values.wrong_setting(value.name, value.numbers) is None, _NUMBER())
        return
    _must(field, value.name in VALUES, _NO_VALUE(name=value.name[:40]))
    wrong = bar_values.wrong_setting(value.name, value.numbers)
    if wrong is not None:
        known = VALUES[value.name]
        setting = known.settings[wrong] if known.settings else None
        inside = setting is not None and len(value.numbers) > wrong and math.isfinite(value.numbers[wrong])
        if setting is not None and inside and setting.low <= value.numbers[wrong] <= setting.high:
            raise ParamError(field, _FAST())
        label, low, high = (setting.label, setting.low, setting.high) if setting else ("", 0, 0)
        raise ParamError(field, _SETTING(label=label, value=known.label, low=f"{low:g}", high=f"{high:g}"))


def _must(field: str, fine: bool, message: Message) -> None:
    if not fine:
        raise ParamError(field, message)
