"""Setting the password that locks this program: its rules shown while typing, its hash made beside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...data import users
from ...data.password_rules import LEAST, MOST, check_new, strength
from ...domain.errors import QbxError, UserMistake

if TYPE_CHECKING:
    from ..context import AppContext

Run = Callable[[Callable[[], Any]], "Future[Any]"]


class SetPasswordDialog(QDialog):
    """Accepted once the password is stored; until then the old state holds."""

    def __init__(
        self, context: AppContext, person: users.User, run: Run, parent: QWidget | None = None
    ) -> None:
        """`run(job)` runs a job of half a second outside the GUI thread."""
        super().__init__(parent)
        self._context = context
        self._words = words = context.words
        self._person = person
        self._run = run
        self._busy = False
        self._failure = ""
        words.bind(self, "Set your password", setter="setWindowTitle")
        self.about = words.bind(
            QLabel(wordWrap=True),
            "This password locks QuantumBotX on this computer. It is not your broker password and is sent nowhere. "
            "Bots keep running while the program is locked.",
        )
        local = person.email == users.PRACTICE_EMAIL
        self.name = QLineEdit("" if local else person.name)
        self.email = QLineEdit("" if local else person.email)
        self.first, self.second = QLineEdit(), QLineEdit()
        form = QFormLayout()
        for label, field in (
            (words.bind(QLabel(), "Your name"), words.name(self.name, "Your name")),
            (words.bind(QLabel(), "E-mail (optional)"), words.name(self.email, "E-mail (optional)")),
            (words.bind(QLabel(), "New password"), words.name(self.first, "New password")),
            (words.bind(QLabel(), "The same again"), words.name(self.second, "The same again")),
        ):
            label.setBuddy(field)
            form.addRow(label, field)
            field.textChanged.connect(self._edited)
        for field in (self.first, self.second):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMaxLength(MOST)
        self.strength = QProgressBar()
        self.strength.setRange(0, 4)
        words.name(self.strength, "Strength of the password")
        form.addRow(words.bind(QLabel(), "Strength"), self.strength)
        self.note = QLabel(wordWrap=True)
        self.note.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        buttons = QDialogButtonBox()
        self.save = words.bind(QPushButton(), "Set password")
        self.cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.store)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.about)
        layout.addLayout(form)
        layout.addWidget(self.note)
        layout.addWidget(buttons)
        self.save.setDefault(True)
        self.setMinimumWidth(480)
        words.changed.connect(self._show)
        self._show()
        (self.name if local else self.first).setFocus()

    @Slot()
    def store(self) -> None:
        """Hash and store what was typed; the dialog closes when it is on disk."""
        if self._busy or self._why_not():
            return
        self._busy = True
        self._show()
        name, email, password = self.name.text(), self.email.text(), self.first.text()
        self._context.answers.deliver(
            self._run(lambda: users.prepared_hash(password, email=email, name=name)),
            lambda hashed: self._hashed(name, email, hashed),
            self._failed,
        )

    def reject(self) -> None:
        """Close without a password; not while one is being stored."""
        if not self._busy:
            super().reject()

    def _hashed(self, name: str, email: str, hashed: str) -> None:
        user_id, at_ms = self._person.id, round(self._context.clock.now() * 1000)

        def job(con: Any) -> None:
            users.describe(con, user_id, name=name, email=email)
            users.set_password(con, user_id, hashed, at_ms)

        self._context.write(job, lambda _: self._stored(), self._failed)

    def _stored(self) -> None:
        self._busy = False
        self.first.clear()
        self.second.clear()
        self.accept()

    def _failed(self, error: BaseException) -> None:
        self._busy = False
        if isinstance(error, QbxError):
            self._failure = self._words.say(error.message)
        else:
            self._context.board.problem.emit(error)
        self._show()

    def _why_not(self) -> str:
        """Why this cannot be stored, in the chosen language; empty when it can."""
        t = self._words.t
        if not self.name.text().strip():
            return t("Type your name.")
        if not self.first.text():
            return t(
                "Take several words that have nothing to do with each other: at least {n} characters.",
                n=LEAST,
            )
        try:
            check_new(self.first.text(), email=self.email.text().strip(), name=self.name.text().strip())
        except UserMistake as error:
            return self._words.say(error.message)
        if self.first.text() != self.second.text():
            return t("Type the same password a second time.")
        return ""

    @Slot()
    def _edited(self) -> None:
        self._failure = ""
        self._show()

    @Slot()
    def _show(self) -> None:
        t = self._words.t
        reason = self._why_not()
        for field in (self.name, self.email, self.first, self.second, self.cancel):
            field.setEnabled(not self._busy)
        self.save.setEnabled(not reason and not self._busy)
        self.save.setToolTip(reason)
        self.note.setText(t("Storing…") if self._busy else self._failure or reason)
        self.note.setProperty("role", "error" if self._failure else "muted")
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)
        level = strength(self.first.text())
        grades = (t("not accepted"), t("just enough"), t("good"), t("strong"), t("very strong"))
        self.strength.setValue(level)
        self.strength.setFormat(grades[level] if self.first.text() else "")
