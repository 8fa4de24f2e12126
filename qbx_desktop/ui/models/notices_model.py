"""The notification centre's rows: what the trader was told, newest first, a lasting problem counted on one line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon

from ...data.history import HistoryRow
from ...domain.events import Level, Notice, Topic
from ...domain.messages import Message
from .. import figures
from ..icons import Icons
from ..theme import Theme
from ..words import Words
from .columns import Column, RowsModel

MOST = 1_000
_LEVEL_LOOK = {
    Level.INFO: ("info", "muted"),
    Level.GOOD: ("good", "accent"),
    Level.WARNING: ("warning", "warning"),
    Level.PROBLEM: ("error", "error"),
}
# A fill, a refusal and an alert are each told; of the others the same sentence again is counted.
_EACH = {Topic.FILL, Topic.REFUSAL, Topic.ALERT}


@dataclass(frozen=True)
class NoticeRow:
    """One line. `at` UTC seconds of the latest; `history_ids` the stored rows behind it, none for passing ones."""

    number: int
    key: tuple[object, ...]
    message: Message
    topic: str
    level: Level
    at: float
    bot_id: int | None
    bot_name: str
    history_ids: tuple[int, ...]
    count: int = 1
    read: bool = False


class NoticesModel(RowsModel):
    """Begins with the stored notifications; `add` puts a new one on top or counts it on its line."""

    def __init__(self, words: Words, theme: Theme, icons: Icons, parent: QObject | None = None) -> None:
        self._icons = icons
        self._numbers = itertools.count(1)
        columns = (
            Column("", lambda row: "", icon=self._unread_icon,
                   accessible=lambda row: self.words.t("read" if row.read else "unread")),
            Column("Time", lambda row: figures.local_time(row.at), sort=lambda row: row.at),
            Column("", lambda row: "", icon=self._level_icon, accessible=lambda row: self.words.t(row.level.value)),
            Column("Bot", lambda row: row.bot_name or figures.NOTHING, sort=lambda row: row.bot_name.casefold()),
            Column("Notification", self._sentence, tooltip=self._sentence,
                   colour=lambda row: {"problem": "error", "warning": "warning"}.get(row.level.value)),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.number, parent=parent)
        self._all: list[NoticeRow] = []
        self._topics: frozenset[str] | None = None

    @property
    def unread(self) -> int:
        """How many lines were not read yet."""
        return sum(not row.read for row in self._all)

    def load(self, stored: Sequence[HistoryRow]) -> None:
        """Begin with the stored notifications, newest first."""
        self._all = []
        for row in reversed(stored):
            self._take(_of_history(row), read=row.is_read)
        self._show()

    def add(self, notice: Notice) -> NoticeRow:
        """Take a new notice and return its line, counted if it was there already."""
        row = self._take(notice, read=False)
        if row.count > 1:
            self._show()
        elif self._topics is None or row.topic in self._topics:
            self.put(row)
        return row

    def mark_read(self, numbers: Sequence[int] | None = None) -> list[int]:
        """Mark these lines (None: all) as read; returns the ids of the stored rows behind them."""
        ids: list[int] = []
        for at, row in enumerate(self._all):
            if not row.read and (numbers is None or row.number in numbers):
                ids.extend(row.history_ids)
                self._all[at] = replace(row, read=True)
        self._show()
        return ids

    def show_topics(self, topics: frozenset[str] | None) -> None:
        """Show only these topics; None shows all."""
        self._topics = topics
        self._show()

    def _take(self, notice: Notice, read: bool) -> NoticeRow:
        key = _key(notice)
        ids = () if notice.history_id is None else (notice.history_id,)
        found = None
        if notice.topic not in _EACH:
            found = next((row for row in self._all[:100] if row.key == key and row.read == read), None)
        if found is not None:
            self._all.remove(found)
            row = replace(
                found, message=notice.message, level=notice.level, at=notice.at, count=found.count + 1,
                history_ids=found.history_ids + ids,
            )  # fmt: skip
        else:
            row = NoticeRow(
                next(self._numbers), key, notice.message, notice.topic.value, notice.level, notice.at, notice.bot_id,
                notice.bot_name, ids, read=read,
            )  # fmt: skip
        self._all.insert(0, row)
        del self._all[MOST:]
        return row

    def _show(self) -> None:
        self.set_rows([row for row in self._all if self._topics is None or row.topic in self._topics])

    def _sentence(self, row: NoticeRow) -> str:
        count = f" (×{row.count})" if row.count > 1 else ""
        return self.words.say(row.message) + count

    def _unread_icon(self, row: NoticeRow) -> QIcon:
        return self._icons.icon("read", "muted") if row.read else self._icons.icon("unread", "accent")

    def _level_icon(self, row: NoticeRow) -> QIcon:
        return self._icons.icon(*_LEVEL_LOOK[row.level])


def _key(notice: Notice) -> tuple[object, ...]:
    if notice.topic in _EACH:
        return (notice.bot_id, notice.message.code, json.dumps(dict(notice.message.params), default=str))
    return (notice.bot_id, notice.topic, notice.message.code)


def _of_history(row: HistoryRow) -> Notice:
    known = next((each for each in Topic if each == row.topic), None)
    topic = known or _TOPIC_OF.get(row.action, Topic.INFO)
    level = Level(row.level) if row.level in Level.__members__.values() else Level.INFO
    at = row.ts_ms / 1000 if row.ts_ms is not None else 0.0
    return Notice(row.message, topic, level, at, row.bot_id, row.bot_name, row.id)


_TOPIC_OF = {
    "POSISI DIBUKA": Topic.FILL, "POSISI DITUTUP": Topic.FILL, "GAGAL BUKA POSISI": Topic.REFUSAL,
    "GAGAL TUTUP POSISI": Topic.REFUSAL, "ALERT": Topic.ALERT, "ERROR": Topic.BOT_ERROR,
}  # fmt: skip
