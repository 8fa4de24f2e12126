"""Who runs the batches of a search: this process, a pool of processes on this machine, or a Dask cluster."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, wait
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from ...domain.errors import UserMistake
from ...domain.messages import declare
from ...strategies.own.source import is_own
from ..input import BacktestInput
from ..run import Cancelled
from .evaluate import Batch, Evaluator
from .outcome import Outcome

_STOPPED = declare(
    "search.stopped", "It was stopped. Every combination that was run is kept; resume goes on from there."
)
_POLL_SECONDS = 0.1
T = TypeVar("T")


class Runner(Protocol):
    """`workers` batches run at a time. `stop` makes those that run fail as cancelled; `close` ends the workers."""

    workers: int

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        """Run a batch, now or soon."""

    def call(self, work: Callable[..., T], *arguments: Any, cancelled: Callable[[], bool] | None = None) -> T:
        """What `work(given, *arguments, cancelled)` returns where the batches run; `work` is a function of a module.

        Waits for it. Raises Cancelled, and what `work` raises.
        """

    def stop(self) -> None:
        """Let go of everything submitted."""

    def close(self) -> None:
        """End; nothing may be submitted any more."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Inline:
    """Runs each batch at once, in the caller's thread."""

    workers = 1

    def __init__(self, given: BacktestInput) -> None:
        self._given = given
        self._evaluator = Evaluator(given)
        self._stopped = False

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        future: Future[list[Outcome]] = Future()
        try:
            future.set_result(self._evaluator.outcomes(batch, lambda: self._stopped))
        except Exception as error:  # noqa: BLE001 - handed on to whoever asks for the result
            future.set_exception(error)
        return future

    def call(self, work: Callable[..., T], *arguments: Any, cancelled: Callable[[], bool] | None = None) -> T:
        return work(self._given, *arguments, cancelled)

    def stop(self) -> None:
        self._stopped = True

    def close(self) -> None:
        self._stopped = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_OWN_ELSEWHERE = declare(
    "search.own_strategy",
    "A strategy of your own runs on this computer only, not on a cluster. Leave --scheduler out. Nothing was run.",
)


def answer_of(future: Future[T], stop: Callable[[], None], cancelled: Callable[[], bool] | None) -> T:
    """The result of a call to a worker, waited for; when `cancelled()` becomes true, `stop` it. Raises Cancelled."""
    while not future.done():
        wait([future], None if cancelled is None else _POLL_SECONDS)
        if cancelled is not None and cancelled():
            stop()
            raise Cancelled(_STOPPED())
    return future.result()


def cores() -> int:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def runner_for(given: BacktestInput, jobs: int | None = None, scheduler: str = "") -> Runner:
    """A Dask cluster at `scheduler`; else `jobs` processes (None: one per core), this very one when `jobs` is 1.

    Raises UserMistake when the scheduler cannot be reached or Dask is not installed.
    """
    if is_own(given.strategy):
        # Its signals come from one strategy process of this program, which no other process can ask.
        if scheduler:
            raise UserMistake(_OWN_ELSEWHERE())
        return Inline(given)
    if scheduler:
        from .dask_runner import DaskRunner

        return DaskRunner(given, scheduler)
    if jobs == 1:
        return Inline(given)
    from .process_pool import ProcessPool

    return ProcessPool(given, jobs or cores())
