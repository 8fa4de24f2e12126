"""The trader's own strategies as the screen knows them: the last look at the folder, and bots paused when a file changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal, Slot

from ..domain.messages import declare

if TYPE_CHECKING:
    from ..domain.messages import Message
    from ..strategies.own.library import OwnFile
    from ..workers.answers import Answers, Failed, Then

_GONE = declare("own.gone", "the file {file} of its strategy is not there any more.")
_OTHER = declare("own.other_bytes", "the file {file} of its strategy was changed while it ran.")


class Strategies(Protocol):
    """The strategy thread as the screen sees it."""

    def ask(self, job: Callable[[Any], Any]) -> Future[Any]:
        """Run `job(library)` in that thread."""

    def refresh(self, again: bool = False) -> Future[Any]:
        """Look at the folder now."""


class OwnShelf(QObject):
    """Lives in the GUI thread. `changed` follows every look that found something new."""

    changed = Signal()

    def __init__(
        self, thread: Strategies | None = None, answers: Answers | None = None,
        pause: Callable[[str, Message], None] = lambda key, why: None, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        """`pause(key, why)` pauses the bots of a strategy. Without a thread there are no own strategies."""
        super().__init__(parent)
        self._thread = thread
        self._answers = answers
        self._pause = pause
        self.files: tuple[OwnFile, ...] = ()

    @Slot(object)
    def show(self, files: tuple[OwnFile, ...]) -> None:
        """The thread looked at the folder."""
        before, self.files = self.files, files
        now = {each.key: each for each in files}
        for old in before:
            if old.strategy is None or old.source is None:
                continue
            new = now.get(old.key)
            if new is None:
                self._pause(old.key, _GONE(file=old.path.name))
            elif new.source is None or new.source.sha256 != old.source.sha256:
                self._pause(old.key, new.why or _OTHER(file=old.path.name))
        self.changed.emit()

    def ask(self, job: Callable[[Any], Any], then: Then, failed: Failed | None = None) -> None:
        """Run `job(library)` in the strategy thread; `then(answer)` runs in the GUI thread."""
        if self._thread is not None and self._answers is not None:
            self._answers.deliver(self._thread.ask(job), then, failed)

    def refresh(self, again: bool = False) -> None:
        """Look at the folder now, e.g. after a consent."""
        if self._thread is not None and self._answers is not None:
            self._answers.deliver(self._thread.refresh(again))
