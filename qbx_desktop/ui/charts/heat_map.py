"""A map of two searched parameters: a number in every cell, colours that stay even, the plateau and the peak marked."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...backtest.search.surface import HeatMap
from ..theme import Theme
from ..words import Words

# Nine points of matplotlib's cividis (J. Nuñez, C. Anderton, R. Renslow, 2018): even to every kind of eye.
_CIVIDIS = ("#00224E", "#123570", "#3B496C", "#575D6D", "#707173", "#8A8678", "#A59C74", "#C3B369", "#FEE838")
_LEFT, _TOP, _MOST_WIDTH, _MOST_HEIGHT = 78, 24, 96, 40
_NOTHING = "\u2013"
Cell = tuple[int, int]


class HeatMapView(QWidget):
    """Shows one map. `chosen` carries row and column of a cell that was clicked or chosen with Enter."""

    chosen = Signal(int, int)

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._map: HeatMap | None = None
        self._peak: Cell | None = None
        self._plateau: frozenset[Cell] = frozenset()
        self.current: Cell = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        words.name(self, "Heat map of two parameters")
        theme.changed.connect(self.update)

    def show_map(self, found: HeatMap | None, peak: Cell | None, plateau: frozenset[Cell]) -> None:
        """Show a map with its peak and the cells of its plateau; None shows nothing."""
        self._map, self._peak, self._plateau = found, peak, plateau
        self.current = peak or (0, 0)
        self._describe()
        self.update()

    def labels(self) -> list[list[str]]:
        """The text of every cell, row by row."""
        if self._map is None:
            return []
        return [
            [self.text_of((row, column)) for column in range(len(self._map.x.values))]
            for row in range(len(self._map.y.values))
        ]

    def text_of(self, cell: Cell) -> str:
        """What stands in a cell: its value, with the peak starred and the plateau in brackets."""
        assert self._map is not None
        value = float(self._map.values[cell])
        if math.isnan(value):
            return _NOTHING
        text = f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
        if cell == self._peak:
            text = f"\u2605{text}"
        return f"[{text}]" if cell in self._plateau else text

    def cell_rect(self, cell: Cell) -> QRectF:
        """Where a cell is drawn."""
        assert self._map is not None
        width = min(_MOST_WIDTH, (self.width() - _LEFT) / len(self._map.x.values))
        height = min(_MOST_HEIGHT, (self.height() - _TOP) / len(self._map.y.values))
        return QRectF(_LEFT + cell[1] * width, _TOP + cell[0] * height, width, height)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(560, 300)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("background"))
        if self._map is None:
            return
        known = [value for value in self._map.values.ravel().tolist() if not math.isnan(value)]
        low, high = (min(known), max(known)) if known else (0.0, 0.0)
        self._paint_heads(painter)
        for row in range(len(self._map.y.values)):
            for column in range(len(self._map.x.values)):
                self._paint_cell(painter, (row, column), low, high)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.colour("focus"), 2))
            painter.drawRect(self.cell_rect(self.current).adjusted(1, 1, -1, -1))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        cell = self._cell_at(event.position())
        if cell is not None:
            self.current = cell
            self.update()
            self.chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        steps = {
            Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0),
        }  # fmt: skip
        step = steps.get(Qt.Key(event.key()))
        if self._map is None or (
            step is None and event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        ):
            super().keyPressEvent(event)
            return
        if step is None:
            self.chosen.emit(*self.current)
            return
        row = min(max(self.current[0] + step[0], 0), len(self._map.y.values) - 1)
        column = min(max(self.current[1] + step[1], 0), len(self._map.x.values) - 1)
        self.current = (row, column)
        self._describe()
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            cell = self._cell_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if cell is None else self._sentence(cell), self)
            return True
        return super().event(event)

    def _cell_at(self, at: QPointF) -> Cell | None:
        if self._map is None:
            return None
        for row in range(len(self._map.y.values)):
            for column in range(len(self._map.x.values)):
                if self.cell_rect((row, column)).contains(at):
                    return row, column
        return None

    def _paint_heads(self, painter: QPainter) -> None:
        assert self._map is not None
        painter.setPen(self._theme.colour("muted"))
        centre = int(Qt.AlignmentFlag.AlignCenter)
        corner = f"{self._map.y.name} \u2193 {self._map.x.name} \u2192"
        font = QFont(self.font())
        font.setPointSizeF(font.pointSizeF() * 0.8)
        painter.setFont(font)
        painter.drawText(QRectF(2, 0, _LEFT - 6, _TOP), int(Qt.AlignmentFlag.AlignVCenter), corner)
        painter.setFont(self.font())
        for column, value in enumerate(self._map.x.values):
            rect = self.cell_rect((0, column))
            painter.drawText(QRectF(rect.left(), 0, rect.width(), _TOP), centre, f"{value}")
        for row, value in enumerate(self._map.y.values):
            rect = self.cell_rect((row, 0))
            painter.drawText(QRectF(0, rect.top(), _LEFT - 6, rect.height()), int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{value}")  # fmt: skip

    def _paint_cell(self, painter: QPainter, cell: Cell, low: float, high: float) -> None:
        assert self._map is not None
        value, rect = float(self._map.values[cell]), self.cell_rect(cell)
        if math.isnan(value):
            colour = self._theme.colour("raised")
        else:
            colour = cividis((value - low) / (high - low) if high > low else 0.5)
        painter.fillRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), colour)
        font = QFont(self.font())
        font.setBold(cell == self._peak or cell in self._plateau)
        if rect.width() < 52:
            font.setPointSizeF(font.pointSizeF() * 0.82)
        painter.setFont(font)
        painter.setPen(QColor("#000000" if colour.lightnessF() > 0.45 else "#FFFFFF"))
        if math.isnan(value):
            painter.setPen(self._theme.colour("muted"))
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), self.text_of(cell))

    def _sentence(self, cell: Cell) -> str:
        assert self._map is not None
        x, y = self._map.x, self._map.y
        parts = [f"{y.name} {y.values[cell[0]]}, {x.name} {x.values[cell[1]]}: {self.text_of(cell)}"]
        if cell == self._peak:
            parts.append(self._words.t("the peak"))
        if cell in self._plateau:
            parts.append(self._words.t("on the plateau"))
        return ", ".join(parts)

    def _describe(self) -> None:
        self.setAccessibleDescription("" if self._map is None else self._sentence(self.current))


def cividis(share: float) -> QColor:
    """The colour of a share 0-1, dark to light."""
    at = min(max(share, 0.0), 1.0) * (len(_CIVIDIS) - 1)
    below = min(int(at), len(_CIVIDIS) - 2)
    a, b, part = QColor(_CIVIDIS[below]), QColor(_CIVIDIS[below + 1]), at - below
    return QColor(
        *(
            round(x + (y - x) * part)
            for x, y in zip((a.red(), a.green(), a.blue()), (b.red(), b.green(), b.blue()), strict=True)
        )
    )
