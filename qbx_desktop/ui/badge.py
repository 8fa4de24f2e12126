"""DEMO or REAL, in words and colour, on every screen where money is decided."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ..domain.mt5 import AccountTradeMode
from .live import Live
from .words import Words


class Badge(QLabel):
    """Follows the connected account; says NOT CONNECTED until one is known. A contest account counts as demo."""

    def __init__(self, live: Live, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live = live
        self._words = words
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        live.account_changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        account = self._live.account
        if account is None:
            kind, text = "none", "NOT CONNECTED"
        elif account.trade_mode == AccountTradeMode.REAL:
            kind, text = "real", "REAL"
        else:
            kind, text = "demo", "DEMO"
        shown = self._words.t(text)
        if self.text() == shown and self.property("badge") == kind:
            return
        self.setText(shown)
        self.setAccessibleName(self._words.t("Account kind: {kind}", kind=shown))
        self.setProperty("badge", kind)
        self.style().unpolish(self)
        self.style().polish(self)
