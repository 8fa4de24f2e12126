"""A tab that is imported and built when it is first shown and the chart library is there."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

if TYPE_CHECKING:
    from .context import AppContext


class LazyTab(QWidget):
    """Holds `build(context)` of `module` once it was shown; until the chart library is imported it says so.

    `ready` carries that widget once it is there.
    """

    ready = Signal(QWidget)

    def __init__(self, module: str, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._module = module
        self._context = context
        self.content: QWidget | None = None
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._wait = context.words.bind(QLabel(alignment=Qt.AlignmentFlag.AlignCenter), "Loading…")
        self._layout.addWidget(self._wait)

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        if self.content is None:
            self._context.charts.when_ready(self.built)

    @Slot()
    def built(self) -> QWidget:
        """The tab's own widget, built now if it was not yet."""
        if self.content is None:
            self.content = importlib.import_module(self._module).build(self._context)
            self._wait.hide()
            self._layout.addWidget(self.content)
            self.ready.emit(self.content)
        return self.content

    def focus_filter(self) -> None:
        """Hand on Ctrl+F, if the tab has a filter."""
        getattr(self.built(), "focus_filter", self.setFocus)()

    def export(self) -> None:
        """Hand on Ctrl+S, if the tab can export."""
        export = getattr(self.built(), "export", None)
        if export is not None:
            export()
