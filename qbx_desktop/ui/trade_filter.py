"""Which trades are shown: bot, symbol, text and period, all of which must fit, and how they are grouped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from ..data.trades import TradeRecord

# Days back from today that a period begins; None in `PERIODS` is worked out or chosen by the trader.
_DAYS_BACK = {"today": 0, "7": 6, "30": 29, "90": 89}
PERIODS = {
    "all": "All dates",
    "today": "Today",
    "7": "Last 7 days",
    "30": "Last 30 days",
    "90": "Last 90 days",
    "year": "This year",
    "own": "From … to …",
}
GROUPS = {
    "bot": "By bot",
    "symbol": "By symbol",
    "day": "By day closed",
    "hour": "By hour opened",
    "weekday": "By weekday opened",
}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class TradeFilter:
    """An empty field lets everything through; days are the broker's, both included. `bot` is a name, "" for any."""

    bot: str | None = None
    symbol: str | None = None
    text: str = ""
    first: date | None = None
    last: date | None = None

    def applied(self, records: Sequence[TradeRecord]) -> list[TradeRecord]:
        """The records that fit, in their order."""
        words = self.text.casefold().split()
        return [
            each
            for each in records
            if (self.bot is None or each.bot_name == self.bot)
            and (self.symbol is None or each.trade.symbol == self.symbol)
            and (self.first is None or day_of(each) >= self.first)
            and (self.last is None or day_of(each) <= self.last)
            and (not words or _has(each, words))
        ]


def period(name: str, today: date) -> tuple[date | None, date | None]:
    """First and last day of a named period; None where it is open."""
    if name in _DAYS_BACK:
        return today - timedelta(days=_DAYS_BACK[name]), today
    if name == "year":
        return date(today.year, 1, 1), today
    return None, None


def day_of(record: TradeRecord) -> date:
    """The broker's day on which it was closed; an open rest counts on the day it was opened."""
    trade = record.trade
    return _at(trade.close_ms if trade.close_ms is not None else trade.open_ms).date()


def group_key(name: str) -> Callable[[TradeRecord], str | int]:
    """What a record is grouped by: text, or a number for hours and weekdays (Monday 0). Hours are the broker's."""
    keys: dict[str, Callable[[TradeRecord], str | int]] = {
        "bot": lambda each: each.bot_name,
        "symbol": lambda each: each.trade.symbol,
        "day": lambda each: day_of(each).isoformat(),
        "hour": lambda each: -1 if each.trade.open_ms is None else _at(each.trade.open_ms).hour,
        "weekday": lambda each: -1 if each.trade.open_ms is None else _at(each.trade.open_ms).weekday(),
    }
    return keys[name]


def _at(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)


def _has(record: TradeRecord, words: Sequence[str]) -> bool:
    trade = record.trade
    text = " ".join(
        (trade.symbol, record.bot_name, record.notes, *record.tags, trade.comment, str(trade.position_id), str(trade.order))
    ).casefold()  # fmt: skip
    return all(each in text for each in words)
