"""A table of which one page is read at a time, newest first, found by key: the last page costs what the first one does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QObject

from ..theme import Theme
from ..words import Words
from .columns import Column, RowsModel

PAGE = 100
_EXPORTED_AT_ONCE = 1_000


class PagedModel(RowsModel):
    """Reads small pages in the GUI thread. A subclass counts and reads; its rows have an `id`."""

    def __init__(
        self,
        columns: Sequence[Column],
        reader: Callable[[], Any],
        words: Words,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(columns, words, theme, key=lambda row: row.id, parent=parent)
        self._reader = reader
        # The `before_id` of every page from the newest down to the one shown.
        self._anchors: list[int | None] = [None]
        self.total = 0

    def count(self, con: Any) -> int:
        """The number of rows that match the filter."""
        raise NotImplementedError

    def read(self, con: Any, before_id: int | None, limit: int) -> Sequence[Any]:
        """The newest `limit` matching rows below `before_id`, newest first."""
        raise NotImplementedError

    @property
    def page_number(self) -> int:
        """The page shown, 0 is the newest."""
        return len(self._anchors) - 1

    @property
    def has_older(self) -> bool:
        """Whether there is a page below this one."""
        return self.total > (self.page_number + 1) * PAGE

    def reload(self) -> None:
        """Read the page shown, and the count, again."""
        con = self._reader()
        self.total = self.count(con)
        self.set_rows(self.read(con, self._anchors[-1], PAGE))

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

    def all_matching(self) -> list[Any]:
        """Every row that fits the filter, newest first, page by page: for an export, not for the screen."""
        con, found, before = self._reader(), list[Any](), None
        while page := self.read(con, before, _EXPORTED_AT_ONCE):
            found.extend(page)
            before = page[-1].id
        return found
