"""A chart in a window of its own: any symbol, any timeframe, any strategy's lines; stays beside the main window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QVBoxLayout, QWidget

from ..data.trades import TradeRecord
from ..domain.timeframe import Timeframe
from ..strategies import registry
from .alert_levels import AlertLevels
from .badge import Badge
from .chart_data import ChartWish
from .live_chart import LiveChart
from .trade_on_chart import TradeOnChart

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_FRAMES = ("M1", "M5", "M15", "M30", "H1", "H4", "D1", "W1", "MN1")


class ChartWindow(QDialog):
    """`closed` carries the window itself."""

    closed = Signal(object)

    def __init__(
        self,
        context: AppContext,
        live: Live,
        symbol: str,
        timeframe: Timeframe,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._words = words = context.words
        self._live = live
        self.chart = LiveChart(context, live, values_below=True)
        self.trade = TradeOnChart(self.chart, words)
        self.symbol, self.frame, self.lines = QComboBox(), QComboBox(), QComboBox()
        self.symbol.setEditable(True)
        self.symbol.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.symbol.addItems(live.symbols or [symbol])
        self.symbol.setCurrentText(symbol)
        self.frame.addItems(list(dict.fromkeys([*_FRAMES, timeframe.name])))
        self.frame.setCurrentText(timeframe.name)
        self._fill_lines()
        for at, (box, text) in enumerate(
            ((self.symbol, "Symbol"), (self.frame, "Timeframe"), (self.lines, "Lines of"))
        ):
            label = words.bind(QLabel(), text)
            label.setBuddy(box)
            words.name(box, text)
            self.chart.row.insertWidget(2 * at, label)
            self.chart.row.insertWidget(2 * at + 1, box)
        self.chart.row.insertWidget(0, Badge(live, words))
        self.chart.row.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        layout.addWidget(self.chart)
        self.symbol.activated.connect(self._show)
        typed = self.symbol.lineEdit()
        assert typed is not None
        typed.editingFinished.connect(self._show)
        self.frame.activated.connect(self._show)
        self.lines.activated.connect(self._show)
        words.changed.connect(self._reword)
        self.alerts = AlertLevels(context, self.chart)
        self.resize(1080, 600)
        self._show()

    @property
    def series(self) -> tuple[str, Timeframe]:
        """Symbol and timeframe shown."""
        return self.symbol.currentText().strip(), Timeframe[self.frame.currentText()]

    def show_trade(self, record: TradeRecord) -> None:
        """Mark a trade of the symbol shown and go there."""
        self.trade.show_trade(record)
        self._show()

    def closeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        self.closed.emit(self)
        super().closeEvent(event)

    def reject(self) -> None:
        """Escape closes."""
        self.close()

    @Slot()
    def _show(self) -> None:
        symbol, frame = self.series
        self.setWindowTitle(f"{symbol} {frame.name}")
        lines, since = self.lines.currentData() or "", self.trade.since(symbol)
        self.alerts.show_symbol(symbol)
        self.chart.show_series(ChartWish(symbol, frame, lines, since=since) if symbol else None)

    def _fill_lines(self) -> None:
        self.lines.addItem(self._words.t("no strategy"), "")
        for strategy in registry.all_strategies():
            self.lines.addItem(self._words.t(strategy.title), strategy.key)

    @Slot()
    def _reword(self) -> None:
        chosen = self.lines.currentIndex()
        self.lines.clear()
        self._fill_lines()
        self.lines.setCurrentIndex(chosen)
