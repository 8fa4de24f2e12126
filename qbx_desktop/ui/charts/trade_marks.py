"""Trades on the candles: entry ▲ or ▼ at its price, exit ×, a line between, stop and target as short dashes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

_MOST_DRAWN = 500
_MOST_WITH_LEVELS = 60
_SIZE = 7.0
_SMALL = 4.0
_DASH = 14.0


@dataclass(frozen=True)
class TradeMark:
    """One trade by bar indexes and prices; `side` +1 bought, -1 sold; a price of 0 stands for no stop or target."""

    entry_index: int
    entry_price: float
    exit_index: int
    exit_price: float
    side: int
    sl: float = 0.0
    tp: float = 0.0


class TradeMarks(pg.GraphicsObject):
    """Marks in ascending order of entry. One may be chosen: it gets a ring and a stronger line."""

    def __init__(self) -> None:
        super().__init__()
        self._marks: Sequence[TradeMark] = ()
        self._entries = np.zeros(0, np.int64)
        self._exits = np.zeros(0, np.int64)
        self._bounds = QRectF()
        self._chosen = -1
        grey = QColor("#888888")
        self._up = self._down = self._ink = self._focus = grey
        self.setZValue(10)

    def set_marks(self, marks: Sequence[TradeMark]) -> None:
        """Show these trades; none is chosen."""
        self.prepareGeometryChange()
        self._marks = marks
        self._chosen = -1
        self._entries = np.array([each.entry_index for each in marks], np.int64)
        # The running maximum lets a search find the first trade still open, whatever their order of exit.
        self._exits = (
            np.maximum.accumulate(np.array([each.exit_index for each in marks], np.int64))
            if marks
            else self._entries
        )
        prices = [
            price
            for each in marks
            for price in (each.entry_price, each.exit_price, each.sl, each.tp)
            if price
        ]
        self._bounds = (
            QRectF(float(self._entries[0]), min(prices), float(self._exits[-1] - self._entries[0]) + 1, max(prices) - min(prices))
            if prices
            else QRectF()
        )  # fmt: skip
        self.update()

    def set_colours(self, up: QColor, down: QColor, ink: QColor, focus: QColor) -> None:
        """Colours of buys and sells, of outlines and lines, and of the ring around the chosen trade."""
        self._up, self._down, self._ink, self._focus = up, down, ink, focus
        self.update()

    @property
    def chosen(self) -> int:
        """Number of the chosen trade, -1 for none."""
        return self._chosen

    def choose(self, number: int) -> None:
        """Put the ring around one trade (-1: none)."""
        self._chosen = number if 0 <= number < len(self._marks) else -1
        self.update()

    def chosen_range(self) -> tuple[float, float] | None:
        """Lowest and highest price of the chosen trade, stop and target included; None while it is out of sight."""
        view = self.viewRect()
        if self._chosen < 0 or self._chosen not in self.visible(view.left(), view.right()):
            return None
        mark = self._marks[self._chosen]
        prices = [each for each in (mark.entry_price, mark.exit_price, mark.sl, mark.tp) if each]
        return min(prices), max(prices)

    def visible(self, first: float, last: float) -> range:
        """Numbers of the trades that live between two bar indexes."""
        start = int(np.searchsorted(self._exits, first))
        return range(start, max(start, int(np.searchsorted(self._entries, last, side="right"))))

    def boundingRect(self) -> QRectF:  # noqa: N802 - Qt's name
        return self._bounds

    def dataBounds(self, *_: object, **__: object) -> tuple[None, None]:  # noqa: N802 - pyqtgraph's name
        """Marks never decide how far the price axis reaches."""
        return (None, None)

    def paint(self, painter: QPainter, *_: object) -> None:
        view = self.viewRect()
        shown = self.visible(view.left(), view.right())
        if not shown:
            return
        transform = painter.transform()
        painter.save()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        if len(shown) <= _MOST_DRAWN:
            with_levels = len(shown) <= _MOST_WITH_LEVELS
            size = _SIZE if with_levels else _SMALL
            for number in shown:
                self._paint_one(painter, transform, number, size, with_levels)
        if self._chosen in shown:
            self._paint_one(painter, transform, self._chosen, _SIZE, True)
        painter.restore()

    def _paint_one(
        self, painter: QPainter, transform: QTransform, number: int, size: float, with_levels: bool
    ) -> None:
        mark = self._marks[number]
        chosen = number == self._chosen
        entry = transform.map(QPointF(mark.entry_index, mark.entry_price))
        leave = transform.map(QPointF(mark.exit_index, mark.exit_price))
        if with_levels:
            painter.setPen(QPen(self._ink, 1.0, Qt.PenStyle.DashLine))
            for price in (mark.sl, mark.tp):
                if price:
                    level = transform.map(QPointF(mark.entry_index, price))
                    reach = max(leave.x(), level.x() + _DASH) if chosen else level.x() + _DASH
                    painter.drawLine(QLineF(level.x() - _DASH, level.y(), reach, level.y()))
        painter.setPen(QPen(self._ink, 2.0 if chosen else 1.0))
        painter.drawLine(QLineF(entry, leave))
        self._paint_entry(painter, entry, mark.side, size)
        painter.setPen(QPen(self._ink, 2.0))
        arm = size * 0.7
        painter.drawLine(QLineF(leave.x() - arm, leave.y() - arm, leave.x() + arm, leave.y() + arm))
        painter.drawLine(QLineF(leave.x() - arm, leave.y() + arm, leave.x() + arm, leave.y() - arm))
        if chosen:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._focus, 2.0))
            painter.drawEllipse(entry, 2 * size, 2 * size)

    def _paint_entry(self, painter: QPainter, at: QPointF, side: int, size: float) -> None:
        tip = -size if side > 0 else size
        painter.setPen(QPen(self._ink, 1.0))
        painter.setBrush(self._up if side > 0 else self._down)
        corners = ((0.0, tip), (-size, -tip * 0.7), (size, -tip * 0.7))
        painter.drawPolygon(QPolygonF([QPointF(at.x() + x, at.y() + y) for x, y in corners]))
