"""What the watchlist shows besides the tick: the day so far, and a symbol that has no prices."""

from __future__ import annotations

from dataclasses import dataclass

from .messages import Message


@dataclass(frozen=True)
class DayPrices:
    """A symbol's day: the close of the day before (what the daily change is measured from) and hourly closes."""

    symbol: str
    previous_close: float
    closes: tuple[float, ...]


@dataclass(frozen=True)
class SymbolsKnown:
    """The names of all symbols of the connected terminal, in its order."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class NoPrices:
    """The terminal gives no prices for this symbol, and why; a later TickArrived ends it."""

    symbol: str
    reason: Message


@dataclass(frozen=True)
class WatchlistChanged:
    """The trader has changed the watchlist (committed)."""


@dataclass(frozen=True)
class AlertFired:
    """An alert of the watchlist has fired and is off (committed); `at` is UTC seconds."""

    entry_id: int
    at: float
    price: float
