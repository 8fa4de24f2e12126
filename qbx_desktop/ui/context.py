"""What every tab and dialog is handed: the database, the board, the workers, the words and colours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from ..data.database import Database
from ..data.home import Home
from ..domain.clock import Clock
from ..trading.brake import Brake
from ..workers.answers import Answers, Failed, Then
from ..workers.board import NoticeBoard
from .charts.library import ChartLibrary
from .icons import Icons
from .own_shelf import OwnShelf
from .settings import Settings
from .theme import Theme
from .words import Words

if TYPE_CHECKING:
    from ..broker.terminal import Terminal
    from ..workers.backtest_job import Choices
    from ..workers.study_job import Job


class Trading(Protocol):
    """The trading thread as the screen sees it."""

    def tell(self, command: Callable[[Any], Any]) -> None:
        """Run `command(desk)` in the trading thread, soon; its events arrive on the board."""


class Quotes(Protocol):
    """The quotes thread as the screen sees it."""

    def ask(self, question: Callable[[Terminal], Any]) -> Future[Any]:
        """Run `question(terminal)` in the quotes thread; the future fails with the terminal's own error."""

    def watch(self, group: str, symbols: frozenset[str]) -> None:
        """From now on announce prices (TickArrived) of these symbols for `group`, e.g. the name of a tab."""

    def reload_alerts(self) -> None:
        """Read the watchlist's alerts again after a change."""


class Backtests(Protocol):
    """The backtest thread as the screen sees it: news of a run arrives on the board with the run's number."""

    def begin(self, choices: Choices) -> int:
        """Run a backtest and save it; returns its number."""

    def load(self, record_id: int) -> int:
        """Show a saved run again; returns its number."""

    def reproduce(self, record_id: int) -> int:
        """Run a saved run again and say what changed; returns its number."""

    def cancel(self) -> None:
        """Stop what runs now."""


class Studies(Protocol):
    """The thread for searches as the screen sees it; it runs beside the backtests, its news come the same way."""

    def study(self, choices: Sequence[Choices], job: Job) -> int:
        """Run a search or another study over these inputs; returns its number."""

    def cancel(self) -> None:
        """Stop what runs now."""


@dataclass(frozen=True)
class AppContext:
    """Built once by the composition root. Everything here may be used from the GUI thread without waiting.

    Reads of a small page: `data.x.list(context.db.reader(), …)`. Writes: :meth:`write`. Terminal: :meth:`ask`.
    """

    home: Home
    db: Database
    clock: Clock
    board: NoticeBoard
    answers: Answers
    trading: Trading
    quotes: Quotes
    backtests: Backtests
    studies: Studies
    settings: Settings
    theme: Theme
    words: Words
    icons: Icons
    user_id: int
    practice: bool = True
    brake: Brake = field(default_factory=Brake)
    own: OwnShelf = field(default_factory=OwnShelf)
    charts: ChartLibrary = field(default_factory=partial(ChartLibrary, beside=False))

    def write(
        self, job: Callable[[Any], Any], then: Then | None = None, failed: Failed | None = None
    ) -> None:
        """Hand `job(connection)` to the database writer; `then(result)` runs in the GUI thread after the commit.

        Without `failed` an error goes to the board's `problem`.
        """
        self.answers.deliver(self.db.writer.submit(job), then, failed)

    def ask(self, question: Callable[[Terminal], Any], then: Then, failed: Failed | None = None) -> None:
        """Run `question(terminal)` in the quotes thread; `then(answer)` runs in the GUI thread.

        Without `failed` an error goes to the board's `problem`.
        """
        self.answers.deliver(self.quotes.ask(question), then, failed)

    def tell(self, command: Callable[[Any], Any], done: Callable[[], object] | None = None) -> None:
        """Run `command(desk)` in the trading thread; `done()` runs in the GUI thread once it has been carried out."""
        if done is None:
            self.trading.tell(command)
            return
        carried_out: Future[None] = Future()

        def acknowledged(desk: Any) -> Any:
            try:
                return command(desk)
            finally:
                carried_out.set_result(None)

        self.answers.deliver(carried_out, lambda _: done())
        self.trading.tell(acknowledged)

    def stop(self, command: Callable[[Any], Any], done: Callable[[], object] | None = None) -> None:
        """:meth:`tell` for what stops trading: from this moment on no entry leaves, whatever the desk is busy with."""
        self.brake.pull()

        def stopped(desk: Any) -> Any:
            try:
                return command(desk)
            finally:
                self.brake.release()

        self.tell(stopped, done)

    def ask_desk(self, question: Callable[[Any], Any], then: Then, failed: Failed | None = None) -> None:
        """Run `question(desk)` in the trading thread; `then(answer)` runs in the GUI thread.

        Without `failed` an error goes to the board's `problem`.
        """
        answer: Future[Any] = Future()

        def answered(desk: Any) -> None:
            try:
                answer.set_result(question(desk))
            except Exception as error:  # noqa: BLE001 - the asker gets it
                answer.set_exception(error)

        self.answers.deliver(answer, then, failed)
        self.trading.tell(answered)
