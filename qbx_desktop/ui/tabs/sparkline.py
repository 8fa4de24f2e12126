"""A day in a cell: the hourly closes as a small line, the close of the day before as a faint one."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from ...domain.quotes import DayPrices
from ..models.watchlist_model import SPARK_ROLE
from ..theme import Theme


class SparklineDelegate(QStyledItemDelegate):
    """Paints what the model gives for SPARK_ROLE."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        day = index.data(SPARK_ROLE)
        if not isinstance(day, DayPrices) or not day.closes:
            return
        area = QRectF(option.rect).adjusted(6, 5, -6, -5)
        points, base = shape(day, area)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.colour("outline"), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(area.left(), base), QPointF(area.right(), base))
        rose = day.closes[-1] >= day.previous_close
        painter.setPen(QPen(QColor(self._theme.colour("up" if rose else "down")), 1.4))
        painter.drawPolyline(QPolygonF(points))
        painter.restore()


def shape(day: DayPrices, area: QRectF) -> tuple[list[QPointF], float]:
    """The line's points inside `area`, from the day before's close on, and the height of that close."""
    values = [day.previous_close, *day.closes]
    low, high = min(values), max(values)
    span = high - low or 1.0
    step = area.width() / max(1, len(values) - 1)
    points = [
        QPointF(area.left() + at * step, area.bottom() - (value - low) / span * area.height())
        for at, value in enumerate(values)
    ]
    return points, points[0].y()
