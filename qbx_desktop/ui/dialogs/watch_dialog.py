"""Adds a symbol to the watchlist or changes its alert and note; says in words when the alert will ring."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QCompleter,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ...domain.alerts import Way, way_to
from ..words import Words
from .fields import Field


@dataclass(frozen=True)
class WatchChoice:
    """What was entered. `direction` is None while the price is not known; `alert_price` None is no alert."""

    symbol: str
    notes: str
    alert_price: float | None
    direction: Way | None
    price: float | None


class WatchDialog(QDialog):
    """`choice()` is valid after the dialog was accepted. `price_of` gives a symbol's bid, None while unknown."""

    def __init__(
        self,
        words: Words,
        symbols: Sequence[str],
        price_of: Callable[[str], float | None],
        *,
        symbol: str = "",
        notes: str = "",
        alert_price: float | None = None,
        digits: int = 5,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words, self._symbols, self._price_of = words, list(symbols), price_of
        self._digits = digits
        self._is_new = not symbol
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        box.setEnabled(self._is_new)
        self.symbol = Field(words, "Symbol", box, "As your broker calls it")
        self.set_symbols(symbols)
        box.setEditText(symbol)
        self.alert = Field(words, "Alert price", QLineEdit(), "Empty for no alert")
        self.alert.set_value("" if alert_price is None else f"{alert_price:.{digits}f}")
        self.note = Field(words, "Note", QLineEdit())
        self.note.set_value(notes)
        self.meaning = QLabel()
        self.meaning.setWordWrap(True)
        self.meaning.setProperty("role", "muted")
        self.buttons = QDialogButtonBox()
        self.ok = QPushButton()
        self.ok.setProperty("primary", True)
        words.bind(self.ok, "Add" if self._is_new else "Save")
        words.name(self.ok, "Add" if self._is_new else "Save")
        self.no = QPushButton()
        words.bind(self.no, "Cancel")
        words.name(self.no, "Cancel")
        self.buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(self.no, QDialogButtonBox.ButtonRole.RejectRole)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        words.bind(self, "Add symbol" if self._is_new else "Alert and note", setter="setWindowTitle")
        grid = QGridLayout()
        for at, field in enumerate((self.symbol, self.alert, self.note)):
            field.place(grid, 2 * at)
            field.changed.connect(self._explain)
        layout = QVBoxLayout(self)
        layout.addLayout(grid)
        layout.addWidget(self.meaning)
        layout.addStretch(1)
        layout.addWidget(self.buttons)
        self.setMinimumWidth(420)
        (self.symbol if self._is_new else self.alert).editor.setFocus()
        self._explain()

    def set_symbols(self, symbols: Sequence[str]) -> None:
        """Offer these names, completed while typing; what was typed stays."""
        self._symbols = list(symbols)
        box = self.symbol.editor
        assert isinstance(box, QComboBox)
        typed = box.currentText()
        box.clear()
        box.addItems(self._symbols)
        completer = QCompleter(self._symbols, box)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        box.setCompleter(completer)
        box.setEditText(typed)

    def choice(self) -> WatchChoice:
        """What was entered, symbol spelt as the terminal spells it. Raises ValueError naming the wrong field."""
        symbol = self._spelt(str(self.symbol.value()).strip())
        if not symbol:
            raise ValueError("symbol")
        text = str(self.alert.value()).strip().replace(",", ".")
        alert = None
        if text:
            try:
                alert = float(text)
            except ValueError:
                raise ValueError("alert") from None
            if not 0 < alert < 1e9:
                raise ValueError("alert")
        price = self._price_of(symbol)
        direction = None if alert is None or price is None else way_to(alert, price)
        return WatchChoice(symbol, str(self.note.value()).strip(), alert, direction, price)

    def _spelt(self, typed: str) -> str:
        if not self._symbols or not self._is_new or typed in self._symbols:
            return typed
        same = [each for each in self._symbols if each.casefold() == typed.casefold()]
        return same[0] if same else ""

    @Slot()
    def _accept(self) -> None:
        self.symbol.set_error("")
        self.alert.set_error("")
        try:
            self.choice()
        except ValueError as error:
            field = self.symbol if str(error) == "symbol" else self.alert
            field.set_error(
                self._symbol_error()
                if field is self.symbol
                else self._words.t("A price above 0, such as 1.10500.")
            )
            field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.accept()

    def _symbol_error(self) -> str:
        typed = str(self.symbol.value()).strip()
        if not typed:
            return self._words.t("Choose a symbol.")
        near = difflib.get_close_matches(typed.upper(), self._symbols, n=1, cutoff=0.5)
        if near:
            return self._words.t(
                "This broker has no {symbol}. Did you mean {near}?", symbol=typed, near=near[0]
            )
        return self._words.t("This broker has no {symbol}.", symbol=typed)

    @Slot()
    def _explain(self) -> None:
        try:
            choice = self.choice()
        except ValueError:
            self.meaning.setText("")
            return
        t, price = self._words.t, f"{choice.alert_price or 0:.{self._digits}f}"
        if choice.alert_price is None:
            text = t("No alert.")
        elif choice.direction is None:
            text = t("Tells you once when the bid reaches {price}. It sends no orders.", price=price)
        else:
            now = f"{choice.price:.{self._digits}f}"
            up = choice.direction is Way.UP
            text = t(
                "Tells you once when the bid crosses up {price} (now {now}). It sends no orders."
                if up
                else "Tells you once when the bid crosses down {price} (now {now}). It sends no orders.",
                price=price, now=now,
            )  # fmt: skip
        self.meaning.setText(text)
