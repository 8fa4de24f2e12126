"""Sets or changes one alert; says in words, while it is entered, when it will fire."""

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
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ...domain.alert_json import check_condition, check_schedule
from ...domain.alerts import Condition, PriceReaches, Schedule, WatchAlert, Way
from ...domain.params import ParamError
from ..alert_words import often_text, when_text
from ..words import Words
from .alert_fields import AlertFields
from .fields import ignore_wheel

_DAY_MS = 86_400_000


@dataclass(frozen=True)
class AlertChoice:
    """What was entered."""

    symbol: str
    condition: Condition
    schedule: Schedule
    notes: str


class AlertDialog(QDialog):
    """`choice()` is valid after the dialog was accepted. `price_of` a symbol is its bid, None while unknown; `alert` is
    the one to change, else a new one on `symbol` at `price` is begun. `now_ms` UTC."""

    def __init__(
        self,
        words: Words,
        symbols: Sequence[str],
        price_of: Callable[[str], float | None],
        digits_of: Callable[[str], int],
        now_ms: Callable[[], int],
        *,
        symbol: str = "",
        price: float | None = None,
        alert: WatchAlert | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._words, self._price_of, self._digits_of, self._now_ms = words, price_of, digits_of, now_ms
        self._symbols = list(symbols)
        box = QComboBox()
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        ignore_wheel(box)
        self.fields = AlertFields(words, box)
        self.set_symbols(symbols)
        symbol = alert.symbol if alert else symbol
        box.setEditText(symbol)
        box.setEnabled(not symbol)
        self.fields["until"].set_value(now_ms() + _DAY_MS)
        if alert is not None and alert.condition is not None:
            self.fields.show_alert(alert.condition, alert.schedule, digits_of(symbol))
            self.fields["note"].set_value(alert.notes)
        elif price is not None:
            self.fields["level"].set_value(f"{price:.{digits_of(symbol)}f}")
            self.fields["base"].set_value(f"{price:.{digits_of(symbol)}f}")
        self.meaning = words.name(QLabel(wordWrap=True), "What the alert does")
        self.meaning.setProperty("role", "muted")
        buttons = QDialogButtonBox()
        self.ok, no = (words.name(words.bind(QPushButton(), text), text) for text in ("Save", "Cancel"))
        self.ok.setProperty("primary", True)
        buttons.addButton(self.ok, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(no, QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.reject)
        words.bind(self, "Change alert" if alert else "Set alert", setter="setWindowTitle")
        grid = QGridLayout()
        for at, field in enumerate(self.fields.by_name.values()):
            field.place(grid, 2 * at)
            field.changed.connect(self._changed)
        grid.setColumnStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(grid)
        layout.addWidget(self.meaning)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(560)
        self.fields["level" if symbol else "symbol"].editor.setFocus()
        words.changed.connect(self._reword)
        self._changed()

    def set_symbols(self, symbols: Sequence[str]) -> None:
        """Offer these names, completed while typing; what was typed stays."""
        self._symbols = list(symbols)
        box = self.fields["symbol"].editor
        assert isinstance(box, QComboBox)
        typed = box.currentText()
        box.clear()
        box.addItems(self._symbols)
        completer = QCompleter(self._symbols, box)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        box.setCompleter(completer)
        box.setEditText(typed)

    def choice(self) -> AlertChoice:
        """What was entered. Raises ParamError naming the field."""
        symbol = self._symbol()
        condition = self.fields.condition(self._price_of(symbol))
        schedule = self.fields.schedule()
        check_condition(condition)
        check_schedule(schedule, condition)
        if schedule.expires_ms is not None and schedule.expires_ms <= self._now_ms():
            raise ParamError("until", self._words.t("The end must lie in the future."))
        return AlertChoice(symbol, condition, schedule, str(self.fields["note"].value()).strip())

    def _symbol(self) -> str:
        box, t = self.fields["symbol"], self._words.t
        typed = str(box.value()).strip()
        if not typed:
            raise ParamError("symbol", t("Choose a symbol."))
        if not self._symbols or not box.editor.isEnabled() or typed in self._symbols:
            return typed
        same = [each for each in self._symbols if each.casefold() == typed.casefold()]
        if same:
            return same[0]
        near = difflib.get_close_matches(typed.upper(), self._symbols, n=1, cutoff=0.5)
        if near:
            raise ParamError(
                "symbol", t("This broker has no {symbol}. Did you mean {near}?", symbol=typed, near=near[0])
            )
        raise ParamError("symbol", t("This broker has no {symbol}.", symbol=typed))

    @Slot()
    def _changed(self) -> None:
        self.fields.show_needed()
        self._explain()
        if self.isVisible():
            self.adjustSize()

    @Slot()
    def _accept(self) -> None:
        self._explain()
        try:
            self.choice()
        except ParamError as error:
            field = self.fields[self._shown(error.field)]
            field.set_error(self._words.say(error.message))
            field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.accept()

    def _explain(self) -> None:
        for field in self.fields.by_name.values():
            field.set_error("")
        try:
            choice = self.choice()
        except ParamError as error:
            self._mean(self._words.say(error.message), "error")
            return
        t, price = self._words.t, self._price_of(choice.symbol)
        digits = self._digits_of(choice.symbol)
        text = t(
            "This alert fires when {when}.",
            when=when_text(self._words, choice.symbol, choice.condition, digits),
        )
        text += " " + often_text(self._words, choice.schedule, choice.condition)
        if price is not None:
            text += " " + t("The bid is {price} now.", price=f"{price:.{digits}f}")
            if _is_beyond(choice.condition, price):
                text += " " + t("It is past that line already: it has to come back over it first.")
        self._mean(text + " " + t("It sends no orders."), "muted")

    def _mean(self, text: str, role: str) -> None:
        self.meaning.setText(text)
        if self.meaning.property("role") != role:
            self.meaning.setProperty("role", role)
            self.meaning.style().unpolish(self.meaning)
            self.meaning.style().polish(self.meaning)

    def _shown(self, field: str) -> str:
        """The field on the form that a rule's field is entered in."""
        if field == "base":
            return "base" if not self.fields["base"].editor.isHidden() else "minutes"
        return "bars" if field == "timeframe" else field

    @Slot()
    def _reword(self) -> None:
        self.fields.reword()
        self._explain()


def _is_beyond(condition: Condition, price: float) -> bool:
    """Whether the price stands on the far side of the line, so that it cannot be reached from the near one."""
    match condition:
        case PriceReaches(level, Way.UP):
            return price >= level
        case PriceReaches(level, Way.DOWN):
            return price <= level
    return False
