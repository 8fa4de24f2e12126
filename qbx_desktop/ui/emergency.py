"""The emergency stop: halted at once, from the GUI thread itself; only then the trader is asked about the positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMessageBox, QWidget

from ..trading import halt_file

if TYPE_CHECKING:
    from .context import AppContext

_REASON = "the emergency stop"


class Emergency(QObject):
    """`action` is one for button, menu, tray and key. It waits for nothing: neither for the desk nor for a terminal."""

    def __init__(self, context: AppContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self.question: QMessageBox | None = None
        self.action = QAction(window)
        context.words.bind(self.action, "Emergency stop")
        context.icons.bind(self.action, "halt")
        self.action.setShortcut(QKeySequence("Ctrl+Shift+E"))
        self.action.triggered.connect(self.pull)
        window.addAction(self.action)

    @Slot()
    def pull(self) -> None:
        """Halt, then ask. Without an answer everything stays halted and the positions keep their stops."""
        # The file holds back every order, also in the terminal's own process, before anybody reads an inbox.
        halt_file.pull(self._context.home.halt_file, _REASON)
        self._context.tell(lambda desk: desk.halt(_REASON))
        if self.question is not None:
            return
        t = self._context.words.t
        self.question = box = QMessageBox(
            QMessageBox.Icon.Warning, t("Emergency stop"),
            t("Trading is halted: no bot sends an order until you arm trading again. Close every position of your bots at "
              "the market too?"), parent=self._window,
        )  # fmt: skip
        close = box.addButton(t("Close at market"), QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton(t("Keep positions"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.finished.connect(lambda _: self._answered(box.clickedButton() is close))
        box.open()

    def _answered(self, close: bool) -> None:
        box, self.question = self.question, None
        if box is not None:
            box.deleteLater()
        if close:
            self._context.tell(lambda desk: desk.emergency(_REASON))
