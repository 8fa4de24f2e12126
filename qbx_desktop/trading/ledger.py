"""The trading thread's pen: what happened is committed first, and announced only then."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from ..data import bots, decisions, history
from ..data.database import Database
from ..data.order_journal import OrderJournal
from ..data.transaction import transaction
from ..domain.bots import Bot, BotStatus
from ..domain.clock import Clock
from ..domain.events import DecisionsKept, Event, HistoryAppended, Level, Notice, Topic
from ..domain.messages import Message, declare
from .notices import Notices

_AGAIN = declare("notice.again", "{text} (×{count})")


class Ledger:
    """Writes journal, history, decisions and wishes on the trading thread's own connection.

    Everything inside one `with ledger.writing():` is one transaction; its events reach :attr:`events` after COMMIT.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self.con = db.order_connection()
        self.journal = OrderJournal(self.con)
        self.clock = clock
        self.notices = Notices(clock)
        self.events: deque[Event] = deque()
        self._held: list[Event] | None = None
        self._undone: list[decisions.Decision] = []

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction; nested, it joins the outer one. Raises DbError, then nothing was written or announced."""
        if self._held is not None:
            yield
            return
        self._held = []
        try:
            with transaction(self.con):
                yield
            held = self._held
        finally:
            self._held = None
        self.events.extend(held)

    def announce(self, event: Event | None) -> None:
        """Put an event out, after the running transaction if there is one."""
        if event is not None:
            (self.events if self._held is None else self._held).append(event)

    def record(
        self, action: str, message: Message, *, bot: Bot | None = None, topic: Topic = Topic.INFO,
        level: Level = Level.INFO, tell: bool = True, symbol: str | None = None,
    ) -> int:  # fmt: skip
        """A history row, and with `tell` a notification of it."""
        with self.writing():
            row = history.append(
                self.con, bot_id=None if bot is None else bot.id, action=action, message=message, ts_ms=self.now_ms(),
                is_notification=tell, level=level.value, symbol=symbol, topic=topic.value,
            )  # fmt: skip
            self.announce(HistoryAppended(row, None if bot is None else bot.id))
            if tell:
                bot_id, name = (None, "") if bot is None else (bot.id, bot.name)
                self.announce(Notice(message, topic, level, self.clock.now(), bot_id, name, row))
        return row

    def record_once(
        self, action: str, message: Message, *, bot: Bot | None = None, topic: Topic, level: Level, about: str = ""
    ) -> bool:  # fmt: skip
        """:meth:`record`, unless the same was said a short time ago: then it is counted only.

        `about` tells two problems of one code apart.
        """
        count = self.notices.count(message.code, None if bot is None else bot.id, about)
        if count:
            said = message if count == 1 else _AGAIN(text=message.text, count=count)
            self.record(action, said, bot=bot, topic=topic, level=level)
        return count > 0

    def wish(self, bot_id: int, status: BotStatus) -> None:
        """Store the trader's wish for a bot."""
        with self.writing():
            bots.set_status(self.con, bot_id, status)

    def decided(self, entry: decisions.Decision) -> None:
        """Keep why a bot did what it did; what led to no order is written with the round's others, in one commit."""
        if entry.journal_id is None:
            self._undone.append(entry)
            return
        with self.writing():
            decisions.append(self.con, entry)
            self.announce(DecisionsKept(frozenset({entry.bot_id})))

    def keep_decisions(self) -> None:
        """Write the decisions that led to no order. Raises DbError; then they stay for the next time."""
        if not self._undone:
            return
        with self.writing():
            for entry in self._undone:
                decisions.append(self.con, entry)
            self.announce(DecisionsKept(frozenset(entry.bot_id for entry in self._undone)))
        self._undone.clear()

    def close(self) -> None:
        """Close the connection; what was committed stays."""
        self.con.close()

    def now_ms(self) -> int:
        """UTC milliseconds, for storage."""
        return round(self.clock.now() * 1000)
