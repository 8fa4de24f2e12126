"""A row of buttons on the left and fields on the right, as every tab has above its table."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget


class FlowRow(QWidget):
    """Buttons in reading order; `right` stands at the right edge with a sensible width."""

    def __init__(self, left: Sequence[QWidget], *right: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 4)
        layout.setSpacing(6)
        for widget in left:
            layout.addWidget(widget)
        layout.addStretch(1)
        for widget in right:
            if isinstance(widget, QLineEdit):
                widget.setMinimumWidth(180)
            layout.addWidget(widget)
