"""The switch over all bots: what the database says of it, and the desk told at once when it is thrown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QAction

from ..data import trading_state
from ..data.trading_state import GLOBAL, TradingState

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live


class AlgoSwitch(QObject):
    """`action` is checked while bots may send orders; the button, the menu and the tray show this one action.

    `arm_wanted`: trading was halted, and a halt is lifted only by a person who has read why.
    """

    arm_wanted = Signal()

    def __init__(self, context: AppContext, live: Live, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.action = QAction(self)
        context.words.bind(self.action, "Algo trading")
        self.action.setCheckable(True)
        self.action.setShortcut("Ctrl+E")
        self.action.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)
        self.action.triggered.connect(self._thrown)
        live.history_appended.connect(self.read)
        self.read()

    @Slot()
    def read(self) -> None:
        """Show what is stored; a halt by the program itself switches it off too."""
        state = trading_state.get(self._context.db.reader(), GLOBAL).state
        if self.action.isChecked() != (state is TradingState.ACTIVE):
            self.action.setChecked(state is TradingState.ACTIVE)

    @Slot(bool)
    def _thrown(self, on: bool) -> None:
        if on and trading_state.get(self._context.db.reader(), GLOBAL).state is TradingState.HALTED:
            self.read()
            self.arm_wanted.emit()
            return
        with QSignalBlocker(self.action):
            self.action.setChecked(on)
        send = self._context.tell if on else self._context.stop
        send(lambda desk: desk.set_algo(on), self.read)
