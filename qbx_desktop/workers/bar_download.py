"""One download of bars in a thread of its own: neither the window nor the round of the prices waits for it."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..domain.clock import Clock
from ..domain.errors import Stop, UserMistake
from ..domain.messages import Message, declare
from ..domain.timeframe import Timeframe

if TYPE_CHECKING:
    from ..broker.terminal import Terminal
    from ..data.bar_source import SeriesName
    from ..data.bar_store import BarStore

_CANCELLED = declare(
    "download.cancelled",
    "Cancelled. {bars} bars of {symbol} {timeframe} are stored and stay; Download goes on from there.",
)
_NOTHING = declare(
    "download.nothing",
    "The terminal has no {timeframe} bars of {symbol} in these days, and none are stored. Open its chart in MetaTrader "
    "once, or choose other days.",
)


@dataclass(frozen=True)
class Wanted:
    """Which bars: opens in [start, stop], server epoch seconds."""

    symbol: str
    timeframe: Timeframe
    start: int
    stop: int


@dataclass(frozen=True)
class Progress:
    """How far it is: `share` 0 to 1, `bars` read so far; `seconds_left` is None until it can be estimated."""

    share: float = 0.0
    bars: int = 0
    seconds_left: float | None = None


@dataclass(frozen=True)
class Downloaded:
    """What is stored now. `quality` is the verdict on all of it, `notes` what speaks against it;
    `begins_late`: the terminal has nothing that old."""

    name: SeriesName
    bars: int
    added: int
    begins_late: bool
    quality: Message
    notes: tuple[Message, ...]


class BarDownload:
    """`begin()` once; `progress` may be read and `cancel()` called from any thread."""

    def __init__(self, terminal: Terminal, store: Path, wanted: Wanted, clock: Clock) -> None:
        self._terminal = terminal
        self._path = store
        self._wanted = wanted
        self._clock = clock
        self._cancel = threading.Event()
        self._began = 0.0
        self._share = 0.0
        self.progress = Progress()

    def begin(self) -> Future[Downloaded]:
        """Start. The future fails with Stop after a cancel, UserMistake when there are no such bars, TerminalError or
        DbError; what was stored until then stays."""
        future: Future[Downloaded] = Future()
        threading.Thread(target=self._run, args=(future,), name="bar download").start()
        return future

    def cancel(self) -> None:
        """End after the piece that is under way; it is kept. Never waits."""
        self._cancel.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether it was cancelled; it may still be under way."""
        return self._cancel.is_set()

    def _run(self, future: Future[Downloaded]) -> None:
        try:
            future.set_result(self._downloaded())
        except Exception as error:  # noqa: BLE001 - the asker gets it
            future.set_exception(error)

    def _downloaded(self) -> Downloaded:
        from ..broker.command import Priority
        from ..data.bar_quality import check
        from ..data.bar_report import Severity
        from ..data.bar_source import SeriesName
        from ..data.bar_store import BarStore
        from ..trading.fetch_bars import fetch_bars

        wanted, self._began = self._wanted, self._clock.monotonic()
        server = self._terminal.account(Priority.DOWNLOAD).server
        with BarStore(self._path) as store:
            try:
                fetched = fetch_bars(
                    self._terminal, store, wanted.symbol, wanted.timeframe, wanted.start, wanted.stop,
                    progress=self._heard, pause=self._cancel.wait,
                )  # fmt: skip
                self._end_if_cancelled()
            except _CancelledError:
                kept = _stored_bars(store, wanted, server)
                raise Stop(
                    _CANCELLED(bars=kept, symbol=wanted.symbol, timeframe=wanted.timeframe.name)
                ) from None
            if not _stored_bars(store, wanted, fetched.server):
                raise UserMistake(_NOTHING(symbol=wanted.symbol, timeframe=wanted.timeframe.name))
            series = store.find(wanted.symbol, wanted.timeframe, server=fetched.server)
            bars = store.get(wanted.symbol, wanted.timeframe, server=fetched.server)
        name = SeriesName(fetched.server, wanted.symbol, wanted.timeframe.name)
        report = check(bars, wanted.timeframe, digits=series.digits, name=f"{name.symbol} {name.timeframe}")
        notes = tuple(each.message for each in report.findings if each.severity is not Severity.INFO)
        return Downloaded(name, len(bars), fetched.added, fetched.begins_late, report.sentence, notes)

    def _heard(self, share: float, bars: int) -> None:
        now = self._clock.monotonic()
        if share < self._share:
            # The older part is done, the newer one begins.
            self._began = now
        self._share = share
        left = (now - self._began) * (1 - share) / share if share > 0 and now > self._began else None
        self.progress = Progress(share, bars, left)
        self._end_if_cancelled()

    def _end_if_cancelled(self) -> None:
        if self._cancel.is_set():
            raise _CancelledError


class _CancelledError(Exception):
    """The trader does not want any more."""


def _stored_bars(store: BarStore, wanted: Wanted, server: str) -> int:
    """How many bars of it are in the store."""
    named = (wanted.symbol, wanted.timeframe, server)
    return sum(each.bars for each in store.list() if (each.symbol, each.timeframe, each.server) == named)
