"""Before the program ends while bots run: which positions stay at the broker, and with which stop loss."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QPushButton, QVBoxLayout, QWidget

from ...domain.records import TradePosition
from .. import figures
from ..badge import Badge
from ..live import Live
from ..words import Words


class QuitDialog(QDialog):
    """Accepted means: end the program. *Keep running* is the default."""

    def __init__(
        self,
        live: Live,
        words: Words,
        active: int,
        positions: Sequence[TradePosition],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        words.bind(self, "Quit QuantumBotX?", setter="setWindowTitle")
        self.said = QLabel(quit_words(words, active, positions), wordWrap=True)
        buttons = QDialogButtonBox()
        self.quit = words.bind(QPushButton(), "Quit")
        self.keep = words.bind(QPushButton(), "Keep running")
        buttons.addButton(self.quit, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.keep, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(Badge(live, words))
        layout.addWidget(self.said)
        layout.addWidget(buttons)
        self.keep.setDefault(True)
        self.keep.setFocus()
        self.setMinimumWidth(460)


def quit_words(words: Words, active: int, positions: Sequence[TradePosition]) -> str:
    """The sentences of the dialog; each open position is named with its stop loss."""
    t = words.t
    lines = [
        t("{n} bots will stop watching; they start again with the program.", n=active)
        if active != 1
        else t("1 bot will stop watching; it starts again with the program.")
    ]
    for position in positions:
        digits = figures.digits_of(position.price_open, position.sl, position.price_current)
        volume = figures.lots(position.volume)
        if position.sl:
            lines.append(
                t("{lots} lots of {symbol} stay open at the broker with stop loss {sl}.", lots=volume,
                  symbol=position.symbol, sl=figures.price(position.sl, digits))
            )  # fmt: skip
        else:
            lines.append(
                t("{lots} lots of {symbol} stay open at the broker WITHOUT a stop loss.", lots=volume, symbol=position.symbol)
            )  # fmt: skip
    return "\n".join(lines)
