"""The status bar: connection and its latency, bots by state, both clocks, and what happened last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QWidget

from ..domain.events import Link
from . import figures
from .models.bots_model import BotRow
from .states import is_counted_active

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_LINK_LOOK = {
    Link.READY: ("Connected", "connected", "demo"),
    Link.DEGRADED: ("Connected, slow", "connected", "warning"),
    Link.CONNECTING: ("Connecting…", "waiting", "muted"),
    Link.LOST: ("Connection lost", "disconnected", "error"),
    Link.STOPPED: ("Not connected", "disconnected", "muted"),
}
_SAID_MS = 8_000


class StatusBar(QStatusBar):
    """Also the live region for screen readers: `say` shows a sentence for some seconds."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._words = context.words
        self._live = live
        self._rows: Sequence[BotRow] = ()
        self.setSizeGripEnabled(False)
        self._mark, self.link, self.counts, self.said = QLabel(), QLabel(), QLabel(), QLabel()
        self.algo = QLabel()
        self.algo.setProperty("role", "error")
        self.algo.hide()
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(6, 0, 0, 0)
        for label in (self._mark, self.link, self.counts, self.algo):
            row.addWidget(label)
        row.insertSpacing(2, 16)
        row.addSpacing(16)
        row.addWidget(self.said, 1)
        # A long sentence is cut, it does not push the window wider.
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.addWidget(left, 1)
        self._silence = QTimer(self, singleShot=True, interval=_SAID_MS)
        self._silence.timeout.connect(self.said.clear)
        self.clocks = QLabel()
        self.clocks.setContentsMargins(0, 0, 8, 0)
        self.addPermanentWidget(self.clocks)
        live.link_changed.connect(self._show_link)
        live.account_changed.connect(self._show_clocks)
        context.words.changed.connect(self._reword)
        context.theme.changed.connect(self._show_link)
        self._second = QTimer(self, interval=1_000)
        self._second.timeout.connect(self._show_clocks)
        self._second.start()
        self._reword()

    def show_counts(self, rows: Sequence[BotRow]) -> None:
        """Count the bots by what they are doing."""
        self._rows = rows
        t = self._words.t
        counted = Counter("Active" if is_counted_active(row.look) else row.look.word for row in rows)
        parts = [
            f"{n} {t(word).lower()}"
            for word, n in sorted(counted.items(), key=lambda each: each[0] != "Active")
        ]
        text = " · ".join(parts) if parts else t("no bots")
        if text != self.counts.text():
            self.counts.setText(text)

    def show_algo(self, on: bool) -> None:
        """Say so while bots may not send orders."""
        self.algo.setText("" if on else self._words.t("Algo trading OFF"))
        self.algo.setVisible(not on)

    def say(self, text: str) -> None:
        """Show a sentence for some seconds."""
        self.said.setText(text)
        self.said.setToolTip(text)
        self.said.setAccessibleName(text)
        self._silence.start()

    @Slot()
    def _show_link(self) -> None:
        event = self._live.link
        text, icon, token = _LINK_LOOK[event.link]
        shown = self._words.t(text)
        if event.link in (Link.READY, Link.DEGRADED) and event.latency_ms > 0:
            shown += f" {event.latency_ms:.0f} ms" if event.latency_ms >= 1 else " < 1 ms"
        self._mark.setPixmap(self._context.icons.icon(icon, token).pixmap(14, 14))
        self.link.setText(shown)
        self.link.setToolTip(self._words.say(event.reason) if event.reason else "")

    @Slot()
    def _show_clocks(self) -> None:
        t, local = self._words.t, figures.local_time(self._context.clock.now(), with_date=False)
        text = t("Local {time}", time=local)
        if self._live.server_time:
            server = figures.server_clock(self._live.server_time)
            text = f"{t('Server {time}', time=server)}   {text}"
        self.clocks.setText(text)

    @Slot()
    def _reword(self) -> None:
        self._show_link()
        self._show_clocks()
        self.show_counts(self._rows)
