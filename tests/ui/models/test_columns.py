"""Tables made of columns: values, order, updates in place, language and theme, and Qt's own model checks."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from qbx_desktop.ui.models.columns import RIGHT, ROW_ROLE, SORT_ROLE, Column, RowsModel
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import PSEUDO, Words


@dataclass(frozen=True)
class Row:
    id: int
    name: str
    profit: float


COLUMNS = [
    Column("Name", lambda row: row.name),
    Column(
        "P/L",
        lambda row: f"{row.profit:+.2f}",
        sort=lambda row: row.profit,
        align=RIGHT,
        colour=lambda row: "up" if row.profit > 0 else "down" if row.profit < 0 else None,
        tooltip=lambda row: f"{row.name} earned {row.profit}",
        accessible=lambda row: f"profit {row.profit}",
    ),
]
ROWS = [Row(1, "a", 9.0), Row(2, "b", 10.0), Row(3, "c", -100.0)]


def model_of(theme: Theme, words: Words) -> RowsModel:
    model = RowsModel(COLUMNS, words, theme, key=lambda row: row.id)
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    assert tester.model() is model
    model.set_rows(ROWS)
    return model


def texts(model: RowsModel, column: int = 0) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_a_cell_answers_every_role(theme: Theme, words: Words) -> None:
    model = model_of(theme, words)
    cell = model.index(2, 1)
    assert cell.data() == "-100.00"
    assert cell.data(Qt.ItemDataRole.TextAlignmentRole) == RIGHT
    assert cell.data(Qt.ItemDataRole.ForegroundRole) == theme.colour("down")
    assert cell.data(Qt.ItemDataRole.ToolTipRole) == "c earned -100.0"
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "profit -100.0"
    assert cell.data(ROW_ROLE) is ROWS[2]
    assert cell.data(SORT_ROLE) == -100.0
    assert model.index(0, 0).data(Qt.ItemDataRole.ForegroundRole) is None


def test_sorting_is_by_value_and_keeps_the_selection(qtbot: QtBot, theme: Theme, words: Words) -> None:
    model = model_of(theme, words)
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    view.selectionModel().select(model.index(2, 0), QItemSelectionModel.SelectionFlag.Select)
    kept = QPersistentModelIndex(model.index(1, 0))
    model.sort(1, Qt.SortOrder.AscendingOrder)
    assert texts(model) == ["c", "a", "b"], "as texts, 10 would come before 9"
    assert [index.row() for index in view.selectedIndexes()] == [0]
    assert kept.row() == 2
    model.set_rows([*ROWS, Row(4, "d", 0.0)])
    assert texts(model) == ["c", "d", "a", "b"], "new rows keep the chosen order"
    model.sort(0)
    assert texts(model) == ["c", "d", "a", "b"], "a column without a value leaves the order alone"


def test_put_changes_in_place_and_inserts_new(theme: Theme, words: Words) -> None:
    model = model_of(theme, words)
    changes: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: changes.append((first.row(), last.row())))
    model.put(Row(2, "b", 11.0))
    assert changes == [(1, 1)]
    model.put(Row(9, "z", 0.0))
    assert texts(model) == ["z", "a", "b", "c"]
    model.remove(2)
    model.remove(2)
    assert texts(model) == ["z", "a", "c"]


def test_the_same_rows_again_are_no_reset(theme: Theme, words: Words) -> None:
    model = model_of(theme, words)
    resets: list[int] = []
    model.modelReset.connect(lambda: resets.append(1))
    model.set_rows([Row(1, "a", 1.0), Row(2, "b", 1.0), Row(3, "c", 1.0)])
    assert resets == []
    assert texts(model, 1) == ["+1.00"] * 3
    model.set_rows(ROWS[:1])
    assert resets == [1]


def test_language_and_theme_reach_the_table(theme: Theme, words: Words) -> None:
    model = model_of(theme, words)
    dark = model.index(0, 1).data(Qt.ItemDataRole.ForegroundRole)
    words.use(PSEUDO)
    assert model.headerData(1, Qt.Orientation.Horizontal) == "[P/L]"
    theme.use("light")
    assert model.index(0, 1).data(Qt.ItemDataRole.ForegroundRole) != dark
