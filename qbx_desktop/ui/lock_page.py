"""The locked screen: whose program it is, the password, and what must stay within reach while bots run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ..data.password_rules import MOST
from .badge import Badge

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_WIDTH = 460


class LockPage(QWidget):
    """`unlock_wanted` carries what was typed; the field is emptied at once."""

    unlock_wanted = Signal(str)

    def __init__(
        self,
        context: AppContext,
        live: Live,
        algo: QAction,
        pause_all: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words = words = context.words
        self._icons = context.icons
        self._home = context.home.root
        self._algo = algo
        self._active = 0
        self._busy = self._must_wait = False
        self.algo = QPushButton()
        self.algo.setCheckable(True)
        self.algo.clicked.connect(algo.trigger)
        self.pause_all = QPushButton()
        words.bind(self.pause_all, "Pause all")
        words.name(self.pause_all, "Pause all", tooltip="Pause all (Ctrl+Shift+P)")
        context.icons.bind(self.pause_all, "pause")
        self.pause_all.clicked.connect(pause_all.trigger)
        self.title = words.bind(QLabel(), "QuantumBotX is locked")
        self.title.setProperty("role", "title")
        self.person = words.name(QLabel(), "Name")
        self.person.setTextFormat(Qt.TextFormat.PlainText)
        self.password = words.name(QLineEdit(), "Password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaxLength(MOST)
        self.caps = words.bind(QLabel(), "Caps Lock is on")
        self.caps.setProperty("role", "warning")
        self.button = words.bind(QPushButton(), "Unlock")
        self.button.setProperty("primary", True)
        self.forgot = words.bind(QPushButton(), "Forgot it?")
        self.forgot.setFlat(True)
        self.forgot.clicked.connect(self._forgot)
        self.said = QLabel(wordWrap=True)
        self.said.setProperty("role", "error")
        self.said.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        self.running = QLabel(wordWrap=True)
        self.running.setProperty("role", "muted")
        self._lay_out(Badge(live, words))
        self.password.installEventFilter(self)
        self.password.returnPressed.connect(self._wanted)
        self.password.textChanged.connect(self._show)
        self.button.clicked.connect(self._wanted)
        algo.toggled.connect(self._show)
        words.changed.connect(self._show)
        context.theme.changed.connect(self._show)
        self.caps.setVisible(False)
        self._show()

    def show_person(self, name: str) -> None:
        """Whose password is asked for; whatever was typed before is gone."""
        self.person.setText(name)
        self.password.clear()
        self.caps.setVisible(False)

    @Slot(int)
    def show_active(self, count: int) -> None:
        """How many bots run behind the lock."""
        self._active = count
        self._show()

    def show_busy(self, busy: bool) -> None:
        """A password is being checked, or no longer."""
        self._busy = busy
        self._show()
        if not busy:
            self.password.setFocus()

    def show_waiting(self, waiting: bool) -> None:
        """No try is accepted, or one is again."""
        ended = self._must_wait and not waiting
        self._must_wait = waiting
        self._show()
        if ended:
            self.password.setFocus()

    def say(self, text: str) -> None:
        """What became of the last try."""
        self.said.setText(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Tell Caps Lock by a letter whose case is not what Shift says; no system call knows it everywhere."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.text().isalpha():
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps.setVisible(event.text().isupper() != shift)
        return super().eventFilter(watched, event)

    def _lay_out(self, badge: Badge) -> None:
        reach = QHBoxLayout()
        reach.addWidget(badge)
        reach.addStretch(1)
        reach.addWidget(self.algo)
        reach.addWidget(self.pause_all)
        form = QFormLayout()
        for text, field in (("Name", self.person), ("Password", self.password)):
            label = self._words.bind(QLabel(), text)
            label.setBuddy(field)
            form.addRow(label, field)
        form.addRow(self.caps)
        panel = QFrame()
        panel.setProperty("role", "panel")
        panel.setFixedWidth(_WIDTH)
        inside = QVBoxLayout(panel)
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(10)
        inside.addWidget(self.title)
        inside.addLayout(form)
        inside.addWidget(self.button)
        inside.addWidget(self.said)
        inside.addWidget(self.forgot, 0, Qt.AlignmentFlag.AlignLeft)
        inside.addWidget(self.running)
        inside.addLayout(reach)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(panel)
        across.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(across)
        layout.addStretch(2)

    @Slot()
    def _wanted(self) -> None:
        if self.button.isEnabled():
            password = self.password.text()
            self.password.clear()
            self.unlock_wanted.emit(password)

    @Slot()
    def _forgot(self) -> None:
        self.say(
            self._words.t(
                "Quit, open a command line as administrator and give: {command}. At the next start bots are paused "
                "and you set a new password.",
                command=f'qbx db forgot-password --home "{self._home}"',
            )
        )

    @Slot()
    def _show(self) -> None:
        t = self._words.t
        free = not self._busy and not self._must_wait
        self.password.setEnabled(free)
        self.button.setEnabled(free and bool(self.password.text()))
        self.button.setText(t("Checking…") if self._busy else t("Unlock"))
        on = self._algo.isChecked()
        state = t("Algo trading ON") if on else t("Algo trading OFF")
        self.algo.setChecked(on)
        self.algo.setText(state)
        self.algo.setAccessibleName(state)
        self.algo.setIcon(self._icons.icon("start" if on else "stop", "demo" if on else "error"))
        self.running.setText(
            t("1 bot keeps running while locked.")
            if self._active == 1
            else t("{n} bots keep running while locked.", n=self._active)
        )
