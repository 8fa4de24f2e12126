"""The menu behind the tray icon: open, algo switch, pause all, emergency stop, mute, lock, quit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QMenu

from .window import MainWindow

if TYPE_CHECKING:
    from .context import AppContext

_HOUR, _DAY = 3_600.0, 86_400.0


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
    for text, seconds in (
        ("1 hour", _an_hour),
        ("Until tomorrow", _until_tomorrow),
        ("Not muted", _no_longer),
    ):
        action = QAction(mute)
        words.bind(action, text)
        action.triggered.connect(partial(_mute, window, context, seconds))
        mute.addAction(action)
    menu.addAction(show)
    menu.addSeparator()
    menu.addAction(window.algo.action)
    menu.addAction(window.pause_all)
    menu.addAction(window.emergency.action)
    menu.addMenu(mute)
    menu.addAction(window.lock_now)
    menu.addSeparator()
    menu.addAction(window.quit)
    menu.setDefaultAction(show)
    return menu


def _mute(
    window: MainWindow, context: AppContext, seconds: Callable[[float], float], _checked: bool = False
) -> None:
    window.notifier.mute(seconds(context.clock.now()))


def _an_hour(_now: float) -> float:
    return _HOUR


def _until_tomorrow(now: float) -> float:
    """Seconds until midnight of this computer's clock."""
    at = datetime.fromtimestamp(now, UTC).astimezone()
    return _DAY - (at.hour * _HOUR + at.minute * 60 + at.second)


def _no_longer(_now: float) -> float:
    return 0.0
