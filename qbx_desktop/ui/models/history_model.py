"""One page of the history at a time, newest first, found by key: the last page costs what the first one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from ...data import history
from ...data.history import HistoryRow
from ..theme import Theme
from ..words import Words
from .columns import RowsModel
from .history_columns import history_columns

PAGE = 100


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


class HistoryModel(RowsModel):
    """Reads small pages in the GUI thread; `total` is the number of rows that match the filter."""

    def __init__(
        self,
        reader: Callable[[], Any],
        words: Words,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(history_columns(words), words, theme, key=lambda row: row.id, parent=parent)
        self._reader = reader
        self._filter = HistoryFilter()
        # The `before_id` of every page from the newest down to the one shown.
        self._anchors: list[int | None] = [None]
        self.total = 0

    @property
    def filter(self) -> HistoryFilter:
        """The filter in use."""
        return self._filter

    @property
    def page_number(self) -> int:
        """The page shown, 0 is the newest."""
        return len(self._anchors) - 1

    @property
    def has_older(self) -> bool:
        """Whether there is a page below this one."""
        return self.total > (self.page_number + 1) * PAGE

    def set_filter(self, wanted: HistoryFilter) -> None:
        """Show the newest page of what fits `wanted`."""
        self._filter = wanted
        self._anchors = [None]
        self.reload()

    def reload(self) -> None:
        """Read the page shown, and the count, again."""
        con = self._reader()
        self.total = history.count(con, **self._filter.as_query())
        self.set_rows(self._read(con, self._anchors[-1]))

    def older(self) -> None:
        """Go one page down."""
        if self.rows and self.has_older:
            self._anchors.append(self.rows[-1].id)
            self.reload()

    def newer(self) -> None:
        """Go one page up."""
        if len(self._anchors) > 1:
            self._anchors.pop()
            self.reload()

    def newest(self) -> None:
        """Go to the newest page."""
        self._anchors = [None]
        self.reload()

    def all_matching(self) -> list[HistoryRow]:
        """Every row that fits the filter, newest first, page by page: for an export, not for the screen."""
        con, found, before = self._reader(), list[HistoryRow](), None
        while page := history.page(con, before_id=before, limit=1_000, **self._filter.as_query()):
            found.extend(page)
            before = page[-1].id
        return found

    def _read(self, con: Any, before: int | None) -> list[HistoryRow]:
        return history.page(con, before_id=before, limit=PAGE, **self._filter.as_query())
