"""Setting the password that locks this program, in a dialog of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPushButton, QVBoxLayout, QWidget

from ...data import users
from .password_form import Check, PasswordForm, Run

if TYPE_CHECKING:
    from ..context import AppContext


class SetPasswordDialog(QDialog):
    """Accepted once the password is stored; until then the old state holds."""

    def __init__(
        self, context: AppContext, person: users.User, run: Run, parent: QWidget | None = None,
        check: Check | None = None,
    ) -> None:  # fmt: skip
        """`run(job)` runs a job of half a second outside the GUI thread; with `check` the present password is asked for."""
        super().__init__(parent)
        words = context.words
        words.bind(self, "Set your password", setter="setWindowTitle")
        self.form = PasswordForm(context, person, run, check=check)
        buttons = QDialogButtonBox()
        self.save = words.bind(QPushButton(), "Set password")
        self.cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.form.store)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.form)
        layout.addWidget(buttons)
        self.save.setDefault(True)
        self.setMinimumWidth(480)
        self.form.changed.connect(self._show)
        self.form.stored.connect(self.accept)
        self._show()
        self.form.start.setFocus()

    def reject(self) -> None:
        """Close without a password; not while one is being stored."""
        if not self.form.busy:
            super().reject()

    @Slot()
    def _show(self) -> None:
        reason = self.form.reason()
        self.save.setEnabled(not reason and not self.form.busy)
        self.save.setToolTip(reason)
        self.cancel.setEnabled(not self.form.busy)
