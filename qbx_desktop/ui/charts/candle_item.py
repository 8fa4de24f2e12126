"""Candles of which only the visible ones are drawn; more bars than pixels are drawn as one stroke per column."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from ...domain.bars import Bars
from .extremes import Extremes

_BODY = 0.7  # share of a bar's place that its body takes
_LEAST_BODY_PIXELS = 3.0


class CandleItem(pg.GraphicsObject):
    """Hollow body: closed at or above its open; filled: closed below. Bar i stands at x = i."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = Bars.empty()
        self._extremes = Extremes(np.zeros(0))
        self._up, self._down = QPen(QColor("#0000ff")), QPen(QColor("#ff8800"))
        self._hollow, self._filled = QBrush(QColor("#000000")), QBrush(QColor("#ff8800"))
        self._lines = PrimitiveArray(QLineF, 4)
        self._rects = PrimitiveArray(QRectF, 4)

    def set_bars(self, bars: Bars) -> None:
        """Show `bars`; their arrays are shared, not copied."""
        self.prepareGeometryChange()
        self._bars = bars
        self._extremes = Extremes(bars.low, bars.high)
        self.informViewBoundsChanged()
        self.update()

    def set_colours(self, up: QColor, down: QColor, background: QColor) -> None:
        """Outline of rising bars, of falling ones, and the ground that a hollow body shows."""
        self._up, self._down = QPen(up), QPen(down)
        self._hollow, self._filled = QBrush(background), QBrush(down)
        self.update()

    def range_between(self, first: int, last: int) -> tuple[float, float] | None:
        """Lowest and highest price of the bars `first … last - 1`, None where there are none."""
        first, last = max(0, first), min(len(self._bars), last)
        return self._extremes.between(first, last) if last > first else None

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        if not len(self._bars):
            return QRectF()
        low, high = self._extremes.between(0, len(self._bars))
        return QRectF(-0.5, low, len(self._bars), max(high - low, 1e-9))

    def paint(self, painter: QPainter, *_: object) -> None:
        view = self.viewRect()
        first = max(0, math.floor(view.left()))
        last = min(len(self._bars), math.ceil(view.right()) + 1)
        if last <= first:
            return
        pixel = max(self.pixelWidth(), 1e-12)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if 1.0 / pixel < _LEAST_BODY_PIXELS:
            self._paint_strokes(painter, first, last, max(1, int(view.width() / pixel)))
        else:
            self._paint_bodies(painter, first, last)

    def _paint_strokes(self, painter: QPainter, first: int, last: int, pixels: int) -> None:
        starts, low, high = self._extremes.buckets(first, last, pixels)
        ends = np.append(starts[1:], last) - 1
        rising = self._bars.close[ends] >= self._bars.open[starts]
        middle = (starts + ends) / 2
        for pen, chosen in ((self._up, rising), (self._down, ~rising)):
            self._draw_lines(painter, pen, middle[chosen], low[chosen], high[chosen])

    def _paint_bodies(self, painter: QPainter, first: int, last: int) -> None:
        part = self._bars[first:last]
        x = np.arange(first, last, dtype=np.float64)
        top, bottom = np.maximum(part.open, part.close), np.minimum(part.open, part.close)
        rising = part.close >= part.open
        for pen, brush, chosen in ((self._up, self._hollow, rising), (self._down, self._filled, ~rising)):
            self._draw_lines(painter, pen, x[chosen], part.low[chosen], part.high[chosen])
            count = int(np.count_nonzero(chosen))
            if not count:
                continue
            self._rects.resize(count)
            memory = self._rects.ndarray()
            memory[:, 0] = x[chosen] - _BODY / 2
            memory[:, 1] = bottom[chosen]
            memory[:, 2] = _BODY
            memory[:, 3] = (top - bottom)[chosen]
            painter.setBrush(brush)
            painter.drawRects(*self._rects.drawargs())

    def _draw_lines(
        self, painter: QPainter, pen: QPen, x: np.ndarray, low: np.ndarray, high: np.ndarray
    ) -> None:
        if not len(x):
            return
        self._lines.resize(len(x))
        memory = self._lines.ndarray()
        memory[:, 0], memory[:, 1], memory[:, 2], memory[:, 3] = x, low, x, high
        pen.setCosmetic(True)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLines(*self._lines.drawargs())
