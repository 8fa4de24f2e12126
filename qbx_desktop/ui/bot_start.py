"""From the wish to start a bot to a bot that runs: preflight, consent for real money, and the questions between."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QMessageBox, QWidget

from ..domain.bots import Bot
from ..domain.errors import QbxError, Temporary
from ..domain.records import AccountInfo
from ..strategies.own.errors import StillWorking
from ..trading.preflight import Check
from .bot_wishes import BotWishes
from .dialogs.go_live import GoLive, allowed, only_consent_lacks
from .dialogs.preflight import Preflight, look, may_start

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_ASK_AGAIN_MS = 300


class BotStart(QObject):
    """Asks the desk what speaks against a start; the dialogs belong to `parent`."""

    def __init__(self, context: AppContext, live: Live, wishes: BotWishes, parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._live, self._wishes, self._parent = context, live, wishes, parent

    def preflight(self, bot: Bot) -> None:
        """Start the bot when nothing speaks against it; else show what does."""
        self._context.ask_desk(
            partial(look, bot=bot), partial(self._checked, bot), partial(self._not_checked, bot)
        )

    def _checked(self, bot: Bot, checks: Sequence[Check]) -> None:
        if may_start(checks):
            self._wishes.start(bot.id)
            return
        account = self._live.account
        if account is not None and only_consent_lacks(checks, account):
            self._go_live(bot, account, checks)
            return
        dialog = Preflight(self._context, self._live, bot, checks, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.start_anyway.connect(partial(self._wishes.start, bot.id))
        dialog.open()

    def _go_live(self, bot: Bot, account: AccountInfo, checks: Sequence[Check]) -> None:
        def confirmed() -> None:
            self._wishes.save(allowed(bot, account), self._wishes.start)

        dialog = GoLive(self._context, self._live, bot, account, checks, self._parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(confirmed)
        dialog.open()

    def _not_checked(self, bot: Bot, error: BaseException) -> None:
        if isinstance(error, StillWorking):
            # Its file is being loaded by the strategy process, which ends one way or the other.
            QTimer.singleShot(_ASK_AGAIN_MS, self, partial(self.preflight, bot))
        elif isinstance(error, Temporary):
            # The terminal is away: the wish is stored, and the desk checks again when it is back.
            self._wishes.start(bot.id)
        elif isinstance(error, QbxError):
            QMessageBox.warning(self._parent, bot.name, self._context.words.say(error.message))
        else:
            self._context.board.problem.emit(error)
