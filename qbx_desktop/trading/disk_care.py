"""The disk that orders are recorded on: looked at every few seconds, it limits trading before it is full."""

from __future__ import annotations

from collections.abc import Callable

from ..data.disk_space import MEGABYTE, Space
from ..data.trading_state import TradingState
from ..domain import guards
from ..domain.events import DiskChanged, Level, Topic
from ..domain.messages import declare
from .floor import Floor

_FINE = declare("disk.fine", "There is enough free space on the disk again: trading goes on.")
_EVERY = 2.0
# So much more must be free before a limit is lifted: it must not come and go with every row that is written.
_ABOVE = 1.1
_STRICTEST_FIRST = (TradingState.HALTED, TradingState.REDUCING, TradingState.ACTIVE)


class DiskCare:
    """Keeps `floor.disk` at what the disk allows. Without a `look` (a rehearsal) the disk counts as endless."""

    def __init__(self, floor: Floor, look: Callable[[], Space] | None) -> None:
        self._floor = floor
        self._look = look
        self._state = TradingState.ACTIVE
        self._next = float("-inf")

    def step(self, now: float) -> None:
        """Look if it is time; a change is announced at once and stored when the disk takes it. Raises DbError."""
        if self._look is None or now < self._next:
            return
        self._next = now + _EVERY
        try:
            space = self._look()
        except OSError:
            # A disk that does not answer will refuse the next row as well, and that stops the desk.
            return
        state = space.allows
        if _STRICTEST_FIRST.index(state) > _STRICTEST_FIRST.index(self._state):
            state = Space(round(space.free / _ABOVE), space.total).allows
        if state is self._state:
            return
        self._state = state
        refusal = self._floor.disk = guards.disk_space(state, space.free // MEGABYTE)
        message = _FINE() if refusal is None else refusal.message
        self._floor.ledger.announce(DiskChanged(None if refusal is None else message))
        level = Level.INFO if refusal is None else Level.PROBLEM
        self._floor.ledger.record("INFO", message, topic=Topic.BOT_ERROR, level=level)
