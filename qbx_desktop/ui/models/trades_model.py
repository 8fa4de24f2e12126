"""The trades of one backtest, one row each, sorted by value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QObject

from ...backtest.trade import Trade
from ...domain.clock import server_text
from .. import figures
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel

REASONS: dict[str, str] = {
    "sl": "stop loss",
    "tp": "take profit",
    "signal": "exit signal",
    "reverse": "opposite signal",
    "stop out": "stop out",
    "end of data": "end of data",
}


class TradeRow(NamedTuple):
    """One trade with its number from 0 in order of entry."""

    number: int
    trade: Trade

    @property
    def direction(self) -> int:
        """+1 bought, -1 sold."""
        return 1 if self.trade.side == "buy" else -1

    @property
    def r_multiple(self) -> float | None:
        """Price result as a multiple of the distance to the first stop; None without a stop."""
        trade = self.trade
        risked = abs(trade.open_price - trade.sl) if trade.sl else 0.0
        return None if not risked else self.direction * (trade.close_price - trade.open_price) / risked


class TradesModel(RowsModel):
    """Rows of a finished run. Lives in the GUI thread."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        self._digits, self._money_digits = 5, 2
        columns = (
            Column("#", lambda row: str(row.number + 1), sort=lambda row: row.number, align=RIGHT),
            Column("Opened", lambda row: server_text(row.trade.open_time), sort=lambda row: row.trade.open_time),
            Column("Side", self._side, sort=lambda row: row.direction, colour=_side_colour),
            Column("Lots", lambda row: figures.lots(row.trade.volume), sort=lambda row: row.trade.volume, align=RIGHT),
            Column("Entry", lambda row: self._price(row.trade.open_price), sort=lambda row: row.trade.open_price, align=RIGHT),
            Column("Exit", lambda row: self._price(row.trade.close_price), sort=lambda row: row.trade.close_price, align=RIGHT),
            Column("Why", self._why, sort=lambda row: row.trade.reason, tooltip=self._why_tip),
            Column("P/L", self._net, sort=lambda row: row.trade.net, align=RIGHT, colour=_net_colour, tooltip=self._net_tip),
            Column("R", _r_text, sort=_r_sort, align=RIGHT),
            Column("Bars", lambda row: str(row.trade.bars_held), sort=lambda row: row.trade.bars_held, align=RIGHT),
            Column("Closed", lambda row: server_text(row.trade.close_time), sort=lambda row: row.trade.close_time),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.number, parent=parent)

    def set_trades(self, trades: Sequence[Trade], digits: int, money_digits: int) -> None:
        """Show these trades, prices with `digits` decimals, money with `money_digits`."""
        self._digits, self._money_digits = digits, money_digits
        self.set_rows([TradeRow(number, trade) for number, trade in enumerate(trades)])

    def _price(self, value: float) -> str:
        return figures.price(value, self._digits)

    def _side(self, row: TradeRow) -> str:
        return f"{figures.arrow(row.direction)} {self.words.t('Buy' if row.direction > 0 else 'Sell')}"

    def _why(self, row: TradeRow) -> str:
        mark = " *" if row.trade.ambiguous else ""
        return self.words.t(REASONS.get(row.trade.reason, row.trade.reason)) + mark

    def _why_tip(self, row: TradeRow) -> str:
        if not row.trade.ambiguous:
            return ""
        return self.words.t("* Stop and target lay in the same bar; the stop was counted.")

    def _net(self, row: TradeRow) -> str:
        return figures.signed(row.trade.net, self._money_digits, self.words.language)

    def _net_tip(self, row: TradeRow) -> str:
        profit, swap, commission = (
            figures.signed(each, self._money_digits, self.words.language)
            for each in (row.trade.profit, row.trade.swap, row.trade.commission)
        )
        return self.words.t(
            "Price {profit}, swap {swap}, commission {commission}",
            profit=profit,
            swap=swap,
            commission=commission,
        )


def _side_colour(row: TradeRow) -> str:
    return "up" if row.direction > 0 else "down"


def _net_colour(row: TradeRow) -> str | None:
    return "up" if row.trade.net > 0 else "down" if row.trade.net < 0 else None


def _r_text(row: TradeRow) -> str:
    value = row.r_multiple
    return figures.NOTHING if value is None else figures.signed(value, 1)


def _r_sort(row: TradeRow) -> float:
    value = row.r_multiple
    return float("-inf") if value is None else value
