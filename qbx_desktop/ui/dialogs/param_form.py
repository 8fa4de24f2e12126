"""The form of a strategy's parameters, made from its schema: label, bounds, step, help and choices come from there."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from ...domain import params
from ...domain.params import ParamError, ParamInfo
from ...strategies.contract import Guidance, Preset
from ..words import Words
from .fields import Field, decimal, whole
from .preset_choice import PresetChoice


class ParamForm(QWidget):
    """Shows one strategy's parameters at a time. `changed` follows every edit; errors stand under their field."""

    changed = Signal()

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._type: type | None = None
        self.fields: dict[str, Field] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self.presets = PresetChoice(words)
        self._grid.addWidget(self.presets, 0, 0, 1, 2)
        self.presets.chosen.connect(self._fill)
        self.changed.connect(self._show_preset)
        words.changed.connect(self._reword)

    def show_strategy(
        self,
        params_type: type,
        values: Mapping[str, object] | None = None,
        presets: tuple[Preset, ...] = (),
        guidance: Guidance | None = None,
    ) -> None:
        """Show the fields of `params_type`; values of the same name and kind are kept from the strategy before."""
        before = self.values()
        for field in self.fields.values():
            for part in (field.label, field.editor, field.error):
                self._grid.removeWidget(part)
                part.deleteLater()
        self.fields = {}
        self._type = params_type
        for at, info in enumerate(params.infos(params_type)):
            field = Field(self._words, info.label, _editor(info, self._words), help_of(info, self._words))
            field.set_value(info.default)
            for source in (before, values or {}):
                if info.name in source and _fits(info, source[info.name]):
                    field.set_value(source[info.name])
            field.changed.connect(self.changed)
            field.place(self._grid, 2 * at + 1)
            self.fields[info.name] = field
        self.presets.offer({info.name: info.default for info in params.infos(params_type)}, presets, guidance)
        self._show_preset()

    def values(self) -> dict[str, Any]:
        """What is entered, by parameter name."""
        return {name: field.value() for name, field in self.fields.items()}

    def reset(self) -> None:
        """Back to the strategy's defaults."""
        if self._type is not None:
            for info in params.infos(self._type):
                self.fields[info.name].set_value(info.default)
            self.changed.emit()

    @Slot(dict)
    def _fill(self, values: dict[str, object]) -> None:
        for name, value in values.items():
            self.fields[name].set_value(value)
        self.changed.emit()

    @Slot()
    def _show_preset(self) -> None:
        self.presets.show_for(self.values())

    @Slot()
    def _reword(self) -> None:
        for info in params.infos(self._type) if self._type is not None else ():
            editor = self.fields[info.name].editor
            if isinstance(editor, QComboBox):
                for at, choice in enumerate(info.choices):
                    editor.setItemText(at, self._words.t(choice))

    def check(self) -> ParamError | None:
        """Check all values against the schema and its rules; shows the error under its field and returns it."""
        assert self._type is not None
        for field in self.fields.values():
            field.set_error("")
        try:
            params.make(self._type, self.values())
        except ParamError as error:
            if error.field in self.fields:
                self.fields[error.field].set_error(self._words.say(error.message))
            return error
        return None

    def made(self) -> Any:
        """The checked parameters. Raises ParamError."""
        assert self._type is not None
        return params.make(self._type, self.values())


def help_of(info: ParamInfo, words: Words) -> str:
    """The help of one parameter with its bounds, for a tooltip."""
    bounds = ""
    if info.low is not None and info.high is not None:
        bounds = words.t("{low} to {high}", low=f"{info.low:g}", high=f"{info.high:g}")
    return " ".join(part for part in (words.t(info.help) if info.help else "", bounds) if part)


def _editor(info: ParamInfo, words: Words) -> QWidget:
    if info.choices:
        box = QComboBox()
        for choice in info.choices:
            box.addItem(words.t(choice), choice)
        return box
    if info.kind is bool:
        return QCheckBox()
    if info.kind is int:
        return whole(info.low, info.high, info.step)
    if info.kind is float:
        return decimal(info.low, info.high, info.step, _decimals(info))
    return QLineEdit()


def _decimals(info: ParamInfo) -> int:
    smallest = min(x for x in (info.step or 0.1, abs(float(info.default)) or 1.0) if x > 0)
    text = f"{smallest:.6f}".rstrip("0")
    return max(1, len(text.partition(".")[2]))


def _fits(info: ParamInfo, value: object) -> bool:
    if info.kind in (int, float):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, info.kind) and (not info.choices or value in info.choices)
