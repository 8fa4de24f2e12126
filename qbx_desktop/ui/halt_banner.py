"""The banner over the tabs that says why nothing is opened: trading was halted, or the disk is nearly full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ..data import trading_state
from ..data.trading_state import GLOBAL, TradingState

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live
    from .words import Words


class HaltBanner(QFrame):
    """Hidden while trading is allowed. `arm_wanted` is the click of a trader who wants to trade again."""

    arm_wanted = Signal()

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "alarm")
        self._context = context
        self._live = live
        self._words = words = context.words
        self.text = QLabel(wordWrap=True)
        words.name(self.text, "Why trading is halted")
        self.arm = words.bind(QPushButton(), "Arm trading again…")
        self.arm.clicked.connect(self.arm_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 8, 4)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.arm)
        live.disk_changed.connect(self.read)
        live.history_appended.connect(self.read)
        words.changed.connect(self.read)
        self.read()

    @Slot()
    def read(self) -> None:
        """Show what is stored and what the disk allows."""
        stored = trading_state.get(self._context.db.reader(), GLOBAL)
        halted = stored.state is TradingState.HALTED
        t = self._words.t
        said = [t("Trading is halted: {why}", why=why_halted(self._words, stored.reason))] if halted else []
        if self._live.disk is not None:
            said.append(self._words.say(self._live.disk))
        self.text.setText("\n".join(said))
        self.arm.setVisible(halted)
        self.setVisible(bool(said))


def why_halted(words: Words, reason: str) -> str:
    """The stored reason of a halt: words of ours in the chosen language, what somebody typed as it is."""
    t = words.t
    known = {"the emergency stop": t("the emergency stop"), "the HALT file": t("the HALT file")}
    return known.get(reason, reason)
