"""Presets and advice above a strategy's parameters: one click fills the form, one sentence says what suits it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...strategies.contract import Guidance, Preset
from ..words import Words

_OWN, _DEFAULTS = "Own values", "Defaults"


class PresetChoice(QWidget):
    """`chosen` gives the values to fill in; `show_for` tells which preset the form's values are, if any."""

    chosen = Signal(dict)

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._defaults: dict[str, object] = {}
        self._presets: tuple[Preset, ...] = ()
        self._guidance: Guidance | None = None
        self.advice = QLabel(wordWrap=True)
        self.advice.setProperty("role", "muted")
        self.advice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.box = QComboBox()
        label = words.bind(QLabel(), "Preset")
        label.setBuddy(self.box)
        words.name(self.box, "Preset", tooltip="Fills the parameters below with one click.")
        self.help = QLabel(wordWrap=True)
        self.help.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.box, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        column.addWidget(self.advice)
        column.addLayout(row)
        column.addWidget(self.help)
        self.box.activated.connect(self._activated)
        words.changed.connect(self._reword)

    def offer(
        self, defaults: Mapping[str, object], presets: tuple[Preset, ...], guidance: Guidance | None
    ) -> None:
        """Offer the presets of one strategy; `defaults` are all of its parameters."""
        self._defaults, self._presets, self._guidance = dict(defaults), presets, guidance
        self._reword()

    def show_for(self, values: Mapping[str, Any]) -> None:
        """Show which preset `values` are."""
        at = 0
        for number, preset in enumerate(self._offered(), start=1):
            if {**self._defaults, **preset} == dict(values):
                at = number
                break
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(at)
        self._show_help()

    def _offered(self) -> list[Mapping[str, object]]:
        return [{}, *(preset.values for preset in self._presets)]

    @Slot(int)
    def _activated(self, at: int) -> None:
        self._show_help()
        if at > 0:
            self.chosen.emit({**self._defaults, **self._offered()[at - 1]})

    @Slot()
    def _reword(self) -> None:
        t, at = self._words.t, max(self.box.currentIndex(), 0)
        with QSignalBlocker(self.box):
            self.box.clear()
            self.box.addItems([t(_OWN), t(_DEFAULTS), *(t(preset.title) for preset in self._presets)])
            self.box.setCurrentIndex(min(at, self.box.count() - 1))
        self._show_help()
        guidance = self._guidance
        lines = []
        if guidance is not None and guidance.market:
            lines.append(f"{t(str(guidance.difficulty))}. {t(guidance.market)}")
            if guidance.source:
                lines.append(t("After: {source}.", source=guidance.source))
        self.advice.setText("\n".join(lines))
        self.advice.setVisible(bool(lines))

    def _show_help(self) -> None:
        at = self.box.currentIndex() - 2
        text = self._words.t(self._presets[at].help) if 0 <= at < len(self._presets) else ""
        self.help.setText(text)
        self.help.setVisible(bool(text))
