"""The backups: what there is, one more now, proof that one can be restored, and the wish to restore it."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...data import backup, next_start, pending_restore
from ...data.keep_backups import Drill, drill
from ...data.pending_restore import RestoreOutcome
from ...domain.errors import QbxError
from ..words import Words

if TYPE_CHECKING:
    from ..context import AppContext

_REASONS = {
    "daily": "every day", "manual": "by hand", "before-restore": "before a restore", "before-import": "before an import",
    "before-init": "before a new start", "before-recovery": "before a recovery",
}  # fmt: skip
_TABLES = {
    "users": "users", "bots": "bots", "trade_history": "rows of history", "backtest_results": "backtests",
    "watchlist": "watched symbols", "order_journal": "orders", "deals": "deals",
}  # fmt: skip


class BackupsDialog(QDialog):
    """The work of seconds runs in a thread of its own; closing the dialog waits for what is under way."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._words = words = context.words
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="qbx-backups")
        words.bind(self, "Backups", setter="setWindowTitle")
        about = words.bind(
            QLabel(wordWrap=True),
            "A checked copy of bots, history and orders is made every day: 7 days, 4 weeks and 12 months are kept. "
            "Restoring happens before the next start of this program; what is there now is set aside and can be "
            "brought back. Orders made since the backup come back from the order log.",
        )
        self.list = QListWidget()
        words.name(self.list, "Backups")
        self.list.currentRowChanged.connect(self._chosen)
        self.said = QLabel(wordWrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.said.setMinimumHeight(3 * self.fontMetrics().lineSpacing())
        self.now = words.bind(QPushButton(), "Back up now")
        self.test = words.bind(QPushButton(), "Test")
        words.name(self.test, "Test", tooltip="Reads the backup as a restore would, and counts what it holds")
        self.other = words.bind(QPushButton(), "Another file…")
        self.restore = words.bind(QPushButton(), "Restore at next start")
        self.keep = words.bind(QPushButton(), "Do not restore")
        row = QHBoxLayout()
        for button, slot in (
            (self.now, self.back_up), (self.test, self.prove), (self.other, self._choose_file),
            (self.restore, self.wish), (self.keep, self.forget),
        ):  # fmt: skip
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addStretch(1)
        buttons = QDialogButtonBox()
        close = words.bind(QPushButton(), "Close")
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(about)
        layout.addWidget(self.list, 1)
        layout.addLayout(row)
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.setMinimumSize(680, 460)
        self.finished.connect(self._end)
        self._fill()

    @Slot()
    def back_up(self) -> None:
        """One more, now."""
        context = self._context
        self._run(
            lambda: backup.make_backup(context.db.path, context.home.backups, "manual", clock=context.clock),
            self._made,
        )

    @Slot()
    def prove(self) -> None:
        """Read the chosen one as a restore would."""
        path = self._path()
        if path is not None:
            self._run(lambda: drill(path), self._proved)

    @Slot()
    def wish(self) -> None:
        """Have the chosen one restored before the next start."""
        path = self._path()
        if path is not None:
            self._run(lambda: pending_restore.wish(self._context.home, path), self._wished)

    @Slot()
    def forget(self) -> None:
        """Take the wish back."""
        try:
            next_start.forget(self._context.home)
        except OSError as error:
            self._say(str(error), wrong=True)
            return
        self._show()

    def _run(self, job: Any, then: Any) -> None:
        future: Future[Any] = self._worker.submit(job)
        self._say(self._words.t("Working…"))
        for button in (self.now, self.test, self.other, self.restore, self.keep):
            button.setEnabled(False)
        self._context.answers.deliver(future, then, self._failed)

    def _made(self, made: backup.Backup) -> None:
        self._fill()
        self._say(self._words.t("Backed up: {name}", name=made.path.name))

    def _proved(self, held: Drill) -> None:
        self._show()
        t = self._words.t
        counts = ", ".join(f"{count} {t(_TABLES.get(table, table))}" for table, count in held.rows.items())
        self._say(self._words.t("This backup can be restored. It holds {counts}.", counts=counts))

    def _wished(self, _held: Drill) -> None:
        self._show()

    def _failed(self, error: BaseException) -> None:
        self._show()
        if isinstance(error, QbxError):
            self._say(self._words.say(error.message), wrong=True)
        else:
            self._context.board.problem.emit(error)

    @Slot()
    def _choose_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, self._words.t("Choose a backup"), str(self._context.home.backups), "*.db"
        )
        if name:
            self._add(Path(name), Path(name).name)
            self.list.setCurrentRow(self.list.count() - 1)

    def _fill(self) -> None:
        t = self._words.t
        self.list.clear()
        for each in backup.backups_in(self._context.home.backups):
            at = datetime.fromtimestamp(each.made, UTC).astimezone()
            upgrade = "before an upgrade" if each.reason.startswith("before-v") else each.reason
            reason = t(_REASONS.get(each.reason, upgrade))
            self._add(each.path, f"{at:%Y-%m-%d %H:%M}   {each.size / 1e6:,.1f} MB   {reason}")
        self.list.setCurrentRow(0)
        self._show()

    def _add(self, path: Path, text: str) -> None:
        item = QListWidgetItem(text)
        item.setData(Qt.ItemDataRole.UserRole, str(path))
        item.setToolTip(str(path))
        self.list.addItem(item)

    def _path(self) -> Path | None:
        item = self.list.currentItem()
        return None if item is None else Path(str(item.data(Qt.ItemDataRole.UserRole)))

    @Slot(int)
    def _chosen(self, _row: int) -> None:
        self._show()

    def _show(self) -> None:
        chosen = self._path() is not None
        wished = next_start.wished(self._context.home, next_start.RESTORE)
        for button, enabled in (
            (self.now, True), (self.other, True), (self.test, chosen), (self.restore, chosen),
            (self.keep, wished is not None),
        ):  # fmt: skip
            button.setEnabled(enabled)
        t = self._words.t
        if wished is not None:
            self._say(t("{name} will be restored before the next start.", name=wished.name))
        else:
            self._say(
                "" if self.list.count() else t("There is no backup yet; the first is made within the hour.")
            )

    def _say(self, text: str, wrong: bool = False) -> None:
        self.said.setProperty("role", "error" if wrong else "muted")
        self.said.style().unpolish(self.said)
        self.said.style().polish(self.said)
        self.said.setText(text)

    @Slot()
    def _end(self) -> None:
        self._worker.shutdown(wait=True, cancel_futures=True)


