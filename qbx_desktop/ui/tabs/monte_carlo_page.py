"""The Monte Carlo page: how deep the same trades could have gone in another order, with some missing, at other costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Slot
from PySide6.QtWidgets import QLabel, QSplitter, QWidget

from ...backtest.doubt.jitter import Jittered
from ...backtest.doubt.monte_carlo import BLOCKS, COSTS, SHUFFLE, SKIP, Resampled
from ...workers.study_job import resample_job
from .. import figures
from ..charts.cones import Cones
from ..dialogs.fields import decimal, whole
from ..empty import EmptyState, MaybeEmpty
from ..models.columns import RIGHT, ROW_ROLE, Column, RowsModel
from ..table_view import select_row, table
from ..wrapping_row import WrappingRow
from .study_page import Inputs, StudyPage

if TYPE_CHECKING:
    from ..context import AppContext
    from ..theme import Theme
    from ..words import Words

_FIELD_WIDTH = 72
TITLES = {
    SHUFFLE: "Trades in another order",
    SKIP: "Some trades missing",
    BLOCKS: "Blocks of trades drawn again",
    COSTS: "Higher costs",
}


class MonteCarloPage(StudyPage):
    """One run of the form's inputs, resampled in four ways."""

    def __init__(self, context: AppContext, inputs: Inputs, parent: QWidget | None = None) -> None:
        super().__init__(context, inputs, parent)
        words, theme = context.words, context.theme
        self.paths = whole(10, 100_000, 1000)
        self.paths.setValue(2_000)
        self.skip, self.ruin = decimal(0, 90, 5, 0), decimal(1, 100, 5, 0)
        self.jitter, self.runs = decimal(0, 50, 5, 0), whole(0, 10_000, 10)
        self.block, self.cost = whole(1, 1_000, 1), decimal(0, 10_000, 5, 0)
        for box, value in ((self.skip, 10.0), (self.ruin, 50.0), (self.cost, 10.0), (self.jitter, 10.0)):
            box.setValue(value)
        self.block.setValue(5)
        self.runs.setValue(50)
        self.start_button = self.button("Resample", self.start, primary=True)
        row = WrappingRow()
        fields = (
            ("Histories", self.paths), ("Missing %", self.skip), ("Block", self.block),
            ("Points worse", self.cost), ("Ruin at −%", self.ruin), ("Settings ±%", self.jitter), ("Runs", self.runs),
        )  # fmt: skip
        for text, editor in fields:
            label = QLabel()
            label.setBuddy(editor)
            words.bind(label, text)
            words.name(editor, text)
            editor.setFixedWidth(_FIELD_WIDTH)
            row.add_field(label, editor)
        row.addWidget(self.start_button)
        row.addWidget(self.cancel_button)
        self.controls.addLayout(row)
        self.cones = Cones(theme, words)
        self.model = ResampledModel(words, theme, self)
        self.ways = table(
            self.model, words, "Ways of resampling", (210, 110, 110, 110, 90, 90, 90), sortable=False
        )
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.cones)
        split.addWidget(self.ways)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 1)
        self._empty = MaybeEmpty(
            split,
            EmptyState(words, "Monte Carlo runs the inputs once and tells their trades in many other ways."),
        )
        self._empty.show_empty()
        self.body.addWidget(self._empty)
        self._shaken: Jittered | None = None
        self._seconds: float | None = None
        words.changed.connect(self._reword)
        self.ways.selectionModel().currentRowChanged.connect(self._row_chosen)

    @Slot()
    def start(self) -> None:
        """Run and resample."""
        self.guarded(self._begin)

    def running_changed(self) -> None:
        self.start_button.setEnabled(not self.is_running)

    def show_result(self, result: Any, seconds: float) -> None:
        self._empty.show_view()
        self._shaken, self._seconds = result.shaken, seconds
        self.model.set_rows(result.ways)
        self._reword()
        if result.ways:
            shown = min(2, len(result.ways) - 1)
            select_row(self.ways, shown)
            self.cones.show_resampled(result.ways[shown])

    @Slot()
    def _reword(self) -> None:
        if self._seconds is None or self.is_running:
            return
        t, language, shaken = self.words.t, self.words.language, self._shaken
        text = t("Done in {seconds} s.", seconds=f"{self._seconds:.1f}")
        if shaken is not None:
            text += " " + t(
                "Of {runs} runs with every parameter and stop moved by up to {share}, {earning} earned money; half of them "
                "made more than {middle}.",
                runs=len(shaken.nets), share=figures.percent(100 * shaken.share, 0, language),
                earning=figures.percent(100 * shaken.earning, 0, language),
                middle=figures.signed(shaken.middle, 2, language),
            )  # fmt: skip
        self.say(text)

    def _begin(self) -> None:
        job = resample_job(
            self.paths.value(),
            0,
            self.skip.value() / 100,
            self.block.value(),
            self.cost.value(),
            self.ruin.value() / 100,
            self.jitter.value() / 100,
            self.runs.value(),
        )
        self.begin([self.inputs()], job)

    @Slot(QModelIndex)
    def _row_chosen(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, Resampled):
            self.cones.show_resampled(row)


class ResampledModel(RowsModel):
    """Rows are `Resampled`."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        def money(share: float) -> Any:
            return lambda row: figures.money(row.final(share), 2, self.words.language)

        def fall(share: float) -> Any:
            return lambda row: figures.percent(-100 * row.drawdown(share), 1, self.words.language)

        columns = (
            Column("Way", lambda row: self.words.t(TITLES[row.method])),
            Column("Worst 5 % end at", money(0.05), align=RIGHT),
            Column("Middle end", money(0.5), align=RIGHT),
            Column("Best 5 % end at", money(0.95), align=RIGHT),
            Column("Fall 50 %", fall(0.5), align=RIGHT),
            Column("Fall 95 %", fall(0.95), align=RIGHT),
            Column("Fall 99 %", fall(0.99), align=RIGHT),
            Column("Ruin", lambda row: figures.percent(100 * row.ruin, 2, self.words.language), align=RIGHT),
        )
        super().__init__(columns, words, theme, key=lambda row: row.method, parent=parent)
