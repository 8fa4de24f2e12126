"""The table view every tab uses: rows selected whole, dense, sortable by click, widths kept by the trader."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QObject, Slot
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from .models.columns import ROW_ROLE, ColumnsModel
from .theme import Theme
from .words import Words

_ROW = 26
_MEASURED_ROWS = 24


def table(
    model: ColumnsModel, words: Words, name: str, widths: Sequence[int], *, sortable: bool = True,
    stretch: int | None = None, parent: QWidget | None = None,
) -> QTableView:  # fmt: skip
    """A read-only table over `model`; `widths` in pixels per column, `stretch` is the column that takes the rest."""
    view = QTableView(parent)
    view.setModel(model)
    words.name(view, name)
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setAlternatingRowColors(True)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.setTabKeyNavigation(False)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().hide()
    header = view.horizontalHeader()
    header.setHighlightSections(False)
    # to measure a thousand rows takes longer than a window may stand still
    header.setResizeContentsPrecision(_MEASURED_ROWS)
    header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    for column, width in enumerate(widths):
        view.setColumnWidth(column, width)
    if stretch is None:
        header.setStretchLastSection(True)
    else:
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
    _Scaling(view, model.theme)
    if sortable:
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, header.sortIndicatorOrder())
        view.setSortingEnabled(True)
    return view


class _Scaling(QObject):
    """Rows and columns grow with the size of the text."""

    def __init__(self, view: QTableView, theme: Theme) -> None:
        super().__init__(view)
        self._view, self._theme, self._scale = view, theme, 100
        theme.changed.connect(self._follow)
        view.verticalHeader().setDefaultSectionSize(_ROW)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        before, now = self._scale, self._theme.scale
        if before == now:
            return
        self._scale = now
        self._view.verticalHeader().setDefaultSectionSize(_ROW * now // 100)
        header = self._view.horizontalHeader()
        for column in range(header.count()):
            if header.sectionResizeMode(column) == QHeaderView.ResizeMode.Interactive:
                header.resizeSection(column, header.sectionSize(column) * now // before)


def selected_rows(view: QTableView) -> list[object]:
    """The row objects selected, from top to bottom."""
    indexes = sorted(view.selectionModel().selectedRows(), key=lambda index: index.row())
    return [index.data(ROW_ROLE) for index in indexes]


def select_row(view: QTableView, row: int) -> None:
    """Select one row alone and bring it into sight."""
    flags = QItemSelectionModel.SelectionFlag
    index = view.model().index(row, 0)
    view.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | flags.Rows)
    view.scrollTo(index)
