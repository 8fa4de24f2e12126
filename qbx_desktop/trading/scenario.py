"""What a scenario file tells the desk to do: bots, limits, how long, in which steps, which command when."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..domain import params
from ..domain.bots import Bot, BotSettings, SizingMode, StopMode
from ..domain.errors import UserMistake
from ..domain.limits import Limits
from ..domain.messages import declare
from ..domain.timeframe import Timeframe
from ..strategies import registry

_WRONG = declare("scenario.field", "The scenario's {field} is wrong: {why}. Nothing was run.")

# From the smallest step that the desk's own waits can tell apart to the longest that no closed bar outlives.
STEPS = (0.25, 30.0)
LONGEST = 366 * 86_400.0
_UNITS = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
# command -> whether it is about one bot
DEEDS = {
    "start": True, "pause": True, "pause_all": False, "close_all": False, "emergency": False, "rearm": False,
    "algo_off": False, "algo_on": False, "restart": False, "kill": False, "crash": False,
}  # fmt: skip
# Where the desk may die around its next order.
CRASH_POINTS = ("before SENDING", "before execution", "after execution", "after the outcome")
# What `read_plan` reads of a scenario.
KEYS = ("duration", "bars", "step", "limits", "bots", "commands")
_BOT_KEYS = (
    "name", "symbol", "timeframe", "strategy", "params", "lots", "risk_percent", "sl_pips", "tp_pips", "sl_atr",
    "tp_atr", "atr_period", "check_interval_seconds", "limits", "start", "pause",
)  # fmt: skip


@dataclass(frozen=True)
class Command:
    """One command to the desk. `at` in seconds from the beginning; `bot` is a place in :attr:`RunPlan.bots`."""

    at: float
    do: str
    bot: int | None = None
    point: str = ""


@dataclass(frozen=True)
class RunPlan:
    """What happens in a run: `duration` and `step` in seconds of market time, `commands` in the order of their time."""

    bots: tuple[Bot, ...]
    duration: float
    step: float
    commands: tuple[Command, ...]


def wrong(field: str, why: str) -> UserMistake:
    """The error that names the field of a scenario."""
    return UserMistake(_WRONG(field=field, why=why))


def server_time(value: Any, field: str) -> int:
    """Server epoch seconds from a number or a text such as `2025-06-02 08:00`. Raises UserMistake."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        try:
            return int(datetime.fromisoformat(value.replace(".", "-")).replace(tzinfo=UTC).timestamp())
        except ValueError:
            pass
    raise wrong(field, f"{value!r} is no server time such as '2025-06-02 08:00'")


def seconds_of(value: Any, field: str, least: float = 0.0, most: float = LONGEST) -> float:
    """Seconds from a number or a text such as `90s`, `15m`, `6h`, `2d`. Raises UserMistake."""
    if isinstance(value, str) and (found := re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd])", value.strip())):
        value = float(found[1]) * _UNITS[found[2]]
    number = _number(value, field, "a number of seconds or a text such as '6h'")
    if not least <= number <= most:
        raise wrong(field, f"it must lie between {least:g} and {most:g} seconds; {number:g} was given")
    return number


def read_plan(data: Mapping[str, Any], begins: int) -> RunPlan:
    """The desk's part of a scenario; the other keys are checked by whoever they belong to.

    `begins` is the server time (epoch seconds) of the run's start. Raises UserMistake naming the field.
    """
    given = {name: data[name] for name in KEYS if name in data}
    shared = _limits(given.get("limits", {}), "limits", {})
    bots: list[Bot] = []
    commands: list[Command] = []
    for index, each in enumerate(_list(given.get("bots"), "bots")):
        field = f"bots[{index}]"
        entry = _object(each, field, _BOT_KEYS)
        bots.append(_bot(entry, field, shared))
        commands.append(Command(_moment(entry.get("start", 0), f"{field}.start", begins), "start", index))
        if "pause" in entry:
            commands.append(Command(_moment(entry["pause"], f"{field}.pause", begins), "pause", index))
    if not bots:
        raise wrong("bots", "there is none; one at least is needed")
    names = [bot.name for bot in bots]
    for name in names:
        if names.count(name) > 1:
            raise wrong("bots", f"two bots are called {name!r}")
    for index, each in enumerate(_list(given.get("commands", []), "commands")):
        commands.append(_command(each, f"commands[{index}]", names, begins))
    step = seconds_of(given.get("step", 5), "step", *STEPS)
    duration = _duration(given, bots)
    for command in commands:
        if command.at > duration:
            raise wrong(
                "commands", f"{command.do!r} comes at second {command.at:g}, after the end ({duration:g})"
            )
    return RunPlan(tuple(bots), duration, step, tuple(sorted(commands, key=lambda command: command.at)))


def _duration(given: Mapping[str, Any], bots: Sequence[Bot]) -> float:
    if ("duration" in given) == ("bars" in given):
        raise wrong("duration", "exactly one of duration and bars is needed")
    if "duration" in given:
        return seconds_of(given["duration"], "duration", 1.0)
    count = given["bars"]
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        raise wrong("bars", f"{count!r} is no whole number from 1 upwards")
    return seconds_of(count * min(bot.frame.seconds for bot in bots), "bars", 1.0)


