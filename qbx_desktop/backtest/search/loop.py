"""The search itself: rounds of a plan cut into batches, run by workers, kept as soon as they are there."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Protocol

from ...domain.messages import declare
from ...domain.params import Value
from ..run import Cancelled
from .evaluate import Batch
from .outcome import Outcome
from .plan import Plan
from .runner import Runner

_CANCELLED = declare(
    "search.cancelled",
    "The search was stopped after {done} of {total} combinations. They are kept; resume goes on with the rest.",
)
# A batch should last about this long: what is lost by a power cut, and how soon a cancel is heard.
_BATCH_SECONDS, _FIRST_BATCH, _LARGEST_BATCH = 0.4, 2, 256
_POLL_SECONDS, _LAST_WORDS_SECONDS = 0.1, 0.8


class Store(Protocol):
    """Where outcomes are kept as they come, and where a resumed search finds them."""

    def known(self) -> Mapping[int, Outcome]:
        """What is there already, by number."""

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        """Keep these; after it returned they survive a crash."""


class Memory:
    """A store that lasts as long as the program."""

    def __init__(self) -> None:
        self.outcomes: dict[int, Outcome] = {}

    def known(self) -> Mapping[int, Outcome]:
        return self.outcomes

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        self.outcomes.update({each.number: each for each in outcomes})


@dataclass(frozen=True)
class Progress:
    """`done` of `total` combinations, of which `found` were there before; None until the rest can be estimated."""

    done: int
    total: int
    found: int
    seconds_left: float | None
    latest: tuple[Outcome, ...] = ()


def search(
    plan: Plan,
    runner: Runner,
    store: Store,
    *,
    start: int | None = None,
    end: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> list[Outcome]:
    """Run the plan and return every outcome in its order. Raises Cancelled; what was computed is in the store then."""
    rounds = _Rounds(runner, store, plan.total, start, end, progress, cancelled)
    done: list[Outcome] = []
    while combos := plan.round(done):
        done += rounds.run(combos, len(done))
    return done


class _Rounds:
    def __init__(
        self,
        runner: Runner,
        store: Store,
        total: int,
        start: int | None,
        end: int | None,
        progress: Callable[[Progress], None] | None,
        cancelled: Callable[[], bool] | None,
    ) -> None:
        self._runner, self._store, self._total = runner, store, total
        self._start, self._end = start, end
        self._progress, self._cancelled = progress, cancelled
        self._known = dict(store.known())
        self._found = len(self._known)
        self._began = time.monotonic()
        self._size = _FIRST_BATCH
        self._tell(())

    def run(self, combos: Sequence[Mapping[str, Value]], first: int) -> list[Outcome]:
        """One round, whose first combination has number `first`."""
        waiting = deque(
            (first + at, combo) for at, combo in enumerate(combos) if first + at not in self._known
        )
        running: dict[Future[list[Outcome]], tuple[float, int]] = {}
        while waiting or running:
            self._stop_if_cancelled(running)
            # One more than there are workers: none waits for the next batch.
            while waiting and len(running) <= self._runner.workers:
                batch = tuple(waiting.popleft() for _ in range(min(self._size, len(waiting))))
                began = time.monotonic()
                running[self._runner.submit(Batch(batch, self._start, self._end))] = (began, len(batch))
            finished, _ = wait(running, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                began, count = running.pop(future)
                outcomes = future.result()
                self._take(outcomes)
                self._resize(time.monotonic() - began, count, len(waiting))
                self._tell(tuple(outcomes))
        return [self._known[first + at] for at in range(len(combos))]

    def _resize(self, seconds: float, count: int, waiting: int) -> None:
        """The next batches' size; towards the end smaller ones, so that all workers end together."""
        per_one = max(seconds / count / 2, 1e-5)  # a batch waits about as long as it runs
        fair = waiting // (2 * self._runner.workers) + 1
        self._size = max(1, min(round(_BATCH_SECONDS / per_one), 2 * self._size, _LARGEST_BATCH, fair))

    def _stop_if_cancelled(self, running: Mapping[Future[list[Outcome]], tuple[float, int]]) -> None:
        if self._cancelled is None or not self._cancelled():
            return
        self._runner.stop()
        wait(running, timeout=_LAST_WORDS_SECONDS)
        for future in running:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._take(future.result())
        raise Cancelled(_CANCELLED(done=len(self._known), total=self._total))

    def _take(self, outcomes: Sequence[Outcome]) -> None:
        self._store.keep(outcomes)
        self._known.update({each.number: each for each in outcomes})

    def _tell(self, latest: tuple[Outcome, ...]) -> None:
        if self._progress is None:
            return
        done = len(self._known)
        computed = done - self._found
        left = None
        if computed:
            left = (time.monotonic() - self._began) / computed * (self._total - done)
        self._progress(Progress(done, self._total, self._found, left, latest))
