"""A pool of processes that share the bars: spawned, of low priority, gone with the program however it ends."""

from __future__ import annotations

import contextlib
import dataclasses
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing.shared_memory import SharedMemory
from multiprocessing.synchronize import Event
from types import TracebackType
from typing import Any, Self, TypeVar

import numpy as np

from ...domain.bars import Bars
from ..compiled import make
from ..input import BacktestInput
from .evaluate import Batch, Evaluator
from .outcome import Outcome
from .runner import answer_of

_COLUMNS = ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume")
_FLOATS = frozenset({"open", "high", "low", "close"})
_BELOW_NORMAL = 0x4000
_PATIENCE_SECONDS = 1.0
T = TypeVar("T")


class ProcessPool:
    """`workers` processes. The bars lie once in shared memory, whatever the number of workers."""

    def __init__(self, given: BacktestInput, workers: int) -> None:
        self.workers = workers
        context = multiprocessing.get_context("spawn")
        self._stop = context.Event()
        self._memory, shared = _shared(given.bars)
        rest = dataclasses.replace(given, bars=Bars.empty())
        self._pool = ProcessPoolExecutor(
            workers, mp_context=context, initializer=_begin, initargs=(rest, shared, self._stop)
        )

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        return self._pool.submit(_run, batch)

    def call(self, work: Callable[..., T], *arguments: Any, cancelled: Callable[[], bool] | None = None) -> T:
        return answer_of(self._pool.submit(_call, work, arguments), self.stop, cancelled)

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self._stop.set()
        # The pool has no word for "end now" before Python 3.14, and a worker may be loading the engine for a while.
        workers = list(self._pool._processes.values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for worker in workers:
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                worker.terminate()
        self._pool.shutdown(wait=True)
        self._memory.close()
        with contextlib.suppress(FileNotFoundError):
            self._memory.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class _Shared:
    name: str
    count: int


def _shared(bars: Bars) -> tuple[SharedMemory, _Shared]:
    count = len(bars)
    memory = SharedMemory(create=True, size=max(1, 8 * count * len(_COLUMNS)))
    for name, place in _places(memory, count).items():
        place[:] = getattr(bars, name)
    return memory, _Shared(memory.name, count)


def _places(memory: SharedMemory, count: int) -> dict[str, Any]:
    return {
        name: np.ndarray((count,), np.float64 if name in _FLOATS else np.int64, memory.buf, 8 * count * at)
        for at, name in enumerate(_COLUMNS)
    }


@dataclass
class _Worker:
    """What a worker process keeps from batch to batch."""

    given: BacktestInput
    evaluator: Evaluator
    memory: SharedMemory
    stop: Event


_worker: _Worker | None = None


def _begin(given: BacktestInput, shared: _Shared, stop: Event) -> None:
    global _worker
    _be_modest()
    _follow_the_parent()
    memory = SharedMemory(name=shared.name)
    bars = Bars(**_places(memory, shared.count))
    given = dataclasses.replace(given, bars=bars)
    _worker = _Worker(given, Evaluator(given), memory, stop)


def _run(batch: Batch) -> list[Outcome]:
    assert _worker is not None
    return _worker.evaluator.outcomes(batch, _worker.stop.is_set)


def _call(work: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    assert _worker is not None
    make()
    return work(_worker.given, *arguments, _worker.stop.is_set)


def _be_modest() -> None:
    """Below the window's and the trading's priority: a search takes what they leave."""
    if sys.platform == "win32":
        import ctypes

        kernel = ctypes.windll.kernel32
        kernel.SetPriorityClass(kernel.GetCurrentProcess(), _BELOW_NORMAL)
    else:
        os.nice(10)


def _follow_the_parent() -> None:
    """End when the program ends, even if it was killed: a pool's workers would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def wait() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=wait, name="follow-parent", daemon=True).start()
