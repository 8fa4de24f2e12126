"""Which terminal to trade on: tested before it is agreed on, in force from the next start, real money only on consent."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...broker import finder
from ...broker.finder import Installation
from ...broker.handshake import OTHER_ACCOUNT, REAL_MONEY
from ...broker.spec import TerminalSpec
from ...broker.transports import ProcessTransport
from ...domain.errors import QbxError
from ...domain.messages import Message
from ...workers.connection_trial import ConnectionTrial, Findings, Road, findings_of
from ..badge import Badge
from .ask_password import when_confirmed
from .connect_found import FoundTerminals
from .connect_password import PasswordChoice, in_background
from .connect_report import ConnectReport

if TYPE_CHECKING:
    from ...broker.terminal import Terminal
    from ..context import AppContext
    from ..live import Live


@dataclass(frozen=True)
class _Account:
    """The account that saving agrees on; `server` empty: the one it turns out to be on."""

    login: int
    server: str
    real: bool


class ConnectDialog(QDialog):
    """Tests and stores the choice. Nothing is ordered from here, and what runs now goes on as it is."""

    def __init__(
        self,
        context: AppContext,
        live: Live,
        parent: QWidget | None = None,
        *,
        road: Callable[[TerminalSpec], Road] = ProcessTransport,
        installations: Callable[[], Sequence[Installation]] = finder.installed,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._words = words = context.words
        self._road = road
        self._trial: object | None = None
        self._found: _Account | None = None
        self._installed = has_module()
        get = context.settings.get
        words.bind(self, "Connect MetaTrader 5…", setter="setWindowTitle")
        self.practice, self.metatrader = QRadioButton(), QRadioButton()
        words.bind(self.practice, "Practice: the built-in simulated terminal")
        words.bind(self.metatrader, "MetaTrader 5 on this computer, with the account it is logged in to")
        (self.metatrader if get("terminal.kind") == "mt5" else self.practice).setChecked(True)
        self.found = FoundTerminals(words, installations())
        self.path = QLineEdit(get("terminal.path"))
        words.name(self.path, "Path of terminal64.exe")
        words.bind(
            self.path, "terminal64.exe (empty: the one that is installed)", setter="setPlaceholderText"
        )
        self.choose = words.bind(QPushButton(), "Choose…")
        words.name(self.choose, "Choose terminal64.exe")
        self.test = words.bind(QPushButton(), "Test connection")
        self.stop = words.bind(QPushButton(), "Cancel test")
        self.report = ConnectReport(context)
        self.consent_label = QLabel(wordWrap=True)
        self.consent_label.setProperty("role", "warning")
        self.consent = QLineEdit()
        words.name(self.consent, "Account number, typed to allow real money")
        self.password = PasswordChoice(words, get("terminal.password_kept"))
        self.note = QLabel(wordWrap=True)
        self.note.setProperty("role", "muted")
        self._lay_out(Badge(live, words))
        self._wire()
        self._show()
        (self.practice if self.practice.isChecked() else self.metatrader).setFocus()

    @Slot()
    def begin_test(self) -> None:
        """Look at the terminal of the chosen path; the answer arrives in the report."""
        self._found = None
        self.report.show_busy()
        answers, path = self._context.answers, self.path.text().strip()
        if not self._context.practice and path == self._context.settings.get("terminal.path"):
            # The program itself is connected to it, and a terminal serves one connection only.
            mark = self._trial = object()
            self._context.ask(
                _look, lambda found: self._tested(mark, found), lambda error: self._failed(mark, error)
            )
        else:
            spec = TerminalSpec(kind="mt5", path=path, demo_only=False)
            trial = self._trial = ConnectionTrial(lambda: self._road(spec))
            answers.deliver(
                trial.answer,
                lambda found: self._tested(trial, found),
                lambda error: self._failed(trial, error),
            )
            trial.start()
        self._show()

    @Slot()
    def cancel_test(self) -> None:
        """Stop waiting for the terminal."""
        trial, self._trial = self._trial, None
        if isinstance(trial, ConnectionTrial):
            trial.cancel()
        self.report.clear()
        self._show()

    def done(self, result: int) -> None:
        """Close; a test that still runs is given up."""
        trial, self._trial = self._trial, None
        if isinstance(trial, ConnectionTrial):
            trial.cancel()
        super().done(result)

    def _tested(self, trial: object, found: Findings) -> None:
        if trial is not self._trial:
            return
        self._trial = None
        self.report.show_findings(found)
        self._agree(_Account(found.account.login, found.account.server, found.real))

    def _failed(self, trial: object, error: BaseException) -> None:
        if trial is not self._trial:
            return
        self._trial = None
        if not isinstance(error, QbxError):
            self.report.clear()
            self._show()
            self._context.board.problem.emit(error)
            return
        self.report.show_failure(error.message)
        self._agree(_account_of(error.message))

    def _agree(self, account: _Account | None) -> None:
        self._found = account
        if account is not None and account.real:
            allowed = self._context.settings.get("terminal.real_account") == account.login
            self.consent.setText(str(account.login) if allowed else "")
            self.consent_label.setText(
                self._words.t(
                    "Account {login} holds REAL money: what bots lose there is lost. To allow it, type its number. "
                    "Each bot asks once more before its first start there.",
                    login=account.login,
                )
            )
        self._show()

    def _why_not(self) -> str:
        """Why this cannot be saved, in English; empty when it can."""
        if self.practice.isChecked():
            return ""
        if not self._installed:
            return (
                "MetaTrader 5 can be reached on Windows only, from a QuantumBotX that was installed with it. "
                "Backtests, history and practice work here without it."
            )
        if self._trial is not None:
            return "The test still runs."
        found = self._found
        if found is not None and found.real and self.consent.text().strip() != str(found.login):
            return "A real account is refused until its number is typed."
        if self.password.lacks:
            return "Type the password to keep."
        if self.password.wanted and self.password.password.text() and (found is None or not found.server):
            return "Test the connection first: a password belongs to one account."
        return ""

    @Slot()
    def _show(self) -> None:
        wanted = self.metatrader.isChecked()
        testing = self._trial is not None
        usable = wanted and self._installed
        for widget in (self.found, self.path, self.choose):
            widget.setEnabled(wanted and not testing)
        self.test.setEnabled(usable and not testing)
        self.stop.setVisible(testing)
        self.report.setVisible(wanted)
        self.password.setVisible(usable)
        real = wanted and not testing and self._found is not None and self._found.real
        self.consent_label.setVisible(real)
        self.consent.setVisible(real)
        reason = self._why_not()
        self.save.setEnabled(not reason)
        self.save.setToolTip(self._words.t(reason))
        self.note.setText(self._words.t(reason or self._what_saving_does()))
        # The report grows with what was found; the dialog grows with it, and never jumps smaller.
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def _what_saving_does(self) -> str:
        if self.practice.isChecked():
            return "This takes effect at the next start. What runs now goes on until then."
        if self._found is None:
            return (
                "This takes effect at the next start. Test the connection to agree on one account; without a test "
                "any demo account is taken and real money is refused."
            )
        return (
            "This takes effect at the next start. From then on orders go to the account shown above only; with any "
            "other account, server or kind of money nothing is sent."
        )

    @Slot()
    def _path_changed(self) -> None:
        self._found = None
        self.report.clear()
        self._show()

    @Slot(str)
    def use(self, path: str) -> None:
        """Choose MetaTrader 5 with this terminal64.exe."""
        self.metatrader.setChecked(True)
        self.path.setText(path)
        self._path_changed()

    @Slot()
    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self._words.t("Choose terminal64.exe"), self.path.text(), "terminal64.exe (*.exe)"
        )
        if name:
            self.use(str(Path(name)))

    @Slot()
    def _save(self) -> None:
        agreed = self._found or self._stored()
        known = self._context.settings.get("terminal.real_account")
        if self.metatrader.isChecked() and agreed is not None and agreed.real and agreed.login != known:
            why = self._words.t(
                "This allows real money on account {login}. Type your password to confirm.",
                login=agreed.login,
            )
            when_confirmed(self._context, why, partial(self._keep, agreed), self)
        else:
            self._keep(agreed)

    def _keep(self, agreed: _Account | None) -> None:
        get = self._context.settings.get
        job = None
        if self.metatrader.isChecked():
            login = agreed.login if agreed else get("terminal.account")
            server = agreed.server if agreed else get("terminal.server")
            job = self.password.change(login, server)
        if job is None:
            self._store(agreed)
            return
        self.setEnabled(False)
        self._context.answers.deliver(in_background(job), lambda _: self._store(agreed), self._not_kept)

    def _not_kept(self, error: BaseException) -> None:
        self.setEnabled(True)
        if isinstance(error, QbxError):
            self.report.show_failure(error.message)
        else:
            self._context.board.problem.emit(error)

    def _stored(self) -> _Account | None:
        """The account agreed on before, while the terminal stays the same."""
        get = self._context.settings.get
        if self.path.text().strip() != get("terminal.path") or not get("terminal.account"):
            return None
        login = get("terminal.account")
        return _Account(login, get("terminal.server"), get("terminal.real_account") == login)

    def _store(self, agreed: _Account | None) -> None:
        change = self._context.settings.set
        if self.metatrader.isChecked():
            # Consent is the first to go and the last to come: cut off in between, real money stays refused.
            change("terminal.real_account", 0)
            change("terminal.path", self.path.text().strip())
            change("terminal.account", agreed.login if agreed else 0)
            change("terminal.server", agreed.server if agreed else "")
            change("terminal.password_kept", self.password.wanted)
            change("terminal.kind", "mt5")
            if agreed is not None and agreed.real:
                change("terminal.real_account", agreed.login)
        else:
            change("terminal.kind", "simulated")
        self.accept()

    def _lay_out(self, badge: Badge) -> None:
        buttons = QDialogButtonBox()
        self.save = self._words.bind(QPushButton(), "Save")
        cancel = self._words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        file_row, test_row = QHBoxLayout(), QHBoxLayout()
        file_row.addWidget(self.path, 1)
        file_row.addWidget(self.choose)
        test_row.addWidget(self.test)
        test_row.addWidget(self.stop)
        test_row.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addWidget(badge)
        layout.addWidget(self.practice)
        layout.addWidget(self.metatrader)
        layout.addWidget(self.found)
        layout.addLayout(file_row)
        layout.addLayout(test_row)
        for widget in (self.report, self.consent_label, self.consent, self.password):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(self.note)
        layout.addWidget(buttons)
        self.setMinimumWidth(640)

    def _wire(self) -> None:
        self.metatrader.toggled.connect(self._show)
        self.found.chosen.connect(self.use)
        self.path.textEdited.connect(self._path_changed)
        self.choose.clicked.connect(self._choose)
        self.test.clicked.connect(self.begin_test)
        self.stop.clicked.connect(self.cancel_test)
        self.consent.textChanged.connect(self._show)
        self.password.changed.connect(self._show)


def has_module() -> bool:
    """Whether the MetaTrader5 package is there to be used."""
    return "MetaTrader5" in sys.modules or importlib.util.find_spec("MetaTrader5") is not None


def _look(terminal: Terminal) -> Findings:
    return findings_of(terminal.client)


def _account_of(reason: Message) -> _Account | None:
    """The account that a refusal names, so that the trader can agree on it on purpose."""
    found = reason.params.get("found")
    if reason.code in (REAL_MONEY.code, OTHER_ACCOUNT.code) and isinstance(found, int):
        return _Account(found, "", reason.code == REAL_MONEY.code)
    return None
