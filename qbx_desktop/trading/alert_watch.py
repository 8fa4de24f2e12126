"""The armed alerts of the watchlist: looked at with every price and closed bar, stored when they fire, then announced."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from ..broker.terminal import Terminal
from ..data import history, settings, watch_alerts, watchlist
from ..data.database import Database
from ..domain.alert_sentences import fired
from ..domain.alerts import (
    AlertState,
    BarShows,
    Look,
    MovesPercent,
    PriceReaches,
    Since,
    WatchAlert,
    first_reached,
    measure,
    step,
    way_to,
)
from ..domain.clock import Clock
from ..domain.errors import QbxError, UserMistake
from ..domain.events import HistoryAppended, Level, Notice, Topic
from ..domain.messages import Message
from ..domain.quotes import AlertFired, WatchlistChanged
from ..domain.records import Tick
from ..domain.timeframe import Timeframe
from .alert_bars import BarsSeen, judge, moment, read_bars
from .recent_range import RecentRange

SEEN_KEY = "quotes.seen"
SERVER_KEY = "quotes.server"
_MOST_BARS = 5_000
# A series that cannot be read is left alone for so long (seconds of the monotonic clock); prices and other alerts go on.
_TRY_AGAIN = 30.0
# Reading bars takes the terminal's time: so many series in one poll, the others in the next.
_MOST_READ = 4
_T = TypeVar("_T")
AlertEvent = AlertFired | HistoryAppended | Notice | WatchlistChanged
_GONE = {watch_alerts.GONE.code, watchlist.GONE.code}


@dataclass(frozen=True)
class Seen:
    """One look at a symbol's price; `day_before` is the close of the day before, NaN while unknown."""

    symbol: str
    tick: Tick
    digits: int
    spread: float
    day_before: float = math.nan


@dataclass
class _Armed:
    """An alert with its state now. `away`: nobody watched it since the state was stored."""

    alert: WatchAlert
    state: AlertState
    away: bool = False
    running: int = 0
    pending: bool = False
    told: bool = False


@dataclass(frozen=True)
class _Change:
    """What has to be stored of one alert, with the sentence if it has fired."""

    armed: _Armed
    state: AlertState
    message: Message | None
    price: float