class RestoreReportDialog(QDialog):
    """What a restore brought back, where the former files are, or why nothing was changed."""

    def __init__(self, words: Words, outcome: RestoreOutcome, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        words.bind(self, "Restored database", setter="setWindowTitle")
        self.said = QLabel("\n\n".join(report_words(words, outcome)), wordWrap=True)
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        if outcome.done is None:
            self.said.setProperty("role", "error")
        buttons = QDialogButtonBox()
        close = words.bind(QPushButton(), "Close")
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)


def report_words(words: Words, outcome: RestoreOutcome) -> list[str]:
    """The outcome as sentences; only what happened is mentioned."""
    t, done = words.t, outcome.done
    if done is None:
        return [words.say(outcome.failure)] if outcome.failure is not None else []
    lines = [
        t("Restored from {name}.", name=done.from_backup.name)
        if done.from_backup is not None
        else t("There was no good backup: a new database was filled with what could still be read.")
    ]
    saved = {table: each.added for table, each in done.salvaged.items() if each.added}
    if saved:
        rows = ", ".join(f"{count} {table}" for table, count in saved.items())
        lines.append(t("Saved from the damaged file: {rows}.", rows=rows))
    if done.replayed_orders:
        lines.append(t("{n} orders came back from the order log.", n=done.replayed_orders))
    if done.refused_backups:
        lines.append(
            t("Backups that are damaged themselves: {names}.", names=", ".join(done.refused_backups))
        )
    if done.set_aside is not None:
        lines.append(t("The files that were there are in {path}.", path=str(done.set_aside)))
    lines.append(
        t(
            "Trading is halted until you have compared with your broker and armed it again (banner over the tabs)."
        )
    )
    return lines
