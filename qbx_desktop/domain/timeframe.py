"""MetaTrader 5's 21 timeframes: name, module constant, length, and where a bar of each begins."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum

from .errors import UserMistake
from .messages import declare

_UNKNOWN = declare("timeframe.unknown", "There is no timeframe {name!r}. Choose one of: {known}.")

_DAY = 86_400
# 1970-01-01 was a Thursday; MetaTrader's weekly bars begin on Sunday.
_FIRST_SUNDAY = 3 * _DAY


class Timeframe(Enum):
    """One timeframe: `(value of the MetaTrader5 constant, nominal length in seconds)`."""

    M1 = (1, 60)
    M2 = (2, 120)
    M3 = (3, 180)
    M4 = (4, 240)
    M5 = (5, 300)
    M6 = (6, 360)
    M10 = (10, 600)
    M12 = (12, 720)
    M15 = (15, 900)
    M20 = (20, 1_200)
    M30 = (30, 1_800)
    H1 = (16385, 3_600)
    H2 = (16386, 7_200)
    H3 = (16387, 10_800)
    H4 = (16388, 14_400)
    H6 = (16390, 21_600)
    H8 = (16392, 28_800)
    H12 = (16396, 43_200)
    D1 = (16408, _DAY)
    W1 = (32769, 7 * _DAY)
    MN1 = (49153, 30 * _DAY)

    @property
    def mt5(self) -> int:
        """The value of `MetaTrader5.TIMEFRAME_*`."""
        return int(self.value[0])

    @property
    def seconds(self) -> int:
        """Nominal length in seconds (30 days for MN1, whose real length varies: use :meth:`next_open`)."""
        return int(self.value[1])

    @classmethod
    def named(cls, name: str) -> Timeframe:
        """The timeframe called `name`. Raises UserMistake: an unknown name never becomes H1 silently."""
        try:
            return cls[name.strip().upper()]
        except KeyError:
            known = ", ".join(each.name for each in cls)
            raise UserMistake(_UNKNOWN(name=name, known=known)) from None

    @classmethod
    def of_mt5(cls, constant: int) -> Timeframe:
        """The timeframe of a `TIMEFRAME_*` value. Raises UserMistake."""
        for each in cls:
            if each.mt5 == constant:
                return each
        raise UserMistake(_UNKNOWN(name=constant, known=", ".join(each.name for each in cls)))

    def open_of(self, time: int) -> int:
        """Open time (server epoch seconds) of the bar that contains `time`."""
        if self is Timeframe.MN1:
            at = datetime.fromtimestamp(time, UTC)
            return int(datetime(at.year, at.month, 1, tzinfo=UTC).timestamp())
        if self is Timeframe.W1:
            return (time - _FIRST_SUNDAY) // (7 * _DAY) * (7 * _DAY) + _FIRST_SUNDAY
        return time // self.seconds * self.seconds

    def next_open(self, time: int) -> int:
        """Open time of the bar after the one that contains `time`."""
        start = self.open_of(time)
        if self is Timeframe.MN1:
            at = datetime.fromtimestamp(start, UTC)
            year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)
            return int(datetime(year, month, 1, tzinfo=UTC).timestamp())
        return start + self.seconds
