"""Prices that matter now (entry, stop, target, the price itself) as lines with their words at the right edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

_PAD = 4.0


@dataclass(frozen=True)
class Level:
    """One price: `place` on the value axis, `text` at the right edge, `token` the name of its colour."""

    place: float
    text: str
    token: str = "text"  # noqa: S105 - a colour token, not a secret
    dash: bool = True


class Levels(pg.GraphicsObject):
    """Drawn over the whole width; texts that would overlap move apart, the line stays at its price."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: Sequence[Level] = ()
        self._colours: dict[str, QColor] = {}
        self._ground = QColor("#000000")
        self.setZValue(12)

    def set_levels(self, levels: Sequence[Level], colours: dict[str, QColor], ground: QColor) -> None:
        """Show these; `colours` by token, `ground` behind the texts."""
        self.prepareGeometryChange()
        self._levels, self._colours, self._ground = tuple(levels), colours, ground
        self.update()

    @property
    def levels(self) -> tuple[Level, ...]:
        """What is shown."""
        return tuple(self._levels)

    def near(self, low: float, high: float) -> tuple[float, float] | None:
        """Lowest and highest level that lies within one height of the range from `low` to `high`."""
        reach = high - low
        close = [each.place for each in self._levels if low - reach <= each.place <= high + reach]
        return (min(close), max(close)) if close else None

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self.viewRect() if self._levels else QRectF()

    def viewTransformChanged(self) -> None:  # noqa: N802 - pyqtgraph's name
        self.prepareGeometryChange()
        super().viewTransformChanged()

    def dataBounds(self, *_: object, **__: object) -> tuple[None, None]:  # noqa: N802 - pyqtgraph's name
        """Levels do not decide by themselves how far the price axis reaches."""
        return (None, None)

    def paint(self, painter: QPainter, *_: object) -> None:
        view = self.viewRect()
        shown = sorted(
            (each for each in self._levels if view.top() <= each.place <= view.bottom()),
            key=lambda each: -each.place,
        )
        if not shown:
            return
        transform = painter.transform()
        left, right = transform.map(view.topLeft()).x(), transform.map(view.topRight()).x()
        heights = [transform.map(QPointF(view.left(), each.place)).y() for each in shown]
        painter.save()
        painter.resetTransform()
        metrics = QFontMetricsF(painter.font())
        tall = metrics.height() + 2
        floor = max(transform.map(view.topLeft()).y(), transform.map(view.bottomLeft()).y())
        for level, y, middle in zip(shown, heights, _apart(heights, tall, floor), strict=True):
            colour = self._colours.get(level.token, QColor("#888888"))
            style = Qt.PenStyle.DashLine if level.dash else Qt.PenStyle.SolidLine
            painter.setPen(QPen(colour, 1.0, style))
            wide = metrics.horizontalAdvance(level.text) + 2 * _PAD
            painter.drawLine(QLineF(left, y, right - wide, y))
            box = QRectF(right - wide, middle - tall / 2, wide, tall)
            painter.fillRect(box, self._ground)
            painter.setPen(colour)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, level.text)
        painter.restore()


def _apart(heights: Sequence[float], tall: float, floor: float) -> list[float]:
    """Middles of the texts, downwards, each at its line or below the text above; the last ones move up again."""
    middles: list[float] = []
    for y in heights:
        middles.append(max(y, middles[-1] + tall) if middles else y)
    bottom = floor - tall / 2
    for at in range(len(middles) - 1, -1, -1):
        middles[at] = min(middles[at], bottom)
        bottom = middles[at] - tall
    return middles
