"""The lines a strategy decides by: over the prices, or in a pane of their own below; told apart by dash and colour."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt

from ...strategies.contract import Plot
from ..theme import Theme
from ..tokens import SERIES
from .line_item import LineItem
from .price_scale import PriceScale

_DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
Range = tuple[float, float]


class IndicatorLines:
    """Puts one LineItem per line into the price plot (pane 0) or the lower one (any other)."""

    def __init__(self, prices: pg.PlotItem, below: pg.PlotItem) -> None:
        self._panes = (prices, below)
        self._lines: list[tuple[Plot, LineItem]] = []

    @property
    def lines(self) -> tuple[Plot, ...]:
        """What is shown."""
        return tuple(plot for plot, _ in self._lines)

    @property
    def has_below(self) -> bool:
        """Whether any line needs the lower pane."""
        return any(plot.pane for plot, _ in self._lines)

    def set_lines(self, plots: Sequence[Plot], scale: PriceScale, theme: Theme) -> None:
        """Show these lines; those over the prices follow the scale of the prices."""
        for plot, item in self._lines:
            self._panes[bool(plot.pane)].removeItem(item)
        self._lines = []
        for number, plot in enumerate(plots):
            item = LineItem(dash=_DASHES[number // len(SERIES["dark"]) % len(_DASHES)])
            item.set_values(np.asarray(plot.values, np.float64) if plot.pane else scale.place(plot.values))
            item.setZValue(5)
            self._panes[bool(plot.pane)].addItem(item)
            self._lines.append((plot, item))
        self.recolour(theme)

    def recolour(self, theme: Theme) -> None:
        """Take the colours of the theme."""
        colours = SERIES[theme.tokens.name]
        for number, (_, item) in enumerate(self._lines):
            item.set_colour(pg.mkColor(colours[number % len(colours)]), 1.2)

    def range_between(self, first: int, last: int, *, below: bool) -> list[Range | None]:
        """Lowest and highest of each line of one pane over the bars `first … last - 1`."""
        return [item.range_between(first, last) for plot, item in self._lines if bool(plot.pane) == below]

    def values_at(self, index: int) -> list[tuple[str, float]]:
        """Name and value of every line that has one at that bar."""
        return [
            (plot.name, float(plot.values[index]))
            for plot, _ in self._lines
            if 0 <= index < len(plot.values) and np.isfinite(plot.values[index])
        ]
