"""The question before bots leave the list: what stays, what they still hold, and the password if there is one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox, QWidget

from .ask_password import when_confirmed

if TYPE_CHECKING:
    from ..context import AppContext
    from ..models.bots_model import BotRow


def when_archiving_agreed(
    context: AppContext, rows: Sequence[BotRow], then: Callable[[], object], parent: QWidget
) -> None:
    """Call `then()` once the trader agreed that the bots of `rows` are archived."""
    t = context.words.t
    names = ", ".join(row.bot.name for row in rows)
    text = t("Archive {names}? History stays, and the bot watches no more.", names=names)
    if any(row.positions for row in rows):
        text += " " + t(
            "Its open position stays at the broker; close it first if you do not want to keep it."
        )
    box = QMessageBox(QMessageBox.Icon.Question, t("Archive"), text, parent=parent)
    yes = box.addButton(t("Archive"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(t("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.exec()
    if box.clickedButton() is yes:
        why = t("{names} will be archived. Type your password to confirm.", names=names)
        when_confirmed(context, why, then, parent)
