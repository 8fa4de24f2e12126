"""Equity and balance above, drawdown below: one time axis, one crosshair through both."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from .. import figures
from ..theme import Theme
from ..words import Words
from .crosshair import Crosshair, Pane
from .line_item import LineItem
from .pane_setup import add_pane, colour_pane, fit_values
from .time_axis import BarTimeAxis

Floats = NDArray[np.float64]


class EquityChart(QWidget):
    """Money per bar. `hovered` carries the bar under the crosshair, -1 for none."""

    hovered = Signal(int)

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._currency, self._digits = "", 2
        self.readout = QLabel(self)
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setIndent(6)
        self.layout_widget = pg.GraphicsLayoutWidget(self)
        words.name(self.layout_widget, "Equity, balance and drawdown over time")
        self._axis_above, self._axis = BarTimeAxis(), BarTimeAxis()
        self.money_plot = add_pane(self.layout_widget, 0, self._axis_above, self._money)
        self.drawdown_plot = add_pane(self.layout_widget, 1, self._axis, self._percent)
        self._axis_above.setStyle(showValues=False)
        self._axis_above.setHeight(4)
        self.drawdown_plot.setXLink(self.money_plot)
        self.layout_widget.ci.layout.setRowStretchFactor(0, 3)
        self.layout_widget.ci.layout.setRowStretchFactor(1, 1)
        self.balance = LineItem(step=True, dash=Qt.PenStyle.DashLine)
        self.equity = LineItem()
        self.drawdown = LineItem(fill=True)
        self.money_plot.addItem(self.balance)
        self.money_plot.addItem(self.equity)
        self.drawdown_plot.addItem(self.drawdown)
        panes = (Pane(self.money_plot, self._money), Pane(self.drawdown_plot, self._percent))
        self.crosshair = Crosshair(self.layout_widget.scene(), panes, self)
        self.crosshair.moved.connect(self._read_out)
        self.money_plot.sigXRangeChanged.connect(self._fit)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.readout)
        box.addWidget(self.layout_widget, 1)
        theme.changed.connect(self._recolour)
        words.changed.connect(self._reword)
        self._recolour()
        self._read_out(-1)

    def set_run(
        self,
        times: NDArray[np.int64],
        equity: Floats,
        balance: Floats,
        drawdown: Floats,
        currency: str,
        digits: int,
    ) -> None:
        """Show a finished run: one value per bar, money with `digits` decimals, drawdown in −%."""
        self._currency, self._digits = currency, digits
        for axis in (self._axis_above, self._axis):
            axis.set_times(times)
        self.equity.set_values(equity)
        self.balance.set_values(balance)
        self.drawdown.set_values(drawdown)
        self._show_all(len(equity))
        self.crosshair.put(-1)

    def begin_growing(self, total: int, currency: str, digits: int) -> None:
        """Make room for a run that is still going: `total` values on the time axis, none known yet."""
        nothing = np.zeros(0)
        self.set_run(np.zeros(0, np.int64), nothing, nothing, nothing, currency, digits)
        self._show_all(total)

    def grow(self, equity: Floats) -> None:
        """Show the equity of the run so far, one value for each place on the time axis."""
        self.equity.set_values(equity)
        self._fit()

    def clear(self) -> None:
        """Show nothing."""
        nothing = np.zeros(0)
        self.set_run(np.zeros(0, np.int64), nothing, nothing, nothing, "", 2)

    def _show_all(self, count: int) -> None:
        if count:
            air = max(1.0, count * 0.01)
            self.money_plot.setLimits(xMin=-air, xMax=count + air, minXRange=min(20, count + 1))
            self.money_plot.setXRange(-air, count - 1 + air, padding=0)
            self._fit()

    @Slot()
    def _fit(self) -> None:
        left, right = self.money_plot.viewRange()[0]
        first, last = math.floor(left), math.ceil(right) + 1
        fit_values(
            self.money_plot, [self.equity.range_between(first, last), self.balance.range_between(first, last)]
        )
        deepest = self.drawdown.range_between(first, last)
        if deepest is not None:
            self.drawdown_plot.setYRange(min(deepest[0] * 1.08, -0.5), 0.0, padding=0)

    def _money(self, value: float) -> str:
        shown = self._digits if abs(value) < 100_000 else 0
        return figures.money(value, shown, self._words.language)

    def _percent(self, value: float) -> str:
        return figures.percent(value, 1, self._words.language)

    @Slot(int)
    def _read_out(self, index: int) -> None:
        parts = [self._words.t("Equity solid · balance dashed · drawdown below")]
        equity, balance = self.equity.value_at(index), self.balance.value_at(index)
        deepest = self.drawdown.value_at(index)
        if equity is not None:
            language = self._words.language
            parts = [self._axis.mouse_label(index)]
            parts.append(
                f"{self._words.t('Equity')} {figures.money(equity, self._digits, language)} {self._currency}"
            )
            if balance is not None:
                parts.append(f"{self._words.t('Balance')} {figures.money(balance, self._digits, language)}")
            if deepest is not None:
                parts.append(f"{self._words.t('Drawdown')} {figures.percent(deepest, 2, language)}")
        self.readout.setText("   ".join(parts))
        self.hovered.emit(index)

    @Slot()
    def _reword(self) -> None:
        self._read_out(self.crosshair.index)
        for plot in (self.money_plot, self.drawdown_plot):
            axis = plot.getAxis("right")
            axis.picture = None
            axis.update()

    @Slot()
    def _recolour(self) -> None:
        colour = self._theme.colour
        self.layout_widget.setBackground(colour("background"))
        for plot in (self.money_plot, self.drawdown_plot):
            colour_pane(plot, self._theme)
        self.equity.set_colour(colour("accent"), 1.5)
        self.balance.set_colour(colour("muted"))
        self.drawdown.set_colour(colour("error"))
        self.crosshair.set_colours(colour("muted"), colour("text"), colour("raised"))
