"""The thread that looks: prices, account and alerts once a second, and the window's questions to the terminal between."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QThread, Signal

from ..domain.clock import Clock
from ..domain.errors import Temporary
from ..domain.events import AccountChanged

if TYPE_CHECKING:
    from ..broker.terminal import Terminal
    from ..domain.records import AccountInfo

ROUND_SECONDS = 1.0


class PriceDesk(Protocol):
    """What the thread needs from the desk of prices and alerts."""

    def watch(self, group: str, symbols: frozenset[str]) -> None: ...
    def reload_alerts(self) -> None: ...
    def poll(self, now: float) -> Iterable[object]: ...
    def see_account(self, account: AccountInfo, server_time: int) -> None: ...
    def close(self) -> None: ...


Job = Callable[[PriceDesk], None]


def _finish(_desk: PriceDesk) -> None:
    """Takes its place in the inbox behind the questions that were asked before it."""


class QuotesThread(QThread):
    """`happened` and `problem` connect to the board only.

    A terminal that does not answer is no problem of this thread: its link announces itself.
    """

    happened = Signal(object)
    problem = Signal(object)

    def __init__(
        self,
        terminal: Terminal,
        make_desk: Callable[[], PriceDesk],
        clock: Clock,
        parent: QObject | None = None,
    ) -> None:
        """`make_desk` runs in the quotes thread: it reads through that thread's database connection."""
        super().__init__(parent)
        self._terminal = terminal
        self._make_desk = make_desk
        self._clock = clock
        self._inbox: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def ask(self, question: Callable[[Terminal], Any]) -> Future[Any]:
        """Run `question(terminal)` in this thread, in order; the future fails with whatever it raises."""
        future: Future[Any] = Future()
        self._inbox.put(partial(self._answer, question, future))
        return future

    def watch(self, group: str, symbols: frozenset[str]) -> None:
        """From now on announce prices (TickArrived) of these symbols for `group`, e.g. the name of a tab."""
        self._inbox.put(lambda desk: desk.watch(group, symbols))

    def reload_alerts(self) -> None:
        """Read the watchlist's alerts again after a change."""
        self._inbox.put(lambda desk: desk.reload_alerts())

    def announce(self, event: object) -> None:
        """Announce on the board what a plain thread found (the terminal's link)."""
        self.happened.emit(event)

    def announce_problem(self, error: BaseException) -> None:
        """Announce on the board what failed in a plain thread (a background write)."""
        self.problem.emit(error)

    def finish(self) -> None:
        """Ask the thread to end; questions behind this one are cancelled. Then `wait()`."""
        self._inbox.put(_finish)

    def run(self) -> None:
        """The thread: answer questions, make the round when it is due."""
        desk = self._make_desk()
        due = self._clock.monotonic()
        while True:
            try:
                job = self._inbox.get(timeout=max(due - self._clock.monotonic(), 0.001))
            except queue.Empty:
                job = None
            if job is _finish:
                break
            if job is not None:
                self._guarded(partial(job, desk))
            if (now := self._clock.monotonic()) >= due:
                due = now + ROUND_SECONDS
                self._guarded(partial(self._round, desk, now))
        self._guarded(desk.close)
        self._cancel_the_rest()

    def _round(self, desk: PriceDesk, now: float) -> None:
        account, server_time = self._terminal.account(), int(self._terminal.server_time())
        self.happened.emit(AccountChanged(account, server_time))
        desk.see_account(account, server_time)
        for event in desk.poll(now):
            self.happened.emit(event)

    def _guarded(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Temporary:
            return
        except Exception as error:  # noqa: BLE001 - prices must go on; the failure is said on the board
            self.problem.emit(error)

    def _answer(
        self, question: Callable[[Terminal], Any], future: Future[Any], _desk: PriceDesk | None = None
    ) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(question(self._terminal))
        except Exception as error:  # noqa: BLE001 - the asker gets it
            future.set_exception(error)

    def _cancel_the_rest(self) -> None:
        while True:
            try:
                job = self._inbox.get_nowait()
            except queue.Empty:
                return
            if isinstance(job, partial) and isinstance(job.args[-1], Future):
                job.args[-1].cancel()
                job.args[-1].set_running_or_notify_cancel()
