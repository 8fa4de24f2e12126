"""An imported bot trades only once the trader has said what its old numbers mean: asked when it is first touched."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from ..domain.bots import Bot
from ..domain.errors import QbxError
from .dialogs.sizing_choice import Meaning, SizingChoice, needs_choice

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live


class BotMeaning(QObject):
    """`chosen` follows a meaning that is stored; the dialogs belong to `parent`."""

    chosen = Signal()

    def __init__(self, context: AppContext, live: Live, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._live, self._parent = context, live, parent

    def when_understood(self, bot: Bot, then: Callable[[Bot], object]) -> None:
        """Go on with `bot`; an imported one only once the trader has said what its numbers mean."""
        if not needs_choice(bot):
            then(bot)
            return
        dialog = SizingChoice(self._context, self._live, bot, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self._choose, dialog, bot, then))
        dialog.open()

    def _choose(self, dialog: SizingChoice, bot: Bot, then: Callable[[Bot], object]) -> None:
        def stored(understood: Bot) -> None:
            self._context.trading.tell(lambda desk: desk.reload_bot(bot.id))
            self.chosen.emit()
            then(understood)

        at_ms = round(self._context.clock.now() * 1000)
        self._context.write(
            partial(_store, bot_id=bot.id, meaning=dialog.meaning(), at_ms=at_ms), stored,
            partial(self._not_stored, bot),
        )  # fmt: skip

    def _not_stored(self, bot: Bot, error: BaseException) -> None:
        if not isinstance(error, QbxError):
            self._context.board.problem.emit(error)
            return
        box = QMessageBox(
            QMessageBox.Icon.Warning, bot.name, self._context.words.say(error.message), parent=self._parent
        )
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()


def _store(con: Any, bot_id: int, meaning: Meaning, at_ms: int) -> Bot:
    from ..data import legacy

    return legacy.choose_meaning(con, bot_id, *meaning, at_ms)
