"""The menu behind the tray icon: open, algo switch, pause all, mute, lock, quit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QMenu

from .window import MainWindow

if TYPE_CHECKING:
    from .context import AppContext

_MUTES = (("1 hour", 3_600.0), ("8 hours", 28_800.0), ("Not muted", 0.0))


def tray_menu(window: MainWindow, context: AppContext) -> QMenu:
    """The menu; its first line (bold) opens the window."""
    words = context.words
    menu = QMenu(window)
    show = QAction(menu)
    words.bind(show, "Open QuantumBotX")
    font = QFont(show.font())
    font.setBold(True)
    show.setFont(font)
    show.triggered.connect(window.raise_up)
    mute = QMenu(menu)
    words.bind(mute, "Mute", setter="setTitle")
    for text, seconds in _MUTES:
        action = QAction(mute)
        words.bind(action, text)
        action.triggered.connect(partial(_mute, window, context, seconds))
        mute.addAction(action)
    menu.addAction(show)
    menu.addSeparator()
    menu.addAction(window.algo.action)
    menu.addAction(window.pause_all)
    menu.addMenu(mute)
    menu.addAction(window.lock_now)
    menu.addSeparator()
    menu.addAction(window.quit)
    menu.setDefaultAction(show)
    return menu


def _mute(window: MainWindow, context: AppContext, seconds: float, _checked: bool = False) -> None:
    window.notifier.muted_until = context.clock.monotonic() + seconds
