"""The settings dialog, made from the declarations: every change takes effect at once."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ..settings import DECLARED, Setting

if TYPE_CHECKING:
    from ..context import AppContext


class SettingsDialog(QDialog):
    """One page per group; a setting without a group is not shown."""

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = context.settings
        self._words = words = context.words
        words.bind(self, "Settings", setter="setWindowTitle")
        pages = QTabWidget()
        words.name(pages, "Settings")
        self.editors: dict[str, QWidget] = {}
        shown = [each for each in DECLARED if each.group]
        for group, settings in groupby(shown, key=lambda each: each.group):
            page = QWidget()
            form = QFormLayout(page)
            for setting in settings:
                self._add(form, setting)
            pages.addTab(page, words.t(group))
        buttons = QDialogButtonBox()
        buttons.addButton(words.bind(QPushButton(), "Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addWidget(pages)
        layout.addWidget(buttons)
        self.setMinimumWidth(520)

    def _add(self, form: QFormLayout, setting: Setting) -> None:
        words = self._words
        if setting.choices is not None:
            box = QComboBox()
            for value, text in setting.choices.items():
                box.addItem(words.t(text), value)
            box.setCurrentIndex(box.findData(self._settings.get(setting.key)))
            box.currentIndexChanged.connect(partial(self._chosen, setting.key, box))
            words.name(box, setting.title)
            label = words.bind(QLabel(), setting.title)
            label.setBuddy(box)
            form.addRow(label, box)
            self.editors[setting.key] = box
            return
        check = QCheckBox()
        words.bind(check, setting.title)
        words.name(check, setting.title)
        check.setChecked(bool(self._settings.get(setting.key)))
        check.toggled.connect(partial(self._settings.set, setting.key))
        form.addRow(check)
        self.editors[setting.key] = check

    def _chosen(self, key: str, box: QComboBox, _index: Any) -> None:
        self._settings.set(key, box.currentData())
