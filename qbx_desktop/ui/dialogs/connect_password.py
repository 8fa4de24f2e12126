"""The opt-in for a kept broker password: only in the system's credential store, and only where there is one."""

from __future__ import annotations

import importlib.util
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QLineEdit, QWidget

from ...broker import credentials
from ..words import Words


class PasswordChoice(QWidget):
    """Off by default. `changed` follows every edit."""

    changed = Signal()

    def __init__(self, words: Words, kept: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.possible = "keyring" in sys.modules or importlib.util.find_spec("keyring") is not None
        self.was_kept = kept and self.possible
        self.keep = QCheckBox()
        words.bind(self.keep, "Keep the broker password in this computer's credential store")
        self.keep.setChecked(self.was_kept)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        words.name(self.password, "Broker password")
        words.bind(
            self.password,
            "Empty: the kept one stays" if self.was_kept else "Broker password",
            setter="setPlaceholderText",
        )
        self.note = QLabel(wordWrap=True)
        self.note.setProperty("role", "muted")
        words.bind(
            self.note,
            "Not needed: MetaTrader keeps its own login. With it we can log in to the agreed account again."
            if self.possible
            else "This computer offers no credential store, so no password is kept; log in inside MetaTrader.",
        )
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.keep, 0, 0)
        grid.addWidget(self.password, 0, 1)
        grid.addWidget(self.note, 1, 0, 1, 2)
        self.keep.setVisible(self.possible)
        self.password.setVisible(self.possible)
        self.keep.toggled.connect(self._toggled)
        self.password.textChanged.connect(self.changed)
        self._toggled(self.keep.isChecked())

    @property
    def wanted(self) -> bool:
        """Whether a password shall be kept after saving."""
        return self.possible and self.keep.isChecked()

    @property
    def lacks(self) -> bool:
        """Whether a password is wanted but not known."""
        return self.wanted and not self.was_kept and not self.password.text()

    def change(self, account: int, server: str) -> Callable[[], None] | None:
        """What the store must be asked for this account; None when nothing changes."""
        password = self.password.text()
        if self.wanted and password:
            return lambda: credentials.keep(account, server, password)
        if self.was_kept and not self.wanted:
            return lambda: credentials.forget(account, server)
        return None

    def _toggled(self, wanted: bool) -> None:
        self.password.setEnabled(wanted)
        self.changed.emit()


def in_background(job: Callable[[], object]) -> Future[None]:
    """Run `job` beside the event loop: the system may ask the user before it opens its store."""
    done: Future[None] = Future()

    def run() -> None:
        try:
            job()
        except Exception as error:  # noqa: BLE001 - handed on to whoever waits
            done.set_exception(error)
        else:
            done.set_result(None)

    threading.Thread(target=run, name="qbx-credentials", daemon=True).start()
    return done
