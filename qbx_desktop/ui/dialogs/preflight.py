"""Before a bot starts: what was checked, what is missing, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...domain.bots import Bot
from ...trading.preflight import Check, check_bot
from ..badge import Badge

if TYPE_CHECKING:
    from ..context import AppContext
    from ..live import Live


class Preflight(QDialog):
    """Lists every check with its remedy; *Start* is possible only when none failed."""

    start_anyway = Signal()

    def __init__(
        self,
        context: AppContext,
        live: Live,
        bot: Bot,
        checks: Sequence[Check],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        words = context.words
        self.setWindowTitle(words.t("Before {name} starts", name=bot.name))
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for row, check in enumerate(checks):
            mark = QLabel()
            name, token = _mark(check)
            mark.setPixmap(context.icons.icon(name, token).pixmap(18, 18))
            mark.setAccessibleName(words.t("fine") if check.ok else words.t("not fine"))
            text = words.say(check.message)
            if not check.ok:
                text += "\n" + words.say(check.remedy)
            label = QLabel(text, wordWrap=True)
            if not check.ok:
                label.setProperty("role", "error" if check.blocks else "warning")
            grid.addWidget(mark, row, 0)
            grid.addWidget(label, row, 1)
        buttons = QDialogButtonBox()
        self.start = words.bind(QPushButton(), "Start")
        self.start.setEnabled(may_start(checks))
        self.start.setToolTip("" if self.start.isEnabled() else words.t("Mend the lines in red first."))
        close = words.bind(QPushButton(), "Close")
        buttons.addButton(self.start, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(close, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.accepted.connect(self.start_anyway)
        layout = QVBoxLayout(self)
        layout.addWidget(Badge(live, words))
        layout.addLayout(grid)
        layout.addWidget(buttons)
        self.setMinimumWidth(520)


def look(desk: Any, bot: Bot) -> list[Check]:
    """All checks of `bot`. Runs in the trading thread. Raises QbxError; StillWorking while its strategy is loaded."""
    return check_bot(desk.floor, bot, desk.strategy_of(bot.strategy))


def may_start(checks: Sequence[Check]) -> bool:
    """Whether nothing that matters is wrong."""
    return all(check.ok or not check.blocks for check in checks)


def _mark(check: Check) -> tuple[str, str]:
    if check.ok:
        return "good", "accent"
    return ("error", "error") if check.blocks else ("warning", "warning")
