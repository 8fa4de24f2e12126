"""The practice banner: says that prices are simulated, and how fast their time runs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from ..domain.events import Link
from ..domain.messages import Message

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

SPEEDS = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1000)


class PracticeBanner(QFrame):
    """Over the tabs while the terminal is the simulated one; also says why a terminal does not answer."""

    connect_wanted = Signal()

    def __init__(self, context: AppContext, live: Live, speed: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "banner")
        self._context = context
        self._words = words = context.words
        self._live = live
        self.text = QLabel(wordWrap=True)
        self.caption = words.bind(QLabel(), "Practice time")
        self.speed = QComboBox()
        self.caption.setBuddy(self.speed)
        words.name(self.speed, "Speed of practice time")
        for value in sorted({*SPEEDS, round(speed) or 1}):
            self.speed.addItem(f"{value}×", value)
        self.speed.setCurrentIndex(self.speed.findData(round(speed) or 1))
        self.speed.currentIndexChanged.connect(self._speed_changed)
        self.hold = QPushButton()
        self.hold.setCheckable(True)
        words.name(self.hold, "Hold practice time")
        words.bind(self.hold, "Hold")
        context.icons.bind(self.hold, "pause")
        self.hold.toggled.connect(self._hold_changed)
        self.connect_button = QPushButton()
        words.bind(self.connect_button, "Connect MetaTrader 5…")
        words.name(self.connect_button, "Connect MetaTrader 5…")
        self.connect_button.clicked.connect(self.connect_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 8, 4)
        layout.addWidget(self.text, 1)
        for widget in (self.caption, self.speed, self.hold, self.connect_button):
            layout.addWidget(widget)
        live.link_changed.connect(self._show)
        words.changed.connect(self._show)
        self._show()

    def show_speed(self, speed: float, held: bool) -> None:
        """Show what the simulated terminal says of itself."""
        with QSignalBlocker(self.speed), QSignalBlocker(self.hold):
            if self.speed.findData(round(speed)) < 0:
                self.speed.addItem(f"{round(speed)}×", round(speed))
            self.speed.setCurrentIndex(self.speed.findData(round(speed)))
            self.hold.setChecked(held)

    @Slot()
    def _show(self) -> None:
        event = self._live.link
        lost = event.link in (Link.LOST, Link.STOPPED) and event.reason is not None
        practice = event.simulated or self._context.practice
        if lost and event.reason is not None:
            self.text.setText(self._words.say(event.reason))
        else:
            self.text.setText(self._words.t("Practice prices: simulated, no real money."))
        for widget in (self.caption, self.speed, self.hold):
            widget.setVisible(practice)
        self.setVisible(practice or lost)

    @Slot(int)
    def _speed_changed(self, _index: int) -> None:
        speed = float(self.speed.currentData())
        self._context.settings.set("practice.speed", speed)
        self._context.ask(partial(_set_speed, speed=speed), self._told, self._not_told)

    @Slot(bool)
    def _hold_changed(self, held: bool) -> None:
        self._context.ask(partial(_set_hold, held=held), self._told, self._not_told)

    def _told(self, _answer: object) -> None:
        self._show()

    def _not_told(self, error: BaseException) -> None:
        message = getattr(error, "message", Message("plain", {"text": str(error)}))
        self.text.setText(self._words.say(message))


def _set_speed(terminal: object, speed: float) -> None:
    terminal.sim("sim_set_speed", speed)  # type: ignore[attr-defined]


def _set_hold(terminal: object, held: bool) -> None:
    terminal.sim("sim_pause", held)  # type: ignore[attr-defined]
