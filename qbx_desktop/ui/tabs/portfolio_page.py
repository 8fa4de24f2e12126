"""The Portfolio page: inputs collected from the form, run on one account, beside the sum of their parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QWidget

from ...domain.curves import drawdown_percent
from ...domain.money import currency_digits
from ...strategies import registry
from ...workers.backtest_job import Choices
from ...workers.study_job import PortfolioView, portfolio_job
from .. import figures
from ..charts.equity_chart import EquityChart
from ..empty import EmptyState, MaybeEmpty
from ..models.columns import RIGHT, Column, RowsModel
from ..table_view import selected_rows, table
from .study_page import Inputs, StudyPage

if TYPE_CHECKING:
    from ..context import AppContext
    from ..theme import Theme
    from ..words import Words


@dataclass(frozen=True, eq=False)
class Leg:
    """One line: inputs, and after a run what they earned alone and together."""

    number: int
    choices: Choices
    alone: float | None = None
    together: float | None = None
    trades: int = 0
    refused: int = 0
    correlations: tuple[float | None, ...] = ()


class PortfolioPage(StudyPage):
    """The account is that of the first line; the others' own is left aside."""

    def __init__(self, context: AppContext, inputs: Inputs, parent: QWidget | None = None) -> None:
        super().__init__(context, inputs, parent)
        words, theme = context.words, context.theme
        self._next = 1
        self.view: PortfolioView | None = None
        self.add_leg_button = self.button("Add the inputs", self.add_leg)
        self.remove_button = self.button("Take away", self.remove)
        self.start_button = self.button("Run together", self.start, primary=True)
        row = QHBoxLayout()
        for widget in (self.add_leg_button, self.remove_button, self.start_button, self.cancel_button):
            row.addWidget(widget)
        row.addStretch(1)
        self.controls.addLayout(row)
        self.model = LegsModel(words, theme, self)
        self.legs = table(
            self.model, words, "Strategies of the portfolio", (170, 90, 150, 100, 100, 70, 90), sortable=False
        )
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        words.name(self.facts, "What the strategies have in common")
        self.curve = EquityChart(theme, words)
        self._chart = MaybeEmpty(
            self.curve,
            EmptyState(words, "Fill in the form, press Add the inputs, do so again for another strategy or symbol, then run them on one account."),
        )  # fmt: skip
        self._chart.show_empty()
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.legs)
        split.addWidget(self._chart)
        split.setStretchFactor(1, 2)
        self.body.addWidget(self.facts)
        self.body.addWidget(split, 1)
        words.changed.connect(self._show_facts)
        self.running_changed()

    @Slot()
    def add_leg(self) -> None:
        """Take the form's present inputs in."""
        self.guarded(self._add)

    @Slot()
    def remove(self) -> None:
        """Take the selected lines away."""
        for row in selected_rows(self.legs):
            if isinstance(row, Leg):
                self.model.remove(row.number)
        self.running_changed()

    @Slot()
    def start(self) -> None:
        """Run all lines on the account of the first."""
        self.guarded(self._begin)

    def running_changed(self) -> None:
        some = bool(self.model.rows)
        self.start_button.setEnabled(some and not self.is_running)
        self.remove_button.setEnabled(some and not self.is_running)
        self.add_leg_button.setEnabled(not self.is_running)

    def show_result(self, result: Any, seconds: float) -> None:
        self.view = view = result
        whole = view.whole
        rows = [
            replace(
                leg, alone=alone, together=part.net, trades=len(part.trades), refused=part.refused["no money"],
                correlations=related,
            )
            for leg, alone, part, related in zip(self.model.rows, view.alone, whole.legs, view.correlations, strict=True)
        ]  # fmt: skip
        self.model.set_rows(rows)
        account = rows[0].choices.account
        deepest = drawdown_percent(whole.equity, whole.equity_low, account.balance)
        self.curve.set_run(
            whole.times,
            whole.equity,
            whole.balance,
            deepest,
            account.currency,
            currency_digits(account.currency),
        )
        self._chart.show_view()
        self.say(self.words.t("Done in {seconds} s.", seconds=f"{seconds:.1f}"))
        self._show_facts()

    def _add(self) -> None:
        self.model.put(Leg(self._next, self.inputs()), at=len(self.model.rows))
        self._next += 1
        self.running_changed()

    def _begin(self) -> None:
        legs = [row.choices for row in self.model.rows]
        self.begin([replace(each, account=legs[0].account) for each in legs], portfolio_job())

    @Slot()
    def _show_facts(self) -> None:
        view, t, language = self.view, self.words.t, self.words.language
        self.facts.setVisible(view is not None)
        if view is None:
            return
        whole = view.whole
        stops = (
            t("no limit: a position had no stop")
            if whole.unstopped
            else figures.money(whole.worst_stop_out, 2, language)
        )
        exposed = ", ".join(
            f"{figures.signed(each.amount, 0, language)} {each.currency} ({_day(each.time)})"
            for each in view.exposures
        )
        lines = [
            t(
                "Together {whole}, the parts alone {parts}; deepest fall {fall}; most margin in use {margin}.",
                whole=figures.signed(whole.report["net_profit"], 2, language), parts=figures.signed(sum(view.alone), 2, language),
                fall=figures.money(whole.report["equity_drawdown_maximal"], 2, language),
                margin=figures.money(float(whole.margin_used.max()), 2, language),
            ),
            t("Lost if all stops had been hit at once, at worst: {stops}.", stops=stops),
            t("Largest net exposure: {exposed}.", exposed=exposed),
        ]  # fmt: skip
        self.facts.setText("\n".join(lines))


class LegsModel(RowsModel):
    """Rows are `Leg`."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        titles = {each.key: each.title for each in registry.all_strategies()}
        columns = (
            Column(
                "Strategy", lambda row: self.words.t(titles.get(row.choices.strategy, row.choices.strategy))
            ),
            Column("Symbol", lambda row: row.choices.symbol),
            Column("Data", lambda row: row.choices.source),
            Column("Alone", lambda row: self._money(row.alone), align=RIGHT),
            Column("Together", lambda row: self._money(row.together), align=RIGHT),
            Column(
                "Trades", lambda row: figures.NOTHING if row.alone is None else str(row.trades), align=RIGHT
            ),
            Column(
                "No money",
                lambda row: figures.NOTHING if row.alone is None else str(row.refused),
                align=RIGHT,
            ),
            Column("Correlation", _related),
        )
        super().__init__(columns, words, theme, key=lambda row: row.number, parent=parent)

    def _money(self, value: float | None) -> str:
        return figures.NOTHING if value is None else figures.signed(value, 2, self.words.language)


def _related(row: Leg) -> str:
    return "  ".join(figures.NOTHING if each is None else f"{each:+.2f}" for each in row.correlations)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
