"""Who is told what, where and how often: centre always, tray and sound by policy, at most five balloons a minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QApplication

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
BEEP_SECONDS = 2.0


class Notifier(QObject):
    """`unread_changed` carries the number for the bell, `muted` the seconds of silence. Without a tray the centre and the status bar say everything."""

    unread_changed = Signal(int)
    said = Signal(object)
    muted = Signal(float)

    def __init__(
        self, live: Live, model: NoticesModel, tray: TrayPort, settings: Settings, words: Words, clock: Clock,
        parent: QObject | None = None, *, beep: Callable[[], object] = QApplication.beep,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._beep = beep
        self._beeped_at = float("-inf")
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
        if not self._is_news(notice, row.key):
            return
        if self._settings.get(f"notify.{notice.topic}.sound"):
            self._sound()
        if self._settings.get(f"notify.{notice.topic}") and self._tray.available():
            self._balloon(notice)

    def mute(self, seconds: float) -> None:
        """No balloon and no sound for so long; 0 ends it. The centre goes on."""
        self.muted_until = self._clock.monotonic() + seconds
        self.muted.emit(seconds)

    def _is_news(self, notice: Notice, key: tuple[Any, ...]) -> bool:
        """Whether anything beside the centre is due: not while muted, and a lasting problem once in a while."""
        now = self._clock.monotonic()
        if now < self.muted_until:
            return False
        before = self._last_of.get(key)
        self._last_of[key] = now
        return before is None or now - before >= REPEAT_SECONDS or notice.topic in (Topic.FILL, Topic.ALERT)

    def _sound(self) -> None:
        now = self._clock.monotonic()
        if now - self._beeped_at >= BEEP_SECONDS:
            self._beeped_at = now
            self._beep()

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
