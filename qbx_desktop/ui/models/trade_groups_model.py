"""Totals of the trades shown, per bot, symbol, day, hour or weekday."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from ...data.trades import TradeRecord
from ...domain.trade_totals import Totals, grouped
from .. import figures
from ..theme import Theme
from ..trade_filter import WEEKDAYS, group_key
from ..words import Words
from .columns import RIGHT, Column, RowsModel


@dataclass(frozen=True)
class GroupRow:
    """One group; `key` as :func:`trade_filter.group_key` gives it for `kind`."""

    kind: str
    key: str | int
    totals: Totals


class TradeGroupsModel(RowsModel):
    """Hours, weekdays and days in their order, bots and symbols with the largest result first."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        self.money_digits = 2
        columns = (
            Column("Group", self._name, sort=lambda row: row.key),
            Column("Trades", lambda row: str(row.totals.count), sort=lambda row: row.totals.count, align=RIGHT),
            Column("Net", self._net, sort=lambda row: row.totals.net, align=RIGHT, colour=_colour),
            Column("Won", self._won, sort=lambda row: row.totals.won_percent or 0.0, align=RIGHT),
            Column("PF", _factor, sort=_factor_value, align=RIGHT),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: (row.kind, row.key), parent=parent)

    def show(self, closed: Sequence[TradeRecord], kind: str) -> None:
        """Group closed trades by `kind` (a key of `trade_filter.GROUPS`)."""
        found = grouped(closed, group_key(kind), lambda each: each.trade.net)
        rows = [GroupRow(kind, key, totals) for key, totals in found.items()]
        if kind in ("bot", "symbol"):
            rows.sort(key=lambda row: -row.totals.net)
        else:
            rows.sort(key=lambda row: row.key, reverse=kind == "day")
        self.set_rows(rows)

    def _name(self, row: GroupRow) -> str:
        if isinstance(row.key, str):
            return row.key or figures.NOTHING
        if row.key < 0:
            return figures.NOTHING
        return self.words.t(WEEKDAYS[row.key]) if row.kind == "weekday" else f"{row.key:02d}:00"

    def _net(self, row: GroupRow) -> str:
        return figures.signed(row.totals.net, self.money_digits, self.words.language)

    def _won(self, row: GroupRow) -> str:
        share = row.totals.won_percent
        return figures.NOTHING if share is None else figures.percent(share, 0, self.words.language)


def _factor(row: GroupRow) -> str:
    value = row.totals.profit_factor
    return figures.NOTHING if value is None else f"{value:.2f}"


def _factor_value(row: GroupRow) -> float:
    value = row.totals.profit_factor
    return float("inf") if value is None else value


def _colour(row: GroupRow) -> str | None:
    return "up" if row.totals.net > 0 else "down" if row.totals.net < 0 else None
