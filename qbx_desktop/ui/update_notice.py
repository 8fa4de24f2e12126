"""Tells of a newer version when the trader allows it, and never while an order is on its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QDialog, QWidget

from .. import __version__
from ..data.order_journal import OrderJournal
from ..data.update_manifest import Channel, Manifest, is_newer
from ..domain.errors import QbxError
from ..domain.events import Level, Notice, Topic
from ..domain.messages import declare
from ..workers.update_check import UpdateCheck
from .dialogs.update import UpdateDialog

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_NEWER = declare(
    "update.newer",
    "Version {version} of QuantumBotX is there; this is {here}. Help > Check for updates… shows what is new. Nothing "
    "is installed by itself.",
)
_FIRST_MS = 60_000
_DAY_SECONDS = 86_400.0
_LOOK_MS = 3_600_000
_HELD_MS = 5_000

MakeCheck = Callable[[Channel, int], UpdateCheck]


class UpdateNotice(QObject):
    """Asks once a day while the setting allows it; `ask_now` asks at once and shows the answer in a dialog."""

    def __init__(
        self, context: AppContext, live: Live, channel: Channel | None, show: Callable[[QDialog], None], window: QWidget,
        make_check: MakeCheck | None = None,
    ) -> None:  # fmt: skip
        super().__init__(window)
        self._context = context
        self._live = live
        self._channel = channel
        self._show = show
        self._window = window
        self._make_check = make_check or (lambda channel, seen: UpdateCheck(channel, seen, context.clock))
        self._asked = 0.0
        self._told = ""
        self._held: tuple[Manifest, bool] | None = None
        self._daily = QTimer(self)
        self._daily.timeout.connect(self.look)
        self._again = QTimer(self, interval=_HELD_MS)
        self._again.timeout.connect(self._release)
        if channel is not None:
            QTimer.singleShot(_FIRST_MS, self, self.look)
            self._daily.start(_LOOK_MS)

    @Slot()
    def look(self) -> None:
        """Ask, if the trader allows it and a day has passed since the last time."""
        now = self._context.clock.now()
        due = self._asked == 0.0 or abs(now - self._asked) >= _DAY_SECONDS
        if self._channel is not None and self._context.settings.get("updates.check") and due:
            self._asked = now
            self._ask(self._channel, by_hand=False)

    @Slot()
    def ask_now(self) -> None:
        """Ask at once: the trader clicked."""
        if self._channel is None:
            self._show(UpdateDialog(self._context.words, None, None, self._window))
        else:
            self._ask(self._channel, by_hand=True)

    @property
    def held(self) -> bool:
        """Whether an announcement waits for an order to end."""
        return self._held is not None

    def _ask(self, channel: Channel, by_hand: bool) -> None:
        check = self._make_check(channel, int(self._context.settings.get("updates.serial")))
        self._context.answers.deliver(
            check.answer,
            lambda manifest: self._answered(manifest, by_hand),
            lambda error: self._failed(error, by_hand),
        )
        check.start()

    def _answered(self, manifest: Manifest, by_hand: bool) -> None:
        self._context.settings.set("updates.serial", manifest.serial)
        self._held = (manifest, by_hand)
        self._release()

    def _failed(self, error: BaseException, by_hand: bool) -> None:
        # Asked in the background, a failure costs the trader nothing; the journal has it.
        if by_hand and isinstance(error, QbxError):
            self._show(UpdateDialog(self._context.words, None, error.message, self._window))
        elif not isinstance(error, QbxError):
            self._context.answers.problem.emit(error)

    @Slot()
    def _release(self) -> None:
        if self._held is None:
            self._again.stop()
            return
        if OrderJournal(self._context.db.reader()).unresolved_count():
            self._again.start()
            return
        self._again.stop()
        (manifest, by_hand), self._held = self._held, None
        if by_hand:
            self._show(UpdateDialog(self._context.words, manifest, None, self._window))
        elif is_newer(manifest.version, __version__) and manifest.version != self._told:
            self._told = manifest.version
            message = _NEWER(version=manifest.version, here=__version__)
            self._live.noticed.emit(Notice(message, Topic.INFO, Level.INFO, self._context.clock.now()))
