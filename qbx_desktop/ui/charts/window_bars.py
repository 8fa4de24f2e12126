"""Walk-forward windows side by side: profit per day in sample (hollow) and out of it (filled)."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...backtest.search.walk_forward import WindowResult
from .. import figures
from ..theme import Theme
from ..words import Words
from .pane_setup import ValueAxis

_WIDTH = 0.36


class WindowBars(QWidget):
    """Two bars per window."""

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._windows: tuple[WindowResult, ...] = ()
        self.legend = QLabel()
        words.bind(self.legend, "Profit per day: hollow in sample, filled out of sample")
        self.layout_widget = pg.GraphicsLayoutWidget(self)
        words.name(self.layout_widget, "Profit per day of each window, in sample and out of sample")
        self.plot = self.layout_widget.addPlot(axisItems={"right": ValueAxis(self._money)})
        self.plot.showAxis("right")
        self.plot.hideAxis("left")
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.showGrid(x=False, y=True, alpha=0.18)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.legend)
        box.addWidget(self.layout_widget, 1)
        theme.changed.connect(self._draw)
        self._draw()

    def show_windows(self, found: Sequence[WindowResult]) -> None:
        """Show these windows in their order."""
        self._windows = tuple(found)
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
        places = list(range(len(self._windows)))
        if not places:
            return
        inside = [each.train_per_day for each in self._windows]
        outside = [each.test_per_day for each in self._windows]
        left, right = [at - _WIDTH / 2 for at in places], [at + _WIDTH / 2 for at in places]
        brushes = [self._theme.sign_colour(value) for value in outside]
        self.plot.addItem(
            pg.BarGraphItem(x=left, height=inside, width=_WIDTH, pen=colour("muted"), brush=None)
        )
        self.plot.addItem(
            pg.BarGraphItem(x=right, height=outside, width=_WIDTH, pens=brushes, brushes=brushes)
        )
        self.plot.addItem(pg.InfiniteLine(0, angle=0, pen=colour("outline")))
        self.plot.getAxis("bottom").setTicks([[(at, str(at + 1)) for at in places]])
        self.plot.setXRange(-0.6, len(places) - 0.4, padding=0)
        low, high = min(0.0, *inside, *outside), max(0.0, *inside, *outside)
        air = (high - low) * 0.06 or 1.0
        self.plot.setYRange(low - air, high + air, padding=0)

    def _money(self, value: float) -> str:
        return figures.money(value, 2, self._words.language)
