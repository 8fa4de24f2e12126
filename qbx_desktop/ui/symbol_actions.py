"""What a trader can do with a symbol wherever it is shown: its chart, a bot, a backtest, an alert."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from ..data import watchlist
from ..data.trades import TradeRecord
from ..domain.quotes import WatchlistChanged
from ..domain.timeframe import Timeframe
from .bot_and_backtest import into_form
from .chart_window import ChartWindow

if TYPE_CHECKING:
    from ..domain.bots import Bot
    from .context import AppContext
    from .live import Live
    from .tabs.backtest_tab import BacktestTab
    from .window import MainWindow

_MOST_CHARTS = 8


class SymbolActions(QObject):
    """Belongs to the main window; chart windows are its own and close with it."""

    def __init__(self, context: AppContext, live: Live, window: MainWindow) -> None:
        super().__init__(window)
        self._context, self._live, self._window = context, live, window
        self.charts: list[ChartWindow] = []

    def chart(self, symbol: str, timeframe: Timeframe = Timeframe.H1) -> ChartWindow:
        """Show a chart window of the symbol: the one that is open already, or a new one."""
        shown = next((each for each in self.charts if each.series == (symbol, timeframe)), None)
        if shown is None:
            if len(self.charts) >= _MOST_CHARTS:
                self.charts[0].close()
            shown = ChartWindow(self._context, self._live, symbol, timeframe, self._window)
            shown.chart.alert_wanted.connect(self.alert)
            shown.closed.connect(self._forget_chart)
            self.charts.append(shown)
        self._window.lock.when_open(shown.show)
        shown.raise_()
        return shown

    @Slot(object)
    def chart_trade(self, record: TradeRecord) -> None:
        """Show a booked trade on a chart, in the timeframe of the bot that made it."""
        names = Timeframe.__members__
        self.chart(record.trade.symbol, names.get(record.timeframe, Timeframe.H1)).show_trade(record)

    def bot(self, symbol: str) -> None:
        """Open the editor for a new bot on the symbol."""
        self._window.show_tab(0)
        self._window.bots.new_on(symbol)

    def backtest(self, symbol: str) -> None:
        """Go to the Backtest tab with the symbol chosen."""
        self._window.show_tab(2)
        self._context.charts.when_ready(lambda: self._choose(symbol))

    @Slot(object)
    def backtest_bot(self, bot: Bot) -> None:
        """Go to the Backtest tab with the bot's settings filled in."""
        self._window.show_tab(2)
        self._context.charts.when_ready(lambda: into_form(bot, self._backtest().form))

    @Slot(QWidget)
    def backtest_built(self, _tab: QWidget) -> None:
        """From now on a run can be used as a bot."""
        self._backtest().bot_wanted.connect(self.new_bot)

    @Slot(object)
    def new_bot(self, bot: Bot) -> None:
        """Go to the Bots tab and open the editor for a new bot like this."""
        self._window.show_tab(0)
        self._window.bots.new_like(bot)

    @Slot(str, float)
    def alert(self, symbol: str, price: float | None = None) -> None:
        """Ask for an alert on the symbol, at `price` to begin with."""
        self._context.charts.when_ready(lambda: self._watchlist().ask_for_alert(symbol, price))

    @Slot()
    def add_symbol(self) -> None:
        """Ask for a symbol to put on the watchlist."""
        self._context.charts.when_ready(lambda: self._watchlist().add())

    def forget(self, entry_id: int) -> None:
        """Take an entry off the watchlist."""
        user_id, board = self._context.user_id, self._context.board
        self._context.write(
            lambda con: watchlist.remove(con, entry_id, user_id),
            lambda _: board.happened.emit(WatchlistChanged()),
        )

    def close_all(self) -> None:
        """Close every chart window."""
        for each in list(self.charts):
            each.close()

    def _choose(self, symbol: str) -> None:
        self._backtest().form.fields["symbol"].set_value(symbol)

    def _backtest(self) -> BacktestTab:
        from .tabs.backtest_tab import BacktestTab

        tab = self._window.backtest.built()
        assert isinstance(tab, BacktestTab)
        return tab

    def _watchlist(self):  # type: ignore[no-untyped-def]
        from .tabs.watchlist_tab import WatchlistTab

        tab = self._window.watchlist.built()
        assert isinstance(tab, WatchlistTab)
        return tab

    @Slot(object)
    def _forget_chart(self, window: ChartWindow) -> None:
        if window in self.charts:
            self.charts.remove(window)
