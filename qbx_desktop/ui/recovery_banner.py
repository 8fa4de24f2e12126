"""The banner after a start: what an unexpected end left behind, and bots on real money that wait for the trader's word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ..data import bots
from ..data.order_journal import OrderJournal
from ..domain.bots import BotStatus
from ..domain.events import Notice
from . import figures

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_ASK = "desk.ask_to_resume"


class RecoveryBanner(QFrame):
    """Hidden when there is nothing to say. *Leave off* changes nothing that is stored."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "alarm")
        self._context, self._live = context, live
        self._words = words = context.words
        self._crashed_at: float | None = None
        self._active = self._questions = 0
        self._ask: Notice | None = None
        self.text = QLabel(wordWrap=True)
        words.name(self.text, "After the last end of the program")
        self.resume = words.bind(QPushButton(), "Resume bots")
        self.leave = words.bind(QPushButton(), "Leave them off")
        self.understood = words.bind(QPushButton(), "Understood")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 8, 4)
        layout.addWidget(self.text, 1)
        for button in (self.resume, self.leave, self.understood):
            layout.addWidget(button)
        self.resume.clicked.connect(self._resume)
        self.leave.clicked.connect(self._leave)
        self.understood.clicked.connect(self._dismiss)
        live.noticed.connect(self._noticed)
        live.positions_changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()

    def tell_crash(self, at: float) -> None:
        """The last session was seen alive at `at` (UTC seconds) and never ended."""
        reader = self._context.db.reader()
        self._crashed_at = at
        self._active = sum(bot.status is BotStatus.AKTIF for bot in bots.list_bots(reader))
        self._questions = len(OrderJournal(reader).open_questions())
        self._show()

    @Slot(object)
    def _noticed(self, notice: Notice) -> None:
        if notice.message.code != _ASK:
            return
        if self._context.settings.get("bots.resume_real") == "always":
            self._context.trading.tell(lambda desk: desk.resume_bots())
            return
        self._ask = notice
        self._show()

    @Slot()
    def _resume(self) -> None:
        self._ask = None
        self._context.trading.tell(lambda desk: desk.resume_bots())
        self._show()

    @Slot()
    def _leave(self) -> None:
        self._ask = None
        self._show()

    @Slot()
    def _dismiss(self) -> None:
        self._crashed_at = None
        self._show()

    @Slot()
    def _show(self) -> None:
        lines = []
        if self._crashed_at is not None:
            lines.append(self._crash_words(self._crashed_at))
        if self._ask is not None:
            lines.append(self._words.say(self._ask.message))
        self.text.setText("\n".join(lines))
        self.resume.setVisible(self._ask is not None)
        self.leave.setVisible(self._ask is not None)
        self.understood.setVisible(self._crashed_at is not None and self._ask is None)
        self.setVisible(bool(lines))

    def _crash_words(self, at: float) -> str:
        t = self._words.t
        parts = [t("QuantumBotX closed unexpectedly around {time}.", time=figures.local_time(at)[:16])]
        parts.append(t("{n} bots were running.", n=self._active))
        owned = [each for each in self._live.positions if self._live.bot_of(each.ticket) is not None]
        if owned:
            bare = sum(not each.sl for each in owned)
            text = "{n} positions of bots are open at the broker, each with its stop loss."
            if bare:
                text = "{n} positions of bots are open at the broker, {bare} of them without a stop loss."
            parts.append(t(text, n=len(owned), bare=bare))
        if self._questions:
            parts.append(
                t("{n} orders are being looked up at the broker; nothing is sent twice.", n=self._questions)
            )
        return " ".join(parts)
