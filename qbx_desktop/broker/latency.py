"""How fast and how well the terminal answers: latencies per function and the last errors, for the health panel."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from .command import Error, Reply

_KEPT = 200
_ERRORS = 20


@dataclass(frozen=True)
class CallStatistics:
    """Latency of one function over its last 200 calls, in milliseconds; `calls` counts all of them."""

    name: str
    calls: int
    p50: float
    p95: float
    worst: float


class CallBook:
    """Written by one thread; reading from another sees a consistent copy."""

    def __init__(self) -> None:
        self._latencies: dict[str, deque[float]] = {}
        self._calls: dict[str, int] = {}
        self._errors: deque[tuple[str, Error]] = deque(maxlen=_ERRORS)

    def add(self, name: str, reply: Reply) -> None:
        """Count one reply."""
        if name not in self._latencies:
            self._latencies[name] = deque(maxlen=_KEPT)
        self._latencies[name].append(reply.latency_ms)
        self._calls[name] = self._calls.get(name, 0) + 1
        if reply.failed:
            self._errors.append((name, reply.error))

    @property
    def errors(self) -> tuple[tuple[str, Error], ...]:
        """The last 20 failures as (function, last_error), oldest first."""
        return tuple(self._errors)

    def statistics(self) -> tuple[CallStatistics, ...]:
        """One line per function, by name."""
        lines = []
        for name, latencies in sorted(self._latencies.copy().items()):
            ordered = sorted(latencies.copy())
            last = len(ordered) - 1
            lines.append(
                CallStatistics(
                    name,
                    self._calls.get(name, last + 1),
                    ordered[last // 2],
                    ordered[int(last * 0.95)],
                    ordered[last],
                )
            )
        return tuple(lines)
