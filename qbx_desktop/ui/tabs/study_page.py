"""What every study page of the Backtest tab has: a start and a cancel button, progress in words, and its own news."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from ...domain.errors import QbxError
from ...workers.backtest_job import Choices
from ...workers.job_thread import BacktestFailed
from ...workers.study_job import Job, StudyDone, StudyProgress
from .. import figures

if TYPE_CHECKING:
    from ..context import AppContext

Inputs = Callable[[], Choices]


class StudyPage(QWidget):
    """A subclass fills `controls` and `body`, starts jobs with `begin` and shows their result in `show_result`."""

    def __init__(self, context: AppContext, inputs: Inputs, parent: QWidget | None = None) -> None:
        """`inputs` gives what the form holds now. Raises UserMistake from there."""
        super().__init__(parent)
        self.context = context
        self.words = context.words
        self.inputs = inputs
        self.number = 0
        self.is_running = False
        self.chosen: Choices | None = None
        self.status = QLabel()
        self.status.setWordWrap(True)
        self.status.setProperty("role", "muted")
        self.words.name(self.status, "State of the study")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.hide()
        self.words.name(self.progress, "Progress of the study")
        self.cancel_button = self.button("Cancel study", self.cancel)
        self.cancel_button.setEnabled(False)
        self.controls = QVBoxLayout()
        self.buttons = QHBoxLayout()
        self.body = QVBoxLayout()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(4)
        box.addLayout(self.controls)
        box.addLayout(self.buttons)
        for widget in (self.progress, self.status):
            box.addWidget(widget)
        box.addLayout(self.body, 1)
        context.board.backtest_progress.connect(self._heard_progress)
        context.board.backtest_finished.connect(self._heard_done)
        context.board.backtest_failed.connect(self._heard_failed)

    def button(self, text: str, slot: Callable[[], object], *, primary: bool = False) -> QPushButton:
        """A button of the page."""
        made = QPushButton()
        self.words.bind(made, text)
        self.words.name(made, text)
        made.setProperty("primary", primary)
        made.clicked.connect(slot)
        return made

    def begin(self, choices: Sequence[Choices], job: Job) -> None:
        """Start a job over these inputs; a study that still runs is cancelled first."""
        self.chosen = choices[0]
        self.is_running = True
        self.progress.setValue(0)
        self.progress.show()
        self.cancel_button.setEnabled(True)
        self.say(self.words.t("Reading the prices…"))
        self.number = self.context.studies.study(choices, job)
        self.running_changed()

    @Slot()
    def cancel(self) -> None:
        """Stop the job; what a search computed is kept."""
        if self.is_running:
            self.context.studies.cancel()

    def say(self, text: str, *, problem: bool = False) -> None:
        """Show a sentence above the result."""
        self.status.setText(text)
        self.status.setProperty("role", "error" if problem else "muted")
        self.status.style().unpolish(self.status)
        self.status.style().polish(self.status)

    def guarded(self, act: Callable[[], None]) -> None:
        """Do something with the entered values; a mistake in them is said, nothing runs."""
        if self.is_running:
            return
        try:
            act()
        except QbxError as error:
            self.say(self.words.say(error.message), problem=True)

    def running_changed(self) -> None:
        """A job began or ended."""

    def show_progress(self, news: StudyProgress) -> None:
        """News of the running job, besides the bar and the sentence."""

    def show_result(self, result: Any, seconds: float) -> None:
        """The job's result."""
        raise NotImplementedError

    @Slot(object)
    def _heard_progress(self, news: object) -> None:
        if not isinstance(news, StudyProgress) or news.number != self.number or not self.is_running:
            return
        share = (news.part + news.done / max(1, news.total)) / news.parts
        self.progress.setValue(round(1000 * share))
        self.say(self._progress_text(news))
        self.show_progress(news)

    def _progress_text(self, news: StudyProgress) -> str:
        t, language = self.words.t, self.words.language
        text = t(
            "{done} of {total} combinations", done=figures.money(news.done, 0, language),
            total=figures.money(news.total, 0, language),
        )  # fmt: skip
        if news.parts > 1:
            text = t("Window {part} of {parts}: {text}", part=news.part + 1, parts=news.parts, text=text)
        if news.seconds_left is None or news.done >= news.total:
            return text
        return t("{text}, about {seconds} s left", text=text, seconds=max(1, round(news.seconds_left)))

    @Slot(object)
    def _heard_done(self, news: object) -> None:
        if isinstance(news, StudyDone) and news.number == self.number:
            self._end()
            self.show_result(news.result, news.seconds)

    @Slot(object)
    def _heard_failed(self, news: BacktestFailed) -> None:
        if news.number != self.number or not self.is_running:
            return
        self._end()
        if isinstance(news.error, QbxError):
            self.say(self.words.say(news.error.message), problem=not news.cancelled)
        else:
            self.say("")
            self.context.board.problem.emit(news.error)

    def _end(self) -> None:
        self.is_running = False
        self.progress.hide()
        self.cancel_button.setEnabled(False)
        self.running_changed()
