"""Saves the logs as one file to send to somebody, with every secret masked; nothing is sent by the program."""

from __future__ import annotations

import platform
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import __version__ as qt_version
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from .. import __version__
from ..data.log_bundle import save_bundle
from .dialogs.connect_password import in_background
from .settings import DECLARED

if TYPE_CHECKING:
    from .context import AppContext

_PRIVATE = ("terminal.path", "terminal.server")


def facts_of(context: AppContext) -> dict[str, object]:
    """Versions and settings, for whoever reads the logs."""
    settings = {each.key: context.settings.get(each.key) for each in DECLARED if each.key not in _PRIVATE}
    return {
        "program": __version__, "python": sys.version, "qt": qt_version, "system": platform.platform(),
        "practice": context.practice, "settings": settings,
    }  # fmt: skip


def ask_and_save(context: AppContext, accounts: list[int], parent: QWidget) -> None:
    """Ask for a file and write the bundle beside the event loop; says where it is, or why it is not."""
    words = context.words
    title = words.t("Save logs to send…")
    path, _ = QFileDialog.getSaveFileName(parent, title, "quantumbotx-logs.zip", "ZIP (*.zip)")
    if path:
        save_to(context, Path(path), accounts, parent)


def save_to(context: AppContext, target: Path, accounts: list[int], parent: QWidget) -> None:
    """Write the bundle to `target` and say so."""
    known = [each for each in (*accounts, int(context.settings.get("terminal.account"))) if each]
    job = partial(save_bundle, context.home.logs, target, facts_of(context), known)
    context.answers.deliver(
        in_background(job),
        lambda _: _say(context, parent, QMessageBox.Icon.Information,
                       "The logs were saved to {path}. Passwords, e-mail addresses and account numbers are masked. "
                       "Nothing was sent.", path=str(target)),
        lambda error: _failed(context, parent, target, error),
    )  # fmt: skip


def _failed(context: AppContext, parent: QWidget, target: Path, error: BaseException) -> None:
    if not isinstance(error, OSError):
        context.board.problem.emit(error)
        return
    why = error.strerror or str(error)
    _say(
        context, parent, QMessageBox.Icon.Warning,
        "The logs could not be saved to {path} ({why}). Choose another folder.", path=str(target), why=why,
    )  # fmt: skip


def _say(context: AppContext, parent: QWidget, icon: QMessageBox.Icon, text: str, **params: object) -> None:
    t = context.words.t
    box = QMessageBox(icon, t("Save logs to send…"), t(text, **params), parent=parent)
    box.open()
