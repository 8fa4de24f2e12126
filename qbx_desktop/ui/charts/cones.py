"""Where resampled histories of a run go: the middle, the half and the ninety per cent of them, and the ruin level."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...backtest.doubt.monte_carlo import QUANTILES, Resampled
from .. import figures
from ..theme import Theme
from ..words import Words
from .pane_setup import ValueAxis

_BANDS = ((0.01, 0.99, 28), (0.05, 0.95, 48), (0.25, 0.75, 80))


class Cones(QWidget):
    """One resampling at a time; the balance over the number of trades."""

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._found: Resampled | None = None
        self.legend = QLabel()
        words.bind(
            self.legend,
            "Balance over trades: line = middle, bands = 50, 90 and 98 % of the histories, dotted = ruin",
        )
        self.layout_widget = pg.GraphicsLayoutWidget(self)
        words.name(self.layout_widget, "Cones of the resampled balance over the number of trades")
        self.plot = self.layout_widget.addPlot(axisItems={"right": ValueAxis(self._money)})
        self.plot.showAxis("right")
        self.plot.hideAxis("left")
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=True, y=False)
        self.plot.showGrid(x=True, y=True, alpha=0.18)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.legend)
        box.addWidget(self.layout_widget, 1)
        theme.changed.connect(self._draw)
        self._draw()

    def show_resampled(self, found: Resampled | None) -> None:
        """Show this resampling."""
        self._found = found
        self._draw()

    @Slot()
    def _draw(self) -> None:
        colour = self._theme.colour
        self.layout_widget.setBackground(colour("background"))
        self.plot.clear()
        for name in ("bottom", "right"):
            axis = self.plot.getAxis(name)
            axis.setPen(colour("outline"))
            axis.setTextPen(colour("muted"))
        found = self._found
        if found is None:
            return
        steps = found.steps.astype(float)
        for low, high, alpha in _BANDS:
            edges = [
                pg.PlotCurveItem(steps, found.cones[QUANTILES.index(each)], pen=None) for each in (low, high)
            ]
            shade = QColor(colour("accent"))
            shade.setAlpha(alpha)
            for edge in edges:
                self.plot.addItem(edge)
            self.plot.addItem(pg.FillBetweenItem(*edges, brush=shade))
        middle = found.cones[QUANTILES.index(0.5)]
        self.plot.addItem(pg.PlotDataItem(steps, middle, pen=pg.mkPen(colour("accent"), width=1.5)))
        ruin = pg.mkPen(colour("error"), style=Qt.PenStyle.DotLine)
        self.plot.addItem(pg.InfiniteLine(found.ruin_level, angle=0, pen=ruin))
        low, high = min(float(found.cones.min()), found.ruin_level), float(found.cones.max())
        air = (high - low) * 0.04 or 1.0
        self.plot.setXRange(0, float(steps[-1]), padding=0.01)
        self.plot.setYRange(low - air, high + air, padding=0)

    def _money(self, value: float) -> str:
        return figures.money(value, 0, self._words.language)
