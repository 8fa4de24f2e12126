"""How long each call may take, how often the terminal is looked at, and when to give up on a child process."""

from __future__ import annotations

from dataclasses import dataclass

# Stands for the start of the child where otherwise the name of a function stands.
START = "start"


@dataclass(frozen=True)
class Limits:
    """All durations in seconds. The defaults are the product's; tests shorten them.

    An order waits for its turn `order_warn` at most, and in flight the listeners are told after that; `order` kills
    the child, and the order becomes UNKNOWN.
    `health_every` is the pause between two looks at the terminal while nothing else is asked.
    `stall` is when a call in flight is first reported as "does not answer", and when a read is cut for an emergency.
    """

    read: float = 5.0
    history: float = 60.0
    connect: float = 180.0
    order: float = 200.0
    order_warn: float = 60.0
    start: float = 60.0
    close: float = 1.0
    health_every: float = 2.0
    stall: float = 3.0
    trade_gap: float = 0.05
    back_off: tuple[float, ...] = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
    jitter: float = 0.2
    restarts: int = 5
    restart_window: float = 600.0

    @property
    def longest(self) -> float:
        """No call takes longer than this, in seconds: a child that is still in one has lost its parent."""
        return max(self.read, self.history, self.connect, self.order) + 60.0

    def of(self, name: str) -> float:
        """The budget of one call of the function `name`."""
        if name == "order_send":
            return self.order
        if name in _CONNECTING:
            return self.connect
        if name.startswith(("copy_", "history_")) or name in _LONG:
            return self.history
        return self.read

    def patience_with(self, name: str) -> float:
        """Seconds after which a call of `name` that is still in flight is reported as "does not answer"."""
        if name == "order_send":
            return self.order_warn
        if name == START:
            return self.start
        return self.of(name) if name in _LONG or name.startswith(("copy_", "history_")) else self.stall


_CONNECTING = frozenset({"initialize", "login"})
# The list of all symbols and a practice market that is moved on by hand may take a while.
_LONG = frozenset({"symbols_get", "sim_advance", "sim_advance_to", "sim_step_bar", "sim_snapshot"})
