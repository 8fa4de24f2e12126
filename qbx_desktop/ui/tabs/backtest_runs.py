"""The saved backtests: loaded again, compared, starred, noted, deleted; the list goes back a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ...data import backtests
from ...data.backtests import BacktestSummary
from ..dialogs.ask_password import when_confirmed
from ..dialogs.run_note import RunNoteDialog
from ..empty import EmptyState, MaybeEmpty
from ..flow import FlowRow
from ..models.backtest_runs_model import BacktestRunsModel
from ..models.compare_model import MOST
from ..table_view import selected_rows, table
from .compare_view import CompareView

if TYPE_CHECKING:
    from ..context import AppContext

_PAGE = 200
_WIDTHS = (56, 130, 170, 200, 110, 64, 72, 84, 120)


class BacktestRuns(QStackedWidget):
    """`wanted` carries the number of the saved run the trader wants to see, `again_wanted` of one to run again."""

    wanted = Signal(int)
    again_wanted = Signal(int)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        words = context.words
        self.model = BacktestRunsModel(words, context.theme, self)
        self.view = table(self.model, words, "Saved runs", _WIDTHS, stretch=3)
        self.load_button = self._button("Show again", self.load)
        self.again_button = self._button("Reproduce", self.run_again)
        words.name(self.again_button, "Reproduce", tooltip="Run the selected run again and say what changed")
        self.star_button = self._button("Star", self.star)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.name(self.said, "State of the comparison")
        self.said.hide()
        self.note_button = self._button("Note…", self.write_note)
        self.compare_button = self._button("Compare", self.compare)
        words.name(self.compare_button, "Compare", tooltip="Select two to four runs")
        self.delete_button = self._button("Delete", self.delete)
        self.older_button = self._button("Older", self.show_older)
        self._page = MaybeEmpty(
            self.view, EmptyState(words, "Every finished run is kept here. There is none yet.")
        )
        listed = QWidget()
        box = QVBoxLayout(listed)
        box.setContentsMargins(0, 4, 0, 0)
        box.addWidget(
            FlowRow(
                (
                    self.load_button, self.compare_button, self.again_button, self.star_button, self.note_button,
                    self.delete_button,
                ),
                self.older_button,
            )
        )  # fmt: skip
        box.addWidget(self.said)
        box.addWidget(self._page, 1)
        self.compared = CompareView(context)
        self.compared.back_wanted.connect(self.show_list)
        self.addWidget(listed)
        self.addWidget(self.compared)
        self.view.doubleClicked.connect(self.load)
        self.view.activated.connect(self.load)
        self.view.selectionModel().selectionChanged.connect(self._selection_changed)
        self.reload()

    def selected(self) -> list[BacktestSummary]:
        """The selected summaries, from top to bottom."""
        return [row for row in selected_rows(self.view) if isinstance(row, BacktestSummary)]

    @Slot()
    def reload(self) -> None:
        """Read the newest page again."""
        rows = backtests.summaries(self._context.db.reader(), limit=_PAGE)
        self.model.set_runs(rows)
        self._page.show_view() if rows else self._page.show_empty()
        self.older_button.setEnabled(len(rows) == _PAGE)
        self._selection_changed()

    @Slot()
    def show_older(self) -> None:
        """Add the page before the oldest run shown."""
        shown = self.model.rows
        if shown:
            before = min(row.id for row in shown)
            older = backtests.summaries(self._context.db.reader(), before, _PAGE)
            self.model.set_runs([*shown, *older])
            self.older_button.setEnabled(len(older) == _PAGE)

    @Slot()
    def load(self) -> None:
        """Ask for the selected run."""
        rows = self.selected()
        if rows:
            self.wanted.emit(rows[0].id)

    @Slot()
    def run_again(self) -> None:
        """Ask for the selected run to be run again."""
        rows = self.selected()
        if rows:
            self.again_wanted.emit(rows[0].id)

    def say(self, text: str, role: str = "muted") -> None:
        """Show what came of running one again; nothing for an empty text."""
        self.said.setText(text)
        self.said.setProperty("role", role)
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)
        self.said.setVisible(bool(text))

    @Slot()
    def compare(self) -> None:
        """Show the selected runs side by side, the oldest first."""
        ids = sorted(row.id for row in self.selected())
        if 2 <= len(ids) <= MOST:
            self.compared.show_runs(ids)
            self.setCurrentWidget(self.compared)

    @Slot()
    def show_list(self) -> None:
        """Show the list of saved runs again."""
        self.setCurrentIndex(0)

    @Slot()
    def write_note(self) -> None:
        """Ask for name and note of the selected run."""
        rows = self.selected()
        if not rows:
            return
        row = rows[0]
        dialog = RunNoteDialog(self._context.words, row.id, row.name, row.note, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(lambda: self.describe(row.id, dialog.name, dialog.note))
        dialog.open()

    def describe(self, record_id: int, name: str, note: str) -> None:
        """Store name and note of a run."""
        change = partial(backtests.describe, backtest_id=record_id, name=name, note=note)
        self._context.write(change, lambda _: self.reload())

    @Slot()
    def star(self) -> None:
        """Put a star on the selected runs, or take it away."""
        for row in self.selected():
            change = partial(backtests.describe, backtest_id=row.id, starred=not row.starred)
            self._context.write(change, lambda _: self.reload())

    @Slot()
    def delete(self) -> None:
        """Delete the selected runs after asking."""
        rows = self.selected()
        if rows and self._sure(len(rows)):
            ids = [row.id for row in rows]
            why = self._context.words.t(
                "{count} saved runs will be deleted. Type your password to confirm.", count=len(ids)
            )
            when_confirmed(self._context, why, partial(self._delete, ids), self)

    def _delete(self, ids: Sequence[int]) -> None:
        self._context.write(partial(_delete_all, ids), lambda _: self.reload())

    def _sure(self, count: int) -> bool:
        words = self._context.words
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(words.t("Delete"))
        box.setText(
            words.t(
                "Delete {count} saved runs? They cannot be brought back; the price files stay.", count=count
            )
        )
        yes = box.addButton(words.t("Delete"), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(words.t("Keep"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.exec()
        return box.clickedButton() is yes

    @Slot()
    def _selection_changed(self) -> None:
        any_selected = bool(self.selected())
        for button in (
            self.load_button,
            self.again_button,
            self.star_button,
            self.note_button,
            self.delete_button,
        ):
            button.setEnabled(any_selected)
        self.compare_button.setEnabled(2 <= len(self.selected()) <= MOST)

    def _button(self, text: str, slot: object) -> QPushButton:
        button = QPushButton()
        self._context.words.bind(button, text)
        self._context.words.name(button, text)
        button.clicked.connect(slot)
        return button


def _delete_all(ids: Sequence[int], con: Any) -> None:
    for each in ids:
        backtests.delete(con, each)
