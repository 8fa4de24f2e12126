"""A form's field: a label that is the editor's buddy, the editor, its help, and the error under it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QLocale, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSpinBox,
    QWidget,
)  # fmt: skip

from ..words import Words

_C_LOCALE = QLocale(QLocale.Language.C)
_FREE = 1e9


class Field(QObject):
    """One value of a form. `changed` follows every edit by the trader; `value` is a plain value."""

    changed = Signal()

    def __init__(self, words: Words, label: str, editor: QWidget, help_text: str = "") -> None:
        super().__init__(editor)
        self.editor = editor
        self.label = QLabel()
        self.label.setBuddy(editor)
        self.error = QLabel()
        self.error.setProperty("role", "error")
        self.error.setWordWrap(True)
        self.error.hide()
        words.bind(self.label, label)
        words.name(editor, label, tooltip=help_text)
        self._connect()

    def value(self) -> Any:
        """What is entered now."""
        editor = self.editor
        if isinstance(editor, (QSpinBox, QDoubleSpinBox)):
            return editor.value()
        if isinstance(editor, QCheckBox):
            return editor.isChecked()
        if isinstance(editor, QComboBox):
            return (
                editor.currentText()
                if editor.isEditable() or editor.currentData() is None
                else editor.currentData()
            )
        assert isinstance(editor, QLineEdit)
        return editor.text()

    def set_value(self, value: Any) -> None:
        """Show `value` without announcing it."""
        editor = self.editor
        with QSignalBlocker(editor):
            if isinstance(editor, QSpinBox):
                editor.setValue(int(value))
            elif isinstance(editor, QDoubleSpinBox):
                editor.setValue(float(value))
            elif isinstance(editor, QCheckBox):
                editor.setChecked(bool(value))
            elif isinstance(editor, QComboBox):
                found = editor.findData(value)
                found = found if found >= 0 else editor.findText(str(value))
                if found >= 0:
                    editor.setCurrentIndex(found)
                elif editor.isEditable():
                    editor.setEditText(str(value))
            elif isinstance(editor, QLineEdit):
                editor.setText(str(value))

    def set_error(self, text: str) -> None:
        """Show `text` under the field, or nothing when it is empty."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        if bool(self.editor.property("invalid")) != bool(text):
            self.editor.setProperty("invalid", bool(text))
            self.editor.style().unpolish(self.editor)
            self.editor.style().polish(self.editor)

    def place(self, grid: QGridLayout, row: int) -> None:
        """Put label, editor and error into two lines of `grid`, beginning at `row`."""
        grid.addWidget(self.label, row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.editor, row, 1)
        grid.addWidget(self.error, row + 1, 1)

    def show(self, visible: bool) -> None:
        """Show or hide the whole field."""
        for part in (self.label, self.editor):
            part.setVisible(visible)
        self.error.setVisible(visible and bool(self.error.text()))

    def _connect(self) -> None:
        editor = self.editor
        if isinstance(editor, (QSpinBox, QDoubleSpinBox)):
            editor.valueChanged.connect(self.changed)
        elif isinstance(editor, QCheckBox):
            editor.toggled.connect(self.changed)
        elif isinstance(editor, QComboBox):
            ignore_wheel(editor)
            editor.currentTextChanged.connect(self.changed)
        elif isinstance(editor, QLineEdit):
            editor.textChanged.connect(self.changed)


def whole(low: float | None, high: float | None, step: float | None) -> QSpinBox:
    """A spin box for whole numbers."""
    made = QSpinBox()
    made.setRange(int(-_FREE if low is None else low), int(_FREE if high is None else high))
    made.setSingleStep(int(step or 1))
    _prepare(made)
    return made


def decimal(low: float | None, high: float | None, step: float | None, decimals: int = 2) -> QDoubleSpinBox:
    """A spin box for decimal numbers, with a decimal point in every language."""
    made = QDoubleSpinBox()
    made.setDecimals(decimals)
    made.setRange(-_FREE if low is None else low, _FREE if high is None else high)
    made.setSingleStep(step or 10.0**-decimals)
    _prepare(made)
    return made


def _prepare(box: QAbstractSpinBox) -> None:
    box.setLocale(_C_LOCALE)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    ignore_wheel(box)


def ignore_wheel(box: QAbstractSpinBox | QComboBox) -> None:
    """Scrolling over a form must not change a value that trades money."""
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.wheelEvent = lambda event: event.ignore()  # type: ignore[method-assign]
