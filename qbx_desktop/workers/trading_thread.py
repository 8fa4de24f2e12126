"""The one thread that trades: its inbox is also its alarm clock, and the trader's command goes before any round."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from typing import Protocol

from PySide6.QtCore import QObject, QThread, Signal

from ..domain.clock import Clock
from ..domain.errors import Temporary
from ..domain.events import Event


class TradingDesk(Protocol):
    """What the thread needs from the desk; the commands need more, but they bring it along."""

    def open(self, now: float) -> list[Event]:
        """Find out what happened while nobody looked, take up the active bots."""

    def run_due(self, now: float) -> Iterable[Event]:
        """One round over what is due; yields after each step, so that a command can come between."""

    def seconds_to_next(self, now: float) -> float:
        """How long nothing is due."""

    def close(self) -> None:
        """Leave everything as it is, on disk."""


Command = Callable[..., Iterable[Event] | None]

# After a failure the next round waits, so that a lasting one does not fill the log.
_AFTER_FAILURE = 1.0
_LONGEST_SLEEP = 3_600.0


def _finish(_desk: TradingDesk) -> None:
    """Takes its place in the inbox behind the commands that were given before it."""


class TradingThread(QThread):
    """Builds the desk in its own thread, serves it, closes it. `happened` and `problem` connect to the board only."""

    happened = Signal(object)
    problem = Signal(object)

    def __init__(
        self, make_desk: Callable[[], TradingDesk], clock: Clock, parent: QObject | None = None
    ) -> None:
        """`make_desk` runs in the trading thread: the desk owns a database connection of that thread."""
        super().__init__(parent)
        self._make_desk = make_desk
        self._clock = clock
        self._inbox: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._pause_until = 0.0

    def tell(self, command: Command) -> None:
        """Run `command(desk)` soon; the events it returns are announced. Never waits; for any thread."""
        self._inbox.put(command)

    def finish(self) -> None:
        """Ask the thread to end after the commands given so far; then `wait()`."""
        self._inbox.put(_finish)

    def run(self) -> None:
        """The thread: make the desk (again after a passing failure), serve it, close it."""
        desk = self._opened()
        if desk is None:
            return
        try:
            while self._serve_one(desk):
                pass
        finally:
            self._guarded(desk.close)

    def _opened(self) -> TradingDesk | None:
        while True:
            try:
                desk = self._make_desk()
                break
            except Temporary as error:
                self.problem.emit(error)
            except Exception as error:  # noqa: BLE001 - without a desk nothing trades: said, and the window stays
                self.problem.emit(error)
                return None
            if self._ended_within(_AFTER_FAILURE):
                return None
        self._announce(lambda: desk.open(self._clock.monotonic()))
        return desk

    def _ended_within(self, seconds: float) -> bool:
        """Wait between two attempts; commands that arrive meanwhile are kept for the desk."""
        kept: list[Command] = []
        until = self._clock.monotonic() + seconds
        ended = False
        while not ended and (left := until - self._clock.monotonic()) > 0:
            try:
                command = self._inbox.get(timeout=left)
            except queue.Empty:
                break
            kept.append(command)
            ended = command is _finish
        for command in kept:
            self._inbox.put(command)
        return ended

    def _serve_one(self, desk: TradingDesk) -> bool:
        """Wait for a command or for the next thing due; False when the thread shall end."""
        now = self._clock.monotonic()
        sleep = max(desk.seconds_to_next(now), self._pause_until - now, 0.0)
        try:
            command = self._inbox.get(timeout=min(sleep, _LONGEST_SLEEP))
        except queue.Empty:
            pass
        else:
            if command is _finish:
                return False
            self._announce(lambda: command(desk))
        if self._clock.monotonic() >= self._pause_until:
            self._announce(lambda: desk.run_due(self._clock.monotonic()), giving_way=True)
        return True

    def _announce(self, source: Callable[[], Iterable[Event] | None], giving_way: bool = False) -> None:
        """Emit the events of `source`; a round gives way to a command that has arrived."""

        def emit_all() -> None:
            for event in source() or ():
                self.happened.emit(event)
                if giving_way and not self._inbox.empty():
                    break

        self._guarded(emit_all)

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - the thread that trades must outlive any failure and say it
            self._pause_until = self._clock.monotonic() + _AFTER_FAILURE
            self.problem.emit(error)
