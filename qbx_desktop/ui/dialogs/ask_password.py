"""Asks for the password again before something dangerous is stored: whoever sits here now may not be who unlocked it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from ...data import users
from ...data.login import Gate
from ...data.password_rules import MOST
from ...domain.errors import QbxError

if TYPE_CHECKING:
    from ..context import AppContext


def when_confirmed(context: AppContext, why: str, then: Callable[[], object], parent: QWidget) -> None:
    """Call `then()` now if no password is set, else once the right one was typed; `why` is shown above it."""
    person = users.get(context.db.reader(), context.user_id)
    if person is None or not person.has_password:
        then()
        return
    dialog = AskPasswordDialog(context, person, why, parent)
    dialog.accepted.connect(then)
    dialog.open()


class AskPasswordDialog(QDialog):
    """Accepted with the right password; wrong ones count towards the lock-out like those at the lock."""

    def __init__(
        self, context: AppContext, person: users.User, why: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._words = words = context.words
        self._email = person.email
        self._gate = Gate(context.db, context.clock)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="qbx-password")
        words.bind(self, "Your password, please", setter="setWindowTitle")
        self.password = words.name(QLineEdit(), "Password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setMaxLength(MOST)
        self.password.textChanged.connect(self._show)
        self.said = QLabel(wordWrap=True)
        self.said.setProperty("role", "error")
        buttons = QDialogButtonBox()
        self.confirm = words.bind(QPushButton(), "Confirm")
        cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.confirm, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._wanted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (QLabel(why, wordWrap=True), self.password, self.said, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(420)
        self.finished.connect(self._end)
        self._show()
        self.password.setFocus()

    @Slot()
    def _wanted(self) -> None:
        if not self.confirm.isEnabled():
            return
        check = partial(self._gate.log_in, self._email, self.password.text())
        self.password.clear()
        self.said.setText("")
        self._context.answers.deliver(self._worker.submit(check), lambda _: self.accept(), self._refused)

    def _refused(self, error: BaseException) -> None:
        if isinstance(error, QbxError):
            self.said.setText(self._words.say(error.message))
        else:
            self._context.board.problem.emit(error)

    @Slot()
    def _show(self) -> None:
        self.confirm.setEnabled(bool(self.password.text()))

    @Slot()
    def _end(self) -> None:
        self._worker.shutdown(wait=True, cancel_futures=True)
