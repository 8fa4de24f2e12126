"""The orders of every bot as journalled: what was wanted, what the broker made of it, and why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject

from ...data import order_pages
from ...domain.journal import JournalAction, JournalRow, JournalState
from .. import figures
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column
from .decisions_columns import OUTCOMES
from .paged_model import PagedModel

STATES = {**OUTCOMES, "QUEUED": "Waiting to be sent", "SENDING": "Being sent"}
ACTIONS = {
    JournalAction.OPEN: "Open",
    JournalAction.CLOSE: "Close",
    JournalAction.MODIFY: "Change stops",
    JournalAction.CANCEL: "Cancel",
}
_COLOURS = {
    JournalState.REVIEW: "error",
    JournalState.UNKNOWN: "warning",
    JournalState.REJECTED: "warning",
    JournalState.DENIED: "warning",
    JournalState.EXPIRED: "warning",
}


@dataclass(frozen=True)
class OrderFilter:
    """Which orders; None or the empty text means all."""

    bot_id: int | None = None
    state: str | None = None
    text: str = ""

    def as_query(self) -> dict[str, Any]:
        """As the keyword arguments of `data.order_pages`."""
        return {"bot_id": self.bot_id, "state": self.state, "text": self.text or None}


class OrdersModel(PagedModel):
    """`total` is the number of orders that match the filter."""

    def __init__(
        self, reader: Callable[[], Any], words: Words, theme: Theme, parent: QObject | None = None
    ) -> None:
        columns = (
            Column("Time (local)", lambda row: figures.local_time(row.created_ms / 1000), sort=lambda row: row.id),
            Column("Bot", lambda row: row.bot_name or figures.NOTHING),
            Column("Symbol", lambda row: row.symbol),
            Column("Order", self._what, colour=lambda row: "up" if row.side > 0 else "down"),
            Column("Lots", lambda row: figures.lots(row.volume), align=RIGHT),
            Column("Outcome", self._outcome, colour=lambda row: _COLOURS.get(row.state), tooltip=self._details),
            Column("Filled at", lambda row: _price(row.fill_price), align=RIGHT),
            Column("SL", lambda row: _price(row.sl), align=RIGHT),
            Column("TP", lambda row: _price(row.tp), align=RIGHT),
            Column("Ticket", lambda row: str(row.order_ticket or figures.NOTHING), align=RIGHT),
            Column("Code", lambda row: str(row.retcode or figures.NOTHING), align=RIGHT),
            Column("Remark", self._details, tooltip=self._details),
        )  # fmt: skip
        super().__init__(columns, reader, words, theme, parent)
        self.filter = OrderFilter()

    def set_filter(self, wanted: OrderFilter) -> None:
        """Show the newest page of what fits `wanted`."""
        self.filter = wanted
        self.newest()

    def count(self, con: Any) -> int:
        return order_pages.count(con, **self.filter.as_query())

    def read(self, con: Any, before_id: int | None, limit: int) -> Sequence[JournalRow]:
        return order_pages.page(con, before_id=before_id, limit=limit, **self.filter.as_query())

    def _what(self, row: JournalRow) -> str:
        side = self.words.t("Buy" if row.side > 0 else "Sell")
        return f"{self.words.t(ACTIONS[row.action])} · {figures.arrow(row.side)} {side}"

    def _outcome(self, row: JournalRow) -> str:
        return self.words.t(STATES.get(row.state, row.state))

    def _details(self, row: JournalRow) -> str:
        return " · ".join(part for part in (row.resolution, row.last_error, row.comment) if part)


def _price(value: float | None) -> str:
    return figures.NOTHING if not value else f"{value:.10g}"
