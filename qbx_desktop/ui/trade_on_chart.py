"""One booked trade on a live chart: entry, exit, stop and target where they were, brought to the middle once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Slot

from ..data.trades import TradeRecord
from ..domain.bars import Bars
from ..domain.clock import server_text
from .words import Words

if TYPE_CHECKING:
    from .charts.trade_marks import TradeMark
    from .live_chart import LiveChart


class TradeOnChart(QObject):
    """Belongs to the chart. The marks follow newer bars, go with another symbol, and come back with this one."""

    def __init__(self, chart: LiveChart, words: Words) -> None:
        super().__init__(chart)
        self._chart, self._words = chart, words
        self.record: TradeRecord | None = None
        self._centred_in = ""
        chart.shown.connect(self._place)

    def show_trade(self, record: TradeRecord) -> None:
        """Mark this trade from now on."""
        self.record, self._centred_in = record, ""
        self._place()

    def since(self, symbol: str) -> int:
        """Server seconds that bars of `symbol` have to reach back to; 0 for no matter."""
        record = self.record
        if record is None or record.trade.symbol != symbol:
            return 0
        return (record.trade.open_ms or record.trade.close_ms or 0) // 1000

    @Slot()
    def _place(self) -> None:
        chart, data, record = self._chart.chart, self._chart.data, self.record
        if record is None or data is None or chart is None or not len(data.bars):
            return
        if data.wish.symbol != record.trade.symbol:
            chart.set_trades(())
            self._chart.say_above("")
            return
        mark = mark_of(record, data.bars, data.forming)
        if mark is None:
            self._chart.say_above(
                self._words.t(
                    "This trade lies before the bars loaded here, which begin {begin}; choose a longer timeframe.",
                    begin=server_text(int(data.bars.time[0])),
                )
            )
            chart.set_trades(())
            return
        self._chart.say_above("")
        chart.set_trades((mark,))
        if self._centred_in != data.wish.timeframe.name:
            self._centred_in = data.wish.timeframe.name
            chart.centre_on(0, mark)
        else:
            chart.marks.choose(0)


def mark_of(record: TradeRecord, bars: Bars, forming: Bars) -> TradeMark | None:
    """The trade by bar indexes; an open rest reaches to the newest price. None when it begins before `bars`."""
    from .charts.trade_marks import TradeMark

    trade = record.trade
    entry_ms = trade.open_ms if trade.open_ms is not None else trade.close_ms
    if entry_ms is None or entry_ms // 1000 < int(bars.time[0]):
        return None
    first = _index(bars, entry_ms)
    if trade.close_ms is None:
        last = len(bars) if len(forming) else len(bars) - 1
        end = float(forming.close[0]) if len(forming) else float(bars.close[-1])
    else:
        last, end = _index(bars, trade.close_ms), trade.close_price
    return TradeMark(first, trade.open_price or end, last, end, trade.side, record.sl, record.tp)


def _index(bars: Bars, at_ms: int) -> int:
    # The bar that holds the moment; one past the last closed bar is the bar still forming.
    found = int(np.searchsorted(bars.time, at_ms // 1000, side="right")) - 1
    spacing = int(np.diff(bars.time[-2:])[0]) if len(bars) > 1 else 0
    return len(bars) if spacing and at_ms // 1000 >= int(bars.time[-1]) + spacing else found
