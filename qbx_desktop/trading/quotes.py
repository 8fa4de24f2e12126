"""The quotes desk: prices of the watched symbols and their alerts, one poll at a time, without thread or Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..broker.terminal import Terminal
from ..data.database import Database
from ..domain.clock import Clock
from ..domain.errors import QbxError
from ..domain.events import Event, TickArrived
from ..domain.quotes import AlertFired, DayPrices, NoPrices, SymbolsKnown, WatchlistChanged
from ..domain.records import AccountInfo, Tick
from ..domain.timeframe import Timeframe
from .alert_watch import AlertWatch, Seen
from .equity_sampler import EquitySampler

_SAVE_EVERY = 15.0  # seconds between writes of the last prices of armed alerts
_REPEAT_EVERY = 5.0  # an unchanged price is announced again, so that its age can be shown
_TRY_AGAIN = 30.0  # a symbol that failed is left alone for so long
_DAY_EVERY = 900.0

QuoteEvent = Event | DayPrices | NoPrices | AlertFired | SymbolsKnown | WatchlistChanged


@dataclass
class _Watched:
    """What the desk remembers of one symbol."""

    digits: int = 0
    point: float = 0.0
    tick: Tick | None = None
    changed_at: float = 0.0
    told_at: float = 0.0
    try_at: float = 0.0
    hour: int = -1
    day_at: float = 0.0
    day_before: float = math.nan
    failed: bool = False


class QuoteDesk:
    """Used by one thread. `now` is the monotonic clock; a poll asks the terminal once per symbol.

    Watched are the symbols of armed alerts and those the screen asked for.
    """

    def __init__(self, db: Database, terminal: Terminal, clock: Clock, user_id: int | None = None) -> None:
        """`user_id` is whose alerts fire; None: everybody's."""
        self._db = db
        self._terminal = terminal
        self._groups: dict[str, frozenset[str]] = {}
        self._watched: dict[str, _Watched] = {}
        self._alerts = AlertWatch(db, terminal, clock, user_id)
        self._sampler = EquitySampler(db)
        self._saved_at: float | None = None
        self._names_told = False

    def watch(self, group: str, symbols: frozenset[str]) -> None:
        """From now on poll these symbols for `group` (a tab, the chart), in place of its earlier ones."""
        for symbol in symbols - self._groups.get(group, frozenset()):
            # Whoever looks for the first time is told at once what is known already.
            if symbol in self._watched:
                self._watched[symbol].told_at = self._watched[symbol].day_at = float("-inf")
        self._groups[group] = symbols

    def reload_alerts(self) -> None:
        """Read the watchlist's alerts again at the next poll."""
        self._alerts.reload()

    def see_account(self, account: AccountInfo, server_time: int) -> None:
        """Keep a sample of the account's equity when one is due."""
        self._sampler.take(account, server_time)

    def poll(self, now: float) -> list[QuoteEvent]:
        """Ask for every watched symbol's price; returns what is new.

        Raises the terminal's error when no symbol could be asked: then the link is the problem, not a symbol.
        """
        self._alerts.begin()
        events: list[QuoteEvent] = []
        if not self._names_told:
            events.append(SymbolsKnown(self._terminal.symbol_names()))
            self._names_told = True
        failures: list[QbxError] = []
        symbols = self._symbols()
        for symbol in symbols:
            watched = self._watched.setdefault(symbol, _Watched())
            if now < watched.try_at:
                continue
            try:
                events.extend(self._poll_symbol(symbol, watched, now))
            except QbxError as error:
                failures.append(error)
                watched.try_at = now + _TRY_AGAIN
                if not watched.failed:
                    watched.failed = True
                    events.append(NoPrices(symbol, error.message))
        if failures and len(failures) == len(symbols):
            for watched in self._watched.values():
                watched.try_at, watched.failed = 0.0, False
            raise failures[0]
        events.extend(self._alerts.announce())
        events.extend(self._day_of_one(now))
        if self._saved_at is None:
            self._saved_at = now
        elif now - self._saved_at >= _SAVE_EVERY:
            self._saved_at = now
            self._db.writer.submit(self._save_job())
        return events

    def close(self) -> None:
        """Remember where the prices of armed alerts stood, so that the next start can say what was missed."""
        self._db.write(self._save_job())

    def _symbols(self) -> list[str]:
        """Watched symbols in a steady order, each once."""
        found = dict.fromkeys(self._alerts.symbols)
        for group in self._groups.values():
            found.update(dict.fromkeys(sorted(group)))
        return list(found)

    def _poll_symbol(self, symbol: str, watched: _Watched, now: float) -> Iterator[QuoteEvent]:
        if not watched.point:
            self._terminal.select(symbol)
            info = self._terminal.symbol(symbol)
            watched.digits, watched.point = info.digits, info.point
        tick = self._terminal.tick(symbol)
        before = watched.tick
        watched.failed = False
        if before is None or (tick.bid, tick.ask) != (before.bid, before.ask):
            watched.tick, watched.changed_at = tick, now
        if watched.tick is tick or now - watched.told_at >= _REPEAT_EVERY:
            watched.told_at = now
            spread = round((tick.ask - tick.bid) / watched.point)
            yield TickArrived(symbol, tick, spread, watched.digits, now - watched.changed_at)
        points = round((tick.ask - tick.bid) / watched.point, 6)
        self._alerts.look(Seen(symbol, tick, watched.digits, points, watched.day_before))

    def _day_of_one(self, now: float) -> Iterator[QuoteEvent]:
        """The day of the first symbol whose day is not known or old: one a poll, so that no poll becomes long."""
        for symbol, watched in self._watched.items():
            if watched.tick is None or now < watched.try_at:
                continue
            hour = watched.tick.time // Timeframe.H1.seconds
            if hour == watched.hour and now - watched.day_at < _DAY_EVERY:
                continue
            watched.hour, watched.day_at = hour, now
            try:
                days = self._terminal.bars(symbol, Timeframe.D1, 0, 2)
                hours = self._terminal.bars(symbol, Timeframe.H1, 0, 24)
            except QbxError:
                # The tick came, so the link stands; the day is a comfort and is asked for again later.
                return
            if not len(days):
                return
            before = days.close[0] if len(days) > 1 else days.open[0]
            watched.day_before = float(before)
            today = hours.time >= Timeframe.D1.open_of(watched.tick.time)
            yield DayPrices(symbol, float(before), tuple(hours.close[today].tolist()))
            return

    def _save_job(self) -> Callable[[Any], None]:
        return self._alerts.save_job(
            (symbol, watched.tick) for symbol, watched in self._watched.items() if watched.tick is not None
        )
