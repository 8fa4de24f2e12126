"""The first run: five short pages, every one of which can be skipped; nothing here is asked a second time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from ...broker import finder
from ...broker.finder import Installation
from ...data import users
from ..badge import Badge
from .first_run_pages import OPEN, FirstStepPage, SafetyPage, TerminalPage, WelcomePage
from .password_form import PasswordForm, Run

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live

_LOCK = 1


class FirstRun(QDialog):
    """`connect_wanted` carries the path of a terminal; after `finished`, `choice` says what to do first."""

    connect_wanted = Signal(str)

    def __init__(
        self, context: AppContext, live: Live, person: users.User, run: Run, parent: QWidget | None = None,
        *, installations: Callable[[], Sequence[Installation]] = finder.installed,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._words = words = context.words
        self._settings = context.settings
        self.choice = OPEN
        words.bind(self, "First run", setter="setWindowTitle")
        self.welcome = WelcomePage(context)
        self.password = PasswordForm(context, person, run)
        self.terminal = TerminalPage(context, installations())
        self.safety = SafetyPage(context)
        self.first_step = FirstStepPage(context)
        self.pages = QStackedWidget()
        for page in (self.welcome, self._lock_page(), self.terminal, self.safety, self.first_step):
            self.pages.addWidget(page)
        self._starts = (
            self.welcome.start, self.password.start, self.terminal.start, self.safety.start, self.first_step.start
        )  # fmt: skip
        self.step = QLabel()
        self.step.setProperty("role", "muted")
        self.back, self.next, self.skip = QPushButton(), QPushButton(), QPushButton()
        for button, text in ((self.back, "Back"), (self.skip, "Skip the rest")):
            words.name(words.bind(button, text), text)
        self.next.setProperty("primary", True)
        self.next.setDefault(True)
        for button in (self.back, self.skip):
            button.setAutoDefault(False)
        row = QHBoxLayout()
        row.addWidget(Badge(live, words))
        row.addWidget(self.step)
        row.addStretch(1)
        for button in (self.back, self.next, self.skip):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 12)
        layout.addWidget(self.pages, 1)
        layout.addLayout(row)
        self.setMinimumSize(640, 420)
        self.back.clicked.connect(self._back)
        self.next.clicked.connect(self._next)
        self.skip.clicked.connect(self.reject)
        self.terminal.connect_wanted.connect(self.connect_wanted)
        self.password.changed.connect(self._show)
        self.password.stored.connect(self._go_on)
        words.changed.connect(self._show)
        self._show()
        self._starts[0].setFocus()

    def done(self, result: int) -> None:
        """Close, for good: it does not come back at the next start."""
        self._settings.set("ui.first_run_done", True)
        super().done(result)

    def _lock_page(self) -> QWidget:
        page = QWidget()
        layout = QVBoxLayout(page)
        heading = self._words.bind(QLabel(), "Lock this program (optional)")
        heading.setProperty("role", "title")
        layout.addWidget(heading)
        layout.addWidget(self.password)
        layout.addStretch(1)
        return page

    @Slot()
    def _back(self) -> None:
        self._turn(self.pages.currentIndex() - 1)

    @Slot()
    def _next(self) -> None:
        if not self.next.isEnabled():
            return
        at = self.pages.currentIndex()
        if at == _LOCK and not self.password.is_untouched:
            self.password.store()
            return
        if self.pages.currentWidget() is self.safety:
            self.safety.store()
        if at == self.pages.count() - 1:
            self.choice = self.first_step.choice
            self.accept()
        else:
            self._turn(at + 1)

    @Slot()
    def _go_on(self) -> None:
        self._turn(_LOCK + 1)

    def _turn(self, to: int) -> None:
        self.pages.setCurrentIndex(to)
        self._starts[to].setFocus()
        self._show()

    @Slot()
    def _show(self) -> None:
        t, at, count = self._words.t, self.pages.currentIndex(), self.pages.count()
        self.step.setText(t("step {at} of {count}", at=at + 1, count=count))
        last = at == count - 1
        text = t("Finish") if last else t("Next")
        self.next.setText(text)
        self.next.setAccessibleName(text)
        on_lock = at == _LOCK
        reason = self.password.reason() if on_lock and not self.password.is_untouched else ""
        self.next.setEnabled(not reason and not (on_lock and self.password.busy))
        self.next.setToolTip(reason)
        self.back.setEnabled(at > 0 and not self.password.busy)
        self.skip.setVisible(not last)
