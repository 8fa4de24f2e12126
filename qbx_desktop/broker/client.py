"""Ask the terminal by name: from any thread, with urgency and time limits, and never twice for an order."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from ..domain.clock import Clock, SystemClock
from ..domain.events import ConnectionChanged, Link
from ..domain.messages import Message
from .command import Command, Error, Priority, Reply
from .dispatcher import Dispatcher
from .handshake import Greeting
from .inline_road import InlineRoad
from .latency import CallStatistics
from .limits import Limits
from .link_keeper import LinkKeeper
from .transports import InlineTransport, ProcessTransport


@dataclass(frozen=True)
class Health:
    """The state of the connection for the health panel; latencies in milliseconds."""

    link: Link
    reason: Message | None
    latency_ms: float
    waiting: int
    reconnects: int
    statistics: tuple[CallStatistics, ...]
    errors: tuple[tuple[str, Error], ...]


class TerminalClient:
    """One terminal. Calls before :meth:`start`, after :meth:`close` and while the link is down are answered at once
    with "not sent". Listeners are called on the client's own thread (inline: on the caller's)."""

    def __init__(
        self,
        transport: ProcessTransport | InlineTransport,
        limits: Limits | None = None,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        password: Callable[[], str | None] | None = None,
    ) -> None:
        """`password` is asked only when another account than `spec.account` is logged in and may return None."""
        self._clock = clock or SystemClock()
        self._limits = limits or Limits()
        self.spec = transport.spec
        self._keeper = LinkKeeper(transport.spec, self._limits, self._clock, rng or random.Random(), password)
        self._transport = transport
        self._road: Dispatcher | InlineRoad
        if isinstance(transport, InlineTransport):
            self._road = InlineRoad(transport, self._keeper, self._clock)
        else:
            self._road = Dispatcher(transport, self._keeper, self._clock)

    @property
    def link(self) -> Link:
        """State of the connection now."""
        return self._keeper.connection.link

    @property
    def reason(self) -> Message | None:
        """Why the link is not READY."""
        return self._keeper.connection.reason

    @property
    def greeting(self) -> Greeting | None:
        """Account and terminal as last seen; None before the first connection."""
        return self._keeper.greeting

    @property
    def about(self) -> Mapping[str, object]:
        """What the other end is: version, simulated, python, qt_loaded."""
        return self._road.about

    @property
    def pid(self) -> int | None:
        """Process id of the child; None inline and while there is none."""
        return self._transport.pid if isinstance(self._transport, ProcessTransport) else None

    def listen(self, listener: Callable[[ConnectionChanged], None]) -> Callable[[], None]:
        """Call `listener` at every change of the link. Returns the way to stop listening."""
        return self._keeper.listen(listener)

    def start(self, patience: float | None = 0.0) -> bool:
        """Connect, and keep connected. Waits up to `patience` seconds (None: as long as one attempt may take) for the
        first result and returns whether the link is up."""
        decided = threading.Event()

        def heard(event: ConnectionChanged) -> None:
            if event.link is not Link.CONNECTING and self.link is not Link.CONNECTING:
                decided.set()

        stop = self.listen(heard)
        try:
            self._road.reconnect()
            decided.wait(self._limits.start + self._limits.connect if patience is None else patience)
        finally:
            stop()
        return self._keeper.connection.up

    def ask(
        self,
        name: str,
        *args: object,
        priority: Priority = Priority.QUOTES,
        timeout: float | None = None,
        valid_until: float | None = None,
        **kwargs: object,
    ) -> Future[Reply]:
        """Queue a call and return at once. `timeout` (seconds) is the budget of the call itself and also the longest
        time it may wait for its turn (an order: 60 s at most); `valid_until` (monotonic) sets the latter alone. The future always gets a
        :class:`Reply`, never an exception; cancelling it has no effect on the call."""
        now = self._clock.monotonic()
        budget = self._limits.of(name) if timeout is None else timeout
        patience = min(budget, self._limits.order_warn) if name == "order_send" else budget
        expires = now + patience if valid_until is None else valid_until
        command = Command(name, args, kwargs, priority, budget, now, expires)
        return self._road.submit(command).answer

    def call(
        self,
        name: str,
        *args: object,
        priority: Priority = Priority.QUOTES,
        timeout: float | None = None,
        valid_until: float | None = None,
        **kwargs: object,
    ) -> Reply:
        """:meth:`ask` and wait for the reply."""
        return self.ask(
            name, *args, priority=priority, timeout=timeout, valid_until=valid_until, **kwargs
        ).result()

    def health(self) -> Health:
        """Latencies, queue depth, reconnects and the last errors."""
        keeper = self._keeper
        return Health(
            keeper.connection.link,
            keeper.connection.reason,
            keeper.latency_ms,
            self._road.waiting,
            keeper.reconnects,
            keeper.book.statistics(),
            keeper.book.errors,
        )

    def close(self) -> None:
        """End thread and child, within three seconds also when the child hangs. May be called twice."""
        self._road.close()
