"""News and holidays as the trader lists them: which one touches a symbol at a server time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

EVERY = "*"


@dataclass(frozen=True)
class NewsEvent:
    """`begin` and `end` (excluded) are server seconds; `currency` as in the symbol's description, `*` for all."""

    begin: int
    end: int
    currency: str
    title: str

    def touches(self, currencies: Iterable[str], server_time: int) -> bool:
        """Whether a symbol of these currencies should not be opened at `server_time`."""
        return self.begin <= server_time < self.end and self.concerns(currencies)

    def concerns(self, currencies: Iterable[str]) -> bool:
        """Whether it is about a symbol of these currencies at all."""
        return self.currency == EVERY or self.currency in {each.upper() for each in currencies}


def free_from(events: Iterable[NewsEvent], currencies: Iterable[str], server_time: int) -> int:
    """The first moment from `server_time` on at which no event touches a symbol of `currencies`."""
    wanted, known = tuple(currencies), tuple(events)
    while (event := event_at(known, wanted, server_time)) is not None:
        server_time = event.end
    return server_time


def event_at(events: Iterable[NewsEvent], currencies: Iterable[str], server_time: int) -> NewsEvent | None:
    """The event that touches a symbol of `currencies` at `server_time`; the one that lasts longest of several."""
    wanted = tuple(currencies)
    found = [each for each in events if each.touches(wanted, server_time)]
    return max(found, key=lambda each: each.end, default=None)
