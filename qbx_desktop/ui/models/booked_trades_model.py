"""The trades of an account, one row each: what counts first, then prices, costs, and what the trader wrote."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ...data.trades import TradeRecord
from ...domain.clock import server_text
from ...domain.mt5 import Reason
from .. import figures
from ..theme import Theme
from ..words import Words
from .columns import CENTRE, RIGHT, Column, RowsModel

WHY = {
    int(Reason.CLIENT): "by hand",
    int(Reason.MOBILE): "by hand",
    int(Reason.WEB): "by hand",
    int(Reason.EXPERT): "by a bot",
    int(Reason.SL): "stop loss",
    int(Reason.TP): "take profit",
    int(Reason.SO): "stop out",
}
STILL_OPEN = "still open"
_STAR = "\u2605"


class BookedTradesModel(RowsModel):
    """Rows are `data.trades.TradeRecord`. Lives in the GUI thread."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        self.money_digits = 2
        columns = (
            Column("Closed", self._closed, sort=lambda row: row.trade.close_ms or 1 << 62),
            Column("Bot", lambda row: row.bot_name or figures.NOTHING, sort=lambda row: row.bot_name.casefold()),
            Column("Symbol", lambda row: row.trade.symbol, sort=lambda row: row.trade.symbol),
            Column("Side", self._side, sort=lambda row: row.trade.side, colour=_side_colour),
            Column("Why", self.why, sort=self.why, tooltip=self._why_tip),
            Column("Lots", lambda row: figures.lots(row.trade.volume), sort=lambda row: row.trade.volume, align=RIGHT),
            Column("P/L", self._net, sort=lambda row: row.trade.net, align=RIGHT, colour=_net_colour, tooltip=self._net_tip),
            Column("Rating", lambda row: _STAR * (row.rating or 0), sort=lambda row: row.rating or 0, align=CENTRE, accessible=lambda row: str(row.rating or "")),
            Column("Note", _note, sort=_note, tooltip=_note),
            Column("MFE", lambda row: self._ran(row, "mfe"), sort=lambda row: _ran_sort(row, "mfe"), align=RIGHT, tooltip=self._ran_tip),
            Column("MAE", lambda row: self._ran(row, "mae"), sort=lambda row: _ran_sort(row, "mae"), align=RIGHT, tooltip=self._ran_tip),
            Column("Opened", lambda row: _time(row.trade.open_ms), sort=lambda row: row.trade.open_ms or 0),
            Column("Entry", lambda row: figures.price(row.trade.open_price, row.digits), sort=lambda row: row.trade.open_price, align=RIGHT),
            Column("Exit", lambda row: figures.price(row.trade.close_price, row.digits), sort=lambda row: row.trade.close_price, align=RIGHT),
            Column("SL", lambda row: figures.price(row.sl, row.digits), sort=lambda row: row.sl, align=RIGHT),
            Column("TP", lambda row: figures.price(row.tp, row.digits), sort=lambda row: row.tp, align=RIGHT),
            Column("Swap", lambda row: self.money(row.trade.swap), sort=lambda row: row.trade.swap, align=RIGHT),
            Column("Commission", self._costs, sort=lambda row: row.trade.commission + row.trade.fee, align=RIGHT),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.key, parent=parent)

    def money(self, value: float) -> str:
        """An amount with its sign."""
        return figures.signed(value, self.money_digits, self.words.language)

    def _ran(self, row: TradeRecord, name: str) -> str:
        return figures.NOTHING if row.excursion is None else self.money(getattr(row.excursion, name))

    def _ran_tip(self, row: TradeRecord) -> str:
        if row.excursion is None:
            return self.words.t("Highest and lowest floating profit: not known of this trade")
        return self.words.t(
            "Highest (MFE) and lowest (MAE) floating profit without costs, from bars inside the trade"
        )

    def why(self, row: TradeRecord) -> str:
        """What closed it."""
        if row.trade.is_open:
            return self.words.t(STILL_OPEN)
        text = self.words.t(WHY.get(row.trade.reason, "by the broker"))
        return text if row.trade.complete else f"{text} *"

    def _why_tip(self, row: TradeRecord) -> str:
        t = self.words.t
        if not row.trade.complete:
            return t(
                "* Opened before the deals known here begin: its money is right, its entry may be missing."
            )
        return (
            t("Closed in {n} parts; the price is their average.", n=row.trade.exits)
            if row.trade.exits > 1
            else ""
        )

    def _closed(self, row: TradeRecord) -> str:
        return self.words.t(STILL_OPEN) if row.trade.is_open else _time(row.trade.close_ms)

    def _side(self, row: TradeRecord) -> str:
        return f"{figures.arrow(row.trade.side)} {self.words.t('Buy' if row.trade.side > 0 else 'Sell')}"

    def _net(self, row: TradeRecord) -> str:
        return self.money(row.trade.net)

    def _costs(self, row: TradeRecord) -> str:
        return self.money(row.trade.commission + row.trade.fee)

    def _net_tip(self, row: TradeRecord) -> str:
        trade = row.trade
        return self.words.t(
            "Price {profit}, swap {swap}, commission {commission}, fee {fee}",
            profit=self.money(trade.profit), swap=self.money(trade.swap),
            commission=self.money(trade.commission), fee=self.money(trade.fee),
        )  # fmt: skip


def _ran_sort(row: TradeRecord, name: str) -> float:
    return 0.0 if row.excursion is None else float(getattr(row.excursion, name))


def _time(milliseconds: int | None) -> str:
    return figures.NOTHING if milliseconds is None else server_text(milliseconds // 1000)


def _note(row: TradeRecord) -> str:
    tags = " ".join(f"#{each}" for each in row.tags)
    return " ".join(part for part in (tags, row.notes.replace("\n", " ")) if part)


def _side_colour(row: TradeRecord) -> str:
    return "up" if row.trade.side > 0 else "down"


def _net_colour(row: TradeRecord) -> str | None:
    return "up" if row.trade.net > 0 else "down" if row.trade.net < 0 else None
