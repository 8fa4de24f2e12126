"""Candles with the strategy's lines and the trades on them; a chosen trade comes to the middle."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...domain.bars import Bars
from .. import figures
from ..theme import Theme
from ..words import Words
from .candle_item import CandleItem
from .crosshair import Crosshair, Pane
from .pane_setup import add_pane, colour_pane, fit_values
from .time_axis import BarTimeAxis
from .trade_marks import TradeMark, TradeMarks

_SHOWN_AT_FIRST = 240
_AROUND_A_TRADE = 120


class CandleChart(QWidget):
    """Prices per bar. `hovered` carries the bar under the crosshair, -1 for none."""

    hovered = Signal(int)

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._bars = Bars.empty()
        self._digits = 5
        self.readout = QLabel(self)
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.readout.setIndent(6)
        self.layout_widget = pg.GraphicsLayoutWidget(self)
        words.name(self.layout_widget, "Candles with the trades of this run")
        self.axis = BarTimeAxis()
        self.plot = add_pane(self.layout_widget, 0, self.axis, self._price)
        self.candles = CandleItem()
        self.marks = TradeMarks()
        self.plot.addItem(self.candles)
        self.plot.addItem(self.marks)
        self.crosshair = Crosshair(self.layout_widget.scene(), (Pane(self.plot, self._price),), self)
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
        self._read_out(-1)

    def set_bars(self, bars: Bars, digits: int) -> None:
        """Show the last bars of `bars` with prices of `digits` decimals; marks of earlier bars go."""
        self._bars, self._digits = bars, digits
        self.marks.set_marks(())
        self.candles.set_bars(bars)
        self.axis.set_times(bars.time)
        count = len(bars)
        if count:
            air = max(5.0, count * 0.02)
            self.plot.setLimits(xMin=-air, xMax=count + air, minXRange=min(10, count + 1))
            self.plot.setXRange(max(-1.0, count - _SHOWN_AT_FIRST), count + 2.0, padding=0)
            self._fit()
        self.crosshair.put(-1)

    def set_trades(self, marks: Sequence[TradeMark]) -> None:
        """Mark these trades, in ascending order of entry."""
        self.marks.set_marks(marks)

    def centre_on(self, number: int, mark: TradeMark) -> None:
        """Choose trade `number` and bring its entry bar to the middle, zooming in when the view is far out."""
        left, right = self.plot.viewRange()[0]
        lasting = mark.exit_index - mark.entry_index
        width = min(right - left, max(_AROUND_A_TRADE, 2.4 * lasting))
        self.marks.choose(number)
        # The limits keep the view near the bars; a trade at the very edge still has to come to the middle.
        count = len(self._bars)
        air = max(5.0, count * 0.02, width / 2)
        self.plot.setLimits(xMin=-air, xMax=count + air)
        self.plot.setXRange(mark.entry_index - width / 2, mark.entry_index + width / 2, padding=0)
        self._fit()

    def centre_index(self) -> float:
        """The bar index in the middle of the view."""
        left, right = self.plot.viewRange()[0]
        return (left + right) / 2

    @Slot()
    def _fit(self) -> None:
        left, right = self.plot.viewRange()[0]
        fit_values(
            self.plot,
            [self.candles.range_between(math.floor(left), math.ceil(right) + 1), self.marks.chosen_range()],
        )

    def _price(self, value: float) -> str:
        return f"{value:.{self._digits}f}"

    @Slot(int)
    def _read_out(self, index: int) -> None:
        text = self._words.t("Hollow: closed higher · filled: closed lower · ▲▼ entry · × exit")
        if 0 <= index < len(self._bars):
            bars, digits = self._bars, self._digits
            change = float(bars.close[index] - bars.open[index])
            values = "  ".join(
                f"{name} {float(column[index]):.{digits}f}"
                for name, column in (("O", bars.open), ("H", bars.high), ("L", bars.low), ("C", bars.close))
            )
            text = f"{self.axis.mouse_label(index)}   {values}   {figures.arrow(int(np.sign(change)))}"
        self.readout.setText(text)
        self.hovered.emit(index)

    @Slot()
    def _reword(self) -> None:
        self._read_out(self.crosshair.index)

    @Slot()
    def _recolour(self) -> None:
        colour = self._theme.colour
        self.layout_widget.setBackground(colour("background"))
        colour_pane(self.plot, self._theme)
        self.candles.set_colours(colour("up"), colour("down"), colour("background"))
        self.marks.set_colours(colour("up"), colour("down"), colour("text"), colour("focus"))
        self.crosshair.set_colours(colour("muted"), colour("text"), colour("raised"))
