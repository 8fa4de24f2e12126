"""The last question before a bot trades real money: what it may lose, agreed to by typing the account's number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...domain.bots import Bot
from ...domain.limits import Limits
from ...domain.mt5 import AccountTradeMode
from ...domain.records import AccountInfo
from ...trading.preflight import Check
from ..badge import Badge
from .ask_password import when_confirmed

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live


class GoLive(QDialog):
    """Accepted means: this bot may trade this account. *Confirm* needs the account's number and the password, if any."""

    def __init__(
        self,
        context: AppContext,
        live: Live,
        bot: Bot,
        account: AccountInfo,
        checks: Sequence[Check],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._context = context
        self._account = account
        self._name = bot.name
        self._words = words = context.words
        words.bind(self, "Real money for {name}?", setter="setWindowTitle", name=bot.name)
        t = words.t
        lines = [
            t(
                "{name} will trade {symbol} {timeframe} by itself with REAL money on account {login} at {server}.",
                name=bot.name, symbol=bot.market, timeframe=bot.timeframe, login=account.login, server=account.server,
            ),
            *(words.say(each.message) for each in checks if each.code in ("lots", "margin")),
            self._day(bot),
        ]  # fmt: skip
        self.said = QLabel("\n\n".join(lines), wordWrap=True)
        ask = QLabel(wordWrap=True)
        words.bind(ask, "Type the account number to confirm:")
        self.number = QLineEdit()
        words.name(self.number, "Account number")
        ask.setBuddy(self.number)
        self.number.textChanged.connect(self._show)
        buttons = QDialogButtonBox()
        self.confirm = words.bind(QPushButton(), "Confirm")
        self.cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.confirm, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._agreed)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        for widget in (Badge(live, words), self.said, ask, self.number, buttons):
            layout.addWidget(widget)
        self.setMinimumWidth(520)
        self.number.setFocus()
        self._show()

    def _day(self, bot: Bot) -> str:
        percent = Limits.of(bot.settings.limits).bot_daily_loss_percent
        if not percent:
            return self._words.t("There is no limit on what it may lose in a day.")
        return self._words.t(
            "It is stopped for the day after losing {percent} % of the equity; a gap can cost more.",
            percent=f"{percent:g}",
        )

    @Slot()
    def _agreed(self) -> None:
        why = self._words.t("{name} will trade real money. Type your password to confirm.", name=self._name)
        when_confirmed(self._context, why, self.accept, self)

    @Slot()
    def _show(self) -> None:
        right = self.number.text().strip() == str(self._account.login)
        self.confirm.setEnabled(right)
        self.confirm.setToolTip("" if right else self._words.t("Type the account number to confirm:"))


def only_consent_lacks(checks: Sequence[Check], account: AccountInfo | None) -> bool:
    """Whether the one thing that keeps the bot from starting is that nobody allowed it real money."""
    red = [each.code for each in checks if not each.ok and each.blocks]
    demo = (AccountTradeMode.DEMO, AccountTradeMode.CONTEST)
    return red == ["money"] and account is not None and account.trade_mode not in demo


def allowed(bot: Bot, account: AccountInfo) -> Bot:
    """The bot with consent for exactly this account."""
    settings = replace(bot.settings, live_consent=True, account=account.login, server=account.server)
    return replace(bot, settings=settings)
