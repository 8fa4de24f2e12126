"""The one thread that owns the pipe: takes the most urgent command, cuts a hung call, brings a dead child back."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import replace

from ..domain.clock import Clock
from ..domain.messages import Message
from . import command as codes
from .child import START_FAILED
from .command import Command, Priority, Reply
from .command_queue import CommandQueue
from .convert import unpacked
from .limits import START
from .link_keeper import NOT_CONNECTED, LinkKeeper
from .sentences import CUT_TEXT, INTERNAL, RECEIVE_FAILED, SILENT, TIMED_OUT
from .trade_pace import TradePace
from .transports import ProcessTransport

_CUT = Reply(None, (codes.TIME_OUT, CUT_TEXT), sent=None)
_CLOSED = Reply(None, (codes.CLOSED, "closed, not sent"), sent=False)


class _ChildGoneError(Exception):
    def __init__(self, reason: Message) -> None:
        self.reason = reason
        self.buried = False


class Dispatcher:
    """Everything below runs on its thread, except :meth:`submit`, :meth:`reconnect`, :meth:`close` and the reader."""

    def __init__(self, transport: ProcessTransport, keeper: LinkKeeper, clock: Clock) -> None:
        self._transport = transport
        self._keeper = keeper
        self._limits = keeper.limits
        self._clock = clock
        self._condition = threading.Condition()
        self._queue = CommandQueue()
        self._inbox: deque[tuple[int, object]] = deque()
        self._closing = False
        self._wanted = False
        self._number = 0
        self._alive = False
        self._pace = TradePace(self._limits.trade_gap)
        self._next_health = 0.0
        self.about: Mapping[str, object] = {}
        self._thread = threading.Thread(target=self._run, name="qbx-terminal-client", daemon=True)
        self._thread.start()

    # -- called from any thread

    def submit(self, command: Command) -> Command:
        """Queue `command`; without a link it is answered at once with "not sent"."""
        with self._condition:
            if self._closing:
                command.settle(_CLOSED)
            elif not self._keeper.connection.up:
                command.settle(NOT_CONNECTED)
            else:
                command = self._queue.put(command)
                self._condition.notify_all()
        return command

    def reconnect(self) -> None:
        """Connect now: at the start, or because a person pressed the button. A call that hangs is cut."""
        with self._condition:
            self._wanted = True
            self._condition.notify_all()

    @property
    def waiting(self) -> int:
        """Commands in the queue."""
        return len(self._queue)

    def close(self) -> None:
        """End the child and the thread. An order in flight gets a moment to be answered, then it is UNKNOWN."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        self._thread.join()

    def _deliver(self, generation: int, message: object) -> None:
        with self._condition:
            self._inbox.append((generation, message))
            self._condition.notify_all()

    # -- the thread

    def _run(self) -> None:
        while not self._closing:
            try:
                self._step()
            except _ChildGoneError as gone:
                self._bury(gone)
                self._transport.kill()
                self._refuse_waiting(NOT_CONNECTED)
        self._refuse_waiting(_CLOSED)
        self._transport.close(self._limits.close)
        self._keeper.connection.stop()
        self._keeper.tell()

    def _step(self) -> None:
        connection = self._keeper.connection
        with self._condition:
            wanted, self._wanted = self._wanted, False
        if wanted:
            connection.connect()
            self._keeper.tell()
        if connection.up:
            self._serve()
        elif connection.due(self._clock.monotonic()):
            self._connect()
        else:
            self._refuse_waiting(NOT_CONNECTED)
            with self._condition:
                self._wait(connection.wait(self._clock.monotonic()))

    def _connect(self) -> None:
        self._keeper.connection.attempt()
        self._keeper.tell()
        if not self._alive and not self._start_child():
            return
        try:
            self._keeper.greet(self._ask, self._transport.pin)
        except OSError:
            raise _ChildGoneError(RECEIVE_FAILED()) from None
        self._next_health = self._clock.monotonic() + self._limits.health_every

    def _start_child(self) -> bool:
        try:
            self._transport.start(self._keeper.identity, self._limits.longest, self._deliver)
        except OSError as error:
            raise _ChildGoneError(START_FAILED(detail=str(error))) from error
        match self._next_word(START, self._limits.start):
            case ("ready", int(), dict() as about):
                self.about = about
                self._alive = True
            case ("failed", str(code), dict() as params):
                self._transport.kill()
                self._keeper.connection.stop(Message(code, params))
                self._keeper.tell()
            case None:
                raise _ChildGoneError(RECEIVE_FAILED())
            case _:
                raise _ChildGoneError(INTERNAL())
        return self._alive

    def _serve(self) -> None:
        with self._condition:
            now = self._clock.monotonic()
            too_old = self._queue.expired(now)
            chosen, health = None, False
            if not too_old:
                chosen, health = self._choose(now)
        _settle(too_old)
        if health:
            for name in ("terminal_info", "account_info"):
                if self._keeper.connection.up:
                    self._observe(name, self._ask(name, (), {}))
        elif chosen is not None:
            self._carry_out(chosen)

    def _choose(self, now: float) -> tuple[Command | None, bool]:
        """What to do next, under the lock: a command, or a look at the terminal; waits when there is nothing."""
        head = self._queue.head
        if now >= self._next_health and (head is None or head.priority >= Priority.RECONCILE):
            self._next_health = now + self._limits.health_every
            return None, True
        may_trade_at = self._pace.free_at(now)
        chosen = self._queue.take(trades=now >= may_trade_at)
        if chosen is None:
            times = [self._next_health, self._queue.next_expiry()]
            if head is not None:
                times.append(may_trade_at)
            self._wait(min(each for each in times if each is not None) - now)
        return chosen, False

    def _carry_out(self, command: Command) -> None:
        flatten = command.priority is Priority.EMERGENCY
        try:
            reply = self._exchange(command.name, command.args, command.kwargs, flatten, command.budget)
        except _ChildGoneError as gone:
            # Whoever gets the reply finds the link lost already.
            self._bury(gone)
            command.settle(_CUT)
            raise
        if command.is_trade:
            self._pace.sent(self._clock.monotonic(), reply)
        try:
            self._observe(command.name, reply)
        except _ChildGoneError as gone:
            self._bury(gone)
            raise
        finally:
            command.settle(reply)

    def _bury(self, gone: _ChildGoneError) -> None:
        self._alive = False
        if not self._closing and not gone.buried:
            gone.buried = True
            self._keeper.bury(gone.reason)

    def _observe(self, name: str, reply: Reply) -> None:
        if self._keeper.observe(name, reply):
            raise _ChildGoneError(INTERNAL())

    def _ask(self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Reply:
        return self._exchange(name, args, kwargs, False, self._limits.of(name))

    def _exchange(
        self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object], flatten: bool, budget: float
    ) -> Reply:
        self._number += 1
        begun = self._clock.monotonic()
        try:
            self._transport.send(self._number, name, args, kwargs, flatten)
        except OSError:
            raise _ChildGoneError(RECEIVE_FAILED()) from None
        except Exception as error:  # noqa: BLE001 - arguments that cannot cross the border never left this process
            text = f"{type(error).__name__}: {error}"
            return Reply(None, (codes.BROKEN_CALL, text), sent=False, exception=text)
        match self._next_word(name, budget):
            case ("reply", int(number), Reply() as reply, float() | None as instant) if (
                number == self._number
            ):
                self._transport.instant = instant
                latency = (self._clock.monotonic() - begun) * 1000
                return replace(reply, value=unpacked(reply.value), latency_ms=latency)
            case None:
                raise _ChildGoneError(RECEIVE_FAILED())
            case _:
                raise _ChildGoneError(INTERNAL())

    def _next_word(self, name: str, budget: float) -> object:
        """The child's next word. Raises _ChildGoneError when it stays silent for `budget` seconds."""
        begun = self._clock.monotonic()
        deadline = begun + budget
        patience = self._limits.patience_with(name)
        worry_at = begun + patience
        closing_at = float("inf")
        while True:
            with self._condition:
                while self._inbox:
                    generation, word = self._inbox.popleft()
                    if generation == self._transport.generation:
                        if worry_at == float("inf"):
                            self._keeper.tell()
                        return word
                now = self._clock.monotonic()
                if self._closing:
                    closing_at = min(closing_at, now + self._limits.close)
                if self._wanted and now >= begun + patience:
                    deadline = now
                too_old = self._queue.expired(now)
                if self._emergency_waits_for(name):
                    deadline = min(deadline, begun + self._limits.stall)
                if not too_old:
                    times = [deadline, closing_at, worry_at, self._queue.next_expiry()]
                    until = min(each for each in times if each is not None)
                    if until > now:
                        self._condition.wait(until - now)
                        continue
            _settle(too_old)
            if now >= min(deadline, closing_at):
                raise _ChildGoneError(TIMED_OUT())
            if now >= worry_at:
                worry_at = float("inf")
                self._keeper.worry(SILENT(seconds=round(now - begun)))

    def _emergency_waits_for(self, name: str) -> bool:
        head = self._queue.head
        return head is not None and head.priority is Priority.EMERGENCY and name != "order_send"

    def _wait(self, seconds: float | None) -> None:
        """Wait, under the lock, for a command, a wish, a word of the child, or the time."""
        if not self._closing and not self._wanted and not self._inbox:
            self._condition.wait(seconds)
        while self._inbox:
            generation, word = self._inbox.popleft()
            if generation == self._transport.generation and self._alive:
                # Nothing was asked: the child died, or it talks to itself.
                raise _ChildGoneError(RECEIVE_FAILED() if word is None else INTERNAL())

    def _refuse_waiting(self, reply: Reply) -> None:
        with self._condition:
            waiting = self._queue.clear()
        _settle([(each, reply) for each in waiting])


def _settle(pairs: list[tuple[Command, Reply]]) -> None:
    for command, reply in pairs:
        command.settle(reply)
