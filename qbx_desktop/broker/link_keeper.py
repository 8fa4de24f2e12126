"""Watches every reply for what it says about the link, keeps the agreed account, and tells the listeners."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

from ..domain.clock import Clock
from ..domain.events import ConnectionChanged, Link
from ..domain.messages import Message
from ..domain.records import AccountInfo, TerminalInfo
from .command import INTERNAL_FAIL, LINK_CODES, NO_CONNECTION, WRONG_ACCOUNT, Reply
from .connection import Connection, weakness
from .handshake import Ask, Greeting, HandshakeError, difference, greet
from .latency import CallBook
from .limits import Limits
from .module_caller import Identity
from .sentences import explain
from .spec import TerminalSpec
from .transports import identity_of

Listener = Callable[[ConnectionChanged], None]
_log = logging.getLogger(__name__)
NOT_CONNECTED = Reply(None, (NO_CONNECTION, "No IPC connection"), sent=False)


class LinkKeeper:
    """Used by one thread at a time; only :meth:`listen` and reading attributes may come from others."""

    def __init__(
        self,
        spec: TerminalSpec,
        limits: Limits,
        clock: Clock,
        rng: random.Random,
        password: Callable[[], str | None] | None,
    ) -> None:
        self.spec = spec
        self.limits = limits
        self.connection = Connection(limits, rng)
        self.identity: Identity = identity_of(spec)
        self.greeting: Greeting | None = None
        self.book = CallBook()
        self.reconnects = 0
        self.latency_ms = 0.0
        self._clock = clock
        self._password = password
        self._listeners: tuple[Listener, ...] = ()
        self._told: tuple[Link, Message | None] = (Link.STOPPED, None)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` at every change, on the thread that found it. Returns the way to stop listening."""
        self._listeners = (*self._listeners, listener)

        def stop() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

        return stop

    def greet(self, ask: Ask, pin: Callable[[Identity], None]) -> None:
        """One attempt to connect over `ask`; the state afterwards says how it went. OSError of `pin` passes."""
        try:
            greeting = greet(ask, self.spec, self.identity, self._password)
        except HandshakeError as failure:
            if failure.final:
                self.connection.stop(failure.reason)
            else:
                self.connection.lost(self._clock.monotonic(), failure.reason)
            self.tell()
            return
        if self.greeting is not None:
            self.reconnects += 1
        self.identity = self.identity.pinned_to(greeting.account)
        pin(self.identity)
        self.greeting = greeting
        self.connection.ready(weakness(greeting.terminal))
        self.tell()

    def observe(self, name: str, reply: Reply) -> bool:
        """Learn from a reply. Returns True when the terminal is out of its mind and must be started anew."""
        self.book.add(name, reply)
        self.latency_ms = reply.latency_ms
        if not self.connection.up or self.greeting is None:
            return False
        code = reply.error[0]
        if reply.failed and code == INTERNAL_FAIL:
            return True
        if reply.failed and code in LINK_CODES:
            self.lose(explain(reply.error))
        elif isinstance(reply.value, TerminalInfo):
            self.greeting = Greeting(self.greeting.account, reply.value)
            self.connection.ready(weakness(reply.value))
            self.tell()
        elif isinstance(reply.value, AccountInfo):
            wrong = difference(self.identity, reply.value)
            if wrong is not None:
                self.lose(wrong)
            else:
                self.greeting = Greeting(reply.value, self.greeting.terminal)
        elif code == WRONG_ACCOUNT:
            self.lose(explain(reply.error))
        return False

    def lose(self, reason: Message) -> None:
        """The link is lost; the child may still be good."""
        self.connection.lost(self._clock.monotonic(), reason)
        self.tell()

    def bury(self, reason: Message) -> None:
        """The child is dead."""
        self.connection.died(self._clock.monotonic(), reason)
        self.tell()

    def worry(self, reason: Message) -> None:
        """A call in flight takes long: said, without touching the state."""
        self._send(Link.DEGRADED if self.connection.up else self.connection.link, reason)

    def tell(self) -> None:
        """Tell the listeners when link or reason changed."""
        self._send(self.connection.link, self.connection.reason)

    def _send(self, link: Link, reason: Message | None) -> None:
        if (link, reason) == self._told:
            return
        self._told = (link, reason)
        _log.info("terminal link %s%s", link.value, f": {reason.text}" if reason else "")
        wait = self.connection.wait(self._clock.monotonic())
        event = ConnectionChanged(link, reason, self.latency_ms, self.spec.simulated, wait or 0.0)
        for listener in self._listeners:
            try:
                listener(event)
            except Exception:  # noqa: BLE001 - a listener's bug must not end the client's thread
                _log.exception("a listener to the terminal's link failed")
