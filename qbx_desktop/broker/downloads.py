"""Bars from the terminal in small pieces, so that orders go first and a cut download goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from ..domain.bars import Bars
from ..domain.timeframe import Timeframe
from .command import Priority
from .errors import TerminalError
from .terminal import Terminal

MOST_BARS = 5_000
# The first question about a symbol makes the terminal fetch its history: it answers None, or too little, meanwhile.
_PAUSES = (0.3, 0.5, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0)
_CALL_FAILED = (-1, -4)


@dataclass(frozen=True)
class Chunk:
    """One piece: the closed bars whose open lies in [time_from, time_to]; may be empty (weekend).

    `absent`: the terminal has nothing that old, it was asked nine times. `done` is the share of the whole download,
    0 to 1. `server` and `offset` (seconds ahead of UTC, None while unknown) belong to the series: bar times are this
    server's wall clock.
    """

    bars: Bars
    time_from: int
    time_to: int
    absent: bool
    done: float
    server: str
    offset: int | None


def download(
    terminal: Terminal,
    symbol: str,
    timeframe: Timeframe,
    time_from: int,
    time_to: int,
    *,
    have_until: int | None = None,
    most: int = MOST_BARS,
    pause: Callable[[float], bool] = lambda seconds: False,
) -> Iterator[Chunk]:
    """Closed bars of [time_from, time_to] (server epoch seconds), oldest first, at most `most` per piece.

    `have_until` is the `time_to` of the last piece that was stored: the download goes on after it and gives the same
    bars as one in a piece. The forming bar is never among them. `pause(seconds)` waits while the terminal loads its
    history, and ends the download when it returns True; the caller stops otherwise by not asking for more.
    Raises TerminalError; what was given until then is good, and the download can go on later.
    """
    if not 0 < most <= MOST_BARS:
        raise ValueError(f"a piece has 1 to {MOST_BARS} bars, not {most}")
    terminal.select(symbol, Priority.DOWNLOAD)
    server = terminal.account(Priority.DOWNLOAD).server
    newest = _patient(lambda: terminal.bars(symbol, timeframe, 0, 1, Priority.DOWNLOAD), pause)
    if newest is None or len(newest) == 0:
        return
    # Aligned to bars, so that pieces of every length meet without a gap.
    first = timeframe.open_of(time_from)
    if first < time_from:
        first = timeframe.next_open(time_from)
    last = min(time_to, int(newest.time[-1]) - 1)
    begin = first if have_until is None else max(first, have_until + 1)
    started, absent = have_until is not None, False
    while begin <= last:
        end = min(last, begin + most * timeframe.seconds - 1)
        piece = partial(terminal.bars_range, symbol, timeframe, begin, end)
        try:
            bars = piece() if absent else _patient(piece, pause)
            absent = False
        except TerminalError as error:
            if started or error.code not in _CALL_FAILED:
                raise
            bars, absent = Bars.empty(), True
        if bars is None:
            return
        started = started or len(bars) > 0
        inside = bars[int(bars.time.searchsorted(begin)) : int(bars.time.searchsorted(end, side="right"))]
        done = 1.0 if last <= first else (end - first) / (last - first)
        offset = terminal.server_clock.offset
        yield Chunk(inside, begin, end, absent, done, server, None if offset is None else offset.seconds)
        begin = end + 1


def _patient(read: Callable[[], Bars], pause: Callable[[float], bool]) -> Bars | None:
    """`read()`, again after a pause while the terminal says "call failed"; None when `pause` asked to end."""
    for seconds in _PAUSES:
        try:
            return read()
        except TerminalError as error:
            if error.code not in _CALL_FAILED:
                raise
        if pause(seconds):
            return None
    return read()
