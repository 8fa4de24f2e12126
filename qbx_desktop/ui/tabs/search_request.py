"""The fields that a search and a walk-forward share: how to search, what is better, what must hold, on what machine."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from ...backtest.search.plan import BAYES, GRID, RANDOM
from ...backtest.search.space import Axis
from ...backtest.search.study import Request
from ..dialogs.fields import ignore_wheel, whole

if TYPE_CHECKING:
    from ..context import AppContext

_CRITERIA = (
    "net_profit", "profit_factor", "recovery_factor", "sharpe", "day_sharpe", "sqn", "expected_payoff",
    "net_profit / (1 + equity_drawdown_maximal)",
)  # fmt: skip
_METHODS = ((GRID, "All combinations"), (RANDOM, "Random sample"), (BAYES, "Bayesian search"))


class SearchRequest(QWidget):
    """`request(axes)` gives what is entered."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        words = context.words
        self.method = QComboBox()
        ignore_wheel(self.method)
        for value, text in _METHODS:
            self.method.addItem(words.t(text), value)
        words.changed.connect(self._reword)
        self.count = whole(1, 100_000, 10)
        self.count.setValue(200)
        self.criterion = QComboBox()
        ignore_wheel(self.criterion)
        self.criterion.setEditable(True)
        self.criterion.addItems(_CRITERIA)
        self.criterion.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.conditions = QLineEdit("total_trades >= 30")
        self.jobs = whole(0, 256, 1)
        self.scheduler = QLineEdit(str(context.settings.get("search.scheduler")))
        words.bind(self.scheduler, "this computer", setter="setPlaceholderText")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget, str], ...] = (
            ("Method", self.method, "All combinations, a random sample of them, or the ones that earlier results point to"),
            ("At most", self.count, "Combinations of a random sample or a Bayesian search"),
            ("Criterion", self.criterion, "What is better: a field of the report or a formula of them; higher is better"),
            ("Condition", self.conditions, "What a result must fulfil to count; several are separated by ;"),
            ("Processes", self.jobs, "0 takes every core of this computer"),
            ("Dask scheduler", self.scheduler, "Address of a cluster, such as tcp://host:8786; empty means this computer"),
        )  # fmt: skip
        for row, (label, editor, help_text) in enumerate(rows):
            name = QLabel()
            name.setBuddy(editor)
            words.bind(name, label)
            words.name(editor, label, tooltip=help_text)
            grid.addWidget(name, row, 0)
            grid.addWidget(editor, row, 1)

    def request(self, axes: tuple[Axis, ...], *, resume: bool) -> Request:
        """What is entered, for these axes; the scheduler's address is remembered."""
        address = self.scheduler.text().strip()
        self._context.settings.set("search.scheduler", address)
        conditions = tuple(each.strip() for each in re.split(";", self.conditions.text()) if each.strip())
        return Request(
            axes=axes, method=str(self.method.currentData()), count=self.count.value(),
            goal=self.criterion.currentText(), conditions=conditions, resume=resume,
            jobs=self.jobs.value() or None, scheduler=address,
        )  # fmt: skip

    def _reword(self) -> None:
        for at, (_, text) in enumerate(_METHODS):
            self.method.setItemText(at, self._context.words.t(text))
