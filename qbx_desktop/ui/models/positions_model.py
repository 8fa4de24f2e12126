"""Every open position of the account: whose it is, where its stops are, what it earns now."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from ...domain.clock import server_text
from ...domain.mt5 import Side
from ...domain.records import TradePosition
from .. import figures
from ..live import Live
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel


class PositionsModel(RowsModel):
    """Follows :class:`Live`; `name_of` gives a bot's name."""

    def __init__(
        self,
        live: Live,
        name_of: Callable[[int], str],
        words: Words,
        theme: Theme,
        parent: QObject | None = None,
    ) -> None:
        self._live = live
        self._name_of = name_of
        columns = (
            Column("Bot", self._bot, sort=lambda row: self._bot(row).casefold()),
            Column("Symbol", lambda row: row.symbol, sort=lambda row: row.symbol),
            Column("Ticket", lambda row: str(row.ticket), sort=lambda row: row.ticket, align=RIGHT),
            Column("Opened (server)", lambda row: server_text(row.time), sort=lambda row: row.time),
            Column("Side", self._side, sort=lambda row: row.type, colour=lambda row: "down" if row.type else "up"),
            Column("Lots", lambda row: figures.lots(row.volume), sort=lambda row: row.volume, align=RIGHT),
            Column("Entry", lambda row: _price(row, row.price_open), align=RIGHT),
            Column("Stop loss", lambda row: _price(row, row.sl), align=RIGHT),
            Column("Take profit", lambda row: _price(row, row.tp), align=RIGHT),
            Column("Now", lambda row: _price(row, row.price_current), align=RIGHT),
            Column("Swap", lambda row: figures.signed(row.swap, 2, self.words.language), align=RIGHT),
            Column("P/L", lambda row: figures.signed(row.profit + row.swap, 2, self.words.language),
                   sort=lambda row: row.profit + row.swap, align=RIGHT,
                   colour=lambda row: "up" if row.profit + row.swap > 0 else "down"),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.ticket, parent=parent)
        live.positions_changed.connect(self._changed)

    @Slot()
    def _changed(self) -> None:
        self.set_rows(self._live.positions)

    def _bot(self, row: TradePosition) -> str:
        bot_id = self._live.bot_of(row.ticket)
        return self.words.t("not ours") if bot_id is None else self._name_of(bot_id)

    def _side(self, row: TradePosition) -> str:
        side = Side.of_type(row.type)
        return f"{figures.arrow(side)} {self.words.t(side.word)}"


def _price(row: TradePosition, value: float) -> str:
    """With as many decimals as any price of the position shows."""
    return figures.price(value, figures.digits_of(row.price_open, row.price_current, row.sl, row.tp))
