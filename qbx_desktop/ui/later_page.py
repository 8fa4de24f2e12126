"""A page of a tab that is built when it is first shown or asked for: a tab with ten of them would stop the window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from PySide6.QtWidgets import QVBoxLayout, QWidget

Page = TypeVar("Page", bound=QWidget)


class LaterPage(QWidget, Generic[Page]):
    """Holds what `build` makes."""

    def __init__(self, build: Callable[[], Page], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._build = build
        self._page: Page | None = None
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)

    @property
    def is_built(self) -> bool:
        """Whether it was shown or asked for."""
        return self._page is not None

    @property
    def page(self) -> Page:
        """The page, built now if it was not yet."""
        if self._page is None:
            self._page = self._build()
            layout = self.layout()
            assert layout is not None
            layout.addWidget(self._page)
            self.setFocusProxy(self._page)
        return self._page

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.page.show()
