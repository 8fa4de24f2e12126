"""The menu bar: every action with its words, key and place; the window gives the slots."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from .settings import DECLARED

if TYPE_CHECKING:
    from .context import AppContext


class Actions(QObject):
    """Makes actions that belong to one window and keeps their words in the chosen language."""

    def __init__(self, context: AppContext, window: QWidget) -> None:
        super().__init__(window)
        self._context = context
        self._window = window
        self._groups: list[tuple[str, QActionGroup]] = []
        context.settings.changed.connect(self._setting_changed)

    def make(self, text: str, slot: Callable[..., object], keys: str = "", icon: str = "") -> QAction:
        """A new action of the window; `text` in English."""
        action = QAction(self._window)
        self._context.words.bind(action, text)
        if keys:
            action.setShortcut(QKeySequence(keys))
        if icon:
            self._context.icons.bind(action, icon)
        action.triggered.connect(slot)
        self._window.addAction(action)
        return action

    def menu(self, bar: QMenuBar | QMenu, title: str, *actions: QAction | QMenu | None) -> QMenu:
        """Add a menu; None is a separator."""
        menu = QMenu(self._window)
        self._context.words.bind(menu, title, setter="setTitle")
        for action in actions:
            if action is None:
                menu.addSeparator()
            elif isinstance(action, QMenu):
                menu.addMenu(action)
            else:
                menu.addAction(action)
        bar.addMenu(menu)
        return menu

    def choices(self, key: str, title: str) -> QMenu:
        """A menu of the choices of one setting, the chosen one marked."""
        declared = next(each for each in DECLARED if each.key == key)
        menu = QMenu(self._window)
        self._context.words.bind(menu, title, setter="setTitle")
        group = QActionGroup(menu)
        for value, text in (declared.choices or {}).items():
            action = QAction(menu)
            self._context.words.bind(action, text)
            action.setCheckable(True)
            action.setData(value)
            action.setChecked(self._context.settings.get(key) == value)
            action.triggered.connect(partial(self._choose, key, value))
            group.addAction(action)
            menu.addAction(action)
        self._groups.append((key, group))
        return menu

    def _choose(self, key: str, value: str, _checked: bool = False) -> None:
        self._context.settings.set(key, value)

    @Slot(str)
    def _setting_changed(self, key: str) -> None:
        for group_key, group in self._groups:
            if group_key == key:
                for action in group.actions():
                    action.setChecked(action.data() == self._context.settings.get(key))
