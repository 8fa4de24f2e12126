"""A table is a list of columns, and its rows are any Python objects: sorted by value, never by text, without a proxy."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QColor, QIcon

from ..theme import Theme
from ..words import Words

Index = QModelIndex | QPersistentModelIndex

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
CENTRE = int(Qt.AlignmentFlag.AlignCenter)

# Compared as ints: `role == Qt.ItemDataRole.X` costs more than the rest of data() together.
_DISPLAY = int(Qt.ItemDataRole.DisplayRole)
_DECORATION = int(Qt.ItemDataRole.DecorationRole)
_TOOLTIP = int(Qt.ItemDataRole.ToolTipRole)
_ALIGNMENT = int(Qt.ItemDataRole.TextAlignmentRole)
_FOREGROUND = int(Qt.ItemDataRole.ForegroundRole)
_ACCESSIBLE = int(Qt.ItemDataRole.AccessibleTextRole)
ROW_ROLE = int(Qt.ItemDataRole.UserRole)
SORT_ROLE = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True)
class Column:
    """One column: English `title` (translated when shown) and functions from a row to what its cell shows.

    `sort` gives the value to sort by (None: not sortable), `colour` the name of a token or None, `icon` a QIcon,
    `accessible` what a screen reader says where the text is not enough.
    """

    title: str
    text: Callable[[Any], str]
    sort: Callable[[Any], Any] | None = None
    align: int = LEFT
    colour: Callable[[Any], str | None] | None = None
    tooltip: Callable[[Any], str] | None = None
    icon: Callable[[Any], QIcon | None] | None = None
    accessible: Callable[[Any], str] | None = None


class ColumnsModel(QAbstractTableModel):
    """The shared half of every table model: headers, roles and cells from columns. A subclass gives `row_at`."""

    def __init__(
        self, columns: Sequence[Column], words: Words, theme: Theme, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.words = words
        self.theme = theme
        self._colours: dict[str, QColor] = {}
        words.changed.connect(self._reword)
        theme.changed.connect(self._recolour)

    def row_at(self, row: int) -> Any:
        """The row object to show; None draws empty cells."""
        raise NotImplementedError

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's own signature
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        row = self.row_at(index.row())
        return None if row is None else self._cell(self.columns[index.column()], row, int(role))

    def _cell(self, column: Column, row: Any, role: int) -> Any:
        if role == _DISPLAY:
            return column.text(row)
        if role == _ALIGNMENT:
            return column.align
        if role == _FOREGROUND:
            token = column.colour(row) if column.colour else None
            return self._colour(token) if token else None
        if role == _DECORATION:
            return column.icon(row) if column.icon else None
        if role == _TOOLTIP:
            return column.tooltip(row) if column.tooltip else None
        if role == _ACCESSIBLE:
            return (column.accessible or column.text)(row)
        if role == ROW_ROLE:
            return row
        if role == SORT_ROLE:
            return column.sort(row) if column.sort else column.text(row)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = _DISPLAY) -> Any:  # noqa: N802 - Qt's name
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if int(role) in (_DISPLAY, _ACCESSIBLE):
            title = self.columns[section].title
            return self.words.t(title) if title else ""
        if int(role) == _ALIGNMENT:
            return self.columns[section].align
        return None

    def _colour(self, token: str) -> QColor:
        if token not in self._colours:
            self._colours[token] = self.theme.colour(token)
        return self._colours[token]

    def all_changed(self) -> None:
        """Say that every visible cell may look different now; rows, order and selection stay."""
        if self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, len(self.columns) - 1))

    @Slot()
    def _reword(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self.columns) - 1)
        self.all_changed()

    @Slot()
    def _recolour(self) -> None:
        self._colours.clear()
        self.all_changed()


class RowsModel(ColumnsModel):
    """A table over a Python list, for up to some ten thousand rows; keeps its order and selection on updates."""

    def __init__(
        self,
        columns: Sequence[Column],
        words: Words,
        theme: Theme,
        *,
        key: Callable[[Any], Any],
        parent: QObject | None = None,
    ) -> None:
        """`key` gives a row's identity, by which `put` and `remove` find it."""
        super().__init__(columns, words, theme, parent)
        self._key = key
        self._rows: list[Any] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None
        # Where each identity is shown; made again when rows have come, gone or moved.
        self._places: dict[Any, int] | None = None

    @property
    def rows(self) -> tuple[Any, ...]:
        """The rows in the order shown."""
        return tuple(self._rows)

    def row_at(self, row: int) -> Any:
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008, N802 - Qt's own signature
        return 0 if parent.isValid() else len(self._rows)

    def set_rows(self, rows: Sequence[Any]) -> None:
        """Replace all rows. The same identities in the same order change in place, so a selection survives."""
        fresh = self._ordered(list(rows))
        if len(fresh) == len(self._rows) and all(
            self._key(a) == self._key(b) for a, b in zip(fresh, self._rows, strict=True)
        ):
            self._rows = fresh
            self.all_changed()
            return
        self.beginResetModel()
        self._rows, self._places = fresh, None
        self.endResetModel()

    def put(self, row: Any, *, at: int = 0) -> None:
        """Change the row of the same identity in place, or insert it at `at` when it is new."""
        found = self.position_of(self._key(row))
        if found is None:
            at = min(max(at, 0), len(self._rows))
            self.beginInsertRows(QModelIndex(), at, at)
            self._rows.insert(at, row)
            self._places = None
            self.endInsertRows()
            return
        self._rows[found] = row
        self.dataChanged.emit(self.index(found, 0), self.index(found, len(self.columns) - 1))

    def remove(self, key: Any) -> None:
        """Take the row of that identity away, if it is there."""
        found = self.position_of(key)
        if found is not None:
            self.beginRemoveRows(QModelIndex(), found, found)
            del self._rows[found]
            self._places = None
            self.endRemoveRows()

    def position_of(self, key: Any) -> int | None:
        """Where the row of that identity is shown."""
        places = self._places
        if places is None or len(places) != len(self._rows):
            places = self._places = {self._key(row): at for at, row in reversed(list(enumerate(self._rows)))}
        return places.get(key)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column's value; a column without one (or -1) leaves the order alone."""
        if not 0 <= column < len(self.columns) or self.columns[column].sort is None:
            self._sorted_by = None
            return
        self._sorted_by = (column, order)
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        ordered = self._ordered(list(self._rows))
        moved = {id(row): at for at, row in enumerate(ordered)}
        after = [self.index(moved[id(self._rows[each.row()])], each.column()) for each in before]
        self._rows, self._places = ordered, None
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _ordered(self, rows: list[Any]) -> list[Any]:
        if self._sorted_by is not None:
            column, order = self._sorted_by
            by = self.columns[column].sort
            assert by is not None
            rows.sort(key=by, reverse=order == Qt.SortOrder.DescendingOrder)
        return rows
