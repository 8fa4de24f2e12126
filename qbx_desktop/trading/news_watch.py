"""The calendar as the guard asks it: the trader's file, read again when it was changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..data import calendar_file
from ..domain import guards
from ..domain.clock import Clock
from ..domain.errors import UserMistake
from ..domain.news import NewsEvent, event_at, free_from
from ..domain.records import SymbolInfo
from ..domain.refusals import Refusal

_LOOK_EVERY = 2.0
_Stamp = tuple[int, int] | None


class NewsWatch:
    """Names the event near a symbol. A file that cannot be understood forbids every entry: its trader wanted it obeyed."""

    def __init__(self, path: Path | None, clock: Clock, last: Callable[[str], SymbolInfo | None]) -> None:
        self._path = path
        self._clock = clock
        self._last = last
        self._next = float("-inf")
        self._stamp: _Stamp = None
        self._events: tuple[NewsEvent, ...] = ()
        self._wrong = ""

    def __call__(self, symbol: str, server_time: int) -> Refusal | None:
        """What forbids an entry in `symbol` at `server_time`, None when nothing does."""
        self._read()
        if self._wrong:
            return guards.calendar_file(self._wrong)
        event = event_at(self._events, self._currencies(symbol), server_time)
        return guards.calendar(None if event is None else event.title)

    def free_from(self, symbol: str, server_time: int) -> int:
        """The first moment (server seconds) from `server_time` on at which no event forbids an entry in `symbol`."""
        self._read()
        return free_from(self._events, self._currencies(symbol), server_time)

    def _currencies(self, symbol: str) -> tuple[str, ...]:
        info = self._last(symbol)
        return (
            () if info is None else (info.currency_base, info.currency_profit, info.currency_margin, symbol)
        )

    def _read(self) -> None:
        now = self._clock.monotonic()
        if self._path is None or now < self._next:
            return
        self._next = now + _LOOK_EVERY
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            self._events, self._wrong = calendar_file.read(self._path), ""
        except UserMistake as mistake:
            self._events, self._wrong = (), mistake.sentence
        self._stamp = stamp


def _stamp(path: Path) -> _Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
