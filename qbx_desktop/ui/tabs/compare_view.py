"""Two to four saved runs side by side: their equity on one axis, their figures in one table."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QPushButton, QSplitter, QVBoxLayout, QWidget

from ...domain.errors import QbxError
from ...workers.backtest_run import ShownRun
from ..charts.compare_chart import MOST, CompareChart, Curve
from ..flow import FlowRow
from ..models.compare_model import CompareModel
from ..save_picture import save_picture
from ..table_view import table

if TYPE_CHECKING:
    from ..context import AppContext

_WIDTHS = (130, 250, 24, 150, 150, 150, 150)
_FIRST_RUN = 3


class CompareView(QWidget):
    """Reads the runs in a thread of its own. `back_wanted` asks for the list of saved runs again."""

    back_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        words = context.words
        self.model = CompareModel(words, context.theme, self)
        self.table = table(self.model, words, "Compared runs", _WIDTHS, sortable=False, stretch=1)
        self.chart = CompareChart(context.theme, words)
        self.said = words.name(QLabel(wordWrap=True), "State of the comparison")
        self.said.setProperty("role", "warning")
        self.said.hide()
        self.back = words.name(words.bind(QPushButton(), "Back to the list"), "Back to the list")
        self.picture = words.name(words.bind(QPushButton(), "Save picture…"), "Save picture…")
        context.icons.bind(self.picture, "export")
        self.back.clicked.connect(self.back_wanted)
        self.picture.clicked.connect(self._save)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.chart)
        halves.addWidget(self.table)
        halves.setSizes([220, 240])
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.addWidget(FlowRow((self.back, self.picture)))
        box.addWidget(self.said)
        box.addWidget(halves, 1)

    def show_runs(self, ids: Sequence[int]) -> None:
        """Read these saved runs and compare them."""
        self._asked += 1
        answer: Future[Any] = Future()
        number = self._asked
        self._context.answers.deliver(answer, partial(self._read, number), partial(self._failed, number))
        read = partial(_read, self._context.db.reader, tuple(ids[:MOST]))
        threading.Thread(target=_settle, args=(answer, read), name="qbx-compare", daemon=True).start()

    def _read(self, number: int, runs: Sequence[ShownRun]) -> None:
        if number != self._asked:
            return
        self.said.hide()
        self.model.set_runs(runs)
        for at in range(MOST):
            self.table.setColumnHidden(_FIRST_RUN + at, at >= len(runs))
        t = self._context.words.t
        names = [t("Run {number}", number=run.record_id) for run in runs]
        self.chart.set_curves(
            [Curve(name, run.times, run.equity) for name, run in zip(names, runs, strict=True)]
        )

    def _failed(self, number: int, error: BaseException) -> None:
        if number != self._asked:
            return
        if not isinstance(error, QbxError):
            self._context.board.problem.emit(error)
            return
        self.said.setText(self._context.words.say(error.message))
        self.said.show()

    @Slot()
    def _save(self) -> None:
        name = "-".join(str(run.record_id) for run in self.model.runs)
        save_picture(self.chart, f"compare-{name}", self._context.words, self)


def _read(reader: Callable[[], Any], ids: Sequence[int]) -> list[ShownRun]:
    from ...data import backtests
    from ...workers.backtest_run import from_record

    con = reader()
    return [from_record(backtests.load(con, each)) for each in ids]


def _settle(answer: Future[Any], read: Callable[[], Any]) -> None:
    try:
        answer.set_result(read())
    except Exception as error:  # noqa: BLE001 - the asker gets it
        answer.set_exception(error)
