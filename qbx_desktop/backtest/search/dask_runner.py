"""The same batches on a Dask cluster: an optional extra (`pip install qbx-desktop[cluster]`), named by its scheduler."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Self, TypeVar

from ...domain.errors import Temporary, UserMistake
from ...domain.messages import declare
from ..input import BacktestInput
from .evaluate import Batch, evaluated
from .outcome import Outcome
from .runner import answer_of

_MISSING = declare(
    "search.no_dask",
    "A cluster needs the package 'distributed', which is not installed. Install qbx-desktop[cluster], or leave the "
    "scheduler's address empty to use this computer. Nothing was run.",
)
_UNREACHABLE = declare(
    "search.no_scheduler",
    "No Dask scheduler answers at {address} ({why}). Nothing was run; results that were stored before are kept.",
)
_WAIT_SECONDS = 10.0
T = TypeVar("T")


class DaskRunner:
    """Batches run on the workers of the scheduler at `address`; they need the same version of this program."""

    def __init__(self, given: BacktestInput, address: str) -> None:
        try:
            distributed: Any = importlib.import_module("distributed")
        except ImportError:
            raise UserMistake(_MISSING()) from None
        logging.getLogger("distributed").setLevel(logging.ERROR)
        try:
            self._client: Any = distributed.Client(address, timeout=_WAIT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise Temporary(_UNREACHABLE(address=address, why=str(error)[:120])) from None
        self.workers = max(1, sum(self._client.nthreads().values()))
        self._given = self._client.scatter(given, broadcast=True)
        self._running: set[Any] = set()

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        return self._submit(evaluated, batch)

    def call(self, work: Callable[..., T], *arguments: Any, cancelled: Callable[[], bool] | None = None) -> T:
        return answer_of(self._submit(work, *arguments, None), self.stop, cancelled)

    def _submit(self, work: Callable[..., T], *arguments: Any) -> Future[T]:
        future: Future[T] = Future()
        task = self._client.submit(work, self._given, *arguments, pure=False)
        self._running.add(task)

        def done(ended: Any) -> None:
            self._running.discard(ended)
            if ended.status == "finished":
                future.set_result(ended.result())
            elif ended.status == "error":
                future.set_exception(ended.exception())
            else:
                future.cancel()

        task.add_done_callback(done)
        return future

    def stop(self) -> None:
        self._client.cancel(list(self._running), force=True)

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
