"""Chooses a value of a closed bar: a price, an indicator with its numbers, or a plain number."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QHBoxLayout, QLineEdit, QWidget

from ...domain.alerts import Value
from ...domain.bar_values import NUMBER, VALUES
from ..words import Words
from .fields import Field, decimal, ignore_wheel

_MOST_SETTINGS = max(len(each.settings) for each in VALUES.values())


class ValueField(Field):
    """`value()` is a :class:`Value`; a plain number that cannot be read is one without a number."""

    def __init__(self, words: Words, label: str, *, with_number: bool) -> None:
        self._words = words
        self.choice = QComboBox()
        if with_number:
            self.choice.addItem(words.t("A number"), NUMBER)
        for each in VALUES.values():
            self.choice.addItem(each.label, each.name)
        ignore_wheel(self.choice)
        self.number = QLineEdit()
        self.number.setMaximumWidth(120)
        words.name(self.number, "A number")
        self.settings: list[QDoubleSpinBox] = [decimal(0, 1000, 1, 0) for _ in range(_MOST_SETTINGS)]
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.choice, self.number, *self.settings):
            row.addWidget(part)
        row.addStretch(1)
        super().__init__(words, label, holder)
        words.name(self.choice, label)
        self.label.setBuddy(self.choice)
        holder.setFocusProxy(self.choice)
        self._show_settings()

    def value(self) -> Value:
        """What is chosen."""
        name = str(self.choice.currentData())
        if name == NUMBER:
            try:
                return Value(NUMBER, (float(self.number.text().strip().replace(",", ".")),))
            except ValueError:
                return Value(NUMBER)
        return Value(name, tuple(box.value() for box in self.settings[: len(VALUES[name].settings)]))

    def set_value(self, value: Any) -> None:
        """Show this value without announcing it."""
        assert isinstance(value, Value)
        parts = (self.choice, self.number, *self.settings)
        blocked = [QSignalBlocker(part) for part in parts]
        self.choice.setCurrentIndex(max(0, self.choice.findData(value.name)))
        self._show_settings()
        if value.name == NUMBER:
            self.number.setText("".join(f"{each:.10g}" for each in value.numbers))
        for box, number in zip(self.settings, value.numbers, strict=False):
            box.setValue(number)
        del blocked

    def _connect(self) -> None:
        self.choice.currentIndexChanged.connect(self._chosen)
        self.number.textChanged.connect(self.changed)
        for box in self.settings:
            box.valueChanged.connect(self.changed)

    def _chosen(self) -> None:
        self._show_settings()
        self.changed.emit()

    def _show_settings(self) -> None:
        name = str(self.choice.currentData())
        known = VALUES.get(name)
        self.number.setVisible(known is None)
        settings = known.settings if known else ()
        for at, box in enumerate(self.settings):
            box.setVisible(at < len(settings))
            if at < len(settings):
                with QSignalBlocker(box):
                    box.setDecimals(settings[at].decimals)
                    box.setSingleStep(1 if settings[at].decimals == 0 else 0.1)
                    box.setRange(settings[at].low, settings[at].high)
                    box.setValue(settings[at].default)
                box.setToolTip(self._words.t(settings[at].label))
                box.setAccessibleName(self._words.t(settings[at].label))
