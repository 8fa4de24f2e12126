"""The trader's calendar file: one line per event, read with distrust, told line by line when it is wrong.

    time, currency, title, before, after
    2026-12-04 15:30, USD, Non-farm payrolls, 30, 30
    2026-12-25, *, Christmas

Times are the broker's server time; a date alone is the whole day. `before` and `after` are minutes (default 30).
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.news import NewsEvent

_UNREADABLE = declare(
    "calendar.unreadable",
    "The calendar file {path} cannot be read ({why}).",
)
_LINE = declare(
    "calendar.line",
    "Line {line} of the calendar file is wrong: {why}.",
)
_MOST_BYTES = 4 << 20
_DAY = 86_400
_MOST_MINUTES = 7 * 24 * 60
TEMPLATE = (
    "# News and holidays during which no bot opens a position. Times are the broker's server time.\n"
    "# A date alone is the whole day; currency * is every symbol; before and after are minutes.\n"
    "time,currency,title,before,after\n"
    "# 2026-12-04 15:30,USD,Non-farm payrolls,30,30\n"
    "# 2026-12-25,*,Christmas\n"
)


def read(path: Path) -> tuple[NewsEvent, ...]:
    """The file's events in the order of their begin; () when there is no file. Raises UserMistake."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UserMistake(_UNREADABLE(path=path, why="it is larger than 4 MB"))
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise UserMistake(_UNREADABLE(path=path, why=str(error))) from error
    return parse(text)


def parse(text: str) -> tuple[NewsEvent, ...]:
    """The events in `text`. Raises UserMistake naming the first wrong line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("#") or bare.lower().replace(" ", "").startswith("time,"):
            continue
        try:
            cells = [cell.strip() for cell in next(csv.reader(io.StringIO(bare), strict=True))]
            found.append(_event(cells))
        except (ValueError, csv.Error) as error:
            raise UserMistake(_LINE(line=number, why=str(error))) from error
    return tuple(sorted(found, key=lambda each: each.begin))


def _event(cells: list[str]) -> NewsEvent:
    if not 3 <= len(cells) <= 5:
        raise ValueError(f"it has {len(cells)} columns instead of time, currency, title, before, after")
    when, currency, title = cells[:3]
    if currency != "*" and not (currency.isascii() and currency.isalnum() and 2 <= len(currency) <= 12):
        raise ValueError(f"{currency!r} is neither a currency nor *")
    if not title:
        raise ValueError("it has no title")
    if len(when) == len("2026-12-25"):
        if len(cells) > 3:
            raise ValueError("a whole day has no minutes before and after")
        begin = _seconds(when, "%Y-%m-%d")
        return NewsEvent(begin, begin + _DAY, currency.upper(), title)
    at = _seconds(when, "%Y-%m-%d %H:%M")
    before, after = ([_minutes(cell) for cell in cells[3:]] + [30, 30])[:2]
    return NewsEvent(at - before * 60, at + after * 60, currency.upper(), title)


def _seconds(text: str, form: str) -> int:
    try:
        return int(datetime.strptime(text, form).replace(tzinfo=UTC).timestamp())
    except ValueError:
        raise ValueError(f"{text!r} is not a time such as 2026-12-04 15:30, nor a date") from None


def _minutes(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= _MOST_MINUTES):
        raise ValueError(f"{text!r} is not a number of minutes")
    return int(text)
