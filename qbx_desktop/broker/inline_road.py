"""The client's road to a terminal in this process: each call runs at once in the caller's thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace

from ..domain.clock import Clock
from . import command as codes
from .command import Command, Priority, Reply
from .command_queue import too_late
from .convert import unpacked
from .link_keeper import NOT_CONNECTED, LinkKeeper
from .sentences import INTERNAL
from .transports import InlineTransport


class InlineRoad:
    """No thread, no process, no pause between trade requests: for tests and for stepping through a market."""

    def __init__(self, transport: InlineTransport, keeper: LinkKeeper, clock: Clock) -> None:
        self._transport = transport
        self._keeper = keeper
        self._clock = clock
        self._lock = threading.RLock()
        self._closed = False
        self._next_health = 0.0
        self.about: Mapping[str, object] = transport.about()

    @property
    def waiting(self) -> int:
        """Nothing ever waits."""
        return 0

    def submit(self, command: Command) -> Command:
        """Carry `command` out now; a lost link is mended first when its pause is over."""
        with self._lock:
            command.settle(self._reply_to(command))
        return command

    def reconnect(self) -> None:
        """Connect now."""
        with self._lock:
            self._keeper.connection.connect()
            self._connect()

    def close(self) -> None:
        """Let go of the terminal."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._transport.close()
                self._keeper.connection.stop()
                self._keeper.tell()

    def _reply_to(self, command: Command) -> Reply:
        if self._closed:
            return Reply(None, (codes.CLOSED, "closed, not sent"), sent=False)
        now = self._clock.monotonic()
        connection = self._keeper.connection
        if not connection.up and connection.due(now):
            self._connect()
        if connection.up and now >= self._next_health:
            self._next_health = now + self._keeper.limits.health_every
            for name in ("terminal_info", "account_info"):
                self._observe(name, self._ask(name, (), {}))
        if not connection.up:
            return NOT_CONNECTED
        if command.expires <= now:
            return too_late(command)
        flatten = command.priority is Priority.EMERGENCY
        reply = self._timed(command.name, command.args, command.kwargs, flatten)
        self._observe(command.name, reply)
        return reply

    def _connect(self) -> None:
        self._keeper.connection.attempt()
        self._keeper.tell()
        self._keeper.greet(self._ask, self._transport.pin)
        self._next_health = self._clock.monotonic() + self._keeper.limits.health_every

    def _ask(self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Reply:
        return self._timed(name, args, kwargs, False)

    def _timed(
        self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object], flatten: bool
    ) -> Reply:
        begun = self._clock.monotonic()
        reply = self._transport.call(name, args, kwargs, flatten)
        latency = (self._clock.monotonic() - begun) * 1000
        return replace(reply, value=unpacked(reply.value), latency_ms=latency)

    def _observe(self, name: str, reply: Reply) -> None:
        if self._keeper.observe(name, reply):
            self._keeper.lose(INTERNAL())
