"""The pages for search and doubt beside a run's own views: Optimise, Walk forward, Monte Carlo, Portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from .backtest_form import BacktestForm
from .backtest_result import BacktestResultView
from .forward_page import ForwardPage
from .monte_carlo_page import MonteCarloPage
from .optimise_page import OptimisePage
from .portfolio_page import PortfolioPage

if TYPE_CHECKING:
    from ..context import AppContext


class StudyPages(QObject):
    """Adds the pages to the result side; they read the form when they start."""

    def __init__(self, context: AppContext, form: BacktestForm, result: BacktestResultView) -> None:
        super().__init__(result)
        self.optimise = OptimisePage(context, form.choices, form.set_choices)
        self.forward = ForwardPage(context, form.choices, self.optimise)
        self.monte_carlo = MonteCarloPage(context, form.choices)
        self.portfolio = PortfolioPage(context, form.choices)
        result.add_page(self.optimise, "Optimise")
        result.add_page(self.forward, "Walk forward")
        result.add_page(self.monte_carlo, "Monte Carlo")
        result.add_page(self.portfolio, "Portfolio")
        self.forward.walked.connect(self.optimise.take_forward)
        form.changed.connect(self.optimise.read_form)
