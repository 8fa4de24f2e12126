"""An alert's condition on closed bars: every bar that has closed since the last look is judged, in its order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from ..broker.terminal import Terminal
from ..domain.alert_sentences import fired
from ..domain.alerts import AlertState, BarShows, ClosedBar, WatchAlert, step
from ..domain.bars import Bars
from ..domain.messages import Message
from ..domain.records import Tick
from ..domain.timeframe import Timeframe
from ..strategies.bar_values import bars_needed, values_of

# Older bars than these are not judged after a long time away.
_MOST_MISSED = 5_000


@dataclass(frozen=True)
class BarsSeen:
    """Times (open, server seconds) of bars, and their open, high, low and close."""

    times: tuple[int, ...] = ()
    prices: tuple[tuple[float, float, float, float], ...] = ()

    def __len__(self) -> int:
        return len(self.times)

    def since(self, time: int) -> BarsSeen:
        """Those that opened at `time` or later: what was before an alert's last firing has been told."""
        first = sum(each < time for each in self.times)
        return self if not first else BarsSeen(self.times[first:], self.prices[first:])


class Priced(Protocol):
    """A look at the symbol's price."""

    @property
    def tick(self) -> Tick: ...
    @property
    def digits(self) -> int: ...
    @property
    def spread(self) -> float: ...


@dataclass(frozen=True)
class Judged:
    """The state after the bars, and the sentence if one of them fired."""

    state: AlertState
    message: Message | None = None


def read_bars(
    terminal: Terminal,
    symbol: str,
    timeframe: Timeframe,
    running: int,
    alerts: Sequence[tuple[WatchAlert, AlertState]],
) -> Bars | None:
    """The closed bars that these alerts on one series need. None when the terminal has not begun the bar that opened at
    `running` yet: then the one before it may still change. Raises TerminalError."""
    count = 0
    for alert, state in alerts:
        if isinstance(alert.condition, BarShows):
            missed = (running - state.bar) // timeframe.seconds if state.bar else 1
            count = max(count, bars_needed(alert.condition) + min(missed, _MOST_MISSED) + 1)
    bars = terminal.bars(symbol, timeframe, 0, count)
    if not len(bars) or bars.time[-1] < running:
        return None
    return bars[: int((bars.time < running).sum())]


def judge(
    alert: WatchAlert, state: AlertState, bars: Bars, seen: Priced, now_ms: int, *, away: bool
) -> Judged:
    """Judge the closed bars after the last one judged. A fresh alert begins with the next bar to close."""
    condition = alert.condition
    if not isinstance(condition, BarShows) or not len(bars):
        return Judged(state)
    if not state.bar:
        return Judged(replace(state, bar=int(bars.time[-1])))
    left, right = values_of(condition.left, bars).tolist(), values_of(condition.right, bars).tolist()
    first = max(int((bars.time <= state.bar).sum()), 1)
    times, told = 0, 0
    for at in range(first, len(bars)):
        opened = int(bars.time[at])
        closed = condition.timeframe.next_open(opened)
        late = 0 if at == len(bars) - 1 and not away else max(0, seen.tick.time - closed)
        bar = ClosedBar(
            now_ms - 1000 * late, closed, opened, left[at], right[at], left[at - 1], right[at - 1]
        )  # fmt: skip
        state, hit = step(condition, alert.schedule, state, bar)
        if hit:
            times, told = times + 1, told or closed
    if not times:
        return Judged(state)
    message = fired(
        alert.symbol, condition, seen.digits, price=seen.tick.bid, spread=seen.spread, off=not state.armed,
        moment=moment(told, seen.tick.time), away="at" if away else "", times=times,
    )  # fmt: skip
    return Judged(state, message)


def moment(time: int, now: int) -> str:
    """Server time as `HH:MM`, with the date when it is not that of `now`."""
    at, here = (datetime.fromtimestamp(each, UTC) for each in (time, now))
    return at.strftime("%H:%M" if at.date() == here.date() else "%Y-%m-%d %H:%M")
