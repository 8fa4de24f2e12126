"""The trader's consent to a strategy file: what it is, where it lies, its fingerprint, its whole text, and the change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..source_view import SourceView

if TYPE_CHECKING:
    from ...strategies.own.library import OwnFile
    from ...strategies.own.source import OwnSource
    from ..context import AppContext

_WARNING = (
    "This file is a program. If you allow it, it runs on this computer whenever a bot or a backtest uses it: in a process "
    "of its own, with limits of time and memory, without the terminal, the database or passwords. That keeps mistakes "
    "from doing harm; it is no protection against a program that means harm. Allow only what you have read, or whose "
    "author you trust with your account."
)
_CHANGED = "It is not what you allowed before: the first page shows the change. Bots that use it are paused."


class StrategyConsent(QDialog):
    """Asks about exactly the bytes that were read; `accepted` means they may run."""

    def __init__(
        self, context: AppContext, file: OwnFile, before: bytes | None, parent: QWidget | None = None
    ) -> None:
        """`before` is what was allowed last, None the first time."""
        super().__init__(parent)
        assert file.source is not None
        self.source: OwnSource = file.source
        words, t = context.words, context.words.t
        self.setWindowTitle(t("May {file} run?", file=file.path.name))
        warning = QLabel(t(_WARNING), wordWrap=True)
        warning.setProperty("role", "warning")
        facts = QFormLayout()
        for label, value in (
            ("File", str(file.path)),
            ("Size", t("{n} bytes", n=len(self.source.data))),
            ("SHA-256", self.source.sha256),
        ):
            shown = QLabel(value, wordWrap=True)
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            facts.addRow(t(label), shown)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        words.name(self.pages, "What the file says")
        if before is not None:
            self.change = SourceView(words, "Change since you allowed it")
            self.change.show_change(before.decode("utf-8-sig", "replace"), self.source.text, context.theme)
            self.pages.addTab(self.change, t("Change"))
        self.text = SourceView(words, "Whole file")
        self.text.show_source(self.source.text)
        self.pages.addTab(self.text, t("Whole file"))
        layout = QVBoxLayout(self)
        layout.addWidget(warning)
        layout.addLayout(facts)
        if before is not None:
            layout.addWidget(QLabel(t(_CHANGED), wordWrap=True))
        for finding in file.findings:
            note = QLabel(words.say(finding.message), wordWrap=True)
            note.setProperty("role", "warning")
            layout.addWidget(note)
        layout.addWidget(self.pages, 1)
        buttons = QDialogButtonBox()
        self.allow = QPushButton(t("I have read it: let it run"))
        self.allow.setAutoDefault(False)
        leave = QPushButton(t("Not now"))
        leave.setDefault(True)
        buttons.addButton(self.allow, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(leave, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addWidget(buttons)
        self.resize(860, 640)
