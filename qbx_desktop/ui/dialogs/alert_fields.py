"""The fields of an alert's form: which there are, which of them its kind needs, and the values they make."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from PySide6.QtCore import QDateTime, QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateTimeEdit, QLineEdit

from ...domain.alert_json import MOST_MINUTES, MOST_PAUSE, MOST_TIMES
from ...domain.alerts import (
    BarShows,
    Condition,
    Is,
    MovesPercent,
    Often,
    PriceReaches,
    Schedule,
    Since,
    SpreadReaches,
    Value,
    Way,
    way_to,
)
from ...domain.timeframe import Timeframe
from ..words import Words
from .fields import Field, decimal, whole
from .value_field import ValueField

PRICE, PERCENT, SPREAD, BAR = "price", "percent", "spread", "bar"
_AUTO = "auto"
_KINDS = {
    PRICE: "Price", PERCENT: "Move in percent", SPREAD: "Spread", BAR: "Indicator when a bar closes",
}  # fmt: skip
_PRICE_WAYS = {
    _AUTO: "From where it stands now", Way.UP.value: "Rises to", Way.DOWN.value: "Falls to", Way.EITHER.value: "From either side",
}  # fmt: skip
_PERCENT_WAYS = {Way.EITHER.value: "Up or down", Way.UP.value: "Up", Way.DOWN.value: "Down"}
_SPREAD_WAYS = {Way.UP.value: "Rises to", Way.DOWN.value: "Falls to"}
_SINCE = {
    Since.DAY.value: "The close of the day before", Since.PRICE.value: "A price", Since.MINUTES.value: "The last minutes",
}  # fmt: skip
_RELATIONS = {
    Is.ABOVE.value: "is above", Is.BELOW.value: "is below", Is.CROSSES_UP.value: "crosses up",
    Is.CROSSES_DOWN.value: "crosses down",
}  # fmt: skip
_OFTEN = {Often.ONCE.value: "Once", Often.PER_BAR.value: "Once per bar", Often.EACH.value: "Every time"}
_CHOICES = {
    "kind": _KINDS, "price_way": _PRICE_WAYS, "percent_way": _PERCENT_WAYS, "since": _SINCE, "spread_way": _SPREAD_WAYS,
    "relation": _RELATIONS, "often": _OFTEN,
}  # fmt: skip
_OF = {
    "price_way": {PRICE}, "level": {PRICE}, "percent_way": {PERCENT}, "percent": {PERCENT}, "since": {PERCENT},
    "spread_way": {SPREAD}, "points": {SPREAD}, "timeframe": {BAR}, "left": {BAR}, "relation": {BAR}, "right": {BAR},
}  # fmt: skip


class MomentField(Field):
    """A local date and time; `value()` is UTC milliseconds."""

    def value(self) -> int:
        """What is entered, UTC milliseconds."""
        assert isinstance(self.editor, QDateTimeEdit)
        return int(self.editor.dateTime().toMSecsSinceEpoch())

    def set_value(self, value: object) -> None:
        """Show UTC milliseconds in local time."""
        assert isinstance(self.editor, QDateTimeEdit)
        assert isinstance(value, int)
        with QSignalBlocker(self.editor):
            self.editor.setDateTime(QDateTime.fromMSecsSinceEpoch(value))

    def _connect(self) -> None:
        assert isinstance(self.editor, QDateTimeEdit)
        self.editor.dateTimeChanged.connect(self.changed)


class AlertFields:
    """`by_name` in the order of the form; `show_needed` hides what the kind and the choices do not need."""

    def __init__(self, words: Words, symbol: QComboBox) -> None:
        frames = {each.name: each.name for each in Timeframe}
        ends = QDateTimeEdit()
        ends.setCalendarPopup(True)
        ends.setDisplayFormat("yyyy-MM-dd HH:mm")
        most = whole(0, MOST_TIMES, 1)
        words.bind(most, "No limit", setter="setSpecialValueText")
        pause = whole(0, MOST_PAUSE, 10)
        pause.setSuffix(" s")
        self.by_name: dict[str, Field] = {
            "symbol": Field(words, "Symbol", symbol, "As your broker calls it"),
            "kind": Field(words, "What to watch", _choice(_KINDS)),
            "price_way": Field(words, "The bid", _choice(_PRICE_WAYS)),
            "level": Field(words, "Alert price", QLineEdit()),
            "percent_way": Field(words, "Direction", _choice(_PERCENT_WAYS)),
            "percent": Field(words, "Percent", decimal(0.01, 1000, 0.1)),
            "since": Field(words, "Measured from", _choice(_SINCE)),
            "base": Field(words, "Price", QLineEdit()),
            "minutes": Field(words, "Minutes", whole(1, MOST_MINUTES, 1)),
            "spread_way": Field(words, "The spread", _choice(_SPREAD_WAYS)),
            "points": Field(words, "Points", whole(1, 1_000_000, 1)),
            "timeframe": Field(words, "Timeframe", _choice(frames)),
            "left": ValueField(words, "This value", with_number=False),
            "relation": Field(words, "Compared", _choice(_RELATIONS)),
            "right": ValueField(words, "With", with_number=True),
            "often": Field(words, "How often", _choice(_OFTEN)),
            "bars": Field(words, "Of the bars of", _choice(frames)),
            "most": Field(words, "At most", most, "0 for no limit"),
            "pause": Field(words, "Pause after it has fired", pause, "What happens within the pause is passed over"),
            "ends": Field(words, "Has an end", QCheckBox()),
            "until": MomentField(words, "Until", ends),
            "note": Field(words, "Note", QLineEdit()),
        }  # fmt: skip
        self["percent"].set_value(1.0)
        self["minutes"].set_value(60)
        self["points"].set_value(30)
        for name in ("timeframe", "bars"):
            self[name].set_value("H1")
        self["left"].set_value(Value("rsi", (14,)))
        self["relation"].set_value(Is.BELOW.value)
        self["right"].set_value(Value("number", (30,)))
        self._words = words
        self.reword()
        self.show_needed()

    def reword(self) -> None:
        """Say the choices in the language of now."""
        for name, texts in _CHOICES.items():
            box = self[name].editor
            assert isinstance(box, QComboBox)
            for at, text in enumerate(texts.values()):
                box.setItemText(at, self._words.t(text))

    def __getitem__(self, name: str) -> Field:
        return self.by_name[name]

    def show_needed(self) -> None:
        """Show the fields that the choices need, hide the others."""
        kind = self["kind"].value()
        for name, kinds in _OF.items():
            self[name].show(kind in kinds)
        since = self["since"].value()
        self["base"].show(kind == PERCENT and since == Since.PRICE)
        self["minutes"].show(kind == PERCENT and since == Since.MINUTES)
        repeats = self["often"].value() != Often.ONCE
        self["bars"].show(kind != BAR and self["often"].value() == Often.PER_BAR)
        self["most"].show(repeats)
        self["pause"].show(repeats)
        self["until"].show(bool(self["ends"].value()))

    def condition(self, price: float | None) -> Condition:
        """The condition entered; `price` is the bid now, if known."""
        kind = self["kind"].value()
        if kind == PRICE:
            level, way = self._number("level"), str(self["price_way"].value())
            if way == _AUTO:
                return PriceReaches(level, Way.EITHER if price is None else way_to(level, price))
            return PriceReaches(level, Way(way))
        if kind == PERCENT:
            since = Since(self["since"].value())
            bases: Mapping[Since, Callable[[], float]] = {
                Since.DAY: lambda: 0.0, Since.PRICE: lambda: self._number("base"),
                Since.MINUTES: lambda: float(self["minutes"].value()),
            }  # fmt: skip
            way = Way(self["percent_way"].value())
            return MovesPercent(round(self["percent"].value(), 2), way, since, bases[since]())
        if kind == SPREAD:
            return SpreadReaches(int(self["points"].value()), Way(self["spread_way"].value()))
        return BarShows(
            Timeframe[str(self["timeframe"].value())], self["left"].value(), Is(self["relation"].value()),
            self["right"].value(),
        )  # fmt: skip

    def schedule(self) -> Schedule:
        """The schedule entered."""
        often = Often(self["often"].value())
        is_bar = self["kind"].value() == BAR
        frame = Timeframe[str(self["bars"].value())] if often is Often.PER_BAR and not is_bar else None
        if is_bar and often is Often.EACH:
            often = Often.PER_BAR
        repeats = often is not Often.ONCE
        return Schedule(
            often, frame, int(self["most"].value()) if repeats else 0, int(self["pause"].value()) if repeats else 0,
            self["until"].value() if self["ends"].value() else None,
        )  # fmt: skip

    def show_alert(self, condition: Condition, schedule: Schedule, digits: int) -> None:
        """Fill the fields with an alert."""
        match condition:
            case PriceReaches(level, way):
                self._fill(kind=PRICE, price_way=way.value, level=f"{level:.{digits}f}")
            case MovesPercent(percent, way, since, base):
                self._fill(kind=PERCENT, percent_way=way.value, percent=percent, since=since.value)
                if since is Since.PRICE:
                    self._fill(base=f"{base:.{digits}f}")
                elif since is Since.MINUTES:
                    self._fill(minutes=int(base))
            case SpreadReaches(points, way):
                self._fill(kind=SPREAD, spread_way=way.value, points=points)
            case BarShows(timeframe, left, relation, right):
                self._fill(
                    kind=BAR, timeframe=timeframe.name, left=left, relation=relation.value, right=right
                )
        self._fill(often=schedule.often.value, most=schedule.most, pause=schedule.pause)
        if schedule.timeframe:
            self._fill(bars=schedule.timeframe.name)
        if schedule.expires_ms is not None:
            self._fill(ends=True, until=schedule.expires_ms)
        self.show_needed()

    def _fill(self, **values: object) -> None:
        for name, value in values.items():
            self[name].set_value(value)

    def _number(self, name: str) -> float:
        """What stands in the field; NaN, which no rule allows, for what is no number."""
        try:
            return float(str(self[name].value()).strip().replace(",", "."))
        except ValueError:
            return math.nan


def _choice(texts: Mapping[str, str]) -> QComboBox:
    box = QComboBox()
    for value, text in texts.items():
        box.addItem(text, value)
    return box
