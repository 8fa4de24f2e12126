"""The lock: everything readable is taken off the window, a password brings it back, bots go on meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import shiboken6
from PySide6.QtCore import QByteArray, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDockWidget,
    QMainWindow,
    QStackedWidget,
    QToolBar,
    QWidget,
)

from ..data import users
from ..data.login import FIRST_WAIT_MS, Gate, Login
from ..domain.errors import QbxError
from .auto_lock import AutoLock
from .lock_page import LockPage

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_TICK_MS = 1_000


def _nothing() -> None:
    """There is nothing to do after it."""


class Lock(QObject):
    """`page` is the locked screen, a page of the window's central stack. The password is the local profile's only."""

    def __init__(
        self, context: AppContext, live: Live, algo: QAction, usable: Sequence[QAction], window: QMainWindow
    ) -> None:
        """`usable` are the window's actions that stay usable while locked (with `algo`), "Pause all" first."""
        super().__init__(window)
        self._context = context
        self._words = context.words
        self._window = window
        self._usable = (algo, *usable)
        self._gate = Gate(context.db, context.clock)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="qbx-lock")
        self._waiting: list[Callable[[], object]] = []
        self._dialogs: list[tuple[QDialog, bool]] = []
        self._hidden: list[QWidget] = []
        self._disabled: list[QAction] = []
        self._focus: QWidget | None = None
        self._email = ""
        self.layout_state: QByteArray | None = None
        self.page = LockPage(context, live, algo, usable[0])
        self.page.unlock_wanted.connect(self.unlock)
        self._words.changed.connect(self._show_wait)
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._show_wait)
        self.auto = AutoLock(
            context.clock,
            lambda: int(context.settings.get("lock.after_minutes")),
            self._lock_unattended,
            self,
        )

    @property
    def locked(self) -> bool:
        """Whether the screen is locked now."""
        return self.layout_state is not None

    def begin(self) -> None:
        """Lock at the start of the program, if a password is set and the trader did not switch this off."""
        person = self._person()
        if person is not None and person.has_password and self._context.settings.get("lock.at_start"):
            self._cover(person)

    def lock(self) -> None:
        """Lock now; the first time a password is set before."""
        person = self._person()
        if self.locked or person is None:
            return
        if person.has_password:
            self._cover(person)
        else:
            self._set_password(person, self.lock)

    def change(self) -> None:
        """Change the password (the present one is asked for), or set the first."""
        person = self._person()
        if person is not None and not self.locked:
            self._set_password(person, _nothing)

    def ask_for_password(self) -> None:
        """The password was taken away by an administrator: a new one is wanted."""
        person = self._person()
        if person is not None and not person.has_password:
            self._set_password(person, _nothing)

    def when_open(self, show: Callable[[], object]) -> None:
        """Call `show` now, or once the screen is unlocked."""
        if self.locked:
            self._waiting.append(show)
        else:
            show()

    def end(self) -> None:
        """Wait for a check that still runs (half a second at most) and end its thread."""
        self._timer.stop()
        self.auto.end()
        self._worker.shutdown(wait=True, cancel_futures=True)

    @Slot(str)
    def unlock(self, password: str) -> None:
        """Check the password outside the GUI thread; the screen opens or says why not."""
        email = self._email
        self.page.show_busy(True)
        self._context.answers.deliver(
            self.run(lambda: self._gate.log_in(email, password)), self._came_in, self._refused
        )

    def run(self, job: Callable[[], Any]) -> Future[Any]:
        """Run a job of half a second outside the GUI thread."""
        return self._worker.submit(job)

    def _person(self) -> users.User | None:
        return users.get(self._context.db.reader(), self._context.user_id)

    def _came_in(self, login: Login) -> None:
        self.page.show_busy(False)
        self.page.say("")
        person = self._person() if login.must_change else None
        if person is None:
            self._uncover()
        else:
            # Everybody knows the default password: it opens nothing but this.
            self._set_password(person, self._uncover)

    def _refused(self, error: BaseException) -> None:
        self.page.show_busy(False)
        if not isinstance(error, QbxError):
            self._context.board.problem.emit(error)
            return
        standing = self._gate.standing(self._email)
        if standing.wait_ms:
            self._show_wait()
        elif error.message.code == "login.wrong":
            self.page.say(
                self._words.t(
                    "Wrong password. Tries left: {n}, then a wait of {seconds} s.",
                    n=standing.tries_left,
                    seconds=FIRST_WAIT_MS // 1000,
                )
            )
        else:
            self.page.say(self._words.say(error.message))

    @Slot()
    def _show_wait(self) -> None:
        """Count the lock-out down; the password field comes back when it has ended."""
        if not self.locked:
            return
        wait_ms = self._gate.standing(self._email).wait_ms
        if wait_ms:
            seconds = -(-wait_ms // 1000)
            self.page.say(
                self._words.t("Too many wrong passwords. Next try in {seconds} s.", seconds=seconds)
            )
            self._timer.start()
        elif self._timer.isActive():
            self._timer.stop()
            self.page.say("")
        self.page.show_waiting(wait_ms > 0)

    def _set_password(self, person: users.User, then: Callable[[], object]) -> None:
        from .dialogs.set_password import SetPasswordDialog

        check = (
            partial(self._gate.log_in, person.email)
            if person.has_password and not person.must_change
            else None
        )
        dialog = SetPasswordDialog(self._context, person, self.run, self._window, check)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(then)
        dialog.open()

    def _lock_unattended(self) -> None:
        person = self._person()
        if not self.locked and person is not None and person.has_password:
            self._cover(person)

    def _cover(self, person: users.User) -> None:
        window = self._window
        self.layout_state = window.saveState()
        self._email = person.email
        self._focus = window.focusWidget()
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()
        self._put_away_dialogs()
        bars = (*window.findChildren(QToolBar), *window.findChildren(QDockWidget))
        self._hidden = [each for each in (window.menuBar(), window.statusBar(), *bars) if not each.isHidden()]
        for widget in self._hidden:
            widget.hide()
        self._disabled = [each for each in window.actions() if each.isEnabled() and each not in self._usable]
        for action in self._disabled:
            action.setEnabled(False)
        self.page.show_person(person.name)
        self.page.say("")
        self._stack().setCurrentWidget(self.page)
        self._show_wait()
        self.page.password.setFocus()

    def _put_away_dialogs(self) -> None:
        """Hide what floats over the window; a question that somebody waits for is answered with no."""
        self._dialogs = []
        for each in QApplication.topLevelWidgets():
            if not isinstance(each, QDialog) or not each.isVisible():
                continue
            if each.windowModality() == Qt.WindowModality.ApplicationModal:
                each.reject()
            else:
                self._dialogs.append((each, each.isModal()))
                each.hide()

    def _uncover(self) -> None:
        self.layout_state = None
        self._timer.stop()
        self._stack().setCurrentIndex(0)
        for widget in self._hidden:
            widget.show()
        for action in self._disabled:
            action.setEnabled(True)
        if self._focus is not None and shiboken6.isValid(self._focus):
            self._focus.setFocus()
        for dialog, modal in self._dialogs:
            if shiboken6.isValid(dialog):
                (dialog.open if modal else dialog.show)()
        waiting, self._waiting = self._waiting, []
        for show in waiting:
            show()

    def _stack(self) -> QStackedWidget:
        stack = self._window.centralWidget()
        assert isinstance(stack, QStackedWidget)
        return stack
