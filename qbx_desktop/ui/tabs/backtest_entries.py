"""What a trader writes into the backtest form as text: times of day, lists of whole points, and where a mistake belongs."""

from __future__ import annotations

import re

from ...domain.errors import UserMistake
from ...domain.messages import Message, declare
from .backtest_dates import DATE

HOURS = 24
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")

_TIME = declare("backtest.form_time", "{text} is not a time of day such as 07:30.")
_POINTS = declare(
    "backtest.form_points",
    "{text} is not a whole number of points, 0 or more. Separate several with commas.",
)
_HOURS_24 = declare(
    "backtest.form_hours",
    "One spread for each of the 24 hours of the day is needed, from 0 to 23; {count} were given.",
)
SESSION = declare(
    "backtest.form_session",
    "Hours of entry need a first and a last time that differ; leave both empty for the whole day.",
)
COOL_DOWN = declare(
    "backtest.form_cool_down",
    "A rest needs both the losses in a row and its minutes; 0 in both switches it off.",
)


# Where a sentence of the engine belongs: beginning of its code -> field.
_PLACES = (
    ("bars.", "data"), ("backtest.bars", "data"), ("backtest.form_no_file", "data"), ("symbol.", "symbol"),
    ("spec.", "symbol"), ("backtest.no_bars", "start"), ("backtest.risk_without_sl", "sl"),
    ("backtest.no_rate", "rate"), ("backtest.wrong_rate", "rate"), ("backtest.late_rate", "rate"),
)  # fmt: skip


class EntryMistake(UserMistake):
    """What stands in one field cannot be used."""

    def __init__(self, message: Message, field: str) -> None:
        super().__init__(message)
        self.field = field


def hour_of(text: str, field: str) -> float | None:
    """`HH:MM` as an hour of the day; None where nothing is written. Raises EntryMistake."""
    text = text.strip()
    if not text:
        return None
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise EntryMistake(_TIME(text=text), field)
    return int(found[1]) + int(found[2]) / 60


def text_of_hour(hour: float) -> str:
    """The hour of a day as `HH:MM`."""
    minutes = round(hour * 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def points_of(text: str, field: str) -> tuple[int, ...]:
    """Whole points separated by commas or blanks. Raises EntryMistake."""
    parts = text.replace(",", " ").replace(";", " ").split()
    for part in parts:
        if not (part.isascii() and part.isdigit() and len(part) < 8):
            raise EntryMistake(_POINTS(text=part), field)
    return tuple(int(part) for part in parts)


def hourly_points_of(text: str, field: str) -> tuple[int, ...]:
    """None at all, or 24. Raises EntryMistake."""
    points = points_of(text, field)
    if len(points) not in (0, HOURS):
        raise EntryMistake(_HOURS_24(count=len(points)), field)
    return points


def place_of(message: Message, start: str) -> str:
    """The field that a sentence of the engine is about, empty for none; `start` is what stands as the first day."""
    if message.code == DATE.code:
        return "start" if message.params.get("text") == start else "end"
    return next((name for begin, name in _PLACES if message.code.startswith(begin)), "")
