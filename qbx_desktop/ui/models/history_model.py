"""The events of the history, filtered: one table over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from ...data import history
from ...data.history import HistoryRow, Places
from ..theme import Theme
from ..words import Words
from .history_columns import history_columns
from .window_model import Ask, WindowModel


@dataclass(frozen=True)
class HistoryFilter:
    """Which rows; None or the empty text means all."""

    bot_id: int | None = None
    action: str | None = None
    symbol: str | None = None
    text: str | None = None

    def as_query(self) -> dict[str, Any]:
        """As the keyword arguments of `data.history`."""
        return {
            "bot_id": self.bot_id,
            "action": self.action,
            "symbol": self.symbol,
            "text": self.text or None,
        }

    @property
    def is_set(self) -> bool:
        """Whether anything is filtered away."""
        return any(value not in (None, "") for value in self.as_query().values())

    def page(
        self, con: Any, *, before_id: int | None = None, after_id: int | None = None, limit: int
    ) -> list[HistoryRow]:
        """The newest `limit` matching rows below `before_id` and above `after_id`."""
        return history.page(con, before_id=before_id, after_id=after_id, limit=limit, **self.as_query())

    def count(self, con: Any) -> int:
        """How many rows match."""
        return history.count(con, **self.as_query())

    def places(self, con: Any, size: int, newest: int) -> Places:
        """Where the pages of `size` rows begin."""
        return history.places(con, size, newest=newest, **self.as_query())


class HistoryModel(WindowModel):
    """`total` is the number of events that match the filter."""

    def __init__(self, ask: Ask, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(history_columns(words), HistoryFilter(), ask, words, theme, parent)
