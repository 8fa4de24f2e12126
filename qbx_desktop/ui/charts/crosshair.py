"""One crosshair through several plots that share their time axis, with the value at the right edge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QColor, QPen


@dataclass(frozen=True)
class Pane:
    """One plot of a chart and how its values are written."""

    plot: pg.PlotItem
    value_text: Callable[[float], str]


class Crosshair(QObject):
    """Follows the mouse over the panes; `moved` carries the index of the bar under it, -1 when the mouse left."""

    moved = Signal(int)

    def __init__(self, scene: pg.GraphicsScene, panes: Sequence[Pane], parent: QObject) -> None:
        super().__init__(parent)
        self._panes = tuple(panes)
        self._index = -1
        self._verticals = [_line(each.plot, 90) for each in panes]
        self._horizontals = [_line(each.plot, 0) for each in panes]
        self._tags = [_tag(each.plot) for each in panes]
        scene.sigMouseMoved.connect(self._follow)

    @property
    def index(self) -> int:
        """The bar under the crosshair, -1 for none."""
        return self._index

    def set_colours(self, line: QColor, text: QColor, ground: QColor) -> None:
        """Colour of the lines and of the value tags."""
        pen = QPen(line, 1.0)
        pen.setCosmetic(True)
        for each in (*self._verticals, *self._horizontals):
            each.setPen(pen)
        for tag in self._tags:
            tag.fill = pg.mkBrush(ground)
            tag.border = pen
            tag.setColor(text)

    def put(self, index: int) -> None:
        """Stand on a bar, for the keyboard and for tests; -1 hides."""
        self._index = index
        for line in self._verticals:
            line.setPos(index)
            line.setVisible(index >= 0)
        if index < 0:
            for each in (*self._horizontals, *self._tags):
                each.setVisible(False)
        self.moved.emit(index)

    def _follow(self, place: QPointF) -> None:
        over = next((k for k, each in enumerate(self._panes) if _holds(each.plot, place)), None)
        if over is None:
            if self._index >= 0:
                self.put(-1)
            return
        box = self._panes[over].plot.getViewBox()
        at = box.mapSceneToView(place)
        self.put(max(0, round(at.x())))
        for k, (line, tag) in enumerate(zip(self._horizontals, self._tags, strict=True)):
            line.setVisible(k == over)
            tag.setVisible(k == over)
        self._horizontals[over].setPos(at.y())
        self._tags[over].setText(self._panes[over].value_text(at.y()))
        self._tags[over].setPos(box.viewRect().right(), at.y())


def _holds(plot: pg.PlotItem, place: QPointF) -> bool:
    return plot.isVisible() and plot.getViewBox().sceneBoundingRect().contains(place)


def _line(plot: pg.PlotItem, angle: int) -> pg.InfiniteLine:
    line = pg.InfiniteLine(angle=angle, movable=False)
    line.setZValue(20)
    line.setVisible(False)
    plot.addItem(line, ignoreBounds=True)
    return line


def _tag(plot: pg.PlotItem) -> pg.TextItem:
    tag = pg.TextItem(anchor=(1, 0.5))
    tag.setZValue(21)
    tag.setVisible(False)
    plot.addItem(tag, ignoreBounds=True)
    return tag
