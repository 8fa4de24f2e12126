"""The results of a search as a table: the best first, with the values that were varied in front."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from ...backtest.search.space import Axis
from ...backtest.search.surface import Ranked
from .. import figures
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel

_FIELDS = (
    ("net_profit", "Net profit", 2),
    ("profit_factor", "Profit factor", 2),
    ("equity_drawdown_relative_percent", "Max drawdown %", 1),
    ("total_trades", "Trades", 0),
    ("day_sharpe", "Sharpe per day", 3),
)


class SearchModel(RowsModel):
    """Rows are `Ranked`. Lives in the GUI thread."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__((), words, theme, key=lambda row: row.outcome.number, parent=parent)

    def set_study(self, rows: Sequence[Ranked], axes: Sequence[Axis]) -> None:
        """Show these results of these axes."""
        self.beginResetModel()
        self.columns = (
            *(self._varied(axis.name) for axis in axes),
            self._number("Criterion", lambda row: row.value, 4),
            self._number("Plateau", lambda row: row.plateau, 4),
            *(self._figure(name, title, digits) for name, title, digits in _FIELDS),
            Column("Remark", self._remark),
        )
        self._sorted_by = None
        self._rows = list(rows)
        self.endResetModel()

    def _varied(self, name: str) -> Column:
        return Column(
            name,
            lambda row: str(row.outcome.combo[name]),
            sort=lambda row: row.outcome.combo[name],
            align=RIGHT,
        )

    def _figure(self, name: str, title: str, digits: int) -> Column:
        return self._number(title, lambda row: row.outcome.figures.get(name), digits)

    def _number(self, title: str, value: object, digits: int) -> Column:
        assert callable(value)

        def text(row: Ranked) -> str:
            found = value(row)
            return figures.NOTHING if found is None else figures.money(found, digits, self.words.language)

        def key(row: Ranked) -> float:
            found = value(row)
            return float("-inf") if found is None else float(found)

        return Column(title, text, sort=key, align=RIGHT)

    def _remark(self, row: Ranked) -> str:
        return "" if row.outcome.error is None else self.words.say(row.outcome.error)
