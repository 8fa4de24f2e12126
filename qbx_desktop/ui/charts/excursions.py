"""Each trade as a point: how far it ran for and against the trader, and what it ended with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...backtest.trade import Trade
from .. import figures
from ..theme import Theme
from ..words import Words
from .pane_setup import ValueAxis

# More points than these hide each other; every so-manieth trade stands for its neighbours then.
_MOST = 5_000


class Excursions(QWidget):
    """Left the result over the deepest floating loss (MAE), right over the highest floating profit (MFE), in money.

    `chosen` carries the number of the trade (from 0) whose point was clicked.
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._digits = 2
        self.legend = words.bind(
            QLabel(wordWrap=True),
            "Result over the deepest loss (left) and over the highest profit on the way (right). ○ won · × lost · a click"
            " shows the trade.",
        )
        self.legend.setProperty("role", "muted")
        self.layout_widget = pg.GraphicsLayoutWidget(self)
        words.name(self.layout_widget, "Excursions of the trades")
        self.points: list[pg.ScatterPlotItem] = []
        self.plots: list[pg.PlotItem] = []
        for column, label in enumerate(("Deepest floating loss (MAE)", "Highest floating profit (MFE)")):
            plot = self.layout_widget.addPlot(row=0, col=column, axisItems={"right": ValueAxis(self._money)})
            plot.showAxis("right")
            plot.hideAxis("left")
            plot.hideButtons()
            plot.setMenuEnabled(False)
            plot.showGrid(x=True, y=True, alpha=0.18)
            words.bind(plot.getAxis("bottom"), label, setter="setLabel")
            item = pg.ScatterPlotItem(size=8, hoverable=True, tip=self._tip)
            item.sigClicked.connect(self._clicked)
            plot.addItem(item)
            self.points.append(item)
            self.plots.append(plot)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.legend)
        box.addWidget(self.layout_widget, 1)
        self._trades: Sequence[Trade] = ()
        theme.changed.connect(self._show)
        self._show()

    def set_trades(self, trades: Sequence[Trade], digits: int) -> None:
        """Show these trades, money with `digits` decimals."""
        self._trades, self._digits = trades, digits
        self._show()
        for plot in self.plots:
            plot.enableAutoRange()

    @Slot()
    def _show(self) -> None:
        colour = self._theme.colour
        self.layout_widget.setBackground(colour("background"))
        numbers = np.unique(np.linspace(0, max(len(self._trades) - 1, 0), _MOST).astype(int)).tolist()
        shown = [(number, self._trades[number]) for number in numbers] if self._trades else []
        pens = {won: pg.mkPen(colour("up" if won else "down"), width=1.4) for won in (True, False)}
        for item, name in zip(self.points, ("mae", "mfe"), strict=True):
            item.setData(
                x=[getattr(trade, name) for _, trade in shown], y=[trade.net for _, trade in shown],
                data=[number for number, _ in shown], symbol=["o" if trade.net > 0 else "x" for _, trade in shown],
                pen=[pens[trade.net > 0] for _, trade in shown],
                brush=[None if trade.net > 0 else pens[False].color() for _, trade in shown],
            )  # fmt: skip
        for plot in self.plots:
            for side in ("bottom", "right"):
                axis = plot.getAxis(side)
                axis.setPen(colour("outline"))
                axis.setTextPen(colour("muted"))

    def _clicked(self, _item: Any, spots: Any, _event: Any = None) -> None:
        if len(spots):
            self.chosen.emit(int(spots[0].data()))

    def _tip(self, x: float, y: float, data: int) -> str:
        language = self._words.language
        reached, net = (figures.signed(each, self._digits, language) for each in (x, y))
        return self._words.t("Trade {number}: reached {reached}, ended with {net}", number=data + 1, reached=reached, net=net)  # fmt: skip

    def _money(self, value: float) -> str:
        return figures.money(value, self._digits if abs(value) < 100 else 0, self._words.language)
