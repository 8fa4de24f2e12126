"""Every strategy in one window: the trader's own files with what is wrong with them, consent, and the check of any."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ...data import strategy_trust
from ...domain.errors import QbxError, Stop
from ...domain.resources import resource
from ...strategies import registry
from ...strategies.examination import Report, examine
from ...strategies.own.library import FileState, OwnFile, OwnLibrary
from ...strategies.own.template import write_new
from ...trading.own_trust import approve, withdraw
from ..strategy_verdicts import VerdictList
from .strategy_consent import StrategyConsent

if TYPE_CHECKING:
    from ...domain.bars import Bars
    from ..context import AppContext

_KEY = Qt.ItemDataRole.UserRole
# State of a file -> icon, colour, words.
_STATES = {
    FileState.READY: ("good", "accent", "may run"),
    FileState.NEW: ("question", "warning", "waits for your consent"),
    FileState.CHANGED: ("question", "warning", "was changed; waits for your consent"),
    FileState.REFUSED: ("error", "error", "is not run"),
    FileState.BROKEN: ("error", "error", "failed when it was loaded"),
}
_SAMPLES = ("EURUSD_H1", "USDJPY_H1", "XAUUSD_H1")
# Enough for every test, and quick.
_MOST_BARS = 6_000


class StrategiesDialog(QDialog):
    """Follows the folder while it is open; a check runs in the strategy thread and may be stopped."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._stop = threading.Event()
        self._checking = ""
        self._reports: dict[str, Report] = {}
        words = context.words
        words.bind(self, "Strategies", setter="setWindowTitle")
        self.list = QListWidget()
        words.name(self.list, "Strategies")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.heading, self.about, self.why = QLabel(), QLabel(wordWrap=True), QLabel(wordWrap=True)
        self.heading.setProperty("role", "title")
        self.about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.verdicts = VerdictList(context)
        self.market = QComboBox()
        words.name(self.market, "Bars to check on")
        self.market.addItem(words.t("A made-up market"), "")
        for name in _SAMPLES:
            self.market.addItem(name.replace("_", " "), name)
        self.busy = QProgressBar()
        self.busy.setRange(0, 0)
        self.busy.hide()
        self._make_buttons()
        self._lay_out()
        self.list.currentItemChanged.connect(self._chosen)
        context.own.changed.connect(self._fill)
        self._fill()

    def reject(self) -> None:
        """Closing stops a check that runs."""
        self._stop.set()
        super().reject()

    def select(self, key: str) -> None:
        """Choose this strategy in the list."""
        for at in range(self.list.count()):
            if self.list.item(at).data(_KEY) == key:
                self.list.setCurrentRow(at)

    def _make_buttons(self) -> None:
        def button(text: str, slot: Any) -> QPushButton:
            made: QPushButton = self._context.words.bind(QPushButton(), text)
            made.setAutoDefault(False)
            made.clicked.connect(slot)
            return made

        self.allow = button("Read and allow…", self._ask_consent)
        self.check = button("Check", self._check)
        self.stop = button("Stop the check", self._stop_check)
        self.edit = button("Open in editor", self._open_file)
        self.forget = button("Withdraw consent", self._withdraw)
        self.new = button("New strategy…", self._ask_name)
        self.folder = button("Open folder", self._open_folder)
        self.again = button("Look again", partial(self._context.own.refresh, True))
        self.close_button = button("Close", self.reject)
        self.stop.hide()

    def _lay_out(self) -> None:
        actions = QHBoxLayout()
        for widget in (self.allow, self.edit, self.forget):
            actions.addWidget(widget)
        actions.addStretch(1)
        checks = QHBoxLayout()
        checks.addWidget(self.market)
        checks.addWidget(self.check)
        checks.addWidget(self.stop)
        checks.addWidget(self.busy, 1)
        checks.addStretch(1)
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 0, 0, 0)
        for label in (self.heading, self.about, self.why):
            column.addWidget(label)
        column.addLayout(actions)
        column.addLayout(checks)
        column.addWidget(self.verdicts, 1)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(right)
        split.setStretchFactor(1, 1)
        split.setSizes([280, 720])
        below = QHBoxLayout()
        for widget in (self.new, self.folder, self.again):
            below.addWidget(widget)
        below.addStretch(1)
        below.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.addWidget(split, 1)
        layout.addLayout(below)
        self.resize(1_020, 620)

    @property
    def key(self) -> str:
        """The chosen strategy's key, or nothing."""
        item = self.list.currentItem()
        return "" if item is None else str(item.data(_KEY) or "")

    def _file(self) -> OwnFile | None:
        return next((each for each in self._context.own.files if each.key == self.key), None)

    @Slot()
    def _fill(self) -> None:
        """The trader's own first: those are what this window is opened for."""
        chosen, icons, t = self.key, self._context.icons, self._context.words.t
        self.list.blockSignals(True)
        self.list.clear()
        for file in self._context.own.files:
            icon, token, state = _STATES[file.state]
            item = QListWidgetItem(icons.icon(icon, token), f"{file.title}\n{t(state)}")
            item.setData(_KEY, file.key)
            self.list.addItem(item)
        for strategy in registry.shipped():
            item = QListWidgetItem(icons.icon("chart", "muted"), t(strategy.title))
            item.setData(_KEY, strategy.key)
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.select(chosen)
        if self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self._chosen()

    @Slot()
    def _chosen(self) -> None:
        words, t, file = self._context.words, self._context.words.t, self._file()
        own = file is not None
        for button in (self.allow, self.edit, self.forget):
            button.setVisible(own)
        self.why.setVisible(own)
        if file is not None:
            ready = file.state is FileState.READY
            waits = file.state in (FileState.NEW, FileState.CHANGED)
            self.heading.setText(file.title)
            lines = [str(file.path)]
            if file.source is not None:
                lines.append(
                    t("{n} bytes, SHA-256 {sha256}", n=len(file.source.data), sha256=file.source.sha256)
                )
            if file.strategy is not None and file.strategy.description:
                lines.append(file.strategy.description)
            self.about.setText("\n".join(lines))
            notes = [words.say(each.message) for each in file.findings if not each.forbidden]
            told = [t("It may run."), *notes] if file.why is None else [words.say(file.why), *notes]
            self.why.setText("\n".join(told))
            self.why.setProperty("role", "muted" if ready else "warning" if waits else "error")
            self.why.style().unpolish(self.why)
            self.why.style().polish(self.why)
            self.allow.setVisible(waits)
            look = "Look at the change and allow…" if file.state is FileState.CHANGED else "Read and allow…"
            self.allow.setText(t(look))
            self.forget.setVisible(file.state in (FileState.READY, FileState.BROKEN))
            self.check.setEnabled(ready and not self._checking)
        elif self.key:
            strategy = registry.get(self.key)
            self.heading.setText(t(strategy.title))
            self.about.setText(t(strategy.description))
            self.check.setEnabled(not self._checking)
        self.verdicts.show_report(self._reports.get(self.key))

    # -- consent

    @Slot()
    def _ask_consent(self) -> None:
        file = self._file()
        if file is None or file.source is None:
            return
        before = strategy_trust.last_approved(self._context.db.reader(), str(file.source.path))
        dialog = StrategyConsent(self._context, file, before, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self._allowed, file))
        dialog.open()

    def _allowed(self, file: OwnFile) -> None:
        context, source = self._context, file.source
        assert source is not None
        context.write(
            lambda con: approve(con, source, context.clock, context.user_id),
            lambda _: context.own.refresh(),
            self._failed,
        )

    @Slot()
    def _withdraw(self) -> None:
        file, context = self._file(), self._context
        if file is None:
            return
        path = str(file.path.absolute())
        context.write(
            lambda con: withdraw(con, path, context.clock, context.user_id),
            lambda _: context.own.refresh(),
            self._failed,
        )

    # -- files

    @Slot()
    def _ask_name(self) -> None:
        asks = QInputDialog(self)
        asks.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        t = self._context.words.t
        asks.setWindowTitle(t("New strategy"))
        asks.setLabelText(t("Name of the file: letters, digits and _"))
        asks.setTextValue("my_strategy")
        asks.textValueSelected.connect(self.begin_new)
        asks.open()

    @Slot(str)
    def begin_new(self, name: str) -> None:
        """Write a new file from the template and open it."""
        try:
            path = write_new(self._context.home.strategies, name.strip())
        except QbxError as error:
            self._failed(error)
            return
        self._context.own.refresh()
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    @Slot()
    def _open_file(self) -> None:
        file = self._file()
        if file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.path)))

    @Slot()
    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._context.home.strategies)))

    # -- the check

    @Slot()
    def _check(self) -> None:
        self._stop = threading.Event()
        self._checking = self.key
        self._show_busy(True)
        job = partial(_examine, self.key, str(self.market.currentData()), self._stop)
        self._context.own.ask(job, self._checked, self._not_checked)

    @Slot()
    def _stop_check(self) -> None:
        self._stop.set()

    def _checked(self, report: Report) -> None:
        self._reports[report.key] = report
        self._checking = ""
        self._show_busy(False)
        self._chosen()

    def _not_checked(self, error: BaseException) -> None:
        self._checking = ""
        self._show_busy(False)
        self._chosen()
        if not (isinstance(error, Stop) and self._stop.is_set()):
            self._failed(error)

    def _show_busy(self, busy: bool) -> None:
        self.busy.setVisible(busy)
        self.stop.setVisible(busy)
        self.check.setEnabled(not busy)

    def _failed(self, error: BaseException) -> None:
        if isinstance(error, QbxError):
            self.why.setVisible(True)
            self.why.setText(self._context.words.say(error.message))
        else:
            self._context.board.problem.emit(error)


def _examine(key: str, sample: str, stop: threading.Event, _library: OwnLibrary) -> Report:
    """Runs in the strategy thread."""
    from ...data.bar_files import read_bars

    bars: Bars | None = None
    if sample:
        bars = read_bars(Path(resource("prices", f"{sample}.csv.gz"))).bars[-_MOST_BARS:]
    return examine(registry.get(key), bars=bars, cancelled=stop.is_set)
