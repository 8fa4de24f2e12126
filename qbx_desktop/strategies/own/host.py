"""The strategy host: one child process for the trader's code, with limits, killed and started again on demand."""

from __future__ import annotations

import itertools
import multiprocessing
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import numpy as np

from ...domain.bars import Bars
from . import child, errors
from .memory_watch import held_bytes
from .source import OwnSource
from .wire import Array, columns_of, pack, unpack

Answer = tuple[dict[str, Any], list[Array]]


@dataclass(frozen=True)
class HostLimits:
    """What one question may take. `load_seconds` is for the start of the process and for a file's first run, which
    imports its libraries; `seconds_per_bar` is added for questions about many bars; `megabytes` comes on top of what
    Python and numpy take."""

    seconds: float = 5.0
    megabytes: int = 512
    load_seconds: float = 20.0
    seconds_per_bar: float = 0.0


_LOOK_EVERY = 0.1

# A backtest asks once about all its bars.
WORKSHOP_LIMITS = HostLimits(megabytes=1_536, seconds_per_bar=50e-6)


@dataclass(order=True)
class _Job:
    """`rank`: who made the process end before comes after the others."""

    rank: int
    number: int
    source: OwnSource | None = field(compare=False, default=None)
    head: dict[str, Any] = field(compare=False, default_factory=dict)
    arrays: Sequence[Array] = field(compare=False, default=())
    future: Future[Answer] = field(compare=False, default_factory=Future)


class StrategyHost:
    """Ask from any thread; nobody waits but who calls `result()`. The process starts with the first question."""

    def __init__(self, folder: Path, limits: HostLimits | None = None) -> None:
        self.limits = limits or HostLimits()
        self._folder = folder
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._process: BaseProcess | None = None
        self._pipe: child.Pipe | None = None
        self._loaded: dict[str, dict[str, Any]] = {}
        self._kills: dict[str, int] = {}
        self._held_at_start = 0
        self.starts = 0

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        process = self._process
        return None if process is None else process.pid

    def ask(
        self,
        source: OwnSource,
        what: str,
        params: Mapping[str, object] | None = None,
        bars: Bars | None = None,
    ) -> Future[Answer]:
        """Ask `what` (see `questions`) about the strategy in `source`. The future fails with an OwnStrategyError, or a
        ParamError for parameters that do not fit; `load` gives the description."""
        head = {"ask": what, "path": str(source.path), "sha256": source.sha256, "params": dict(params or {})}
        arrays = () if bars is None else columns_of(bars)
        job = _Job(self._kills.get(source.sha256, 0), next(self._numbers), source, head, arrays)
        with self._lock:
            if self._closed:
                job.future.set_exception(errors.OwnStrategyError(errors.CLOSED()))
                return job.future
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="qbx-strategy-host", daemon=True)
                self._thread.start()
        self._jobs.put(job)
        return job.future

    def close(self) -> None:
        """End the process at once, whatever it is doing, and the thread; questions that wait fail."""
        with self._lock:
            self._closed = True
            thread = self._thread
            if self._process is not None:
                # The thread that waits for its answer is released by this.
                self._process.kill()
        if thread is not None:
            self._jobs.put(_Job(-1, -1))
            thread.join()

    def _serve(self) -> None:
        while True:
            job = self._jobs.get()
            if job.source is None:
                break
            if not job.future.set_running_or_notify_cancel():
                continue
            try:
                if self._closed:
                    raise errors.OwnStrategyError(errors.CLOSED())
                answer = self._carry_out(job, job.source)
            except Exception as error:  # noqa: BLE001 - the asker gets it
                if isinstance(error, errors.ProcessKilled):
                    self._kill()
                    sha = job.source.sha256
                    self._kills[sha] = self._kills.get(sha, 0) + 1
                job.future.set_exception(error)
            else:
                job.future.set_result(answer)
        self._kill()
        while not self._jobs.empty():
            left = self._jobs.get().future
            if left.set_running_or_notify_cancel():
                left.set_exception(errors.OwnStrategyError(errors.CLOSED()))

    def _carry_out(self, job: _Job, source: OwnSource) -> Answer:
        self._start(source.name)
        if source.sha256 not in self._loaded:
            load = {**job.head, "ask": "load"}
            data = np.frombuffer(source.data, np.int8)
            head, _ = self._exchange(source, load, [data], self.limits.load_seconds)
            self._loaded[source.sha256] = head
        if job.head["ask"] == "load":
            return self._loaded[source.sha256], []
        bars = len(job.arrays[0]) if job.arrays else 0
        seconds = self.limits.seconds + bars * self.limits.seconds_per_bar
        return self._exchange(source, job.head, job.arrays, seconds)

    def _exchange(
        self, source: OwnSource, head: Mapping[str, object], arrays: Sequence[Array], seconds: float
    ) -> Answer:
        """One question and its answer, or the child's end."""
        assert self._pipe is not None
        try:
            self._pipe.send_bytes(pack(head, arrays))
            data = self._received(seconds, source.name)
        except (EOFError, OSError):
            raise errors.ended(source.name, self._exit_code()) from None
        if data is None:
            raise errors.too_slow(source.name, seconds)
        try:
            answer, columns = unpack(data)
            if "failed" in answer:
                raise errors.failure_of(answer, source.name, self.limits.megabytes)
        except (ValueError, KeyError, TypeError):
            raise errors.garbage(source.name) from None
        return answer, columns

    def _received(self, seconds: float, file: str) -> bytes | None:
        """What the child says within `seconds`; looks at its memory meanwhile."""
        assert self._pipe is not None
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._pipe.poll(min(left, _LOOK_EVERY)):
                return self._pipe.recv_bytes()
            pid = self.pid
            most = self._held_at_start + 1.5 * self.limits.megabytes * 2**20
            if self._held_at_start and pid is not None and held_bytes(pid) > most:
                raise errors.too_big(file, self.limits.megabytes)
        return None

    def _start(self, file: str) -> None:
        if self._process is not None and self._process.is_alive():
            return
        self._kill()
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe(duplex=True)
        process = context.Process(
            target=child.main,
            args=(theirs, str(self._folder), self.limits.megabytes),
            name="qbx-strategies",
            daemon=True,
        )
        try:
            process.start()
        except (OSError, RuntimeError) as error:
            ours.close()
            raise errors.no_process(str(error)) from error
        finally:
            theirs.close()
        with self._lock:
            self._process, self._pipe = process, ours
            self.starts += 1
            if self._closed:
                process.kill()
        try:
            self._held_at_start = 0
            ready = self._received(self.limits.load_seconds, file)
        except (EOFError, OSError):
            raise errors.ended(file, self._exit_code()) from None
        if ready is None:
            raise errors.too_slow(file, self.limits.load_seconds)
        self._held_at_start = held_bytes(process.pid or 0)

    def _exit_code(self) -> int | None:
        """How the child ended; waits the moment that its end takes."""
        if self._process is None:
            return None
        self._process.join(1.0)
        return self._process.exitcode

    def _kill(self) -> None:
        with self._lock:
            process, pipe = self._process, self._pipe
            self._process = self._pipe = None
        self._loaded.clear()
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.kill()
            process.join()
            process.close()
