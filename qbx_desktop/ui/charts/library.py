"""The chart library and the tabs that draw with it, imported beside the event loop: it would stand still for a second."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from PySide6.QtCore import QObject, QThread, Slot

MODULES = (
    "pyqtgraph", "qbx_desktop.ui.charts.candle_chart", "qbx_desktop.ui.tabs.watchlist_tab",
    "qbx_desktop.ui.tabs.backtest_tab",
)  # fmt: skip


class _Import(QThread):
    def run(self) -> None:
        _import_all()


def _import_all() -> None:
    for name in MODULES:
        importlib.import_module(name)


class ChartLibrary(QObject):
    """Lives in the GUI thread. `begin` starts the import; `when_ready` calls back in the GUI thread, now or later."""

    def __init__(self, parent: QObject | None = None, *, beside: bool = True) -> None:
        """`beside` False imports at the first call instead, and waits for it."""
        super().__init__(parent)
        self.is_ready = False
        self._waiting: list[Callable[[], object]] = []
        self._import = _Import(self) if beside else None
        if self._import is not None:
            self._import.finished.connect(self._imported)

    def begin(self) -> None:
        """Start the import, if it was not started."""
        if self._import is None:
            _import_all()
            self._imported()
        elif not self.is_ready and not self._import.isRunning():
            self._import.start()

    def when_ready(self, then: Callable[[], object]) -> None:
        """Call `then` once charts can be built."""
        if self.is_ready:
            then()
            return
        self._waiting.append(then)
        self.begin()

    def end(self) -> None:
        """Wait for an import that is going on; nobody is called any more."""
        self._waiting.clear()
        if self._import is not None:
            self._import.wait()

    @Slot()
    def _imported(self) -> None:
        if self.is_ready:
            return
        self.is_ready = True
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            then()
