"""The Walk forward page: windows with what they earned inside and outside, the choice of each, and the joined curve."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLabel, QSplitter, QWidget

from ...backtest.search.study import Request
from ...backtest.search.walk_forward import PEAK, PLATEAU, WalkForward, WindowResult
from ...domain.curves import drawdown_percent
from ...domain.money import currency_digits
from ...workers.study_job import walk_job
from .. import figures
from ..charts.equity_chart import EquityChart
from ..charts.window_bars import WindowBars
from ..dialogs.fields import whole
from ..empty import EmptyState, MaybeEmpty
from ..models.columns import RIGHT, Column, RowsModel
from ..table_view import table
from ..wrapping_row import WrappingRow
from .optimise_page import OptimisePage
from .study_page import Inputs, StudyPage
from .walked import Walked

if TYPE_CHECKING:
    from ..context import AppContext
    from ..theme import Theme
    from ..words import Words

_FIELD_WIDTH = 76


class ForwardPage(StudyPage):
    """Takes ranges, criterion and method from the Optimise page, and gives it the tests for its verdict."""

    walked = Signal(object)

    def __init__(
        self, context: AppContext, inputs: Inputs, search: OptimisePage, parent: QWidget | None = None
    ) -> None:
        super().__init__(context, inputs, parent)
        words, theme = context.words, context.theme
        self._search = search
        self.found: WalkForward | None = None
        self._request: Request | None = None
        self.train, self.test = whole(1, 10_000, 30), whole(1, 10_000, 10)
        self.train.setValue(180)
        self.test.setValue(60)
        self.anchored, self.plateau = QCheckBox(), QCheckBox()
        words.bind(self.anchored, "Anchored")
        words.name(self.anchored, "Anchored", tooltip="Every training begins at the first bar and grows")
        words.bind(self.plateau, "Choose the plateau")
        words.name(
            self.plateau,
            "Choose the plateau",
            tooltip="Trade the middle of the best plateau instead of the peak",
        )
        self.start_button = self.button("Walk forward", self.start, primary=True)
        self.resume_button = self.button("Resume", self.resume)
        row = WrappingRow()
        for text, box in (("Training days", self.train), ("Test days", self.test)):
            label = QLabel()
            label.setBuddy(box)
            words.bind(label, text)
            words.name(box, text)
            box.setFixedWidth(_FIELD_WIDTH)
            row.add_field(label, box)
        for widget in (
            self.anchored,
            self.plateau,
            self.start_button,
            self.resume_button,
            self.cancel_button,
        ):
            row.addWidget(widget)
        self.controls.addLayout(row)
        self.bars = WindowBars(theme, words)
        self.curve = EquityChart(theme, words)
        self.model = WindowsModel(words, theme, self)
        self.windows = table(
            self.model, words, "Windows of the walk-forward", (110, 110, 110, 110, 70, 80), sortable=False
        )
        charts = QSplitter(Qt.Orientation.Horizontal)
        charts.addWidget(self.bars)
        charts.addWidget(self.curve)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(charts)
        split.addWidget(self.windows)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        self._empty = MaybeEmpty(
            split,
            EmptyState(words, "A walk-forward searches on one stretch of days and trades the best on the next. Ranges and criterion are those of the Optimise page."),
        )  # fmt: skip
        self._empty.show_empty()
        self.body.addWidget(self._empty)
        words.changed.connect(self._reword)

    @Slot()
    def start(self) -> None:
        """Walk with what is entered."""
        self.guarded(lambda: self._begin(resume=False))

    @Slot()
    def resume(self) -> None:
        """Go on with windows that were searched before."""
        self.guarded(lambda: self._begin(resume=True))

    def running_changed(self) -> None:
        for button in (self.start_button, self.resume_button):
            button.setEnabled(not self.is_running)

    def show_result(self, result: Any, seconds: float) -> None:
        self.found = result
        if self.chosen is not None and self._request is not None:
            self.walked.emit(Walked(self.chosen, self._request, result))
        self._empty.show_view()
        self.model.set_rows(result.windows)
        self.bars.show_windows(result.windows)
        currency = self.chosen.account.currency if self.chosen is not None else ""
        deepest = drawdown_percent(result.equity, result.equity, result.deposit)
        digits = currency_digits(currency) if currency else 2
        self.curve.set_run(result.times, result.equity, result.equity, deepest, currency, digits)
        self._reword()

    def _begin(self, *, resume: bool) -> None:
        choices = self.inputs()
        self._request = request = self._search.request.request(self._search.ranges.axes(), resume=resume)
        choose = PLATEAU if self.plateau.isChecked() else PEAK
        title = f"{choices.strategy} · {choices.symbol} · {choices.source}"
        job = walk_job(
            request,
            self.train.value(),
            self.test.value(),
            anchored=self.anchored.isChecked(),
            choose=choose,
            title=title,
        )
        self.begin([choices], job)

    @Slot()
    def _reword(self) -> None:
        found, t, language = self.found, self.words.t, self.words.language
        if found is None or self.is_running:
            return
        efficiency = (
            figures.NOTHING
            if found.efficiency is None
            else figures.percent(100 * found.efficiency, 0, language)
        )
        steady = ", ".join(
            f"{name} {figures.percent(100 * value, 0, language)}" for name, value in found.stability.items()
        )
        self.say(
            t(
                "Out of sample {profit}; {good} of {count} tests earned money; efficiency {efficiency}; the choice is steady to {steady}.",
                profit=figures.signed(found.test_profit, 2, language), good=found.profitable, count=len(found.windows),
                efficiency=efficiency, steady=steady,
            )
        )  # fmt: skip


class WindowsModel(RowsModel):
    """Rows are `WindowResult`."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        columns = (
            Column("Test from", lambda row: _day(row.window.test)),
            Column("To", lambda row: _day(row.window.end)),
            Column("In sample", lambda row: self._money(row.train_profit), align=RIGHT),
            Column("Out of sample", lambda row: self._money(row.test_profit), align=RIGHT, colour=_colour),
            Column("Trades", lambda row: str(row.test_trades), align=RIGHT),
            Column("Efficiency", self._efficiency, align=RIGHT),
            Column("Chosen", self._chosen),
        )
        super().__init__(columns, words, theme, key=lambda row: row.window.number, parent=parent)

    def _money(self, value: float) -> str:
        return figures.signed(value, 2, self.words.language)

    def _efficiency(self, row: WindowResult) -> str:
        return (
            figures.NOTHING
            if row.efficiency is None
            else figures.percent(100 * row.efficiency, 0, self.words.language)
        )

    def _chosen(self, row: WindowResult) -> str:
        if row.combo is None:
            return self.words.t("nothing counted")
        return ", ".join(f"{name} {value}" for name, value in row.combo.items())


def _colour(row: WindowResult) -> str | None:
    return "up" if row.test_profit > 0 else "down" if row.test_profit < 0 else None


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
