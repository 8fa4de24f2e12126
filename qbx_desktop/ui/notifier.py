"""Who is told what, where and how often: centre always, tray by policy and at most five balloons a minute."""

from __future__ import annotations

from collections import deque
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from ..domain.clock import Clock
from ..domain.events import Level, Notice, Topic
from .live import Live
from .models.notices_model import NoticesModel
from .settings import Settings
from .tray import TrayPort
from .words import Words

MOST_BALLOONS = 5
WINDOW_SECONDS = 60.0
REPEAT_SECONDS = 900.0

_SETTING = {
    Topic.FILL: "notify.fill",
    Topic.REFUSAL: "notify.refusal",
    Topic.BOT_ERROR: "notify.bot_error",
    Topic.CONNECTION: "notify.connection",
    Topic.ALERT: "notify.alert",
    Topic.UNKNOWN_ORDER: "notify.unknown_order",
}


class Notifier(QObject):
    """`unread_changed` carries the number for the bell. Without a tray the centre and the status bar say everything."""

    unread_changed = Signal(int)
    said = Signal(object)

    def __init__(
        self, live: Live, model: NoticesModel, tray: TrayPort, settings: Settings, words: Words, clock: Clock,
        parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._model = model
        self._tray = tray
        self._settings = settings
        self._words = words
        self._clock = clock
        self._shown: deque[float] = deque()
        self._kept_back = 0
        self._last_of: dict[tuple[Any, ...], float] = {}
        self.muted_until = 0.0
        live.noticed.connect(self.take)

    def set_tray(self, tray: TrayPort) -> None:
        """Show balloons in this tray from now on."""
        self._tray = tray

    @Slot(object)
    def take(self, notice: Notice) -> None:
        """Put a notice into the centre, and into the tray if the policy says so."""
        row = self._model.add(notice)
        self.unread_changed.emit(self._model.unread)
        self.said.emit(row)
        if self._wants_balloon(notice, row.key):
            self._balloon(notice)

    def _wants_balloon(self, notice: Notice, key: tuple[Any, ...]) -> bool:
        setting = _SETTING.get(notice.topic)
        if setting is None or not self._settings.get(setting) or not self._tray.available():
            return False
        now = self._clock.monotonic()
        if now < self.muted_until:
            return False
        before = self._last_of.get(key)
        self._last_of[key] = now
        return before is None or now - before >= REPEAT_SECONDS or notice.topic in (Topic.FILL, Topic.ALERT)

    def _balloon(self, notice: Notice) -> None:
        now = self._clock.monotonic()
        while self._shown and now - self._shown[0] >= WINDOW_SECONDS:
            self._shown.popleft()
        if len(self._shown) >= MOST_BALLOONS:
            self._kept_back += 1
            return
        self._shown.append(now)
        text = self._words.say(notice.message)
        if self._kept_back:
            text += "\n" + self._words.t("{n} more in QuantumBotX.", n=self._kept_back)
            self._kept_back = 0
        title = notice.bot_name or "QuantumBotX"
        self._tray.show_message(title, text, urgent=notice.level in (Level.WARNING, Level.PROBLEM))
