"""Commands in order of urgency: the most urgent first, the older first among equals; what is too old is not sent."""

from __future__ import annotations

import heapq
import itertools

from .command import EXPIRED, TIME_OUT, Command, Priority, Reply

_SHARED_FROM = Priority.BAR_CLOSE
_POLLS = ("symbol_info", "copy_", "account_info", "terminal_info", "positions_get", "orders_get")


class CommandQueue:
    """Not thread-safe by itself: the dispatcher holds its lock."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Command]] = []
        self._order = itertools.count()
        self._shared: dict[tuple[object, ...], Command] = {}

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, command: Command) -> Command:
        """Add `command`; a poll that is already waiting is not asked twice: the waiting one is given back."""
        key = _key(command)
        if key is not None:
            waiting = self._shared.get(key)
            if waiting is not None:
                return waiting
            self._shared[key] = command
        heapq.heappush(self._heap, (command.priority, next(self._order), command))
        return command

    @property
    def head(self) -> Command | None:
        """The most urgent command, left in its place."""
        return self._heap[0][2] if self._heap else None

    def take(self, *, trades: bool) -> Command | None:
        """Take out the most urgent command; without `trades` the most urgent that moves no money."""
        if trades:
            entry = heapq.heappop(self._heap) if self._heap else None
        else:
            entry = min((each for each in self._heap if not each[2].is_trade), default=None)
            if entry is not None:
                self._heap.remove(entry)
                heapq.heapify(self._heap)
        if entry is None:
            return None
        self._forget(entry[2])
        return entry[2]

    def expired(self, now: float) -> list[tuple[Command, Reply]]:
        """Take out what may no longer be sent, with the reply that says so. An order is never sent late."""
        old = [entry for entry in self._heap if entry[2].expires <= now]
        if not old:
            return []
        self._heap = [entry for entry in self._heap if entry[2].expires > now]
        heapq.heapify(self._heap)
        for _, _, command in old:
            self._forget(command)
        return [(command, too_late(command)) for _, _, command in old]

    def next_expiry(self) -> float | None:
        """Monotonic time at which the first command becomes too old."""
        return min((entry[2].expires for entry in self._heap), default=None)

    def clear(self) -> list[Command]:
        """Take out everything."""
        commands = [entry[2] for entry in sorted(self._heap, key=lambda entry: entry[:2])]
        self._heap.clear()
        self._shared.clear()
        return commands

    def _forget(self, command: Command) -> None:
        key = _key(command)
        if key is not None:
            self._shared.pop(key, None)


def too_late(command: Command) -> Reply:
    """The reply to a command that waited too long: definite, it was not sent."""
    if command.is_trade:
        return Reply(None, (EXPIRED, "not sent, expired"), sent=False)
    return Reply(None, (TIME_OUT, "IPC timeout: not asked, the terminal was busy"), sent=False)


def _key(command: Command) -> tuple[object, ...] | None:
    if command.priority < _SHARED_FROM or not command.name.startswith(_POLLS):
        return None
    return command.name, command.args, tuple(sorted(command.kwargs.items())), command.priority
