"""Bars from the terminal into the bar store: in pieces, resumable, without ever leaving a hole behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..broker.command import Priority
from ..broker.downloads import MOST_BARS, Chunk, download
from ..broker.terminal import Terminal
from ..data.bar_store import BarStore, Series
from ..domain.bars import Bars
from ..domain.timeframe import Timeframe

Progress = Callable[[float, int], None]
Pause = Callable[[float], bool]


@dataclass(frozen=True)
class Fetched:
    """What a download brought: `bars` read from the terminal, `added` of them new in the store, `changed` other than
    stored before. `begins_late`: the terminal has nothing as old as was asked for. `server` is where they are from."""

    server: str
    bars: int
    added: int
    changed: int
    begins_late: bool


def fetch_bars(
    terminal: Terminal,
    store: BarStore,
    symbol: str,
    timeframe: Timeframe,
    time_from: int,
    time_to: int,
    *,
    progress: Progress = lambda done, bars: None,
    pause: Pause = lambda seconds: False,
    most: int = MOST_BARS,
) -> Fetched:
    """Bring the closed bars of [time_from, time_to] (server epoch seconds) into the store.

    What is stored already is not read again, except its last bar; what lies between the stored bars and those asked
    for is read too. Later bars are stored piece by piece, so a cut download goes on there next time; earlier ones all
    at once or not at all, because a cut between them and the rest would be a hole that nobody sees.
    `progress(share, bars)` after each piece; `pause(seconds)` waits while the terminal loads its history and ends the
    download by returning True. Raises TerminalError, what the store raises and what `progress` raises; what was stored
    until then stays.
    """
    info = terminal.symbol(symbol, Priority.DOWNLOAD)
    account = terminal.account(Priority.DOWNLOAD)
    stored = _stored(store, symbol, timeframe, account.server)
    run = _Run(
        store, symbol, timeframe, info.digits, "practice" if terminal.simulated else "MetaTrader 5", progress
    )
    if stored is not None and time_from < stored.first:
        before = stored.first - 1
        pieces = download(terminal, symbol, timeframe, time_from, before, most=most, pause=pause)
        run.put_together(pieces, before)
    start = time_from if stored is None else stored.last
    for piece in download(terminal, symbol, timeframe, start, time_to, most=most, pause=pause):
        run.put(piece)
    return Fetched(account.server, run.bars, run.added, run.changed, run.begins_late)


class _CutError(Exception):
    """The older part did not come to its end."""


class _Run:
    def __init__(
        self, store: BarStore, symbol: str, timeframe: Timeframe, digits: int, source: str, progress: Progress
    ) -> None:
        self._store = store
        self._symbol, self._timeframe, self._digits = symbol, timeframe, digits
        self._source = source
        self._progress = progress
        self.bars = self.added = self.changed = 0
        self.begins_late = False

    def put(self, piece: Chunk) -> None:
        """Store one piece at once."""
        if len(piece.bars):
            self._store_parts(piece.bars, piece)
        # After storing: whoever ends the download in `progress` keeps the piece that arrived.
        self._note(piece)

    def put_together(self, pieces: Iterator[Chunk], until: int) -> None:
        """Store all the pieces, or none when they do not reach `until`."""
        first = next(pieces, None)
        if first is None:
            return
        reached = first.time_to

        def parts() -> Iterator[Bars]:
            nonlocal reached
            yield first.bars
            for piece in pieces:
                reached = piece.time_to
                self._note(piece)
                yield piece.bars
            if reached < until:
                raise _CutError

        self._note(first)
        try:
            self._store_parts(parts(), first)
        except _CutError:
            return

    def _note(self, piece: Chunk) -> None:
        self.bars += len(piece.bars)
        self.begins_late = self.begins_late or piece.absent
        self._progress(piece.done, self.bars)

    def _store_parts(self, bars: Bars | Iterator[Bars], piece: Chunk) -> None:
        stored = self._store.put(
            self._symbol, self._timeframe, bars, digits=self._digits, server=piece.server,
            time_zone=zone_of(piece.offset), source=self._source,
        )  # fmt: skip
        self.added += stored.added
        self.changed += stored.changed


def zone_of(offset: int | None) -> str:
    """An offset in seconds as the store writes it: `UTC+3`, `UTC-4:30`; empty while unknown."""
    if offset is None:
        return ""
    sign = "-" if offset < 0 else "+"
    hours, minutes = divmod(abs(offset) // 60, 60)
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def _stored(store: BarStore, symbol: str, timeframe: Timeframe, server: str) -> Series | None:
    for each in store.list():
        if (each.symbol, each.timeframe, each.server) == (symbol, timeframe, server):
            return each
    return None
