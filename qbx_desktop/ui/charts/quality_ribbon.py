"""The history-quality ribbon: along a run's bars, where the history is whole and where it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QRectF
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from ...domain.bars import Ints
from ...domain.clock import server_text
from ..figures import percent
from ..theme import Theme
from ..words import Words

# The charts above keep this much at their edges, most of it for the labels at the right.
_LEFT, _RIGHT, _HEIGHT = 9, 85, 10
_GOOD, _FAIR = 90.0, 50.0


class QualityRibbon(QWidget):
    """`show_bands` takes the bands of `history_quality.ribbon`; the tooltip tells the stretch under the mouse."""

    def __init__(self, theme: Theme, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words = theme, words
        self._bands: list[
            tuple[float, float, float, int]
        ] = []  # from, to (0 to 1), percent, first bar's time
        self.setFixedHeight(_HEIGHT)
        words.name(self, "History quality along the time")
        theme.changed.connect(self.update)

    def show_bands(self, bands: Sequence[Mapping[str, Any]], times: Ints) -> None:
        """Bands of time over the bars that open at `times`: a closed market takes no room, as in the chart."""
        count = max(len(times), 1)
        moments = np.array([(band["start"], band["stop"]) for band in bands], np.int64).reshape(-1, 2)
        edges = np.searchsorted(times, moments)
        self._bands = [
            (int(first) / count, int(stop) / count, float(band["percent"]), int(band["start"]))
            for band, (first, stop) in zip(bands, edges, strict=True)
            if stop > first
        ]
        self.setVisible(bool(self._bands))
        self.update()

    def text_at(self, x: float) -> str:
        """What the tooltip says at `x` pixels."""
        share = (x - _LEFT) / max(self.width() - _LEFT - _RIGHT, 1)
        for first, stop, quality, start in self._bands:
            if first <= share < stop:
                return f"{server_text(start)[:10]} · {percent(quality, 1, self._words.language)}"
        return ""

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        width = self.width() - _LEFT - _RIGHT
        for first, stop, quality, _start in self._bands:
            token = "demo" if quality >= _GOOD else "warning" if quality >= _FAIR else "error"
            # The worse, the lower: colour alone tells nothing to some eyes.
            height = _HEIGHT * (1.0 if quality >= _GOOD else max(quality, 15.0) / 100.0)
            area = QRectF(_LEFT + first * width, _HEIGHT - height, (stop - first) * width + 0.5, height)
            painter.fillRect(area, self._theme.colour(token))
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Answer a wish for a tooltip."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.text_at(event.pos().x()), self)
            return True
        return super().event(event)