def _bot(entry: Mapping[str, Any], field: str, shared: Mapping[str, float]) -> Bot:
    name = _text(entry, field, "name")
    timeframe = _checked(f"{field}.timeframe", lambda: Timeframe.named(_text(entry, field, "timeframe")))
    strategy = _checked(f"{field}.strategy", lambda: registry.get(_text(entry, field, "strategy")))
    values = entry.get("params", {})
    if not isinstance(values, dict):
        raise wrong(f"{field}.params", "it is no JSON object")
    chosen = _checked(f"{field}.params", lambda: params.make(strategy.Params, values))
    if ("lots" in entry) == ("risk_percent" in entry):
        raise wrong(f"{field}.lots", "exactly one of lots and risk_percent is needed")
    in_atr = "sl_atr" in entry or "tp_atr" in entry
    if in_atr and ("sl_pips" in entry or "tp_pips" in entry):
        raise wrong(f"{field}.sl_atr", "stops are given in pips or in ATR multiples, not in both")
    plain = BotSettings()
    settings = BotSettings(
        sizing_mode=SizingMode.RISK_PERCENT if "risk_percent" in entry else SizingMode.FIXED_LOT,
        stop_mode=StopMode.ATR_MULT if in_atr else StopMode.PIPS,
        risk_percent=_positive(entry, field, "risk_percent", plain.risk_percent),
        sl_atr=_positive(entry, field, "sl_atr", 0.0), tp_atr=_positive(entry, field, "tp_atr", 0.0),
        atr_period=_whole(entry, field, "atr_period", plain.atr_period),
        limits=_limits(entry.get("limits", {}), f"{field}.limits", shared),
    )  # fmt: skip
    return Bot(
        id=0, name=name, market=_text(entry, field, "symbol"), timeframe=timeframe.name, strategy=strategy.key,
        strategy_params=params.to_json(chosen), lot_size=_positive(entry, field, "lots", 0.01),
        sl_pips=_whole(entry, field, "sl_pips", 0), tp_pips=_whole(entry, field, "tp_pips", 0),
        check_interval_seconds=_whole(entry, field, "check_interval_seconds", 60, least=1), settings=settings,
    )  # fmt: skip


def _command(value: Any, field: str, names: Sequence[str], begins: int) -> Command:
    entry = _object(value, field, ("at", "do", "bot", "point"))
    if "at" not in entry:
        raise wrong(f"{field}.at", "it is missing")
    at, do = _moment(entry["at"], f"{field}.at", begins), entry.get("do")
    if do not in DEEDS:
        raise wrong(f"{field}.do", f"{do!r} is none of {', '.join(DEEDS)}")
    bot: int | None = None
    if DEEDS[do]:
        if entry.get("bot") not in names:
            raise wrong(f"{field}.bot", f"{entry.get('bot')!r} is none of the bots")
        bot = names.index(entry["bot"])
    point = entry.get("point", "")
    if (do == "crash") != (point in CRASH_POINTS):
        raise wrong(f"{field}.point", f"a crash, and nothing else, has one of {', '.join(CRASH_POINTS)}")
    return Command(at, do, bot, point)


def _moment(value: Any, field: str, begins: int) -> float:
    """Seconds from the beginning: given as such, or as a server time in text."""
    if isinstance(value, str) and "-" in value:
        value = server_time(value, field) - begins
    return seconds_of(value, field)


def _limits(value: Any, field: str, base: Mapping[str, float]) -> dict[str, float]:
    if not isinstance(value, dict):
        raise wrong(field, "it is no JSON object")
    together = {**base, **value}
    _checked(field, lambda: Limits.of(together))
    return together


def _checked(field: str, make: Callable[[], Any]) -> Any:
    """What `make` makes; its complaint gets the field's name in front."""
    try:
        return make()
    except UserMistake as error:
        raise wrong(field, error.sentence.rstrip(".")) from error


def _object(value: Any, field: str, known: Sequence[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong(field, "it is no JSON object")
    for name in value:
        if name not in known:
            raise wrong(f"{field}.{name}", f"there is no such setting; known are {', '.join(known)}")
    return value


def _list(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list):
        raise wrong(field, "it is missing" if value is None else "it is no list")
    return value


def _text(entry: Mapping[str, Any], field: str, name: str) -> str:
    value = entry.get(name)
    if not isinstance(value, str) or not value.strip():
        raise wrong(f"{field}.{name}", "it is missing" if value is None else f"{value!r} is no text")
    return value.strip()


def _number(value: Any, field: str, kind: str = "a number") -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
        raise wrong(field, f"{value!r} is not {kind}")
    return float(value)


def _positive(entry: Mapping[str, Any], field: str, name: str, default: float) -> float:
    if name not in entry:
        return default
    number = _number(entry[name], f"{field}.{name}")
    if number <= 0:
        raise wrong(f"{field}.{name}", f"{number:g} is not above 0")
    return number


def _whole(entry: Mapping[str, Any], field: str, name: str, default: int, least: int = 0) -> int:
    value = entry.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise wrong(f"{field}.{name}", f"{value!r} is no whole number from {least} upwards")
    return value
