"""What the bot in the editor would do, in money: lots, stop distance, worst loss, and its signals on the last bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...domain import guards, params
from ...domain.bots import Bot
from ...domain.clock import server_text
from ...domain.errors import QbxError
from ...domain.limits import Limits
from ...domain.mt5 import Side
from ...domain.records import AccountInfo
from ...domain.refusals import Refusal
from ...strategies import indicators, registry
from ...trading.plan_order import Entry, plan_entry
from .. import figures
from ..context import AppContext

if TYPE_CHECKING:
    from ...broker.terminal import Terminal

_BARS = 500
_PAUSE_MS = 300


@dataclass(frozen=True)
class Preview:
    """What the next buy would be (`entry`, or why there would be none), which of the bot's limits would keep it from
    being sent, and the signals on the last bars."""

    entry: Entry | Refusal
    hindrance: Refusal | None
    currency: str
    signals: int
    last_signal: str
    last_time: int
    bars: int


def look(terminal: Terminal, bot: Bot) -> Preview:
    """Work out this bot's next trade as the desk would. Runs in the quotes thread. Raises QbxError."""
    terminal.select(bot.market)
    info, tick, account = terminal.symbol(bot.market), terminal.tick(bot.market), terminal.account()
    strategy = registry.get(bot.strategy)
    chosen = params.from_json(strategy.Params, bot.strategy_params)
    wanted = _BARS + max(strategy.history(chosen, bot.frame), bot.settings.atr_period) + 1
    bars = terminal.bars(bot.market, bot.frame, 1, wanted)
    atr = float("nan")
    if len(bars) > bot.settings.atr_period:
        atr = float(indicators.atr(bars.high, bars.low, bars.close, bot.settings.atr_period)[-1])
    signals = strategy.signals(bars, chosen).entry[-_BARS:] if len(bars) else np.zeros(0, np.int8)
    hits = np.flatnonzero(signals)
    last = int(hits[-1]) if len(hits) else -1
    entry = plan_entry(bot, Side.BUY, info, tick, account, atr, terminal)
    return Preview(
        entry=entry,
        hindrance=_hindrance(entry, account, Limits.of(bot.settings.limits)),
        currency=account.currency,
        signals=len(hits),
        last_signal="" if last < 0 else "buy" if signals[last] > 0 else "sell",
        last_time=int(bars.time[-len(signals) :][last]) if last >= 0 else 0,
        bars=len(signals),
    )


def _hindrance(entry: Entry | Refusal, account: AccountInfo, limits: Limits) -> Refusal | None:
    if isinstance(entry, Refusal):
        return None
    return (
        guards.lots_per_order(entry.volume, limits.max_lots_per_order)
        or guards.risk_per_trade(entry.loss_at_sl, account.equity, limits.max_risk_percent)
        or guards.enough_money(entry.margin, account.margin_free, entry.volume, entry.symbol.name)
    )


class TradePreview(QWidget):
    """Two muted lines under the risk fields; asks the terminal a moment after the last edit."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self._bot: Bot | None = None
        self.risk_line = QLabel(wordWrap=True)
        self.hindrance_line = QLabel(wordWrap=True)
        self.hindrance_line.setProperty("role", "warning")
        self.hindrance_line.hide()
        self.signals_line = QLabel(wordWrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        for line in (self.risk_line, self.signals_line):
            line.setProperty("role", "muted")
            layout.addWidget(line)
        layout.insertWidget(1, self.hindrance_line)
        self._timer = QTimer(self, singleShot=True, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._ask)

    def show_for(self, bot: Bot) -> None:
        """Show the numbers of this bot, soon."""
        self._bot = bot
        self._timer.start()

    def clear(self) -> None:
        """Show nothing: the form has an error."""
        self._bot = None
        self._asked += 1
        self.risk_line.clear()
        self.signals_line.clear()
        self._hinder(None)

    @Slot()
    def _ask(self) -> None:
        bot = self._bot
        if bot is None:
            return
        self._asked += 1
        self._context.ask(_Question(bot), _Answer(self, self._asked), _Failure(self, self._asked))

    def show_answer(self, number: int, found: Preview) -> None:
        """Put the numbers on the screen, unless the trader has gone on editing."""
        if number != self._asked:
            return
        self.risk_line.setText(self._risk_words(found))
        self._hinder(found.hindrance)
        words, t = self._context.words, self._context.words.t
        if not found.bars:
            self.signals_line.setText(t("There are no closed bars of this symbol yet."))
        elif not found.signals:
            self.signals_line.setText(t("No signal in the last {n} bars.", n=found.bars))
        else:
            self.signals_line.setText(
                t(
                    "{count} signals in the last {n} bars, the last one {signal} at {time} server time.",
                    count=found.signals, n=found.bars, signal=words.t(found.last_signal),
                    time=server_text(found.last_time),
                )
            )  # fmt: skip

    def show_failure(self, number: int, error: BaseException) -> None:
        """Say why there are no numbers."""
        if number == self._asked:
            words = self._context.words
            self.risk_line.setText(words.say(error.message) if isinstance(error, QbxError) else str(error))
            self.signals_line.clear()

    def _hinder(self, hindrance: Refusal | None) -> None:
        say = self._context.words.say
        text = f"{say(hindrance.message)} {say(hindrance.remedy)}" if hindrance else ""
        self.hindrance_line.setText(text)
        self.hindrance_line.setVisible(bool(text))

    def _risk_words(self, found: Preview) -> str:
        words, entry = self._context.words, found.entry
        if isinstance(entry, Refusal):
            return f"{words.say(entry.message)} {words.say(entry.remedy)}"
        volume = figures.lots(entry.volume)
        if not entry.sl:
            return words.t("{lots} lots without a stop loss: the loss has no limit.", lots=volume)
        return words.t(
            "About {lots} lots, stop {stop} away, at most {loss} {currency} lost per trade (from the last closed bar; "
            "a gap can cost more).",
            lots=volume, stop=figures.price(abs(entry.price - entry.sl), entry.symbol.digits),
            loss=figures.money(entry.loss_at_sl, 2, words.language), currency=found.currency,
        )  # fmt: skip


@dataclass(frozen=True)
class _Question:
    bot: Bot

    def __call__(self, terminal: Terminal) -> Preview:
        return look(terminal, self.bot)


@dataclass(frozen=True)
class _Answer:
    preview: TradePreview
    number: int

    def __call__(self, found: Any) -> None:
        self.preview.show_answer(self.number, found)


@dataclass(frozen=True)
class _Failure:
    preview: TradePreview
    number: int

    def __call__(self, error: BaseException) -> None:
        self.preview.show_failure(self.number, error)
