"""Bars for the parts of a day, a week or a year: net profit up or down from the middle line, the count under each."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ...backtest.distribution import Distribution
from .. import figures
from ..theme import Theme
from ..words import Words

_TITLE, _LABELS, _SIDE = 20.0, 34.0, 8.0


class PartBars(QWidget):
    """`title` in English. A gain is hollow and stands on the line, a loss is filled and hangs from it."""

    def __init__(self, theme: Theme, words: Words, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._words, self._title = theme, words, title
        self._found: Distribution | None = None
        self._labels: Sequence[str] = ()
        self._currency, self._digits = "", 2
        self.setMinimumHeight(110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        words.name(self, title)
        theme.changed.connect(self.update)
        words.changed.connect(self._described)

    def show_parts(self, found: Distribution, labels: Sequence[str], currency: str, digits: int) -> None:
        """Show these parts with one label each."""
        self._found, self._labels, self._currency, self._digits = found, labels, currency, digits
        self._described()

    def text_of(self, part: int) -> str:
        """What is said of one part."""
        if self._found is None:
            return ""
        money = figures.signed(float(self._found.net[part]), self._digits, self._words.language)
        return self._words.t(
            "{part}: {money} {currency} in {n} trades", part=self._labels[part], money=money, currency=self._currency,
            n=int(self._found.trades[part]),
        )  # fmt: skip

    def bar_rect(self, part: int) -> QRectF:
        """Where the bar of one part is drawn; flat where nothing was won or lost."""
        assert self._found is not None
        slot = self._slot(part)
        low, high = min(0.0, float(self._found.net.min())), max(0.0, float(self._found.net.max()))
        top, bottom = _TITLE + 4, self.height() - _LABELS
        scale = (bottom - top) / (high - low) if high > low else 0.0
        zero = top + high * scale if scale else bottom
        value = float(self._found.net[part]) * scale
        inset = slot.width() * 0.18
        return QRectF(
            slot.left() + inset, zero - max(value, 0.0), slot.width() - 2 * inset, abs(value)
        )  # fmt: skip

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(320, 150)

    def paintEvent(self, _: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        painter = QPainter(self)
        colour = self._theme.colour
        painter.fillRect(self.rect(), colour("background"))
        painter.setPen(colour("text"))
        painter.drawText(QRectF(_SIDE, 0, self.width(), _TITLE), int(Qt.AlignmentFlag.AlignVCenter), self._words.t(self._title))  # fmt: skip
        if self._found is None or not self._found.trades.any():
            return
        zero = next(
            self.bar_rect(at).bottom() if self._found.net[at] >= 0 else self.bar_rect(at).top()
            for at in range(len(self._found))
        )
        painter.setPen(QPen(colour("outline"), 1))
        painter.drawLine(QPointF(_SIDE, zero), QPointF(self.width() - _SIDE, zero))
        small = QFont(self.font())
        small.setPointSizeF(small.pointSizeF() * 0.82)
        painter.setFont(small)
        centre = int(Qt.AlignmentFlag.AlignCenter)
        for at, label in enumerate(self._labels):
            slot, net = self._slot(at), float(self._found.net[at])
            if self._found.trades[at]:
                token = colour("up" if net >= 0 else "down")
                painter.setPen(QPen(token, 1.4))
                painter.setBrush(Qt.BrushStyle.NoBrush if net >= 0 else token)
                painter.drawRect(self.bar_rect(at))
            painter.setPen(colour("muted"))
            half = _LABELS / 2
            painter.drawText(QRectF(slot.left(), self.height() - _LABELS, slot.width(), half), centre, label)
            painter.drawText(
                QRectF(slot.left(), self.height() - half, slot.width(), half), centre,
                str(int(self._found.trades[at])),
            )  # fmt: skip

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip and self._found is not None:
            x = event.pos().x()
            at = next((at for at in range(len(self._found)) if self._slot(at).left() <= x < self._slot(at).right()), None)  # fmt: skip
            QToolTip.showText(event.globalPos(), "" if at is None else self.text_of(at), self)
            return True
        return super().event(event)

    def _slot(self, part: int) -> QRectF:
        assert self._found is not None
        width = (self.width() - 2 * _SIDE) / len(self._found)
        return QRectF(_SIDE + part * width, 0, width, self.height())

    def _described(self) -> None:
        said = "" if self._found is None else "; ".join(map(self.text_of, range(len(self._found))))
        self.setAccessibleDescription(said)
        self.update()
