"""Pictures of every tab in both themes and languages, made by the program itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from .window import TABS, MainWindow

if TYPE_CHECKING:
    from .context import AppContext

_FIRST_MS = 4_000
_PAUSE_MS = 700


class Screenshots(QObject):
    """Shows tab after tab, dark then light, in English then Indonesian (`…-id.png`), and grabs each into `folder`;
    calls `done` at the end."""

    def __init__(
        self, context: AppContext, window: MainWindow, folder: Path, done: Callable[[], object]
    ) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._folder = folder
        self._done = done
        self._steps = self._walk()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._next)
        self._timer.start(_FIRST_MS)

    @Slot()
    def _next(self) -> None:
        try:
            next(self._steps)
        except StopIteration:
            self._done()
            return
        self._timer.start(_PAUSE_MS)

    def _walk(self) -> Iterator[None]:
        self._folder.mkdir(parents=True, exist_ok=True)
        theme, words = self._context.theme, self._context.words
        before, spoken = theme.mode, words.language
        for language, ending in (("en", ""), ("id", "-id")):
            words.use(language)
            for mode in ("dark", "light"):
                theme.use(mode)
                for at, name in enumerate(TABS):
                    self._window.show_tab(at)
                    yield
                    self._window.grab().save(str(self._folder / f"{name.lower()}-{mode}{ending}.png"))
        theme.use(before)
        words.use(spoken)
