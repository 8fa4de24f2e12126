"""The pause between two trade requests: at least 50 ms, longer for a minute after the broker said "too many"."""

from __future__ import annotations

from ..domain.mt5 import Retcode
from ..domain.records import OrderSendResult
from .command import Reply

_SLOWEST = 8.0
_LOWERED_FOR = 60.0


class TradePace:
    """Pure: time (monotonic seconds) is an argument."""

    def __init__(self, gap: float) -> None:
        self._gap = gap
        self._slow_gap = 0.0
        self._slow_until = float("-inf")
        self._last = float("-inf")

    def free_at(self, now: float) -> float:
        """The time at which the next trade request may start."""
        gap = max(self._gap, self._slow_gap) if now < self._slow_until else self._gap
        return self._last + gap

    def sent(self, now: float, reply: Reply) -> None:
        """A trade request ended at `now` with `reply`."""
        self._last = now
        result = reply.value
        if isinstance(result, OrderSendResult) and result.retcode == Retcode.TOO_MANY_REQUESTS:
            still_slow = now < self._slow_until
            self._slow_gap = min(_SLOWEST, self._slow_gap * 2 if still_slow else 0.5)
            self._slow_until = now + _LOWERED_FOR
