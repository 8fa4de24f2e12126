"""The brake: pulled from any thread, it holds at the very next order, before the trading thread has read its inbox."""

from __future__ import annotations

import threading


class Brake:
    """Counts its pulls: two stops asked for at once are both carried out before an entry may leave again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pulls = 0

    @property
    def is_on(self) -> bool:
        """Whether somebody asked for a stop that is not carried out yet."""
        return self._pulls > 0

    def pull(self) -> None:
        """From now on no entry leaves; never waits for more than a counter."""
        with self._lock:
            self._pulls += 1

    def release(self) -> None:
        """The stop was carried out: what it stored holds from here on."""
        with self._lock:
            self._pulls -= 1
