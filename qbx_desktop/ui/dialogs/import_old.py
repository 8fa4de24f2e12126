"""Bringing an older program's database over: chosen here, done before the next start, and told in words afterwards."""

from __future__ import annotations

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
    QVBoxLayout,
    QWidget,
)

from ...data import pending_import
from ...data.legacy import ImportReport
from ...data.pending_import import Outcome
from ...domain.errors import QbxError
from ..words import Words

if TYPE_CHECKING:
    from ..context import AppContext


class ImportDialog(QDialog):
    """Notes which database is to be imported; an empty path takes an earlier wish back."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._words = words = context.words
        words.bind(self, "Import old database…", setter="setWindowTitle")
        said = QLabel(wordWrap=True)
        words.bind(
            said,
            "Takes over bots, history and backtests of an older QuantumBotX (its bots.db). It works on a copy, the "
            "old file stays as it is. The import runs before the next start of this program; the data of now is "
            "set aside whole in a folder of its own, and settings begin fresh. Positions of today's bots stay at the "
            "broker with their stops, but no bot watches them then: close them first if you do not want that. "
            "Imported bots start only after you have said what their numbers mean.",
        )
        earlier = pending_import.wished(context.home)
        self.path = QLineEdit("" if earlier is None else str(earlier))
        words.name(self.path, "Path of the old database")
        words.bind(self.path, "bots.db (empty: import nothing)", setter="setPlaceholderText")
        choose = words.bind(QPushButton(), "Choose…")
        words.name(choose, "Choose the old database")
        choose.clicked.connect(self._choose)
        self.problem = QLabel(wordWrap=True)
        self.problem.setProperty("role", "error")
        self.problem.hide()
        buttons = QDialogButtonBox()
        self.save = words.bind(QPushButton(), "Save")
        cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        row.addWidget(choose)
        layout = QVBoxLayout(self)
        layout.addWidget(said)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)
        self.path.setFocus()

    @Slot()
    def _choose(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self._words.t("Choose the old database"), self.path.text(), "bots.db (*.db)"
        )
        if name:
            self.path.setText(str(Path(name)))

    @Slot()
    def _save(self) -> None:
        path = self.path.text().strip()
        try:
            if path:
                pending_import.wish(self._context.home, Path(path))
            else:
                pending_import.forget(self._context.home)
        except QbxError as error:
            self._complain(self._words.say(error.message))
        except OSError as error:
            self._complain(str(error))
        else:
            self.accept()

    def _complain(self, why: str) -> None:
        self.problem.setText(why)
        self.problem.show()


class ImportReportDialog(QDialog):
    """What an import found and did, or why nothing was changed."""

    def __init__(self, words: Words, outcome: Outcome, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words.bind(self, "Import of the old database", setter="setWindowTitle")
        if outcome.report is not None:
            text = "\n\n".join(report_words(words, outcome.report))
        else:
            text = words.say(outcome.failure) if outcome.failure is not None else ""
        self.said = QLabel(text, wordWrap=True)
        if outcome.report is None:
            self.said.setProperty("role", "error")
        buttons = QDialogButtonBox()
        close = words.bind(QPushButton(), "Close")
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)


def report_words(words: Words, report: ImportReport) -> list[str]:
    """The report as sentences; only what happened is mentioned."""
    t, rows = words.t, report.rows
    lines = [
        t(
            "Imported: {bots} bots, {history} rows of history, {backtests} backtests, {watched} watched symbols. "
            "The old file was not changed.",
            bots=rows["bots"], history=rows["trade_history"], backtests=rows["backtest_results"],
            watched=rows["watchlist"],
        )
    ]  # fmt: skip
    if report.legacy_bots:
        names = ", ".join(report.legacy_bots)
        lines.append(
            t(
                "These bots start only after you have said what their numbers mean (press Start or Edit): {names}.",
                names=names,
            )
        )
    for bot, why in report.config_errors.items():
        lines.append(t("Bot {bot}: {why}; correct it before it can start.", bot=bot, why=why))
    for bot, old in report.changed_status.items():
        lines.append(t("Bot {bot} had the unknown status {old} and is paused now.", bot=bot, old=old))
    if report.orphans:
        lines.append(
            t("{n} rows of history belonged to deleted bots; they are kept without a bot.", n=report.orphans)
        )
    unknown = (*report.unknown_tables, *report.unknown_columns)
    if unknown:
        lines.append(t("Kept as they are, though unknown here: {names}.", names=", ".join(unknown)))
    if report.removed_triggers_and_views:
        names = ", ".join(report.removed_triggers_and_views)
        lines.append(t("Not taken over, because it is code: {names}.", names=names))
    return lines
