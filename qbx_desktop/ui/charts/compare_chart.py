"""The equity of up to four runs on one axis of time: each with its own dash pattern, told apart without colour."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...domain.bars import Floats, Ints
from .. import figures
from ..theme import Theme
from ..tokens import SERIES
from ..words import Words
from .crosshair import Crosshair, Pane
from .line_item import LineItem
from .pane_setup import add_pane, colour_pane, fit_values
from .time_axis import BarTimeAxis

MOST = 4
DASHES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
_SIGNS = ("──", "╌╌", "··", "─·")


@dataclass(frozen=True, eq=False)
class Curve:
    """One run's equity: a value per time (server epoch seconds, ascending)."""

    name: str
    times: Ints
    equity: Floats


class CompareChart(QWidget):
    """Shows two to four curves over all of their times; outside its own times a curve has a gap."""

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._curves: Sequence[Curve] = ()
        self.readout = QLabel(textFormat=Qt.TextFormat.PlainText, indent=6)
        self.readout.setMinimumWidth(1)
        self.layout_widget = pg.GraphicsLayoutWidget(self)
        words.name(self.layout_widget, "Equity of the compared runs over time")
        self._axis = BarTimeAxis()
        self.plot = add_pane(self.layout_widget, 0, self._axis, self._money)
        self.lines = [LineItem(dash=dash) for dash in DASHES]
        for line in self.lines:
            self.plot.addItem(line)
        self.crosshair = Crosshair(self.layout_widget.scene(), (Pane(self.plot, self._money),), self)
        self.crosshair.moved.connect(self._read_out)
        self.plot.sigXRangeChanged.connect(self._fit)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.readout)
        box.addWidget(self.layout_widget, 1)
        theme.changed.connect(self._recolour)
        words.changed.connect(self._reword)
        self._recolour()

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Show these curves, at most four."""
        self._curves = tuple(curves[:MOST])
        times = np.unique(np.concatenate([each.times for each in self._curves])) if self._curves else np.zeros(0, np.int64)  # fmt: skip
        self._axis.set_times(times)
        for number, line in enumerate(self.lines):
            known = number < len(self._curves)
            line.set_values(on_times(self._curves[number], times) if known else np.zeros(0))
        if len(times):
            air = max(1.0, len(times) * 0.01)
            self.plot.setLimits(xMin=-air, xMax=len(times) + air, minXRange=min(20, len(times) + 1))
            self.plot.setXRange(-air, len(times) - 1 + air, padding=0)
            self._fit()
        self._read_out(-1)

    @Slot()
    def _fit(self) -> None:
        left, right = self.plot.viewRange()[0]
        first, last = math.floor(left), math.ceil(right) + 1
        fit_values(self.plot, [line.range_between(first, last) for line in self.lines if len(line)])

    @Slot(int)
    def _read_out(self, index: int) -> None:
        parts = [self._axis.mouse_label(index)] if index >= 0 else []
        for number, curve in enumerate(self._curves):
            value = self.lines[number].value_at(index)
            said = "" if value is None or math.isnan(value) else f" {self._money(value)}"
            parts.append(f"{_SIGNS[number]} {curve.name}{said}")
        self.readout.setText("   ".join(parts))

    @Slot()
    def _reword(self) -> None:
        self._read_out(-1)

    def _money(self, value: float) -> str:
        return figures.money(value, 2 if abs(value) < 100_000 else 0, self._words.language)

    @Slot()
    def _recolour(self) -> None:
        colour = self._theme.colour
        self.layout_widget.setBackground(colour("background"))
        colour_pane(self.plot, self._theme)
        colours = [colour("accent"), *map(pg.mkColor, SERIES[self._theme.tokens.name])]
        for line, each in zip(self.lines, colours, strict=False):
            line.set_colour(each, 1.8)
        self.crosshair.set_colours(colour("muted"), colour("text"), colour("raised"))


def on_times(curve: Curve, times: Ints) -> Floats:
    """The curve at other times: its last value at or before each, NaN before its first and after its last."""
    found = np.full(len(times), np.nan)
    if not len(curve.times):
        return found
    place = np.searchsorted(curve.times, times, side="right") - 1
    inside = (place >= 0) & (times <= curve.times[-1])
    found[inside] = curve.equity[place[inside]]
    return found
