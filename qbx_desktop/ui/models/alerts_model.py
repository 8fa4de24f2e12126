"""The alerts of the watchlist as a table: when each fires, how often, and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from ...domain.alerts import WatchAlert
from ..alert_words import often_text, state_text, when_text
from ..theme import Theme
from ..words import Words
from .columns import Column, RowsModel


class AlertsModel(RowsModel):
    """`digits_of` a symbol's price; `now` is UTC seconds."""

    def __init__(
        self,
        words: Words,
        theme: Theme,
        digits_of: Callable[[str], int],
        now: Callable[[], float],
        parent: QObject | None = None,
    ) -> None:
        self._digits_of, self._now = digits_of, now
        columns = (
            Column("Symbol", lambda alert: alert.symbol, sort=lambda alert: alert.symbol),
            Column("Fires when", self.when, sort=self.when, tooltip=self.when),
            Column("How often", self._often, sort=self._often, tooltip=self._often),
            Column("State", self._state, sort=self._state, colour=self._colour_of, tooltip=self._state),
            Column("Note", lambda alert: alert.notes, sort=lambda alert: alert.notes),
        )
        super().__init__(columns, words, theme, key=lambda alert: (alert.id, alert.entry_id), parent=parent)
        self._all: tuple[WatchAlert, ...] = ()
        self._needle = ""

    def set_alerts(self, alerts: Sequence[WatchAlert]) -> None:
        """Show these alerts."""
        self._all = tuple(alerts)
        self._show()

    def set_filter(self, text: str) -> None:
        """Show only alerts whose symbol or note contains `text`."""
        self._needle = text.strip().casefold()
        self._show()

    def when(self, alert: WatchAlert) -> str:
        """When it fires."""
        return when_text(self.words, alert.symbol, alert.condition, self._digits_of(alert.symbol))

    def of_entry(self, entry_id: int) -> list[WatchAlert]:
        """The alerts of one line of the watchlist, shown or not."""
        return [each for each in self._all if each.entry_id == entry_id]

    def _show(self) -> None:
        self.set_rows(
            [each for each in self._all if self._needle in f"{each.symbol} {each.notes}".casefold()]
        )

    def _often(self, alert: WatchAlert) -> str:
        return often_text(self.words, alert.schedule, alert.condition)

    def _state(self, alert: WatchAlert) -> str:
        return state_text(self.words, alert, round(self._now() * 1000))

    def _colour_of(self, alert: WatchAlert) -> str | None:
        return None if alert.state.armed and not alert.is_over(round(self._now() * 1000)) else "muted"
