"""How every plot of ours is set up: labels at the right edge, a time axis below, the theme's colours, no menus."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from ..theme import Theme
from .time_axis import BarTimeAxis

_RIGHT_WIDTH = 76
Range = tuple[float, float]


class ValueAxis(pg.AxisItem):
    """The right axis, with values written by the chart's own words for numbers."""

    def __init__(self, text: Callable[[float], str]) -> None:
        super().__init__(orientation="right")
        self._text = text
        self.enableAutoSIPrefix(False)
        self.setWidth(_RIGHT_WIDTH)
        self.log = False

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        """Round values; on a logarithmic axis round prices at the places of their logarithms."""
        if not self.log:
            return super().tickValues(minVal, maxVal, size)
        found = super().tickValues(10.0**minVal, 10.0**maxVal, size)
        return [
            (spacing, [float(np.log10(each)) for each in values if each > 0]) for spacing, values in found
        ]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802 - pyqtgraph's name
        return [self._text(value) for value in values]


def add_pane(
    layout: pg.GraphicsLayoutWidget, row: int, times: BarTimeAxis, text: Callable[[float], str]
) -> pg.PlotItem:
    """Add one plot: no left axis, values at the right, panning and zooming along time only."""
    value_axis = ValueAxis(text)
    plot = layout.addPlot(row=row, col=0, axisItems={"bottom": times, "right": value_axis})
    plot.showAxis("right")
    plot.hideAxis("left")
    plot.hideButtons()
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=True, y=False)
    plot.enableAutoRange(x=False, y=False)
    plot.showGrid(x=True, y=True, alpha=0.18)
    return plot


def colour_pane(plot: pg.PlotItem, theme: Theme) -> None:
    """The theme's colours on axes and grid (pyqtgraph's own grey is too faint)."""
    for name in ("bottom", "right"):
        axis = plot.getAxis(name)
        axis.setPen(theme.colour("outline"))
        axis.setTextPen(QColor(theme.colour("muted")))


def fit_values(plot: pg.PlotItem, ranges: list[Range | None]) -> None:
    """Let the value axis show all the given ranges with a little air."""
    known = [each for each in ranges if each is not None]
    if not known:
        return
    low, high = min(each[0] for each in known), max(each[1] for each in known)
    air = (high - low) * 0.06 or abs(high) * 0.001 or 1.0
    plot.setYRange(low - air, high + air, padding=0)
