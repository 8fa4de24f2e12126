"""The quotes desk: prices of the watched symbols and their alerts, one poll at a time, without thread or Qt."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..broker.terminal import Terminal
from ..data import history, settings, watchlist
from ..data.database import Database
from ..data.watchlist import WatchlistEntry
from ..domain.clock import Clock
from ..domain.errors import QbxError, UserMistake
from ..domain.events import Event, HistoryAppended, Level, Notice, TickArrived, Topic
from ..domain.messages import Message
from ..domain.quotes import AlertFired, DayPrices, NoPrices, SymbolsKnown
from ..domain.records import Tick
from ..domain.timeframe import Timeframe
from .alerts import PriceRange, crossed, crossed_while_away, direction_of, hit_message

_SEEN_KEY = "quotes.seen"
_SAVE_EVERY = 15.0  # seconds between writes of the last prices of armed alerts
_REPEAT_EVERY = 5.0  # an unchanged price is announced again, so that its age can be shown
_TRY_AGAIN = 30.0  # a symbol that failed is left alone for so long
_DAY_EVERY = 900.0
_MOST_BARS = 5_000

_AlertKey = tuple[int, float | None, str | None]
QuoteEvent = Event | DayPrices | NoPrices | AlertFired | SymbolsKnown


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
    failed: bool = False


class QuoteDesk:
    """Used by one thread. `now` is the monotonic clock; a poll asks the terminal once per symbol.

    Watched are the symbols of armed alerts and those the screen asked for. An alert fires on the bid, once: its
    row, the history row and the "off" are one transaction, and only after the commit is it announced.
    """

    def __init__(self, db: Database, terminal: Terminal, clock: Clock, user_id: int | None = None) -> None:
        """`user_id` is whose alerts fire; None: everybody's."""
        self._db = db
        self._terminal = terminal
        self._clock = clock
        self._user_id = user_id
        self._groups: dict[str, frozenset[str]] = {}
        self._watched: dict[str, _Watched] = {}
        self._entries: list[WatchlistEntry] = []
        self._entries_are_old = True
        # The bid from which an alert's next cross is measured; without one it starts at the next tick.
        self._previous: dict[_AlertKey, float] = {}
        # Alerts that were armed when the program closed and have not been looked at since.
        self._away: dict[_AlertKey, float] | None = None
        self._seen: dict[str, int] = {}
        self._untold: set[_AlertKey] = set()
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
        self._entries_are_old = True

    def poll(self, now: float) -> list[QuoteEvent]:
        """Ask for every watched symbol's price; returns what is new.

        Raises the terminal's error when no symbol could be asked: then the link is the problem, not a symbol.
        """
        if self._entries_are_old:
            self._read_entries()
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
        found = dict.fromkeys(entry.symbol for entry in self._entries)
        for group in self._groups.values():
            found.update(dict.fromkeys(sorted(group)))
        return list(found)

    def _read_entries(self) -> None:
        con = self._db.reader()
        self._entries = [
            each for each in watchlist.armed_entries(con) if self._user_id in (None, each.user_id)
        ]
        self._entries_are_old = False
        armed = {_key(each): each for each in self._entries}
        if self._away is None:
            self._away = {key: each.last_price for key, each in armed.items() if each.last_price is not None}
            stored = settings.get(con, _SEEN_KEY, {})
            self._seen = {str(k): int(v) for k, v in stored.items()} if isinstance(stored, dict) else {}
        # An alert that was changed or switched on again starts afresh.
        self._previous = {key: price for key, price in self._previous.items() if key in armed}
        self._away = {key: price for key, price in self._away.items() if key in armed}

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
        if tick.bid > 0:
            for entry in self._entries:
                if entry.symbol == symbol:
                    yield from self._check_alert(entry, tick, watched.digits)

    def _check_alert(self, entry: WatchlistEntry, tick: Tick, digits: int) -> Iterator[QuoteEvent]:
        key, line = _key(entry), entry.alert_price
        assert line is not None
        last = (self._away or {}).get(key)
        if last is not None:
            start = last
            unwatched = self._unwatched(entry.symbol, tick)
            hit = crossed_while_away(start, unwatched, tick.bid, line, entry.alert_direction)
        else:
            start = self._previous.get(key, tick.bid)
            hit = crossed(start, tick.bid, line, entry.alert_direction)
        if hit:
            direction = entry.alert_direction or direction_of(line, start)
            message = hit_message(entry.symbol, line, tick.bid, direction, digits, away=last is not None)
            try:
                row_id, at = self._store_hit(entry, message, tick.bid)
            except QbxError as error:
                # Not stored, so not fired: the alert stays armed where it was and is tried again at the next poll.
                if key not in self._untold:
                    self._untold.add(key)
                    yield Notice(error.message, Topic.ALERT, Level.PROBLEM, self._clock.now())
                return
            yield AlertFired(entry.id, at, tick.bid)
            yield HistoryAppended(row_id, None)
            yield Notice(message, Topic.ALERT, Level.WARNING, at, history_id=row_id)
        if self._away is not None:
            self._away.pop(key, None)
        self._previous[key] = tick.bid

    def _store_hit(self, entry: WatchlistEntry, message: Message, price: float) -> tuple[int, float]:
        at = self._clock.now()
        at_ms = int(at * 1000)

        def job(con: Any) -> int:
            watchlist.mark_hit(con, entry.id, at_ms, price)
            return history.append(
                con, bot_id=None, action="ALERT", message=message, ts_ms=at_ms, is_notification=True,
                level=str(Level.WARNING), symbol=entry.symbol, topic=str(Topic.ALERT), user_id=entry.user_id,
            )  # fmt: skip

        row_id = self._db.write(job)
        self._entries_are_old = True
        self._entries = [each for each in self._entries if each.id != entry.id]
        return row_id, at

    def _unwatched(self, symbol: str, tick: Tick) -> PriceRange | None:
        """Extremes of the bars since the desk last saw this symbol; None when there were none."""
        seen = self._seen.get(symbol)
        if seen is None or tick.time - seen < 60:
            return None
        frame = next(
            (
                f
                for f in (Timeframe.M1, Timeframe.M5, Timeframe.H1)
                if (tick.time - seen) / f.seconds < _MOST_BARS
            ),
            Timeframe.D1,
        )
        bars = self._terminal.bars_range(symbol, frame, frame.next_open(seen), tick.time)
        inside = bars.time > seen
        if not inside.any():
            return None
        return PriceRange(float(bars.low[inside].min()), float(bars.high[inside].max()))

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
            today = hours.time >= Timeframe.D1.open_of(watched.tick.time)
            yield DayPrices(symbol, float(before), tuple(hours.close[today].tolist()))
            return

    def _save_job(self) -> Callable[[Any], None]:
        """What to write about armed alerts: the last bid of each, and when each symbol was last seen."""
        by_id = {entry.id: entry for entry in self._entries}
        prices = [(by_id[key[0]], price) for key, price in self._previous.items() if key[0] in by_id]
        seen = self._seen | {
            symbol: watched.tick.time for symbol, watched in self._watched.items() if watched.tick is not None
        }

        def job(con: Any) -> None:
            for entry, price in prices:
                with contextlib.suppress(UserMistake):  # removed by the trader a moment ago
                    watchlist.change(con, entry.id, entry.user_id, last_price=price)
            settings.set(con, _SEEN_KEY, seen)

        return job


def _key(entry: WatchlistEntry) -> _AlertKey:
    return (entry.id, entry.alert_price, entry.alert_direction)
