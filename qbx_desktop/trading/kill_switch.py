"""Closing everything: one order per position, again and again until the broker shows none; survives a restart."""

from __future__ import annotations

from ..broker.errors import TerminalError
from ..data import settings
from ..data.order_journal import AlreadyJournaled
from ..domain.events import Level, Topic
from ..domain.messages import declare
from ..domain.records import TradePosition
from . import order_sentences as say
from .close_position import Closer
from .floor import Floor

_KEY = "kill.flatten"
OURS, ALL = "ours", "all"

_FLAT = declare("kill.flat", "Everything is closed: {count} positions.")
_LEFT = declare(
    "kill.left",
    "{count} positions could not be closed yet ({tickets}). We try again until the broker shows none.",
)
_PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)


class KillSwitch:
    """Flattens our positions (`OURS`) or, after a second confirmation, the whole account (`ALL`)."""

    def __init__(self, floor: Floor, closer: Closer) -> None:
        self._floor = floor
        self._closer = closer
        self._scope: str | None = None
        self._tries: dict[int, tuple[int, float]] = {}
        self._closed: set[int] = set()

    @property
    def armed(self) -> str | None:
        """What is being closed, None when nothing is."""
        return self._scope

    def load(self) -> None:
        """Go on after a restart."""
        scope = settings.get(self._floor.ledger.con, _KEY, None)
        self._scope = scope if scope in (OURS, ALL) else None

    def arm(self, scope: str) -> None:
        """Begin to close everything. Twice is once; `ALL` outweighs `OURS`."""
        if self._scope == ALL or scope == self._scope:
            return
        self._scope = scope
        self._tries.clear()
        self._closed.clear()
        with self._floor.ledger.writing():
            settings.set(self._floor.ledger.con, _KEY, scope)

    def seconds_to_next(self, now: float) -> float | None:
        """Until the next attempt, None when nothing is being closed."""
        if self._scope is None:
            return None
        waits = [at for _, at in self._tries.values()]
        return max(0.0, min(waits, default=now) - now) if waits else 0.0

    def step(self) -> bool:
        """Close the next position that is due; False when there is nothing more to do now. Raises DbError."""
        if self._scope is None or self._floor.view.blind:
            return False
        left = self._targets()
        if not left:
            self._done()
            return False
        now = self._floor.clock.monotonic()
        unsettled = {row.position_ticket for row in self._floor.ledger.journal.open_questions()}
        busy = {row.bot_id for row in self._floor.ledger.journal.open_questions()}
        for position in left:
            count, at = self._tries.get(position.ticket, (0, now))
            bot_id = self._floor.view.bot_of_magic(position.magic)
            if at > now or position.ticket in unsettled or (bot_id is not None and bot_id in busy):
                continue
            self._tries[position.ticket] = (count + 1, now + _PAUSES[min(count + 1, len(_PAUSES) - 1)])
            self._try(position, bot_id)
            if count == 3:
                self._tell_left(left)
            return True
        return False

    def _try(self, position: TradePosition, bot_id: int | None) -> None:
        bot = None if bot_id is None else self._floor.bots.get(bot_id)
        try:
            row = self._closer.close(
                position, bot, source="KILL", why=say.WHY_KILL(), bar_time=self._floor.view.server_time
            )
        except (TerminalError, AlreadyJournaled):
            return
        if row.filled:
            self._closed.add(position.ticket)
        slot = None if bot_id is None else self._floor.slots.get(bot_id)
        if slot is not None and row.filled:
            slot.unseen, slot.unseen_since = row, self._floor.clock.monotonic()

    def _targets(self) -> tuple[TradePosition, ...]:
        return self._floor.view.positions if self._scope == ALL else self._floor.view.ours

    def _done(self) -> None:
        self._scope = None
        with self._floor.ledger.writing():
            settings.set(self._floor.ledger.con, _KEY, None)
            self._floor.ledger.record(
                "INFO", _FLAT(count=len(self._closed)), topic=Topic.INFO, level=Level.GOOD
            )

    def _tell_left(self, left: tuple[TradePosition, ...]) -> None:
        tickets = ", ".join(str(each.ticket) for each in left)
        self._floor.ledger.record_once(
            "INFO", _LEFT(count=len(left), tickets=tickets), topic=Topic.REFUSAL, level=Level.PROBLEM
        )
