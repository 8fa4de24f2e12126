"""The Backtest tab: inputs on the left, the result on the right, one run at a time in its own thread."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...domain.errors import QbxError
from ...domain.messages import Message
from ...domain.money import currency_digits
from ...domain.symbol import SymbolSpec
from ...workers.backtest_job import Choices
from ...workers.backtest_thread import (
    BacktestDone,
    BacktestJudged,
    BacktestProgress,
    BacktestReproduced,
)
from ...workers.job_thread import BacktestFailed
from .. import figures
from ..bot_and_backtest import bot_of
from ..dialogs.download_bars import DownloadDialog
from .backtest_form import BacktestForm
from .backtest_result import BacktestResultView
from .backtest_runs import BacktestRuns
from .study_pages import StudyPages

if TYPE_CHECKING:
    from ..context import AppContext

_FORM_WIDTH = 348
# A run that ends sooner shows its result at once; a growing line would only flicker.
_GROW_EVERY_SECONDS = 0.4


class BacktestTab(QWidget):
    """Listens to the board; news of a run other than the last one started is left aside. `bot_wanted` carries a new
    bot that trades as the run shown."""

    bot_wanted = Signal(object)

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        words = context.words
        self._number = 0
        self._again = (0, 0)  # number and saved run of what is run again
        self._began = self._grown_at = 0.0
        self._running: Choices | None = None
        self._loading = False
        self._said: Message | None = None
        self._download: DownloadDialog | None = None
        self.form = BacktestForm(words, context.home.bars, context.own)
        self.result = BacktestResultView(context)
        self.runs = BacktestRuns(context)
        self.result.add_page(self.runs, "Saved runs")
        self.studies = StudyPages(context, self.form, self.result)
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        words.name(self.progress, "Progress of the backtest")
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setProperty("role", "muted")
        words.name(self.status, "State of the backtest")
        self.button = QPushButton()
        self.button.setProperty("primary", True)
        self.run_action = self._action("Run", QKeySequence(Qt.Key.Key_F5), self.start)
        self.cancel_action = self._action("Cancel", QKeySequence(Qt.Key.Key_Escape), self.cancel)
        self.button.clicked.connect(self._pressed)
        self._lay_out()
        board = context.board
        board.backtest_progress.connect(self._heard_progress)
        board.backtest_finished.connect(self._heard_done)
        board.backtest_failed.connect(self._heard_failed)
        board.backtest_judged.connect(self._heard_judged)
        board.backtest_reproduced.connect(self._heard_reproduced)
        self.runs.wanted.connect(self.show_saved)
        self.result.use_wanted.connect(self._use_as_bot)
        self.runs.again_wanted.connect(self.reproduce)
        self.form.changed.connect(self.form.clear_errors)
        self.form.download_wanted.connect(self.open_download)
        words.changed.connect(self._show_state)
        self._show_state()

    @property
    def is_running(self) -> bool:
        """Whether a run is going on."""
        return self._running is not None

    @Slot()
    def start(self) -> None:
        """Run with the inputs of the form; a wrong one is said under its field and nothing runs."""
        if self.is_running:
            return
        self.form.clear_errors()
        try:
            choices = self.form.choices()
        except QbxError as error:
            self.form.show_error(error)
            return
        if self.form.knows_symbol():
            self._begin(choices)
        else:
            self._ask_for_symbol(choices.symbol)

    @Slot()
    def _use_as_bot(self) -> None:
        if self.result.run is None:
            return
        try:
            bot = bot_of(self.result.run, self._context.settings)
        except QbxError as error:
            self._said = error.message
            self.form.show_error(error)
            return
        self.bot_wanted.emit(bot)

    @Slot()
    def cancel(self) -> None:
        """Cancel what runs; the run shown before stays."""
        if self.is_running:
            self._context.backtests.cancel()

    @Slot(int)
    def show_saved(self, record_id: int) -> None:
        """Load a saved run; what runs now is cancelled."""
        self._number = self._context.backtests.load(record_id)
        self._loading = True
        self._running = None
        self._show_state()

    @Slot(int)
    def reproduce(self, record_id: int) -> None:
        """Run a saved run again and say what changed; what runs now is cancelled, what is shown stays."""
        self._again = (self._context.backtests.reproduce(record_id), record_id)
        self._running, self._loading = None, False
        self._show_state()
        self.runs.say(self._context.words.t("Running run {number} again…", number=record_id))

    def use_file(self, path: Path) -> None:
        """Offer and choose a price file, as if it had been picked with CSV…."""
        self.form.add_file(path)

    @Slot()
    def open_download(self) -> None:
        """Show the window that downloads bars; what it stored is chosen for the next run."""
        if self._download is None:
            self._download = DownloadDialog(self._context, self.form.symbol(), self)
            self._download.stored.connect(self.form.use_series)
        self._download.show()
        self._download.activateWindow()

    def _begin(self, choices: Choices) -> None:
        self._running = choices
        self._loading = False
        self._said = None
        self._began = self._context.clock.monotonic()
        self.progress.setValue(0)
        self._number = self._context.backtests.begin(choices)
        self._show_state()

    def _ask_for_symbol(self, symbol: str) -> None:
        """A symbol without a built-in specification: the terminal may know it; if not, the engine says so."""

        def then(spec: SymbolSpec) -> None:
            self.form.add_specs({symbol: spec})
            self._begin(self.form.choices())

        def failed(_: BaseException) -> None:
            self._begin(self.form.choices())

        self._context.ask(lambda terminal: SymbolSpec.from_symbol_info(terminal.symbol(symbol)), then, failed)

    @Slot(object)
    def _heard_progress(self, news: BacktestProgress) -> None:
        if news.number != self._number or self._running is None:
            return
        self.progress.setValue(round(1000 * news.share))
        self.status.setText(self._progress_text(news))
        self._grow(news, self._running)

    def _grow(self, news: BacktestProgress, choices: Choices) -> None:
        """Let the equity grow in the chart, a few times a second: painting must not hold up the run or the window."""
        now = self._context.clock.monotonic()
        if (
            len(news.equity) < 2
            or news.share >= 1
            or now - max(self._began, self._grown_at) < _GROW_EVERY_SECONDS
        ):
            return
        if self._grown_at < self._began:
            currency = choices.account.currency
            total = round(len(news.equity) / news.share)
            self.result.begin_growing(total, currency, currency_digits(currency))
        self._grown_at = now
        self.result.equity.grow(news.equity)

    def _progress_text(self, news: BacktestProgress) -> str:
        words = self._context.words
        if not news.bars:
            return words.t("Reading the prices…")
        text = words.t(
            "Bar {bars} of {total}",
            bars=figures.money(news.bars, 0, words.language), total=figures.money(news.total, 0, words.language),
        )  # fmt: skip
        if news.seconds_left is None:
            return text
        return words.t("{text}, about {seconds} s left", text=text, seconds=max(1, round(news.seconds_left)))

    @Slot(object)
    def _heard_done(self, news: BacktestDone) -> None:
        if news.number != self._number:
            return
        self._running, self._loading = None, False
        self.result.set_run(news.run, judging=not news.loaded)
        if news.loaded and news.run.choices is not None:
            self.form.set_choices(news.run.choices)
        if not news.loaded:
            self.runs.reload()
        self._said = None
        self._show_state(news)

    @Slot(object)
    def _heard_judged(self, news: BacktestJudged) -> None:
        if news.number != self._number:
            return
        self.result.set_appraisal(news.appraisal)
        if news.problem is not None:
            self._context.board.problem.emit(news.problem)

    @Slot(object)
    def _heard_reproduced(self, news: BacktestReproduced) -> None:
        if news.number == self._again[0]:
            words = self._context.words
            text = " ".join(words.say(each) for each in news.messages)
            said = words.t("Run {number}: {text}", number=news.record_id, text=text)
            self.runs.say(said, "title" if news.equal else "warning")

    @Slot(object)
    def _heard_failed(self, news: BacktestFailed) -> None:
        if news.number == self._again[0]:
            self._again_failed(news)
            return
        if news.number != self._number:
            return
        self._running, self._loading = None, False
        self.result.set_run(self.result.run)
        error = news.error
        if isinstance(error, QbxError):
            self._said = error.message if news.cancelled else None
            if not news.cancelled:
                self.form.show_error(error)
        else:
            self._context.board.problem.emit(error)
        self._show_state()

    def _again_failed(self, news: BacktestFailed) -> None:
        if isinstance(news.error, QbxError):
            self.runs.say("" if news.cancelled else self._context.words.say(news.error.message), "warning")
        else:
            self.runs.say("")
            self._context.board.problem.emit(news.error)

    @Slot()
    def _pressed(self) -> None:
        if self.is_running:
            self.cancel()
        else:
            self.start()

    @Slot()
    def _show_state(self, done: Any = None) -> None:
        words = self._context.words
        running = self.is_running
        self.button.setText(words.t("Cancel  (Esc)") if running else words.t("Run  (F5)"))
        self.button.setAccessibleName(
            words.t("Cancel the backtest") if running else words.t("Run the backtest")
        )
        self.run_action.setEnabled(not running)
        self.cancel_action.setEnabled(running)
        self.progress.setVisible(running)
        if running:
            return
        if self._loading:
            self.status.setText(words.t("Reading the saved run…"))
        elif isinstance(done, BacktestDone):
            if done.loaded:
                self.status.setText(words.t("Run {number} is shown again.", number=done.run.record_id))
            else:
                bars = figures.money(len(done.run.times), 0, words.language)
                self.status.setText(
                    words.t("Done: {bars} bars in {seconds} s.", bars=bars, seconds=f"{done.seconds:.1f}")
                )
        else:
            self.status.setText("" if self._said is None else words.say(self._said))

    def _action(self, text: str, key: QKeySequence, slot: Any) -> QAction:
        action = QAction(self)
        self._context.words.bind(action, text)
        action.setShortcut(key)
        # Of the whole window, yet only while this tab is the one in sight.
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.triggered.connect(slot)
        self.addAction(action)
        return action

    def _lay_out(self) -> None:
        scroll = QScrollArea()
        scroll.setWidget(self.form)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 6)
        column.setSpacing(4)
        column.addWidget(scroll, 1)
        below = QVBoxLayout()
        below.setContentsMargins(8, 0, 8, 0)
        below.setSpacing(4)
        for widget in (self.form.general, self.status, self.progress, self.button):
            below.addWidget(widget)
        column.addLayout(below)
        left.setMinimumWidth(300)
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(left)
        splitter.addWidget(self.result)
        splitter.setStretchFactor(0, 0)
        splitter.setStretchFactor(1, 1)
        splitter.setSizes([_FORM_WIDTH, 1000])
        splitter.setChildrenCollapsible(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(splitter)

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self.form.read_store()
        if event.type() == QEvent.Type.Show and not self.isAncestorOf(self.focusWidget() or self):
            self.form.fields["strategy"].editor.setFocus(Qt.FocusReason.TabFocusReason)


def build(context: AppContext) -> QWidget:
    """The tab, for the window to show."""
    return BacktestTab(context)
