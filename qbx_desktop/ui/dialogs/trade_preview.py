"""What the bot in the editor would do, in money: lots, stop distance, worst loss, and its signals on the last bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...domain import params
from ...domain.bots import Bot
from ...domain.clock import server_text
from ...domain.errors import QbxError
from ...domain.money import floor_step
from ...domain.symbol import SymbolSpec
from ...domain.timeframe import Timeframe
from ...strategies import indicators, registry
from .. import figures
from ..context import AppContext

if TYPE_CHECKING:
    from ...broker.terminal import Terminal

_BARS = 500
_PAUSE_MS = 300


@dataclass(frozen=True)
class Preview:
    """The numbers of the two lines. `lots` is NaN without an ATR yet; `loss` 0 means no stop loss."""

    lots: float
    volume_min: float
    stop: float
    loss: float
    currency: str
    digits: int
    signals: int
    last_signal: str
    last_time: int
    bars: int


def look(terminal: Terminal, bot: Bot) -> Preview:
    """Ask the terminal what this bot's next trade would be. Runs in the quotes thread."""
    info = terminal.symbol(bot.market)
    account = terminal.account()
    strategy = registry.get(bot.strategy)
    chosen = params.from_json(strategy.Params, bot.strategy_params)
    frame = Timeframe.named(bot.timeframe)
    bars = terminal.bars(bot.market, frame, 0, _BARS + strategy.history(chosen) + 1)[:-1]
    spec = SymbolSpec.from_symbol_info(info)
    atr = float("nan")
    if len(bars) > bot.settings.atr_period:
        atr = float(indicators.atr(bars.high, bars.low, bars.close, bot.settings.atr_period)[-1])
    entry = strategy.signals(bars, chosen).entry[-_BARS:] if len(bars) else np.zeros(0, np.int8)
    hits = np.flatnonzero(entry)
    last = int(hits[-1]) if len(hits) else -1
    stop = bot.stop_loss.in_price(spec.pip_size, atr)
    lots, loss = _size(terminal, bot, spec, info.ask, stop, account.balance)
    return Preview(
        lots=lots, volume_min=spec.volume_min, stop=stop, loss=loss, currency=account.currency, digits=info.digits,
        signals=len(hits), last_signal=("" if last < 0 else "buy" if entry[last] > 0 else "sell"),
        last_time=int(bars.time[-len(entry) :][last]) if last >= 0 else 0, bars=len(entry),
    )  # fmt: skip


def _size(
    terminal: Terminal, bot: Bot, spec: SymbolSpec, ask: float, stop: float, balance: float
) -> tuple[float, float]:
    """(lots, loss at the stop) in account currency, the loss asked of the terminal itself."""
    if not stop > 0:
        return (bot.lot_size, 0.0) if bot.sizing.lots is not None else (float("nan"), 0.0)
    per_lot = -terminal.calc_profit(0, bot.market, 1.0, ask, ask - stop)
    if bot.sizing.lots is not None:
        return bot.lot_size, per_lot * bot.lot_size
    if per_lot <= 0:
        return float("nan"), 0.0
    lots = floor_step(balance * bot.settings.risk_percent / 100.0 / per_lot, spec.volume_step)
    return lots, per_lot * lots


class TradePreview(QWidget):
    """Two muted lines under the risk fields; asks the terminal a moment after the last edit."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._asked = 0
        self._bot: Bot | None = None
        self.risk_line = QLabel(wordWrap=True)
        self.signals_line = QLabel(wordWrap=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 0)
        for line in (self.risk_line, self.signals_line):
            line.setProperty("role", "muted")
            layout.addWidget(line)
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

    @Slot()
    def _ask(self) -> None:
        bot = self._bot
        if bot is None:
            return
        self._asked += 1
        self._context.ask(_Question(bot), _Answer(self, self._asked, bot), _Failure(self, self._asked))

    def show_answer(self, number: int, bot: Bot, found: Preview) -> None:
        """Put the numbers on the screen, unless the trader has gone on editing."""
        if number != self._asked:
            return
        self.risk_line.setText(self._risk_words(bot, found))
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

    def _risk_words(self, bot: Bot, found: Preview) -> str:
        t, language = self._context.words.t, self._context.words.language
        if np.isnan(found.lots):
            return t("The size is known once there are enough closed bars for the ATR.")
        if found.lots < found.volume_min:
            return t(
                "{risk} risk would need less than the smallest volume here ({least} lots): such a trade is skipped.",
                risk=figures.percent(bot.settings.risk_percent, 2, language), least=figures.lots(found.volume_min),
            )  # fmt: skip
        if not found.loss:
            return t("{lots} lots without a stop loss: the loss has no limit.", lots=figures.lots(found.lots))
        return t(
            "About {lots} lots, stop {stop} away, at most {loss} {currency} lost per trade (from the last closed bar; "
            "a gap can cost more).",
            lots=figures.lots(found.lots), stop=f"{found.stop:.{found.digits}f}",
            loss=figures.money(found.loss, 2, language), currency=found.currency,
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
    bot: Bot

    def __call__(self, found: Any) -> None:
        self.preview.show_answer(self.number, self.bot, found)


@dataclass(frozen=True)
class _Failure:
    preview: TradePreview
    number: int

    def __call__(self, error: BaseException) -> None:
        self.preview.show_failure(self.number, error)
