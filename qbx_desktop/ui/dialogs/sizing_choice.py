"""What the numbers of an imported bot mean: lots and pips, or percent and ATR, each shown in money before choosing."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ...domain.bots import Bot, SizingMode, StopMode
from ...domain.errors import QbxError
from ...domain.mt5 import Side
from ...domain.refusals import Refusal
from ...strategies import indicators
from ...trading.plan_order import Entry, plan_entry
from .. import figures
from ..badge import Badge

if TYPE_CHECKING:
    from ...broker.terminal import Terminal
    from ..context import AppContext
    from ..live import Live

LOTS_AND_PIPS = (SizingMode.FIXED_LOT, StopMode.PIPS)
PERCENT_AND_ATR = (SizingMode.RISK_PERCENT, StopMode.ATR_MULT)
Meaning = tuple[SizingMode, StopMode]


@dataclass(frozen=True)
class Readings:
    """The next buy under each meaning, or why there would be none; `currency` of the account."""

    lots_and_pips: Entry | Refusal
    percent_and_atr: Entry | Refusal
    currency: str


def needs_choice(bot: Bot) -> bool:
    """Whether the bot was imported and nobody said yet what its numbers mean."""
    return (
        bot.settings.sizing_mode is SizingMode.LEGACY_UNSET or bot.settings.stop_mode is StopMode.LEGACY_UNSET
    )


def read_as(bot: Bot, meaning: Meaning) -> Bot:
    """The bot with its numbers taken that way."""
    return replace(bot, settings=replace(bot.settings, sizing_mode=meaning[0], stop_mode=meaning[1]))


def look(terminal: Terminal, bot: Bot) -> Readings:
    """Work out both readings as the desk would. Runs in the quotes thread. Raises QbxError."""
    terminal.select(bot.market)
    info, tick, account = terminal.symbol(bot.market), terminal.tick(bot.market), terminal.account()
    period = bot.settings.atr_period
    bars = terminal.bars(bot.market, bot.frame, 1, 10 * period)
    atr = math.nan
    if len(bars) > period:
        atr = float(indicators.atr(bars.high, bars.low, bars.close, period)[-1])

    def plan(meaning: Meaning) -> Entry | Refusal:
        return plan_entry(read_as(bot, meaning), Side.BUY, info, tick, account, atr, terminal)

    return Readings(plan(LOTS_AND_PIPS), plan(PERCENT_AND_ATR), account.currency)


class SizingChoice(QDialog):
    """Nothing is chosen beforehand. After `accept`, `meaning()` is the trader's answer."""

    def __init__(self, context: AppContext, live: Live, bot: Bot, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._closed = False
        words = context.words
        words.bind(self, "What do the numbers of {name} mean?", setter="setWindowTitle", name=bot.name)
        said = QLabel(wordWrap=True)
        words.bind(
            said,
            "{name} comes from an older database, in which its size and stops could mean two things. It does not "
            "start, and sends nothing, until you have chosen.",
            name=bot.name,
        )
        self.lots, self.percent = QRadioButton(), QRadioButton()
        settings = bot.settings
        words.bind(
            self.lots, "{lots} lots, stop {sl} pips, target {tp} pips",
            lots=figures.lots(bot.lot_size), sl=bot.sl_pips, tp=bot.tp_pips,
        )  # fmt: skip
        words.bind(
            self.percent, "{risk} % of the balance at risk, stop {sl} × ATR, target {tp} × ATR",
            risk=f"{settings.risk_percent:g}", sl=f"{settings.sl_atr:g}", tp=f"{settings.tp_atr:g}",
        )  # fmt: skip
        self.lots_money, self.percent_money = QLabel(wordWrap=True), QLabel(wordWrap=True)
        buttons = QDialogButtonBox()
        self.save = words.bind(QPushButton(), "Save")
        cancel = words.bind(QPushButton(), "Cancel")
        buttons.addButton(self.save, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(Badge(live, words))
        layout.addWidget(said)
        for choice, money in ((self.lots, self.lots_money), (self.percent, self.percent_money)):
            money.setProperty("role", "muted")
            money.setContentsMargins(26, 0, 0, 6)
            words.bind(money, "Working it out in money…")
            choice.toggled.connect(self._show)
            layout.addWidget(choice)
            layout.addWidget(money)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)
        self._show()
        context.ask(partial(look, bot=bot), self._read, self._unread)

    def meaning(self) -> Meaning:
        """What the trader chose."""
        return LOTS_AND_PIPS if self.lots.isChecked() else PERCENT_AND_ATR

    def done(self, result: int) -> None:
        """Close; an answer that still comes is not shown."""
        self._closed = True
        super().done(result)

    @Slot()
    def _show(self) -> None:
        chosen = self.lots.isChecked() or self.percent.isChecked()
        self.save.setEnabled(chosen)
        self.save.setToolTip("" if chosen else self._context.words.t("Choose one of the two first."))

    def _read(self, found: Readings) -> None:
        if self._closed:
            return
        self.lots_money.setText(self._in_money(found.lots_and_pips, found.currency))
        self.percent_money.setText(self._in_money(found.percent_and_atr, found.currency))

    def _unread(self, error: BaseException) -> None:
        if self._closed:
            return
        words = self._context.words
        why = words.say(error.message) if isinstance(error, QbxError) else str(error)
        for money in (self.lots_money, self.percent_money):
            money.setText(words.t("In money it is not known now: {why}", why=why))

    def _in_money(self, plan: Entry | Refusal, currency: str) -> str:
        words = self._context.words
        if isinstance(plan, Refusal):
            return words.t("The next trade would be skipped: {why}", why=words.say(plan.message))
        lots = figures.lots(plan.volume)
        if not plan.sl:
            return words.t("= {lots} lots without a stop loss: the loss has no limit.", lots=lots)
        away = f"{abs(plan.price - plan.sl):.{plan.symbol.digits}f}"
        loss = figures.money(plan.loss_at_sl, 2, words.language)
        return words.t(
            "= {lots} lots, stop {away} away, at most {loss} {currency} lost per trade (a gap can cost more).",
            lots=lots, away=away, loss=loss, currency=currency,
        )  # fmt: skip
