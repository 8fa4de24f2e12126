"""The settings dialog, made from the declarations: every change takes effect at once."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ..settings import DECLARED, NOTIFICATIONS, Setting
from .fields import Field, decimal, whole
from .notification_policy import NotificationPolicy

if TYPE_CHECKING:
    from ..context import AppContext


class SettingsDialog(QDialog):
    """One page per group; a setting without a group is not shown. `page` is the group to begin with."""

    def __init__(self, context: AppContext, parent: QWidget | None = None, *, page: str = "") -> None:
        super().__init__(parent)
        self._settings = context.settings
        self._words = words = context.words
        words.bind(self, "Settings", setter="setWindowTitle")
        self.pages = QTabWidget()
        words.name(self.pages, "Settings")
        self.fields: dict[str, Field] = {}
        self._groups: list[str] = []
        shown = [each for each in DECLARED if each.group]
        order = list(dict.fromkeys(each.group for each in shown))
        for group, settings in groupby(
            sorted(shown, key=lambda each: order.index(each.group)), lambda each: each.group
        ):
            self._groups.append(group)
            self.pages.addTab(
                NotificationPolicy(context) if group == NOTIFICATIONS else self._form(list(settings)), ""
            )
        if page in self._groups:
            self.pages.setCurrentIndex(self._groups.index(page))
        buttons = QDialogButtonBox()
        buttons.addButton(words.bind(QPushButton(), "Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(self.pages)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)
        words.changed.connect(self._reword)
        self._settings.changed.connect(self._setting_changed)
        self._reword()

    def _form(self, settings: list[Setting]) -> QWidget:
        page = QWidget()
        grid = QGridLayout(page)
        for row, setting in enumerate(settings):
            field = Field(self._words, setting.title, self._editor(setting))
            field.set_value(self._settings.get(setting.key))
            field.changed.connect(partial(self._edited, setting.key))
            if isinstance(field.editor, QCheckBox):
                self._words.bind(field.editor, setting.title)
                grid.addWidget(field.editor, 2 * row, 0, 1, 2)
            else:
                field.place(grid, 2 * row)
            self.fields[setting.key] = field
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(2 * len(settings), 1)
        return page

    def _editor(self, setting: Setting) -> QWidget:
        if setting.choices is not None:
            box = QComboBox()
            for value, text in setting.choices.items():
                box.addItem(self._words.t(text), value)
            return box
        if isinstance(setting.default, bool):
            return QCheckBox()
        if isinstance(setting.default, int):
            return whole(setting.low, setting.high, setting.step)
        return decimal(setting.low, setting.high, setting.step, 1)

    def _edited(self, key: str) -> None:
        self._settings.set(key, self.fields[key].value())

    @Slot(str)
    def _setting_changed(self, key: str) -> None:
        field = self.fields.get(key)
        if field is not None and field.value() != self._settings.get(key):
            field.set_value(self._settings.get(key))

    @Slot()
    def _reword(self) -> None:
        t = self._words.t
        for at, group in enumerate(self._groups):
            self.pages.setTabText(at, t(group))
        for setting in DECLARED:
            field = self.fields.get(setting.key)
            if field is None or setting.choices is None or not isinstance(field.editor, QComboBox):
                continue
            with QSignalBlocker(field.editor):
                for at, text in enumerate(setting.choices.values()):
                    field.editor.setItemText(at, t(text))
