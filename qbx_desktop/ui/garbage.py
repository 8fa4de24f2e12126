"""Python's garbage is collected in the GUI thread only, and from its event loop only: Qt objects die nowhere else."""

from __future__ import annotations

import gc
import sys
import time

from PySide6.QtCore import QObject, QTimer, Slot

_EVERY_MS = 500
_MODULES_OF_A_LIBRARY = 10  # so many new modules at once are a library that will not go away again
_SLOW_S = 0.05  # a collection that takes longer has walked over much that lives for ever


class GarbageCollection(QObject):
    """Takes the place of Python's automatic collection while it runs.

    A chart or a dialog is a circle of Python objects, so it is the collector that destroys it, and Python's own
    collects in whichever thread happens to allocate. A backtest's thread then takes scenes and timers apart that the
    GUI thread is painting: a crash (segmentation fault), sooner or later.

    What imports and slow collections leave is not looked at again (`gc.freeze`): a full collection of the libraries'
    objects alone stops the window for longer than it may stand still. Objects that are frozen still die by their
    reference count.
    """

    def __init__(self, parent: QObject | None = None, every_ms: int = _EVERY_MS) -> None:
        """Nothing happens before `begin`."""
        super().__init__(parent)
        self._was_enabled = False
        self._modules = 0
        self._timer = QTimer(self, interval=every_ms)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Collect here from now on. Call it before the first other thread starts."""
        if not self._timer.isActive():
            self._was_enabled = gc.isenabled()
            gc.disable()
            self._timer.start()

    def end(self) -> None:
        """Give collection back to Python. Call it when the last other thread has ended."""
        if self._timer.isActive():
            self._timer.stop()
            if self._was_enabled:
                gc.enable()

    @Slot()
    def look(self) -> None:
        """Collect the oldest generation that is due by Python's own thresholds, if any is."""
        self._keep_libraries()
        due = [number for number, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True))
               if count > most > 0]  # fmt: skip
        if due:
            began = time.perf_counter()
            gc.collect(due[-1])
            if due[-1] == 2 and time.perf_counter() - began > _SLOW_S:
                gc.freeze()

    def _keep_libraries(self) -> None:
        modules = len(sys.modules)
        if modules - self._modules >= _MODULES_OF_A_LIBRARY:
            gc.freeze()
            self._modules = modules
