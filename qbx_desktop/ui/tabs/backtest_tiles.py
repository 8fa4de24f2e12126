"""The seven figures a trader looks at first, each with its unit and, on hover, how it is reckoned."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ...workers.backtest_run import ShownRun
from .. import figures
from ..models.report_model import writers
from ..theme import Theme
from ..words import Words

TILES: tuple[tuple[str, str, str], ...] = (
    ("net_profit", "Net profit", "What all closed trades earned together, swap and commission included."),
    ("profit_factor", "Profit factor", "Money won divided by money lost. Below 1 it loses."),
    ("equity_drawdown_relative_percent", "Max drawdown", "The deepest fall of the equity from its highest point, in percent of that point."),
    ("win_rate", "Win rate", "Share of the trades that ended with a profit after costs."),
    ("total_trades", "Trades", "Closed trades."),
    ("sharpe", "Sharpe", "Mean return per trade divided by its deviation, as MetaTrader reckons it; not per year."),
    ("recovery_factor", "Recovery", "Net profit divided by the maximal balance drawdown."),
)  # fmt: skip


class BacktestTiles(QWidget):
    """Tiles side by side. `values` gives what they show, by name."""

    def __init__(self, words: Words, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._theme = words, theme
        self._run: ShownRun | None = None
        self._figures: dict[str, QLabel] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for name, label, meaning in TILES:
            row.addWidget(self._tile(name, label, meaning), 3 if name == "net_profit" else 2)
        words.changed.connect(self._show)
        theme.changed.connect(self._show)
        self._show()

    @property
    def values(self) -> dict[str, str]:
        """The text of every tile by its name."""
        return {name: label.text() for name, label in self._figures.items()}

    def set_run(self, run: ShownRun | None) -> None:
        """Show the figures of this run; dashes without one."""
        self._run = run
        self._show()

    def _tile(self, name: str, label: str, meaning: str) -> QFrame:
        frame = QFrame()
        frame.setProperty("role", "panel")
        title, figure = QLabel(), QLabel()
        self._words.bind(title, label)
        title.setProperty("role", "muted")
        figure.setProperty("role", "figure")
        figure.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._words.name(figure, label)
        self._words.bind(frame, meaning, setter="setToolTip")
        font = figure.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)
        font.setBold(True)
        figure.setFont(font)
        column = QVBoxLayout(frame)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(0)
        column.addWidget(title)
        column.addWidget(figure)
        self._figures[name] = figure
        return frame

    def _show(self) -> None:
        run = self._run
        texts = dict.fromkeys(self._figures, figures.NOTHING) if run is None else tile_texts(run, self._words)
        for name, figure in self._figures.items():
            figure.setText(texts[name])
        profit = 0.0 if run is None else float(run.report.get("net_profit") or 0.0)
        colour = self._theme.sign_colour(profit).name()
        self._figures["net_profit"].setStyleSheet(f"color: {colour}")


def tile_texts(run: ShownRun, words: Words) -> dict[str, str]:
    """What each tile shows for a run."""
    report, write = run.report, writers(run, words)
    total, won = report.get("total_trades"), report.get("profit_trades")
    drawdown = report.get("equity_drawdown_relative_percent")
    profit = figures.signed(report["net_profit"], run.money_digits, words.language)
    return {
        "net_profit": f"{profit} {run.currency}",
        "profit_factor": write["ratio"](report.get("profit_factor")),
        "equity_drawdown_relative_percent": write["percent"](None if drawdown is None else -drawdown),
        "win_rate": write["share"](won / total if total else None),
        "total_trades": write["count"](total),
        "sharpe": write["ratio"](report.get("sharpe")),
        "recovery_factor": write["ratio"](report.get("recovery_factor")),
    }
