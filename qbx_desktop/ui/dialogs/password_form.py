"""The fields of a new password of this program: its rules shown while typing, its hash made beside the event loop."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFormLayout, QLabel, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from ...data import users
from ...data.password_rules import LEAST, MOST, check_new, strength
from ...domain.errors import QbxError, UserMistake

if TYPE_CHECKING:
    from ..context import AppContext

Run = Callable[[Callable[[], Any]], "Future[Any]"]
Check = Callable[[str], object]


class PasswordForm(QWidget):
    """`stored` follows once the password is on disk, `changed` whenever `reason` or `busy` may be another."""

    stored = Signal()
    changed = Signal()

    def __init__(
        self, context: AppContext, person: users.User, run: Run, parent: QWidget | None = None,
        check: Check | None = None,
    ) -> None:  # fmt: skip
        """`run(job)` runs a job of half a second outside the GUI thread; `check(present password)` raises if it is wrong."""
        super().__init__(parent)
        self._context = context
        self._words = words = context.words
        self._person = person
        self._run = run
        self._check = check
        self.busy = False
        self._failure = ""
        self.about = words.bind(
            QLabel(wordWrap=True),
            "This password locks QuantumBotX on this computer. It is not your broker password and is sent nowhere. "
            "Bots keep running while the program is locked.",
        )
        local = person.email == users.PRACTICE_EMAIL
        self.name = QLineEdit("" if local else person.name)
        self.email = QLineEdit("" if local else person.email)
        self.present, self.first, self.second = QLineEdit(), QLineEdit(), QLineEdit()
        form = QFormLayout()
        for label, field in (
            (words.bind(QLabel(), "Your name"), words.name(self.name, "Your name")),
            (words.bind(QLabel(), "E-mail (optional)"), words.name(self.email, "E-mail (optional)")),
            (words.bind(QLabel(), "Present password"), words.name(self.present, "Present password")),
            (words.bind(QLabel(), "New password"), words.name(self.first, "New password")),
            (words.bind(QLabel(), "The same again"), words.name(self.second, "The same again")),
        ):
            label.setBuddy(field)
            form.addRow(label, field)
            field.textChanged.connect(self._edited)
        form.setRowVisible(self.present, check is not None)
        for field in (self.present, self.first, self.second):
            field.setEchoMode(QLineEdit.EchoMode.Password)
            field.setMaxLength(MOST)
        self.strength = QProgressBar()
        self.strength.setRange(0, 4)
        words.name(self.strength, "Strength of the password")
        form.addRow(words.bind(QLabel(), "Strength"), self.strength)
        self.note = QLabel(wordWrap=True)
        self.note.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.about)
        layout.addLayout(form)
        layout.addWidget(self.note)
        self.start = self.name if local else self.first if check is None else self.present
        words.changed.connect(self._show)
        self._show()

    @property
    def is_untouched(self) -> bool:
        """Whether no password was typed at all."""
        return not self.first.text() and not self.second.text()

    @Slot()
    def store(self) -> None:
        """Hash and store what was typed."""
        if self.busy or self.reason():
            return
        self.busy = True
        self._show()
        name, email, password = self.name.text(), self.email.text(), self.first.text()
        present = self.present.text()
        self._context.answers.deliver(
            self._run(lambda: self._prepared(present, password, email, name)),
            lambda hashed: self._hashed(name, email, hashed),
            self._failed,
        )

    def _prepared(self, present: str, password: str, email: str, name: str) -> str:
        if self._check is not None:
            self._check(present)
        return users.prepared_hash(password, email=email, name=name)

    def _hashed(self, name: str, email: str, hashed: str) -> None:
        user_id, at_ms = self._person.id, round(self._context.clock.now() * 1000)

        def job(con: Any) -> None:
            users.describe(con, user_id, name=name, email=email)
            users.set_password(con, user_id, hashed, at_ms)

        self._context.write(job, lambda _: self._stored(), self._failed)

    def _stored(self) -> None:
        self.busy = False
        self.present.clear()
        self.first.clear()
        self.second.clear()
        self.stored.emit()

    def _failed(self, error: BaseException) -> None:
        self.busy = False
        if isinstance(error, QbxError):
            self._failure = self._words.say(error.message)
        else:
            self._context.board.problem.emit(error)
        self._show()

    def reason(self) -> str:
        """Why this cannot be stored, in the chosen language; empty when it can."""
        t = self._words.t
        if not self.name.text().strip():
            return t("Type your name.")
        if self._check is not None and not self.present.text():
            return t("Type your present password.")
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
        reason = self.reason()
        for field in (self.name, self.email, self.present, self.first, self.second):
            field.setEnabled(not self.busy)
        self.note.setText(t("Storing…") if self.busy else self._failure or reason)
        self.note.setProperty("role", "error" if self._failure else "muted")
        self.note.style().unpolish(self.note)
        self.note.style().polish(self.note)
        level = strength(self.first.text())
        grades = (t("not accepted"), t("just enough"), t("good"), t("strong"), t("very strong"))
        self.strength.setValue(level)
        self.strength.setFormat(grades[level] if self.first.text() else "")
        self.changed.emit()