class AlertWatch:
    """Used by one thread. An alert has fired when its state and its row of the history are committed, not before."""

    def __init__(self, db: Database, terminal: Terminal, clock: Clock, user_id: int | None = None) -> None:
        """`user_id` is whose alerts fire; None: everybody's."""
        self._db, self._terminal, self._clock, self._user_id = db, terminal, clock, user_id
        self._armed: dict[tuple[object, ...], _Armed] = {}
        self._by_symbol: dict[str, list[_Armed]] = {}
        self._seen: dict[str, int] | None = None
        self._ranges: dict[str, RecentRange] = {}
        self._changes: list[_Change] = []
        self._old = True
        self._server = ""
        self._reads = 0
        self._not_before: dict[tuple[str, Timeframe | None], float] = {}

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of armed alerts."""
        return tuple(self._by_symbol)

    def reload(self) -> None:
        """Read the alerts again before the next look."""
        self._old = True

    def begin(self) -> None:
        """Before the looks of one poll: read the alerts when they may have changed. Raises DbError, TerminalError."""
        self._reads = 0
        if not self._old:
            return
        con = self._db.reader()
        stored = [
            each for each in watch_alerts.armed_alerts(con) if self._user_id in (None, each.user_id)
        ]  # fmt: skip
        first = self._seen is None
        if first:
            self._server = self._terminal.account().server
            seen = settings.get(con, SEEN_KEY, {})
            # Prices of another server say nothing about what was crossed on this one.
            first = settings.get(con, SERVER_KEY, self._server) == self._server
            known_times = isinstance(seen, dict) and first
            self._seen = {str(k): int(v) for k, v in seen.items()} if known_times else {}
        known, self._armed, self._by_symbol = self._armed, {}, {}
        for alert in stored:
            kept = known.get(alert.key)
            if kept is None:
                # One that was set while we run begins with the next price; what was stored before counts at the start.
                state = alert.state if first else replace(alert.state, measure=None, bar=0)
                kept = _Armed(alert, state, away=state.measure is not None or state.bar > 0)
            self._armed[alert.key] = kept
            self._by_symbol.setdefault(alert.symbol, []).append(kept)
        minutes = {symbol: _longest(each) for symbol, each in self._by_symbol.items()}
        self._ranges = {
            symbol: found
            for symbol, found in self._ranges.items()
            if 0 < minutes.get(symbol, 0) <= found.minutes
        }
        self._old = False

    def look(self, seen: Seen) -> None:
        """Look at a symbol's alerts; what fires waits for :meth:`announce`.

        Bars that the terminal does not give now are asked for again later: the prices are not held up for them.
        """
        alerts = self._by_symbol.get(seen.symbol)
        if not alerts or seen.tick.bid <= 0:
            return
        recent = self._range(seen, max(map(_minutes, (each.alert for each in alerts))))
        missed: BarsSeen | None = None
        if any(each.away and not isinstance(each.alert.condition, BarShows) for each in alerts):
            missed = self._readable(seen.symbol, None, lambda: self._missed(seen))
        for each in alerts:
            if each.pending or isinstance(each.alert.condition, BarShows) or (each.away and missed is None):
                continue
            self._look_at(each, seen, recent, missed if each.away else None)
        self._judge_bars(alerts, seen)

    def announce(self) -> Iterator[AlertEvent]:
        """Store what the looks brought, all in few commits, and tell what is stored."""
        changes, self._changes = self._changes, []
        waiting = [
            (change, self._db.writer.submit(partial(self._store, change))) for change in changes
        ]  # fmt: skip
        silent = False
        for change, future in waiting:
            for event in self._told(change, future):
                if isinstance(event, WatchlistChanged):
                    silent = True
                else:
                    yield event
        # Alerts that ended without a word: the list is read again once, however many they are.
        if silent:
            yield WatchlistChanged()

    def save_job(self, ticks: Iterable[tuple[str, Tick]]) -> Callable[[Any], None]:
        """What to write so that the next start can say what was missed: where every alert stands, when its symbol was
        last seen."""
        changed = [each for each in self._armed.values() if each.state != each.alert.state and not each.away]
        seen = (self._seen or {}) | {symbol: tick.time for symbol, tick in ticks}
        states, server = [(each.alert, each.state) for each in changed], self._server

        def job(con: Any) -> None:
            for alert, state in states:
                with contextlib.suppress(UserMistake):  # removed by the trader a moment ago
                    watch_alerts.store_state(con, alert, state)
            settings.set(con, SEEN_KEY, seen)
            if server:
                settings.set(con, SERVER_KEY, server)

        return job

    def _look_at(self, each: _Armed, seen: Seen, recent: RecentRange | None, missed: BarsSeen | None) -> None:
        alert, now_ms = each.alert, round(self._clock.now() * 1000)
        condition = alert.condition
        assert condition is not None
        assert not isinstance(condition, BarShows)
        extremes = recent.extremes(_minutes(alert)) if recent and _minutes(alert) else None
        low, high = extremes or (math.nan, math.nan)
        look = Look(now_ms, seen.tick.time, seen.tick.bid, seen.spread, seen.day_before, low, high)
        before, state, hit = each.state, each.state, False
        when, word = seen.tick.time, "by"
        if missed is not None and len(missed):
            missed = missed.since(_server_time(before.hit_ms, now_ms, seen.tick.time))
            found = first_reached(condition, before.measure, missed.prices)
            if found is not None:
                when, word = missed.times[found.bar], "at"
                ago = now_ms - 1000 * max(0, seen.tick.time - when)
                then = replace(look, at_ms=ago, time=when, bid=found.price)
                before = replace(before, measure=found.before)
                state, hit = step(condition, alert.schedule, before, then)
                now = measure(condition, look)
                state = replace(state, measure=now) if math.isfinite(now) else state
        if not hit:
            when, word = seen.tick.time, "by"
            state, hit = step(condition, alert.schedule, state, look)
        if not hit and state.armed:
            each.state = state
            each.away = each.away and not math.isfinite(measure(condition, look))
            return
        message = None
        if hit:
            away = word if each.away else ""
            way = (
                way_to(condition.level, before.measure or 0.0)
                if isinstance(condition, PriceReaches)
                else None
            )
            message = fired(
                alert.symbol, condition, seen.digits, price=seen.tick.bid, spread=seen.spread, off=not state.armed,
                moment=moment(when, seen.tick.time), way=way, away=away,
            )  # fmt: skip
        self._wants(each, state, message, seen)

    def _wants(self, each: _Armed, state: AlertState, message: Message | None, seen: Seen) -> None:
        each.pending = True
        self._changes.append(_Change(each, state, message, seen.tick.bid))

    def _judge_bars(self, alerts: list[_Armed], seen: Seen) -> None:
        waiting: dict[Timeframe, list[_Armed]] = {}
        for each in alerts:
            condition = each.alert.condition
            if isinstance(condition, BarShows) and not each.pending:
                running = condition.timeframe.open_of(seen.tick.time)
                if running > each.running:
                    waiting.setdefault(condition.timeframe, []).append(each)
        for timeframe, due in waiting.items():
            if self._reads >= _MOST_READ:
                return
            self._reads += 1
            running = timeframe.open_of(seen.tick.time)
            jobs = [(each.alert, each.state) for each in due]
            read = partial(read_bars, self._terminal, seen.symbol, timeframe, running, jobs)
            bars = self._readable(seen.symbol, timeframe, read)
            if bars is None:
                continue
            for each in due:
                found = judge(
                    each.alert, each.state, bars, seen, round(self._clock.now() * 1000), away=each.away
                )  # fmt: skip
                if found.message is None and found.state.armed:
                    each.state, each.running, each.away = found.state, running, False
                else:
                    self._wants(each, found.state, found.message, seen)

    def _store(self, change: _Change, con: Any) -> tuple[int | None, int]:
        alert, state = change.armed.alert, change.state
        watch_alerts.store_state(con, alert, state)
        at_ms = round(self._clock.now() * 1000)
        if change.message is None:
            return None, at_ms
        row = history.append(
            con, bot_id=None, action="ALERT", message=change.message, ts_ms=at_ms, is_notification=True,
            level=str(Level.WARNING), symbol=alert.symbol, topic=str(Topic.ALERT), user_id=alert.user_id,
        )  # fmt: skip
        return row, at_ms

    def _told(self, change: _Change, future: Future[tuple[int | None, int]]) -> Iterator[AlertEvent]:
        armed = change.armed
        armed.pending = False
        try:
            row, at_ms = future.result()
        except QbxError as error:
            # Not stored, so not fired: the alert stays armed where it was and is tried again at the next poll.
            if error.message.code in _GONE:
                self._old = True
            elif not armed.told:
                armed.told = True
                yield Notice(error.message, Topic.ALERT, Level.PROBLEM, self._clock.now())
            return
        armed.alert = replace(armed.alert, state=change.state)
        armed.state, armed.away, armed.told = change.state, False, False
        if not change.state.armed:
            self._by_symbol[armed.alert.symbol].remove(armed)
            self._armed.pop(armed.alert.key, None)
            if not self._by_symbol[armed.alert.symbol]:
                del self._by_symbol[armed.alert.symbol]
        if change.message is None or row is None:
            yield WatchlistChanged()
            return
        yield AlertFired(armed.alert.entry_id, at_ms / 1000, change.price)
        yield HistoryAppended(row, None)
        yield Notice(change.message, Topic.ALERT, Level.WARNING, at_ms / 1000, history_id=row)

    def _range(self, seen: Seen, minutes: int) -> RecentRange | None:
        if not minutes:
            return None
        found = self._ranges.get(seen.symbol)
        if found is None:
            read = partial(self._terminal.bars, seen.symbol, Timeframe.M1, 0, minutes)
            bars = self._readable(seen.symbol, Timeframe.M1, read)
            if bars is None:
                return None
            found = RecentRange(minutes)
            found.begin(bars)
            self._ranges[seen.symbol] = found
        found.take(seen.tick.time, seen.tick.bid)
        return found

    def _readable(self, symbol: str, timeframe: Timeframe | None, read: Callable[[], _T]) -> _T | None:
        """What `read` gives; None where the terminal refuses, and for a while after."""
        key, now = (symbol, timeframe), self._clock.monotonic()
        if now < self._not_before.get(key, float("-inf")):
            return None
        try:
            return read()
        except QbxError:
            self._not_before[key] = now + _TRY_AGAIN
            return None

    def _missed(self, seen: Seen) -> BarsSeen:
        """The bars since this symbol was last seen; none when that is unknown or a moment ago."""
        last = (self._seen or {}).get(seen.symbol)
        if last is None or seen.tick.time - last < 60:
            return BarsSeen()
        ahead = seen.tick.time - last
        frames = (Timeframe.M1, Timeframe.M5, Timeframe.H1)
        frame = next((each for each in frames if ahead / each.seconds < _MOST_BARS), Timeframe.D1)
        bars = self._terminal.bars_range(seen.symbol, frame, frame.next_open(last), seen.tick.time)
        bars = bars[int((bars.time <= last).sum()) :]
        prices = (each.tolist() for each in (bars.open, bars.high, bars.low, bars.close))
        return BarsSeen(tuple(bars.time.tolist()), tuple(zip(*prices, strict=True)))


def _server_time(at_ms: int | None, now_ms: int, now: int) -> int:
    """Server seconds of a moment in UTC milliseconds; 0 for none."""
    return 0 if at_ms is None else now - (now_ms - at_ms) // 1000


def _minutes(alert: WatchAlert) -> int:
    """The minutes that the alert's condition looks back over, 0 for none."""
    condition = alert.condition
    within = isinstance(condition, MovesPercent) and condition.since is Since.MINUTES
    return int(condition.base) if within and isinstance(condition, MovesPercent) else 0


def _longest(alerts: list[_Armed]) -> int:
    return max((_minutes(each.alert) for each in alerts), default=0)
