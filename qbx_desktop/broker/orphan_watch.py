"""Ends a child whose parent died while it was in a hung call; needs no interpreter lock to do so."""

from __future__ import annotations

import faulthandler
import os
import threading
from multiprocessing import parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import IO

from ..domain.clock import Clock

_REARM_EVERY = 10.0


class OrphanWatch:
    """Two guards: a thread that waits for the parent's end, and, because the real module holds the interpreter lock
    while it hangs, a timer outside the interpreter that is wound up again and again by :meth:`alive`."""

    IDLE = _REARM_EVERY

    def __init__(self, longest_call: float, clock: Clock) -> None:
        """`longest_call` in seconds: no call may take longer, a child that is still in one is alone."""
        self._longest_call = longest_call
        self._clock = clock
        self._wound = float("-inf")
        self._nowhere: IO[str] = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - a device, closed in __exit__

    def __enter__(self) -> OrphanWatch:
        threading.Thread(target=_end_with_parent, name="parent-watch", daemon=True).start()
        self.alive()
        return self

    def alive(self) -> None:
        """The child is not in a call; cheap enough for every one. Must be called at least every :data:`IDLE` s."""
        now = self._clock.monotonic()
        if now - self._wound >= _REARM_EVERY:
            self._wound = now
            faulthandler.dump_traceback_later(
                self._longest_call + 2 * _REARM_EVERY, exit=True, file=self._nowhere
            )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        faulthandler.cancel_dump_traceback_later()
        self._nowhere.close()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
