"""The saved backtests, newest first, a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import QObject

from ...data.backtests import BacktestSummary
from .. import figures
from ..theme import Theme
from ..words import Words
from .columns import RIGHT, Column, RowsModel

_STARRED = "\u2605"


class BacktestRunsModel(RowsModel):
    """Rows of `data.backtests.summaries`. Lives in the GUI thread."""

    def __init__(self, words: Words, theme: Theme, parent: QObject | None = None) -> None:
        columns = (
            Column("No.", lambda row: str(row.id), sort=lambda row: row.id, align=RIGHT),
            Column("When", _when, sort=lambda row: row.timestamp),
            Column("Strategy", _strategy, sort=lambda row: row.strategy_name),
            Column("Data", lambda row: row.data_filename, sort=lambda row: row.data_filename, tooltip=lambda row: row.data_filename),
            Column("Net profit", self._profit, sort=lambda row: row.total_profit_usd, align=RIGHT, colour=_colour),
            Column("Trades", lambda row: str(row.total_trades), sort=lambda row: row.total_trades, align=RIGHT),
            Column("Won", lambda row: self._percent(row.win_rate_percent), sort=lambda row: row.win_rate_percent, align=RIGHT),
            Column("Drawdown", lambda row: self._percent(-row.max_drawdown_percent), sort=lambda row: row.max_drawdown_percent, align=RIGHT),
            Column("Note", lambda row: row.note.replace("\n", " "), sort=lambda row: row.note, tooltip=lambda row: row.note),
        )  # fmt: skip
        super().__init__(columns, words, theme, key=lambda row: row.id, parent=parent)

    def set_runs(self, runs: Sequence[BacktestSummary]) -> None:
        """Show these summaries."""
        self.set_rows(runs)

    def _profit(self, row: BacktestSummary) -> str:
        return figures.signed(row.total_profit_usd, 2, self.words.language)

    def _percent(self, value: float) -> str:
        return figures.percent(value, 1, self.words.language)


def _colour(row: BacktestSummary) -> str | None:
    return "up" if row.total_profit_usd > 0 else "down" if row.total_profit_usd < 0 else None


def _strategy(row: BacktestSummary) -> str:
    name = row.name or row.strategy_name
    return f"{_STARRED} {name}" if row.starred else name


def _when(row: BacktestSummary) -> str:
    """The stored UTC text in local time; what cannot be read is shown as it is."""
    try:
        at = datetime.fromisoformat(row.timestamp).replace(tzinfo=UTC)
    except ValueError:
        return row.timestamp
    return figures.local_time(at.timestamp())[:16]
