"""Backtest, Distribution: when the money was made, and how far the trades ran on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ...backtest.distribution import by_hour, by_month, by_weekday
from ...workers.backtest_run import ShownRun
from ..charts.excursions import Excursions
from ..charts.part_bars import PartBars
from ..empty import EmptyState, MaybeEmpty

if TYPE_CHECKING:
    from ..context import AppContext

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_VIEWS = ("By hour, weekday and month", "How far the trades ran")


class DistributionPage(QWidget):
    """Reckons when it is looked at first. `chosen` carries the number of a trade whose point was clicked."""

    chosen = Signal(int)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words, theme = context.words, context.theme
        self._words = words
        self._run: ShownRun | None = None
        self._shown: ShownRun | None = None
        self.view = words.name(QComboBox(), "What to show")
        self.view.addItems([words.t(each) for each in _VIEWS])
        self.hours = PartBars(theme, words, "Net profit and trades by hour of entry (server time)")
        self.weekdays = PartBars(theme, words, "By weekday")
        self.months = PartBars(theme, words, "By month")
        self.excursions = Excursions(theme, words)
        parts = QWidget()
        grid = QGridLayout(parts)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.hours, 0, 0, 1, 2)
        grid.addWidget(self.weekdays, 1, 0)
        grid.addWidget(self.months, 1, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(parts)
        self._stack.addWidget(self.excursions)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 4, 0, 0)
        row = QHBoxLayout()
        label = words.bind(QLabel(), "Show")
        label.setBuddy(self.view)
        row.addWidget(label)
        row.addWidget(self.view)
        row.addStretch(1)
        box.addLayout(row)
        box.addWidget(self._stack, 1)
        self._page = MaybeEmpty(page, EmptyState(words, "There are no trades to divide."))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._page)
        self.view.currentIndexChanged.connect(self._stack.setCurrentIndex)
        self.excursions.chosen.connect(self.chosen)
        words.changed.connect(self._reword)
        self.set_run(None)

    def set_run(self, run: ShownRun | None) -> None:
        """Show the trades of this run; nothing is reckoned while the page is out of sight."""
        self._run = run
        self._page.show_view() if run is not None and run.trades else self._page.show_empty()
        if self.isVisible():
            self.show_run()

    @Slot()
    def show_run(self) -> None:
        """Reckon and show what the page has to say of its run."""
        run, t = self._run, self._words.t
        if run is None or run is self._shown or not run.trades:
            return
        self._shown = run
        more = (run.currency, run.money_digits)
        self.hours.show_parts(by_hour(run.trades), [f"{hour}" for hour in range(24)], *more)
        self.weekdays.show_parts(by_weekday(run.trades), [t(each) for each in _WEEKDAYS], *more)
        self.months.show_parts(by_month(run.trades), [t(each) for each in _MONTHS], *more)
        self.excursions.set_trades(run.trades, run.money_digits)

    def showEvent(self, event: object) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)  # type: ignore[arg-type]
        self.show_run()

    @Slot()
    def _reword(self) -> None:
        for at, text in enumerate(_VIEWS):
            self.view.setItemText(at, self._words.t(text))
        self._shown = None
        if self.isVisible():
            self.show_run()
