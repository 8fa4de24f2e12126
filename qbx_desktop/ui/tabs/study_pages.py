"""The pages for search and doubt beside a run's own views: Optimise, Walk forward, Monte Carlo, Portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ..later_page import LaterPage
from .backtest_form import BacktestForm
from .backtest_result import BacktestResultView
from .forward_page import ForwardPage
from .monte_carlo_page import MonteCarloPage
from .optimise_page import OptimisePage
from .portfolio_page import PortfolioPage

if TYPE_CHECKING:
    from ..context import AppContext


class StudyPages(QObject):
    """Adds the pages to the result side, each built when it is first looked at; they read the form when they start."""

    def __init__(self, context: AppContext, form: BacktestForm, result: BacktestResultView) -> None:
        super().__init__(result)

        def optimise() -> OptimisePage:
            page = OptimisePage(context, form.choices, form.set_choices)
            form.changed.connect(page.read_form)
            return page

        def forward() -> ForwardPage:
            page = ForwardPage(context, form.choices, self.optimise)
            page.walked.connect(self.optimise.take_forward)
            return page

        self._optimise = LaterPage(optimise)
        self._forward = LaterPage(forward)
        self._monte_carlo = LaterPage(lambda: MonteCarloPage(context, form.choices))
        self._portfolio = LaterPage(lambda: PortfolioPage(context, form.choices))
        result.add_page(self._optimise, "Optimise")
        result.add_page(self._forward, "Walk forward")
        result.add_page(self._monte_carlo, "Monte Carlo")
        result.add_page(self._portfolio, "Portfolio")

    @property
    def optimise(self) -> OptimisePage:
        """Built now if it was not yet, as the others."""
        return self._optimise.page

    @property
    def forward(self) -> ForwardPage:
        """Walk forward; it searches as the page Optimise says."""
        return self._forward.page

    @property
    def monte_carlo(self) -> MonteCarloPage:
        """Monte Carlo."""
        return self._monte_carlo.page

    @property
    def portfolio(self) -> PortfolioPage:
        """Portfolio."""
        return self._portfolio.page
