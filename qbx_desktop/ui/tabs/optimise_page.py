"""The Optimise page: what to vary on the left, the heat map with its plateau, the verdict and every result on the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ...backtest.search.space import ATR_PERIOD, LOTS, RISK, SETTINGS, SL, TP, Combo
from ...backtest.search.study import Study, with_forward
from ...backtest.search.surface import HeatMap, neighbours
from ...domain.errors import QbxError
from ...domain.sizing import Sizing, StopDistance
from ...workers.backtest_job import Choices
from ...workers.study_job import optimise_job
from ..charts.heat_map import HeatMapView
from ..down_scroll import DownScroll
from ..empty import EmptyState, MaybeEmpty
from ..models.columns import ROW_ROLE
from ..models.search_model import SearchModel
from ..table_view import table
from .search_ranges import SearchRanges
from .search_request import SearchRequest
from .study_page import Inputs, StudyPage
from .verdict_box import VerdictBox
from .walked import Walked

if TYPE_CHECKING:
    from ..context import AppContext

_LEFT_WIDTH, _NAME_WIDTH = 310, 150


class OptimisePage(StudyPage):
    """`use` fills the form with inputs the trader clicked."""

    def __init__(
        self,
        context: AppContext,
        inputs: Inputs,
        use: Callable[[Choices], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(context, inputs, parent)
        words, theme = context.words, context.theme
        self._use = use
        self.study: Study | None = None
        self._forward: Walked | None = None
        self._picture: HeatMap | None = None
        self.ranges = SearchRanges(words)
        self.request = SearchRequest(context)
        self.start_button = self.button("Optimise", self.start, primary=True)
        self.resume_button = self.button("Resume", self.resume)
        words.bind(
            self.resume_button, "Go on with the newest search of exactly these settings", setter="setToolTip"
        )
        self.heat = HeatMapView(theme, words)
        self.across, self.down = QComboBox(), QComboBox()
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.verdict = VerdictBox(words)
        self.model = SearchModel(words, theme, self)
        self.results = table(self.model, words, "Results of the search", ())
        self._empty = MaybeEmpty(
            self._right(),
            EmptyState(words, "Tick what to vary, then press Optimise. Click a cell to use its settings."),
        )
        self._empty.show_empty()
        self._lay_out()
        self.ranges.changed.connect(self._count_changed)
        self.heat.chosen.connect(self._cell_chosen)
        self.results.doubleClicked.connect(self._row_chosen)
        self.results.activated.connect(self._row_chosen)
        for box in (self.across, self.down):
            box.currentIndexChanged.connect(self._show_map)
        words.changed.connect(self._reword)
        self.read_form()

    @Slot()
    def read_form(self) -> None:
        """Offer what the form's strategy has to vary."""
        try:
            self.ranges.show_choices(self.inputs())
        except QbxError:
            return  # the form says it when it is used
        self._count_changed()

    @Slot()
    def start(self) -> None:
        """Search with what is entered."""
        self.guarded(lambda: self._begin(resume=False))

    @Slot()
    def resume(self) -> None:
        """Go on with the newest search of the same settings."""
        self.guarded(lambda: self._begin(resume=True))

    def _begin(self, *, resume: bool) -> None:
        choices = self.inputs()
        request = self.request.request(self.ranges.axes(), resume=resume)
        self.begin(
            [choices], optimise_job(request, f"{choices.strategy} · {choices.symbol} · {choices.source}")
        )

    def running_changed(self) -> None:
        for button in (self.start_button, self.resume_button):
            button.setEnabled(not self.is_running)

    def take_forward(self, walked: Walked) -> None:
        """A walk-forward was done: where it is of the search shown, or of the next one, its tests enter the verdict."""
        self._forward = walked
        if self.study is not None:
            self._judge(self.study)

    def _judge(self, study: Study) -> None:
        walked = self._forward
        if walked is not None and self.chosen is not None and walked.fits(self.chosen, study.request):
            study = with_forward(study, walked.found)
        self.study = study
        self.verdict.show_verdict(study.verdict)

    def show_result(self, result: Any, seconds: float) -> None:
        self._judge(result)
        self._empty.show_view()
        words = self.words
        self.say(
            words.t(
                "Search {number}: {count} combinations in {seconds} s, {failed} could not be run.",
                number=result.id, count=len(result.rows), seconds=f"{seconds:.1f}", failed=result.failed,
            )
        )  # fmt: skip
        self.model.set_study(result.rows, result.axes)
        self.results.resizeColumnsToContents()
        names = [axis.name for axis in result.axes]
        for box, at in ((self.across, 0), (self.down, 1)):
            box.blockSignals(True)
            box.clear()
            box.addItems(names)
            box.setCurrentIndex(min(at, len(names) - 1))
            box.blockSignals(False)
        self._show_map()

    @Slot()
    def _show_map(self) -> None:
        study = self.study
        if study is None:
            return
        x, y = self.across.currentText(), self.down.currentText()
        has_map = len(study.axes) > 1 and x != y
        self.heat.setVisible(has_map)
        self._reword()
        if not has_map:
            self._picture = None
            self.heat.show_map(None, None, frozenset())
            return
        self._picture = picture = study.map(x, y)

        def cell(combo: Combo) -> tuple[int, int]:
            return picture.y.values.index(combo[y]), picture.x.values.index(combo[x])

        peak = None if study.best is None else cell(study.best.outcome.combo)
        plateau: frozenset[tuple[int, int]] = frozenset()
        if study.steady is not None and study.steady.plateau is not None:
            around = neighbours(study.axes, study.steady, study.rows)
            plateau = frozenset(cell(each.outcome.combo) for each in around if each.value is not None)
        self.heat.show_map(picture, peak, plateau)

    @Slot()
    def _reword(self) -> None:
        self._count_changed()
        study, t = self.study, self.words.t
        for at, title in enumerate(("Map", "Verdict", "Results")):
            self.views.setTabText(at, t(title))
        if study is None:
            return
        text = t("{count} runs were tried. The best one will look better than it is.", count=len(study.rows))
        if study.trials.count > len(study.rows):
            text += " " + t("{count} settings were ever tried on this market.", count=study.trials.count)
        if (
            study.steady is not None
            and study.steady.plateau is not None
            and study.steady.steadiness is not None
        ):
            text += " " + t(
                "[ ] = plateau, its middle keeps {share} % of its value; ★ = peak.",
                share=round(100 * study.steady.steadiness),
            )
        self.note.setText(text)

    @Slot(int, int)
    def _cell_chosen(self, row: int, column: int) -> None:
        combo = None if self._picture is None else self._picture.best[row][column]
        if combo is not None:
            self._fill(combo)

    @Slot(QModelIndex)
    def _row_chosen(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if row is not None:
            self._fill(row.outcome.combo)

    def _fill(self, combo: Combo) -> None:
        if self.chosen is not None:
            self._use(with_combo(self.chosen, combo))
            text = ", ".join(f"{name} {value}" for name, value in combo.items())
            self.say(self.words.t("The inputs now hold {values}. Press F5 to run them.", values=text))

    @Slot()
    def _count_changed(self) -> None:
        self.start_button.setText(self.words.t("Optimise {count} runs", count=self.ranges.count()))

    def _right(self) -> QWidget:
        words = self.words
        axes = QHBoxLayout()
        for text, box in (("Columns", self.across), ("Rows", self.down)):
            label = QLabel()
            label.setBuddy(box)
            words.bind(label, text)
            words.name(box, text)
            box.setMinimumWidth(_NAME_WIDTH)
            axes.addWidget(label)
            axes.addWidget(box)
        axes.addStretch(1)
        above = QWidget()
        column = QVBoxLayout(above)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(4)
        column.addLayout(axes)
        column.addWidget(self.heat, 1)
        column.addWidget(self.note)
        self.views = QTabWidget()
        words.name(self.views, "Views of the search")
        for page, title in ((above, "Map"), (DownScroll(self.verdict), "Verdict"), (self.results, "Results")):
            self.views.addTab(page, title)
        return self.views

    def _lay_out(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self.ranges)
        column.addWidget(self.request)
        column.addStretch(1)
        scroll = DownScroll(left)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(scroll)
        splitter.addWidget(self._empty)
        # In a narrow window the right side gives way, not the fields, the form or Market Watch.
        self._empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_LEFT_WIDTH, 700])
        splitter.setChildrenCollapsible(False)
        for button in (self.start_button, self.resume_button, self.cancel_button):
            self.buttons.addWidget(button)
        self.buttons.addStretch(1)
        self.body.addWidget(splitter)


def with_combo(choices: Choices, combo: Combo) -> Choices:
    """The inputs with a combination of a search in place."""
    params = {**choices.params, **{name: value for name, value in combo.items() if name not in SETTINGS}}
    changed = replace(choices, params=params)
    for name, value in combo.items():
        if name == SL:
            changed = replace(changed, sl=StopDistance(choices.sl.unit, float(value)))
        elif name == TP:
            changed = replace(changed, tp=StopDistance(choices.tp.unit, float(value)))
        elif name == LOTS:
            changed = replace(changed, sizing=Sizing(lots=float(value)))
        elif name == RISK:
            changed = replace(changed, sizing=Sizing(risk_percent=float(value)))
        elif name == ATR_PERIOD:
            changed = replace(changed, atr_period=int(value))
    return changed
