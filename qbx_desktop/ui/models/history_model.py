"""The events of the history, filtered, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from ...data import history
from ...data.history import HistoryRow
from ..theme import Theme
from ..words import Words
from .history_columns import history_columns
from .paged_model import PagedModel


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


class HistoryModel(PagedModel):
    """`total` is the number of events that match the filter."""

    def __init__(
        self,
        reader: Callable[[], Any],
        words: Words,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(history_columns(words), reader, words, theme, parent)
        self._filter = HistoryFilter()

    @property
    def filter(self) -> HistoryFilter:
        """The filter in use."""
        return self._filter

    def set_filter(self, wanted: HistoryFilter) -> None:
        """Show the newest page of what fits `wanted`."""
        self._filter = wanted
        self.newest()

    def count(self, con: Any) -> int:
        return history.count(con, **self._filter.as_query())

    def read(self, con: Any, before_id: int | None, limit: int) -> Sequence[HistoryRow]:
        return history.page(con, before_id=before_id, limit=limit, **self._filter.as_query())
