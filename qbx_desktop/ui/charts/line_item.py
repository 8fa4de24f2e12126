"""A line that draws at most two points per pixel column, however long the series is."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from .extremes import Extremes

Floats = NDArray[np.float64]
_GAP = 0.5


class LineItem(pg.GraphicsObject):
    """One value per bar index; `step` draws stairs, `fill_to` fills the area between the line and that value."""

    def __init__(
        self, *, step: bool = False, dash: Qt.PenStyle = Qt.PenStyle.SolidLine, fill: bool = False
    ) -> None:
        super().__init__()
        self._step = step
        self._fill = fill
        self._pen = QPen(QColor("#888888"), 1.0, dash)
        self._pen.setCosmetic(True)
        self._brush = QBrush(Qt.BrushStyle.NoBrush)
        self._values: Floats = np.zeros(0)
        self._extremes = Extremes(self._values)
        self._gaps = False

    def set_values(self, values: Floats) -> None:
        """Show these values at the indexes 0 … n-1; where one is NaN the line has a gap."""
        self.prepareGeometryChange()
        self._values = np.ascontiguousarray(values, np.float64)
        known = np.isfinite(self._values)
        self._gaps = not known.all()
        if self._gaps:
            low, high = (np.where(known, self._values, far) for far in (np.inf, -np.inf))
            self._extremes = Extremes(low, high)
        else:
            self._extremes = Extremes(self._values)
        self.informViewBoundsChanged()
        self.update()

    def set_colour(self, colour: QColor, width: float = 1.0) -> None:
        """The line's colour; a filled line fills with a faint shade of it."""
        self._pen.setColor(colour)
        self._pen.setWidthF(width)
        shade = QColor(colour)
        shade.setAlpha(70)
        self._brush = QBrush(shade) if self._fill else QBrush(Qt.BrushStyle.NoBrush)
        self.update()

    def __len__(self) -> int:
        return len(self._values)

    def value_at(self, index: int) -> float | None:
        """The value of one bar, None outside."""
        return float(self._values[index]) if 0 <= index < len(self._values) else None

    def range_between(self, first: int, last: int) -> tuple[float, float] | None:
        """Lowest and highest value of the bars `first … last - 1`, None where there are none."""
        first, last = max(0, first), min(len(self._values), last)
        if last <= first:
            return None
        low, high = self._extremes.between(first, last)
        return (low, high) if low <= high else None

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        whole = self.range_between(0, len(self._values))
        if whole is None:
            return QRectF()
        low, high = whole
        if self._fill:
            low, high = min(low, 0.0), max(high, 0.0)
        return QRectF(-_GAP, low, len(self._values) - 1 + 2 * _GAP, max(high - low, 1e-9))

    def paint(self, painter: QPainter, *_: object) -> None:
        view = self.viewRect()
        first = max(0, math.floor(view.left()) - 1)
        last = min(len(self._values), math.ceil(view.right()) + 2)
        if last - first < 1:
            return
        x, y = self._polyline(first, last, max(1, int(view.width() / max(self.pixelWidth(), 1e-12))))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        if self._fill:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._brush)
            painter.drawPolygon(
                pg.functions.arrayToQPolygonF(
                    np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[0.0], y, [0.0]])
                )
            )
        painter.setPen(self._pen)
        if not self._gaps:
            painter.drawPolyline(pg.functions.arrayToQPolygonF(x, y))
            return
        known = np.isfinite(y)
        for part in np.split(np.arange(len(y)), np.flatnonzero(np.diff(known)) + 1):
            if known[part[0]] and len(part) > 1:
                painter.drawPolyline(pg.functions.arrayToQPolygonF(x[part], y[part]))

    def _polyline(self, first: int, last: int, pixels: int) -> tuple[Floats, Floats]:
        if last - first <= 2 * pixels:
            x, y = np.arange(first, last, dtype=np.float64), self._values[first:last]
            if not self._step:
                return x, y
            return np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]
        starts, low, high = self._extremes.buckets(first, last, pixels)
        x, y = np.repeat(starts.astype(np.float64), 2), np.empty(2 * len(starts))
        y[0::2], y[1::2] = low, high
        return x, y
