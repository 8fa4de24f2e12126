"""The bar that is still forming, drawn faint beside the closed ones, and a mark under the last closed bar."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from ...domain.bars import Bars

_BODY = 0.7
_FAINT = 110  # of 255
_MARK = 5.0


class FormingBar(pg.GraphicsObject):
    """Stands at x = number of closed bars; shows nothing while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._bars = Bars.empty()
        self._at = 0
        self._up = self._down = self._ink = QColor("#888888")

    def set_bar(self, bars: Bars, at: int) -> None:
        """Show the first of `bars` at x = `at`; empty bars show nothing."""
        self.prepareGeometryChange()
        self._bars, self._at = bars, at
        self.update()

    def set_colours(self, up: QColor, down: QColor, ink: QColor) -> None:
        """Colours of a rising and a falling bar, and of the mark."""
        self._up, self._down, self._ink = up, down, ink
        self.update()

    @property
    def range(self) -> tuple[float, float] | None:
        """Lowest and highest price of it, None without one."""
        return (float(self._bars.low[0]), float(self._bars.high[0])) if len(self._bars) else None

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        if not len(self._bars):
            return QRectF()
        # The mark stands at the lower edge of the view, under the bar before this one.
        view = self.viewRect()
        return QRectF(self._at - 2.0, view.top(), 3.0, view.height())

    def viewTransformChanged(self) -> None:  # noqa: N802 - pyqtgraph's name
        self.prepareGeometryChange()
        super().viewTransformChanged()

    def dataBounds(self, *_: object, **__: object) -> tuple[None, None]:  # noqa: N802 - pyqtgraph's name
        """The chart asks for `range` itself."""
        return (None, None)

    def paint(self, painter: QPainter, *_: object) -> None:
        if not len(self._bars):
            return
        bars, x = self._bars, float(self._at)
        rising = float(bars.close[0]) >= float(bars.open[0])
        colour = QColor(self._up if rising else self._down)
        colour.setAlpha(_FAINT)
        pen = QPen(colour, 1.0)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLine(QLineF(x, float(bars.low[0]), x, float(bars.high[0])))
        painter.setBrush(Qt.BrushStyle.NoBrush if rising else colour)
        low, high = sorted((float(bars.open[0]), float(bars.close[0])))
        painter.drawRect(QRectF(x - _BODY / 2, low, _BODY, high - low))
        if self._at:
            self._paint_mark(painter)

    def _paint_mark(self, painter: QPainter) -> None:
        view, transform = self.viewRect(), painter.transform()
        x = transform.map(QPointF(self._at - 1.0, view.top())).x()
        floor = max(transform.map(view.topLeft()).y(), transform.map(view.bottomLeft()).y())
        painter.save()
        painter.resetTransform()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._ink)
        corners = ((0.0, -_MARK - 1), (-_MARK, -1.0), (_MARK, -1.0))
        painter.drawPolygon(QPolygonF([QPointF(x + dx, floor + dy) for dx, dy in corners]))
        painter.restore()
