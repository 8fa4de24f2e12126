"""The armed price alerts of a symbol as levels on its chart; they come and go as they are set and fire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from ..data import watch_alerts
from ..domain.alerts import MovesPercent, PriceReaches, Since, WatchAlert, Way
from ..domain.quotes import AlertFired, WatchlistChanged
from .live_chart import LiveChart, PriceLevel

if TYPE_CHECKING:
    from .context import AppContext

_SOON_MS = 100


class AlertLevels(QObject):
    """Belongs to the chart, whose levels are its own from then on."""

    def __init__(self, context: AppContext, chart: LiveChart) -> None:
        super().__init__(chart)
        self._context, self._chart = context, chart
        self._symbol = ""
        # A thousand alerts in one moment are one reading.
        self._soon = QTimer(self, singleShot=True, interval=_SOON_MS)
        self._soon.timeout.connect(self._show)
        context.board.happened.connect(self._hear)

    def show_symbol(self, symbol: str) -> None:
        """Show the alerts of this symbol from now on."""
        self._symbol = symbol
        self._show()

    @Slot(object)
    def _hear(self, event: object) -> None:
        if isinstance(event, WatchlistChanged):
            self._show()
        elif isinstance(event, AlertFired) and not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _show(self) -> None:
        found = watch_alerts.list_alerts(self._context.db.reader(), self._context.user_id)
        now_ms = round(self._context.clock.now() * 1000)
        levels = [
            level
            for each in found
            if each.symbol == self._symbol and each.state.armed and not each.is_over(now_ms)
            for level in levels_of(each)
        ]
        self._chart.set_levels([PriceLevel(level, "alert", "focus") for level in sorted(set(levels))])


def levels_of(alert: WatchAlert) -> list[float]:
    """The prices at which it fires; none where that moves with the market."""
    match alert.condition:
        case PriceReaches(level):
            return [level]
        case MovesPercent(percent, way, Since.PRICE, base):
            up, down = base * (1 + percent / 100), base * (1 - percent / 100)
            return {Way.UP: [up], Way.DOWN: [down], Way.EITHER: [down, up]}[way]
    return []
