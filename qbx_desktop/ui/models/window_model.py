"""A table over all rows of a filter of which only the pages in sight are read, beside the window, by key.

The scroll bar knows every row; a row that was not read yet shows a placeholder until its page comes. Any page costs the same,
however many rows there are.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from PySide6.QtCore import QModelIndex, QObject, Qt, QTimer, Signal

from ...data.history import Places
from ..theme import Theme
from ..words import Words
from .columns import Column, ColumnsModel, Index

PAGE = 100
_KEPT = 40  # pages in memory
_ASKED_AT_ONCE = 4  # pages of one look: what was scrolled past is not read
_FRESH = 1_000  # new rows at the top before the places are found again
_EXPORTED_AT_ONCE = 1_000
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)

Ask = Callable[[Callable[[Any], Any], Callable[[Any], object], Callable[[BaseException], object]], object]


class Source(Protocol):
    """A filter, and how its rows are read; called in the reading thread. Rows have an `id` and come newest first."""

    def page(
        self, con: Any, *, before_id: int | None = None, after_id: int | None = None, limit: int
    ) -> list[Any]:
        """The newest `limit` matching rows below `before_id` and above `after_id`."""

    def count(self, con: Any) -> int:
        """How many rows match."""

    def places(self, con: Any, size: int, newest: int) -> Places:
        """Where the pages of `size` rows begin, among the rows up to the id `newest`."""


class WindowModel(ColumnsModel):
    """`ask(read, then, failed)` reads in another thread and calls back in this one. `changed`: rows or their number."""

    changed = Signal()
    failed = Signal(object)

    def __init__(
        self, columns: Sequence[Column], source: Source, ask: Ask, words: Words, theme: Theme, parent: QObject | None = None
    ) -> None:  # fmt: skip
        super().__init__(columns, words, theme, parent)
        self._source, self._ask = source, ask
        self._generation = 0
        self._fresh: list[Any] = []  # newer than the places, newest first
        self._firsts: Sequence[int] | None = None  # None until the places are known
        self._below = 0  # rows the places speak of
        self._pages: OrderedDict[int, list[Any]] = OrderedDict()
        self._asked: OrderedDict[int, None] = OrderedDict()
        self._under_way: tuple[int, ...] = ()
        self._reading = False
        self._looking = self._again = False
        self.is_complete = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._read_asked)

    @property
    def source(self) -> Source:
        """The filter in use."""
        return self._source

    @property
    def total(self) -> int:
        """The number of matching rows, as far as known (`is_complete`)."""
        return len(self._fresh) + self._below

    @property
    def rows(self) -> tuple[Any, ...]:
        """The rows read so far and still kept, newest first."""
        return (*self._fresh, *(row for number in sorted(self._pages) for row in self._pages[number]))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's own signature
        return 0 if parent.isValid() else self.total

    def row_at(self, row: int) -> Any:
        if not 0 <= row < self.total:
            return None
        if row < len(self._fresh):
            return self._fresh[row]
        number, at = divmod(row - len(self._fresh), PAGE)
        page = self._pages.get(number)
        if page is None:
            self._want(number)
            return None
        return page[at] if at < len(page) else None

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        shown = super().data(index, role)
        if shown is None and index.isValid() and int(role) == _DISPLAY and index.column() == 0:
            return "…"
        return shown

    def set_source(self, source: Source) -> None:
        """Show another filter; the rows shown stay until its first ones are read."""
        self._source = source
        self._open()

    def reload(self) -> None:
        """Look for newer rows; what is shown stays where it is. Asked again meanwhile, it looks once more afterwards."""
        if self._looking:
            self._again = True
            return
        if self._firsts is None or not self.total:
            self._open()
            return
        self._looking = True
        newest = self._fresh[0].id if self._fresh else self._firsts[0]
        source = self._source

        def look(con: Any) -> tuple[list[Any], int]:
            return source.page(con, after_id=newest, limit=_FRESH + 1), source.count(con)

        self._ask(look, partial(self._looked, self._generation), self._told_failure)

    def all_matching(self, con: Any) -> list[Any]:
        """Every row that fits, newest first; for an export, in the reading thread."""
        source, found, before = self._source, list[Any](), None
        while page := source.page(con, before_id=before, limit=_EXPORTED_AT_ONCE):
            found.extend(page)
            before = page[-1].id
        return found

    def _open(self) -> None:
        self._generation += 1
        self._looking, self._again = True, False
        source = self._source
        self._ask(
            lambda con: source.page(con, limit=PAGE),
            partial(self._opened, self._generation),
            self._told_failure,
        )

    def _opened(self, generation: int, rows: list[Any]) -> None:
        if generation != self._generation:
            return
        self.beginResetModel()
        self._fresh, self._firsts, self._below = [], None, len(rows)
        self._pages.clear()
        self._asked.clear()
        if rows:
            self._pages[0] = rows
        self.is_complete = len(rows) < PAGE
        if self.is_complete:
            self._firsts = [row.id for row in rows[:1]]
        self.endResetModel()
        self.changed.emit()
        if self.is_complete:
            self._looked_enough()
        else:
            source, newest = self._source, rows[0].id
            self._ask(
                lambda con: source.places(con, PAGE, newest),
                partial(self._placed, generation),
                self._told_failure,
            )

    def _placed(self, generation: int, found: Places) -> None:
        if generation != self._generation:
            return
        if found.total < self._below:
            self._open()  # rows were deleted in between
            return
        self._firsts, self.is_complete = found.firsts, True
        if found.total > self._below:
            self.beginInsertRows(QModelIndex(), self.total, len(self._fresh) + found.total - 1)
            self._below = found.total
            self.endInsertRows()
        self.changed.emit()
        if self._asked:
            self._soon.start()
        self._looked_enough()

    def _looked(self, generation: int, answer: tuple[list[Any], int]) -> None:
        if generation != self._generation or self._firsts is None:
            return
        rows, total = answer
        # Another question may have brought some of them already.
        newest = self._fresh[0].id if self._fresh else self._firsts[0]
        rows = [row for row in rows if row.id > newest]
        if total != self.total + len(rows) or len(self._fresh) + len(rows) > _FRESH:
            self._open()
            return
        if rows:
            self.beginInsertRows(QModelIndex(), 0, len(rows) - 1)
            self._fresh[:0] = rows
            self.endInsertRows()
        self.changed.emit()
        self._looked_enough()

    def _looked_enough(self) -> None:
        self._looking = False
        if self._again:
            self._again = False
            self.reload()

    def _want(self, number: int) -> None:
        if number in self._under_way:
            return
        self._asked[number] = None
        self._asked.move_to_end(number)
        while len(self._asked) > _ASKED_AT_ONCE:
            self._asked.popitem(last=False)
        # Started again and again, a timer of no time never comes to its turn.
        if not self._reading and not self._soon.isActive():
            self._soon.start()

    def _read_asked(self) -> None:
        firsts = self._firsts
        numbers = () if firsts is None else tuple(each for each in self._asked if each < len(firsts))
        if self._reading or firsts is None or not numbers:
            return
        self._asked.clear()
        self._reading, self._under_way = True, numbers
        # A page is what lies between two keys: no row is counted, however deep it is.
        stretches = [
            (firsts[each] + 1, firsts[each + 1] if each + 1 < len(firsts) else None) for each in numbers
        ]
        source = self._source

        def read(con: Any) -> list[list[Any]]:
            return [
                source.page(con, before_id=above, after_id=below, limit=PAGE) for above, below in stretches
            ]

        self._ask(read, partial(self._came, self._generation, numbers), self._page_failed)

    def _came(self, generation: int, numbers: Sequence[int], pages: Sequence[list[Any]]) -> None:
        self._reading, self._under_way = False, ()
        if generation == self._generation:
            for number, page in zip(numbers, pages, strict=True):
                self._pages[number] = page
                first = len(self._fresh) + number * PAGE
                last = min(first + PAGE, self.total) - 1
                self.dataChanged.emit(self.index(first, 0), self.index(last, len(self.columns) - 1))
            while len(self._pages) > _KEPT:
                self._pages.popitem(last=False)
        if self._asked:
            self._soon.start()

    def _page_failed(self, error: BaseException) -> None:
        self._reading, self._under_way = False, ()
        self._told_failure(error)

    def _told_failure(self, error: BaseException) -> None:
        self._looking = self._again = False
        self.failed.emit(error)
