"""What a search varies: one line per parameter with start, step and stop, as in MetaTrader's tester."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QSpinBox,
    QWidget,
)

from ...backtest.search.space import ATR_PERIOD, LOTS, RISK, SL, TP, Axis, size_of, steps
from ...domain.errors import UserMistake
from ...domain.params import infos
from ...domain.sizing import StopUnit
from ...strategies import registry
from ...workers.backtest_job import Choices
from ..dialogs.fields import decimal, whole
from ..words import Words

Box = QSpinBox | QDoubleSpinBox
_BOX_WIDTH = 68


@dataclass
class _Line:
    """One row of the grid; a yes/no or a choice has no boxes and takes `words`."""

    name: str
    check: QCheckBox
    parts: list[QWidget]
    boxes: tuple[Box, Box, Box] | None
    words: tuple[bool | str, ...] = ()


class SearchRanges(QWidget):
    """`axes()` gives what is ticked; `changed` follows every edit."""

    changed = Signal()

    def __init__(self, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = words
        self._shape: tuple[object, ...] = ()
        self.lines: dict[str, _Line] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(6)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        for column, text in enumerate(("Vary", "Start", "Step", "Stop")):
            head = QLabel()
            head.setProperty("role", "muted")
            words.bind(head, text)
            self._grid.addWidget(head, 0, column)

    def show_choices(self, choices: Choices) -> None:
        """Offer what these inputs have to vary; what was entered stays while the strategy and its units stay."""
        units = (str(choices.sl.unit), str(choices.tp.unit), choices.sizing.lots is None)
        shape = (choices.strategy, *units)
        if shape == self._shape:
            return
        self._shape = shape
        self._clear()
        for info in infos(registry.get(choices.strategy).Params):
            values = info.candidates
            if info.kind in (bool, str):
                if len(values) > 1:
                    self._add(
                        info.name,
                        info.label,
                        None,
                        tuple(each for each in values if isinstance(each, bool | str)),
                    )
                continue
            now = float(choices.params.get(info.name, info.default))  # type: ignore[arg-type]
            if info.search is not None:
                low, high, step = info.search
            else:
                low, high, step = around(now, is_whole=info.kind is int, least=info.low, most=info.high)
            self._add(info.name, info.label, (low, step, high), is_whole=info.kind is int)
        if choices.sl.unit is not StopUnit.NONE:
            self._add(SL, "Stop loss", (choices.sl.value / 2, choices.sl.value / 4, choices.sl.value * 2))
        if choices.tp.unit is not StopUnit.NONE:
            self._add(TP, "Take profit", (choices.tp.value / 2, choices.tp.value / 4, choices.tp.value * 2))
        if choices.sizing.lots is not None:
            self._add(LOTS, "Lots", (choices.sizing.lots, choices.sizing.lots, choices.sizing.lots * 5))
        elif choices.sizing.risk_percent is not None:
            self._add(RISK, "Risk %", (0.5, 0.5, 2.0))
        self._add(ATR_PERIOD, "ATR bars", (7, 7, 28), is_whole=True)
        for line in list(self.lines.values())[:2]:
            line.check.setChecked(line.boxes is not None)
        self.changed.emit()

    def set_range(self, name: str, start: float, step: float, stop: float) -> None:
        """Tick a line and enter its range."""
        line = self.lines[name]
        assert line.boxes is not None
        for box, value in zip(line.boxes, (start, step, stop), strict=True):
            _put(box, value)
        line.check.setChecked(True)

    def axes(self) -> tuple[Axis, ...]:
        """What is ticked. Raises UserMistake for a range without values."""
        found = []
        for line in self.lines.values():
            if not line.check.isChecked():
                continue
            if line.boxes is None:
                found.append(Axis(line.name, line.words))
            else:
                start, step, stop = (Decimal(str(round(box.value(), 6))) for box in line.boxes)
                found.append(Axis(line.name, steps(start, stop, step, text=line.name)))
        return tuple(found)

    def count(self) -> int:
        """How many combinations are ticked; 0 where a range has no values or nothing is ticked."""
        try:
            axes = self.axes()
        except UserMistake:
            return 0
        return size_of(axes) if axes else 0

    def _add(
        self, name: str, label: str, values: tuple[float, float, float] | None, words: tuple[bool | str, ...] = (),
        *, is_whole: bool = False,
    ) -> None:  # fmt: skip
        row = len(self.lines) + 1
        check = QCheckBox()
        self._words.bind(check, label)
        self._words.name(check, label)
        check.toggled.connect(self.changed)
        self._grid.addWidget(check, row, 0)
        parts: list[QWidget] = [check]
        boxes = None
        if values is not None:
            made = tuple(whole(0, None, 1) if is_whole else decimal(0, None, 0.5, 2) for _ in values)
            for column, (box, value) in enumerate(zip(made, values, strict=True), start=1):
                _put(box, value)
                box.setFixedWidth(_BOX_WIDTH)
                box.setAccessibleName(f"{label} {('start', 'step', 'stop')[column - 1]}")
                box.valueChanged.connect(self.changed)
                self._grid.addWidget(box, row, column)
                parts.append(box)
            boxes = (made[0], made[1], made[2])
        else:
            note = QLabel(", ".join(map(str, words)))
            self._grid.addWidget(note, row, 1, 1, 3, Qt.AlignmentFlag.AlignLeft)
            parts.append(note)
        self.lines[name] = _Line(name, check, parts, boxes, words)

    def _clear(self) -> None:
        for line in self.lines.values():
            for part in line.parts:
                self._grid.removeWidget(part)
                part.deleteLater()
        self.lines = {}


def _put(box: Box, value: float) -> None:
    if isinstance(box, QSpinBox):
        box.setValue(int(value))
    else:
        box.setValue(value)


def around(
    now: float, *, is_whole: bool, least: float | None, most: float | None
) -> tuple[float, float, float]:
    """Low, high and step of a range about the present value, inside the bounds."""
    low, high = now / 2, now * 2
    low = max(low, least) if least is not None else low
    high = min(high, most) if most is not None else high
    if is_whole:
        low, high = float(int(low)), float(max(int(high), int(low) + 1))
        return low, high, float(max(1, round((high - low) / 6)))
    return low, high, max((high - low) / 6, 0.001)
