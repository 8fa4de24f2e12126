"""What a lot costs in commission there and back: learnt from the account's own deals, else as the trader told.

The terminal does not tell it. Without it a risk in percent would be exceeded by the commission of every trade, and the
live bot would trade other lots than its backtest.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..data import deals, settings
from ..domain.clock import Clock
from ..domain.mt5 import DealEntry
from ..domain.records import TradeDeal
from .ledger import Ledger

# Account currency per lot and side; of use until the first deals of a symbol are booked.
KEY = "trading.commission"
_LATEST = 200
_LEARN_EVERY = 300.0
_CENT = 0.01


class Commission:
    """Per symbol of the account in use; looks at the booked deals now and then. Raises DbError."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._learnt: dict[tuple[int, str, str], tuple[float, float | None]] = {}

    def round_trip(self, login: int, server: str, symbol: str) -> float:
        """Commission and fees of one lot of `symbol`, opening and closing together, in account currency (>= 0)."""
        told = 2.0 * float(settings.get(self._ledger.con, KEY, 0.0))
        key = (login, server, symbol)
        until, learnt = self._learnt.get(key, (float("-inf"), None))
        if self._clock.monotonic() > until:
            booked = deals.deals_of(
                self._ledger.con, account=login, server=server, symbol=symbol, limit=_LATEST
            )
            learnt = learn((each.deal for each in booked), told)
            self._learnt[key] = (self._clock.monotonic() + _LEARN_EVERY, learnt)
        return told if learnt is None else learnt

    def forget(self) -> None:
        """A trade was closed: look again before the next one."""
        self._learnt.clear()


def learn(booked: Iterable[TradeDeal], told: float = 0.0) -> float | None:
    """Round-trip cost of one lot by the largest position among `booked`; None when there is nothing to learn from.

    Of a position that is still open the way back is taken to cost what the way there did. What was `told` stands when
    the difference is no more than the rounding of the two deals to cents.
    """
    positions: dict[int, list[TradeDeal]] = {}
    for deal in booked:
        if deal.position_id and deal.type in (0, 1):
            positions.setdefault(deal.position_id, []).append(deal)
    best: tuple[float, float] | None = None
    for found in positions.values():
        volume = sum(deal.volume for deal in found if deal.entry == DealEntry.IN)
        back = sum(deal.volume for deal in found if deal.entry != DealEntry.IN)
        if volume <= 0 or (best is not None and volume <= best[0]):
            continue
        paid = -sum(deal.commission + deal.fee for deal in found)
        if back < volume - 1e-9:
            paid = -2.0 * sum(deal.commission + deal.fee for deal in found if deal.entry == DealEntry.IN)
        best = (volume, max(0.0, paid) / volume)
    if best is None:
        return None
    volume, learnt = best
    return told if abs(learnt - told) * volume <= 2 * _CENT else learnt
