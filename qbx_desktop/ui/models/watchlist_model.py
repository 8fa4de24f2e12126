"""The watchlist with live prices: a tick changes the rows of its symbol and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Slot
from PySide6.QtGui import QColor

from ...data.watchlist import WatchlistEntry
from ...domain.alerts import PriceReaches, WatchAlert, Way
from ...domain.events import TickArrived
from ...domain.messages import Message
from ...domain.quotes import DayPrices, NoPrices
from .. import figures
from ..alert_words import state_text, when_text
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel

STALE_AFTER = 15.0  # seconds without a new price
FLASH_MS = 300
SPARK_ROLE = int(Qt.ItemDataRole.UserRole) + 2
SPARK_COLUMN = 5
_BACKGROUND = int(Qt.ItemDataRole.BackgroundRole)
_PRICE_COLUMNS = frozenset({1, 2})
_GREYED_COLUMNS = range(1, 6)


@dataclass(frozen=True)
class WatchRow:
    """One entry with what is known of its symbol. `seen_at` is the monotonic time the price last changed."""

    entry: WatchlistEntry
    tick: TickArrived | None = None
    day: DayPrices | None = None
    problem: Message | None = None
    seen_at: float = 0.0
    moved: int = 0

    @property
    def change(self) -> float | None:
        """Percent since the close of the day before."""
        if self.tick is None or self.day is None or self.day.previous_close <= 0:
            return None
        return 100.0 * (self.tick.tick.bid / self.day.previous_close - 1.0)


class WatchlistModel(RowsModel):
    """Lives in the GUI thread; `now` is the monotonic clock, `flashes` says whether prices may flash."""

    def __init__(
        self,
        words: Words,
        theme: Theme,
        now: Callable[[], float],
        flashes: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        columns = (
            Column("Symbol", lambda row: row.entry.symbol, sort=lambda row: row.entry.symbol, tooltip=self._problem),
            Column("Bid", lambda row: _price(row, "bid"), sort=lambda row: _value(row, "bid"), align=RIGHT),
            Column("Ask", lambda row: _price(row, "ask"), sort=lambda row: _value(row, "ask"), align=RIGHT),
            Column("Spread (points)", _spread, sort=lambda row: row.tick.spread_points if row.tick else -1, align=RIGHT),
            Column("Change", self._change, sort=_change_sort, align=RIGHT, colour=_change_colour),
            Column("Today", lambda _: "", accessible=self._today),
            Column("Alert", self._alert, sort=self._alert, tooltip=self._alert_tip),
            Column("Note", lambda row: row.entry.notes or "", sort=lambda row: row.entry.notes or ""),
            Column("Price", self._age_text, sort=self.age, colour=self._age_colour),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.entry.id, parent=parent)
        self._now, self._flashes = now, flashes
        # The alerts of a line of the list; whoever shows the column gives them.
        self.alerts_of: Callable[[int], list[WatchAlert]] = lambda entry_id: []
        self._entries: tuple[WatchlistEntry, ...] = ()
        self._needle = ""
        self._lit: set[int] = set()
        self._out = QTimer(self)
        self._out.setSingleShot(True)
        self._out.setInterval(FLASH_MS)
        self._out.timeout.connect(self._put_out)
        self._ageing = QTimer(self)
        self._ageing.setInterval(1000)
        self._ageing.timeout.connect(self.show_ages)
        self._ageing.start()

    @property
    def total(self) -> int:
        """How many entries there are, shown or filtered away."""
        return len(self._entries)

    @property
    def symbols(self) -> frozenset[str]:
        """All symbols on the list, shown or not."""
        return frozenset(each.symbol for each in self._entries)

    def set_entries(self, entries: Sequence[WatchlistEntry]) -> None:
        """Show these entries; what is known of their prices stays."""
        self._entries = tuple(entries)
        self._show()

    def set_filter(self, text: str) -> None:
        """Show only entries whose symbol or note contains `text`."""
        self._needle = text.strip().casefold()
        self._show()

    def hear(self, event: object) -> None:
        """Take over a price, a day or the lack of prices."""
        if isinstance(event, TickArrived):
            self._tick(event)
        elif isinstance(event, DayPrices):
            self._update(event.symbol, lambda row: replace(row, day=event))
        elif isinstance(event, NoPrices):
            self._update(event.symbol, lambda row: replace(row, problem=event.reason))

    def age(self, row: WatchRow) -> float:
        """Seconds since the price last changed, infinite while there was none."""
        return math.inf if row.tick is None else max(0.0, self._now() - row.seen_at)

    def is_stale(self, row: WatchRow) -> bool:
        """Whether the price shown is old or missing."""
        return row.problem is not None or self.age(row) >= STALE_AFTER

    def price_of(self, symbol: str) -> float | None:
        """The last bid of a symbol on the list."""
        row = next((each for each in self._rows if each.entry.symbol == symbol and each.tick), None)
        return None if row is None else row.tick.tick.bid

    def digits_of(self, symbol: str) -> int:
        """Digits of a symbol on the list, 5 while unknown."""
        row = next((each for each in self._rows if each.entry.symbol == symbol and each.tick), None)
        return 5 if row is None else row.tick.digits

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = int(Qt.ItemDataRole.DisplayRole)
    ) -> Any:
        role = int(role)
        if role == SPARK_ROLE:
            row = self.row_at(index.row())
            return None if row is None else _day_until_now(row)
        if role == _BACKGROUND:
            return self._background(index)
        if role == int(Qt.ItemDataRole.ForegroundRole) and index.column() in _GREYED_COLUMNS:
            row = self.row_at(index.row())
            if row is not None and self.is_stale(row):
                return self._colour("muted")
        return super().data(index, role)

    @Slot()
    def show_ages(self) -> None:
        """Bring the ages up to date: only rows whose price has become old change."""
        for at, row in enumerate(self._rows):
            if self.is_stale(row):
                self._changed(at)

    def _show(self) -> None:
        known = {row.entry.symbol: row for row in self._rows}
        rows = []
        for entry in self._entries:
            if self._needle and self._needle not in f"{entry.symbol} {entry.notes or ''}".casefold():
                continue
            before = known.get(entry.symbol)
            rows.append(WatchRow(entry) if before is None else replace(before, entry=entry))
        self.set_rows(rows)

    def _tick(self, event: TickArrived) -> None:
        seen_at = self._now() - event.age

        def changed(row: WatchRow) -> WatchRow:
            before = row.tick.tick.bid if row.tick else event.tick.bid
            moved = (event.tick.bid > before) - (event.tick.bid < before)
            return replace(row, tick=event, problem=None, seen_at=seen_at, moved=moved)

        self._update(event.symbol, changed)

    def _update(self, symbol: str, change: Callable[[WatchRow], WatchRow]) -> None:
        for at, row in enumerate(self._rows):
            if row.entry.symbol == symbol:
                self._rows[at] = change(row)
                if self._rows[at].moved and self._rows[at].tick is not row.tick and self._flashes():
                    self._lit.add(row.entry.id)
                    if not self._out.isActive():
                        self._out.start()
                self._changed(at)

    def _changed(self, at: int) -> None:
        self.dataChanged.emit(self.index(at, 0), self.index(at, len(self.columns) - 1))

    @Slot()
    def _put_out(self) -> None:
        lit, self._lit = self._lit, set()
        for at, row in enumerate(self._rows):
            if row.entry.id in lit:
                self._changed(at)

    def _background(self, index: QModelIndex | QPersistentModelIndex) -> QColor | None:
        row = self.row_at(index.row())
        if row is None or row.entry.id not in self._lit or index.column() not in _PRICE_COLUMNS:
            return None
        colour = QColor(self._colour("up" if row.moved > 0 else "down"))
        colour.setAlpha(70)
        return colour

    def _problem(self, row: WatchRow) -> str:
        return "" if row.problem is None else self.words.say(row.problem)

    def _change(self, row: WatchRow) -> str:
        if row.change is None:
            return figures.NOTHING
        shown = round(row.change, 2)
        sign = (shown > 0) - (shown < 0)
        text = figures.percent(row.change, 2, self.words.language, with_sign=True)
        return f"{figures.arrow(sign)} {text}".strip()

    def _today(self, row: WatchRow) -> str:
        if row.day is None or not row.day.closes:
            return ""
        low, high = (f"{each:g}" for each in (min(row.day.closes), max(row.day.closes)))
        return self.words.t("between {low} and {high} today", low=low, high=high)

    def _alert(self, row: WatchRow) -> str:
        alerts, t = self.alerts_of(row.entry.id), self.words.t
        waiting = [each for each in alerts if each.state.armed]
        if len(waiting) > 1:
            return t("{n} alerts", n=len(waiting))
        if not alerts:
            return figures.NOTHING
        alert = (waiting or alerts)[-1]
        digits = row.tick.digits if row.tick else None
        if waiting and isinstance(alert.condition, PriceReaches):
            level, way = alert.condition.level, alert.condition.way
            price = f"{level:g}" if digits is None else f"{level:.{digits}f}"
            word = {Way.UP: "crosses up {price}", Way.DOWN: "crosses down {price}"}.get(
                way, "reaches {price}"
            )
            return t(word, price=price)
        if waiting:
            return when_text(self.words, alert.symbol, alert.condition, digits or 5)
        return state_text(self.words, alert, 0)

    def _alert_tip(self, row: WatchRow) -> str:
        alerts, digits = self.alerts_of(row.entry.id), row.tick.digits if row.tick else 5
        if not alerts:
            return self.words.t("Alt+A sets an alert")
        return "\n".join(when_text(self.words, each.symbol, each.condition, digits) for each in alerts)

    def _age_text(self, row: WatchRow) -> str:
        if row.problem is not None:
            return self.words.t("no prices")
        if row.tick is None:
            return self.words.t("waiting…")
        age = self.age(row)
        if age < STALE_AFTER:
            return self.words.t("live")
        if age < 120:
            return self.words.t("{seconds} s old", seconds=int(age))
        if age < 7200:
            return self.words.t("{minutes} min old", minutes=int(age // 60))
        return self.words.t("{hours} h old", hours=int(age // 3600))

    def _age_colour(self, row: WatchRow) -> str | None:
        return "warning" if row.problem is not None else "muted" if self.is_stale(row) else None


def _value(row: WatchRow, side: str) -> float:
    return float(getattr(row.tick.tick, side)) if row.tick else 0.0


def _price(row: WatchRow, side: str) -> str:
    return figures.price(_value(row, side), row.tick.digits) if row.tick else figures.NOTHING


def _spread(row: WatchRow) -> str:
    return str(row.tick.spread_points) if row.tick else figures.NOTHING


def _day_until_now(row: WatchRow) -> DayPrices | None:
    """The day with the bid of this moment as its last point."""
    if row.day is None or row.tick is None:
        return row.day
    return replace(row.day, closes=(*row.day.closes[:-1], row.tick.tick.bid))


def _change_sort(row: WatchRow) -> float:
    return float("-inf") if row.change is None else row.change


def _change_colour(row: WatchRow) -> str | None:
    change = row.change
    return None if not change else "up" if change > 0 else "down"
