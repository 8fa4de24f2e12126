"""Who runs the batches of a search: this process, a pool of processes on this machine, or a Dask cluster."""

from __future__ import annotations

import os
from concurrent.futures import Future
from types import TracebackType
from typing import Protocol, Self

from ...domain.errors import UserMistake
from ...domain.messages import declare
from ...strategies.own.source import is_own
from ..input import BacktestInput
from .evaluate import Batch, Evaluator
from .outcome import Outcome


class Runner(Protocol):
    """`workers` batches run at a time. `stop` makes those that run fail as cancelled; `close` ends the workers."""

    workers: int

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        """Run a batch, now or soon."""

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
        self._evaluator = Evaluator(given)
        self._stopped = False

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        future: Future[list[Outcome]] = Future()
        try:
            future.set_result(self._evaluator.outcomes(batch, lambda: self._stopped))
        except Exception as error:  # noqa: BLE001 - handed on to whoever asks for the result
            future.set_exception(error)
        return future

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


def cores() -> int:
    """The cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def runner_for(given: BacktestInput, jobs: int | None = None, scheduler: str = "") -> Runner:
    """A Dask cluster at `scheduler`; else `jobs` processes (None: one per core), in this one when that is 1.

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
    wanted = jobs or cores()
    if wanted == 1:
        return Inline(given)
    from .process_pool import ProcessPool

    return ProcessPool(given, wanted)
