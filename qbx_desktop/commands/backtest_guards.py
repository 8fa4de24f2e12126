"""The live desk's guards as options of a backtest."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from ..data import calendar_file
from ..domain.errors import UserMistake
from ..domain.limits import Limits
from ..domain.messages import declare
from ..domain.news import NewsEvent

_NO_FILE = declare("backtest.no_news", "There is no news calendar {path}. Nothing was run.")
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


def guard_options(parser: argparse.ArgumentParser) -> None:
    """What the live desk would refuse; nothing is refused that is not asked for."""
    add = parser.add_argument_group("the live guards").add_argument
    add("--max-daily-loss", type=_percent, metavar="PCT", help="no entry on a day that lost so much")
    add("--max-drawdown", type=_percent, metavar="PCT", help="no entry any more, so far below the peak")
    add("--bot-daily-loss", type=_percent, metavar="PCT", help="the same of the day, closed trades only")
    add("--bot-drawdown", type=_percent, metavar="PCT", help="the same from the best, closed trades only")
    add("--cool-down", type=_rest, metavar="LOSSES:MINUTES", help="a rest after so many losses in a row")
    add("--session", type=_hours, metavar="HH:MM-HH:MM", help="entries only then, server time")
    add("--no-weekend", type=_flat, metavar="HH:MM", help="no entry from then on Fridays, server time")
    add("--max-spread", type=_points, metavar="POINTS", help="no entry at a wider spread")
    add("--news", type=Path, metavar="FILE", help="no entry during the events of this news calendar")


def guards_of(options: argparse.Namespace) -> Limits | None:
    """The guards asked for, everything else off; None where none is."""
    single = {
        "daily_loss_percent": options.max_daily_loss, "drawdown_percent": options.max_drawdown,
        "bot_daily_loss_percent": options.bot_daily_loss, "bot_drawdown_percent": options.bot_drawdown,
        "weekend_flat_hour": options.no_weekend, "max_spread_points": options.max_spread,
    }  # fmt: skip
    values: dict[str, float] = {name: value for name, value in single.items() if value is not None}
    if options.cool_down is not None:
        values["cooldown_losses"], values["cooldown_seconds"] = options.cool_down
    if options.session is not None:
        values["session_from_hour"], values["session_to_hour"] = options.session
    return Limits.of(values, Limits.off()) if values else None


def news_of(options: argparse.Namespace) -> tuple[NewsEvent, ...]:
    """The events of the calendar asked for, () without one. Raises UserMistake, also where there is no such file."""
    if options.news is None:
        return ()
    if not options.news.is_file():
        raise UserMistake(_NO_FILE(path=options.news))
    return calendar_file.read(options.news)


def _above_zero(text: str, what: str, most: float) -> float:
    value = float(text) if re.fullmatch(r"\d{1,9}(\.\d+)?", text) else 0.0
    if not 0 < value <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def _percent(text: str) -> float:
    return _above_zero(text, "a percentage above 0 and up to 100", 100.0)


def _points(text: str) -> float:
    return _above_zero(text, "a number of points above 0", 1e9)


def _rest(text: str) -> tuple[float, float]:
    found = re.fullmatch(r"(\d{1,6}):(\d{1,6})", text)
    if found is None or not int(found[1]) or not int(found[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is not losses and minutes such as 3:240")
    return float(found[1]), 60.0 * int(found[2])


def _hour(text: str) -> float | None:
    found = _CLOCK.fullmatch(text)
    hour = int(found[1]) + int(found[2]) / 60 if found else 25.0
    return hour if hour <= 24 else None


def _hours(text: str) -> tuple[float, float]:
    first, _, last = text.partition("-")
    start, end = _hour(first), _hour(last)
    if start is None or end is None or start == end or start == 24:
        raise argparse.ArgumentTypeError(f"{text!r} is not two different times such as 07:00-17:30")
    return start, end


def _flat(text: str) -> float:
    hour = _hour(text)
    if not hour or hour == 24:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 20:00")
    return hour
