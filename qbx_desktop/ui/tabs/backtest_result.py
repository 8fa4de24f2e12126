"""The result side of the Backtest tab: tiles, things to know, and the views of one run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QModelIndex, Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from ...domain.curves import drawdown_percent
from ...domain.messages import Message
from ...strategies import registry
from ...workers.backtest_run import ShownRun
from .. import figures
from ..charts.candle_chart import CandleChart
from ..charts.equity_chart import EquityChart
from ..charts.quality_ribbon import QualityRibbon
from ..charts.trade_marks import TradeMark
from ..empty import EmptyState, MaybeEmpty
from ..later_page import LaterPage
from ..models.columns import ROW_ROLE
from ..models.report_model import ReportModel
from ..models.trades_model import TradeRow, TradesModel
from ..table_view import select_row, table
from ..turns import Turns
from .backtest_tiles import BacktestTiles
from .distribution_page import DistributionPage
from .run_export_button import RunExport

if TYPE_CHECKING:
    from ..context import AppContext
    from ..words import Words

_TRADE_WIDTHS = (56, 130, 76, 64, 90, 90, 126, 96, 56, 56, 130)
_REPORT_WIDTHS = (170, 300, 170)
# bars or trades from which on a result is shown in several goes, so that the window does not stand still
_LARGE, _MANY = 100_000, 3_000


class BacktestResultView(QWidget):
    """Shows one run at a time; an earlier one stays until the next is there. `use_wanted`: a bot shall trade so."""

    use_wanted = Signal()

    def __init__(self, context: AppContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        words, theme = context.words, context.theme
        self.run: ShownRun | None = None
        self._marks: list[TradeMark] = []
        self._candles_of: ShownRun | None = None
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.use = words.bind(QPushButton(), "Use as bot…")
        words.name(self.use, "Use as bot…", tooltip="Make a bot that trades by the rules of this run")
        self.use.clicked.connect(self.use_wanted)
        self.things = QLabel()
        self.things.setWordWrap(True)
        self.things.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict = QLabel()
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        words.name(self.verdict, "Better than chance?")
        self.band = QLabel()
        self.band.setWordWrap(True)
        self.band.setTextFormat(Qt.TextFormat.PlainText)
        words.name(self.band, "Best and worst case")
        self._judging = False
        self.tiles = BacktestTiles(words, theme)
        self.ribbon = QualityRibbon(theme, words)
        self.equity = EquityChart(theme, words)
        self.candles = CandleChart(theme, words)
        self.trades_model = TradesModel(words, theme, self)
        self.trades = table(self.trades_model, words, "Trades of this run", _TRADE_WIDTHS)
        self.report_model = ReportModel(words, theme, self)
        self.report = table(self.report_model, words, "Report", _REPORT_WIDTHS, sortable=False, stretch=1)
        self._equity_page = MaybeEmpty(
            self._with_ribbon(), EmptyState(words, "Choose a strategy and press F5. Sample data is included.")
        )
        self._candle_page = MaybeEmpty(
            self._with_steps(),
            EmptyState(words, "Candles appear here after a run."),
            EmptyState(words, "The price file of this run cannot be read any more, so there are no candles."),
        )
        self._trade_page = MaybeEmpty(
            self.trades, EmptyState(words, "No trades. The rules never met these prices.")
        )
        self.pages = QTabWidget()
        words.name(self.pages, "Views of this run")
        self.pages.setProperty("dense", True)
        self._titles: list[str] = []
        self.add_page(self._equity_page, "Equity")
        self.add_page(self._candle_page, "Candles")
        self.add_page(self._trade_page, "Trades")
        self.distribution_page = LaterPage(self._make_distribution)
        self.add_page(self.distribution_page, "Distribution")
        self.add_page(self.report, "Report")
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 6, 8, 4)
        box.setSpacing(6)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        self.export = RunExport(context, lambda: self.run, self.pages, self)
        head.addWidget(self.export)
        head.addWidget(self.use)
        box.addLayout(head)
        for widget in (self.tiles, self.band, self.verdict, self.things):
            box.addWidget(widget)
        box.addWidget(self.pages, 1)
        self._turns = Turns(self)
        self.pages.currentChanged.connect(self._page_changed)
        self.trades.clicked.connect(self._row_clicked)
        self.trades.activated.connect(self._row_clicked)
        self.trades.selectionModel().currentRowChanged.connect(self._row_chosen)
        words.changed.connect(self._reword)
        theme.changed.connect(self._show_things)
        self.set_run(None)

    @property
    def distribution(self) -> DistributionPage:
        """Distributions and excursions of the run shown."""
        return self.distribution_page.page

    def _make_distribution(self) -> DistributionPage:
        page = DistributionPage(self._context)
        page.chosen.connect(self._show_trade)
        page.set_run(self.run)
        return page

    def add_page(self, page: QWidget, title: str) -> None:
        """Add a view behind the others; `title` in English."""
        self._titles.append(title)
        self.pages.addTab(page, self._context.words.t(title))

    def set_appraisal(self, appraisal: Mapping[str, Any]) -> None:
        """What chance and the history say of the run on the screen."""
        self._judging = False
        if self.run is not None:
            self.run = replace(self.run, appraisal=appraisal)
            self._candles_of = self.run if self._candles_of is not None else None
            self.report_model.set_run(self.run)
        self._show_appraisal()

    def set_run(self, run: ShownRun | None, *, judging: bool = False) -> None:
        """Show this run, or that there is none yet; `judging`: its comparison with chance is under way."""
        self.run = run
        self._turns.begin(())
        self.use.setEnabled(run is not None)
        self.export.setEnabled(run is not None)
        self._judging = judging
        self._show_appraisal()
        self.tiles.set_run(run)
        if self.distribution_page.is_built:
            self.distribution.set_run(run)
        self.report_model.set_run(run)
        self._show_band()
        self._show_things()
        self._equity_page.show_empty() if run is None else self._equity_page.show_view()
        if run is None:
            self.title.setText(self._context.words.t("No run yet"))
            self.trades_model.set_trades((), 5, 2)
            self._trade_page.show_empty()
            self._candle_page.show_empty(0)
            return
        self.title.setText(title_of(run, self._context.words))
        large = len(run.times) > _LARGE or len(run.trades) > _MANY
        if large:
            self.trades_model.set_trades((), run.digits, run.money_digits)
        pieces = (self._show_curves, self._show_trades, self._show_bars)
        self._turns.begin((partial(each, run) for each in pieces), at_once=not large)

    def _show_curves(self, run: ShownRun) -> None:
        deepest = run.deepest
        if deepest is None:
            deepest = drawdown_percent(run.equity, run.equity_low, run.deposit)
        self.equity.set_run(run.times, run.equity, run.balance, deepest, run.currency, run.money_digits)

    def _show_trades(self, run: ShownRun) -> None:
        self.trades_model.set_trades(run.trades, run.digits, run.money_digits)
        self._trade_page.show_view() if run.trades else self._trade_page.show_empty()

    def _show_bars(self, run: ShownRun) -> None:
        self._candles_of = None
        self._chosen.setText("")
        if len(run.bars):
            self._candle_page.show_view()
            if self.pages.currentWidget() is self._candle_page:
                self._show_candles()
        else:
            self._candle_page.show_empty(1)

    def begin_growing(self, total: int, currency: str, digits: int) -> None:
        """Make room in the equity chart for a run that is still going."""
        self._equity_page.show_view()
        self.equity.begin_growing(total, currency, digits)

    def choose_trade(self, number: int) -> None:
        """Select a trade in the table (by its number from 0) and bring its entry to the middle of the candles."""
        at = self.trades_model.position_of(number)
        if at is not None:
            select_row(self.trades, at)

    @Slot(int)
    def _show_trade(self, number: int) -> None:
        self.choose_trade(number)
        if self.run is not None and len(self.run.bars):
            self.pages.setCurrentWidget(self._candle_page)

    @Slot()
    def next_trade(self) -> None:
        """Go to the trade after the chosen one."""
        self._step(1)

    @Slot()
    def previous_trade(self) -> None:
        """Go to the trade before the chosen one."""
        self._step(-1)

    def _with_ribbon(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.equity, 1)
        box.addWidget(self.ribbon)
        return page

    def _show_appraisal(self) -> None:
        words = self._context.words
        appraisal = {} if self.run is None else self.run.appraisal
        chance, quality = appraisal.get("baseline"), appraisal.get("history_quality")
        text = words.t("Comparing with chance…") if self._judging else ""
        if chance:
            said = Message(chance["verdict"]["code"], chance["verdict"]["params"])
            text = f"{words.t('Better than chance?')} {words.say(said)}"
        self.verdict.setText(text)
        self.verdict.setVisible(bool(text))
        times = np.zeros(0, np.int64) if self.run is None else self.run.times
        self.ribbon.show_bands(quality["ribbon"] if quality else (), times)

    def _with_steps(self) -> QWidget:
        words = self._context.words
        self._chosen = QLabel()
        row = QHBoxLayout()
        for text, slot in (("Previous trade", self.previous_trade), ("Next trade", self.next_trade)):
            button = QPushButton()
            words.bind(button, text)
            words.name(button, text)
            button.clicked.connect(slot)
            row.addWidget(button)
        row.addWidget(self._chosen, 1)
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(4)
        box.addLayout(row)
        box.addWidget(self.candles, 1)
        return page

    @Slot(int)
    def _page_changed(self, _: int) -> None:
        if self.pages.currentWidget() is self._candle_page:
            self._show_candles()

    def _show_candles(self) -> None:
        """Fill the candle chart when it is looked at first: nobody waits for what is not in sight."""
        run = self.run
        if run is None or run is self._candles_of or not len(run.bars):
            return
        self._candles_of = run
        self._marks = marks_of(run)
        self.candles.set_bars(run.bars, run.digits)
        self.candles.set_trades(self._marks)

    def _step(self, by: int) -> None:
        if self.run is not None and self.run.trades:
            self._show_candles()
            chosen = self.candles.marks.chosen
            start = chosen + by if chosen >= 0 else (0 if by > 0 else len(self.run.trades) - 1)
            self.choose_trade(min(max(start, 0), len(self.run.trades) - 1))

    @Slot(QModelIndex)
    def _row_clicked(self, index: QModelIndex) -> None:
        self._row_chosen(index)
        if self.run is not None and len(self.run.bars):
            self.pages.setCurrentWidget(self._candle_page)

    @Slot(QModelIndex)
    def _row_chosen(self, index: QModelIndex) -> None:
        row = index.data(ROW_ROLE)
        if isinstance(row, TradeRow) and self.run is not None and len(self.run.bars):
            self._show_candles()
            self.candles.centre_on(row.number, self._marks[row.number])
            model = self.trades_model
            self._chosen.setText("   ".join(model.columns[at].text(row) for at in (0, 1, 2, 3, 4, 5, 6, 7)))

    @Slot()
    def _reword(self) -> None:
        for at, title in enumerate(self._titles):
            self.pages.setTabText(at, self._context.words.t(title))
        words = self._context.words
        self.title.setText(words.t("No run yet") if self.run is None else title_of(self.run, words))
        self._show_appraisal()
        self._show_band()
        self._show_things()

    def _show_band(self) -> None:
        text = "" if self.run is None else band_text(self.run, self._context.words)
        self.band.setText(text)
        self.band.setVisible(bool(text))

    @Slot()
    def _show_things(self) -> None:
        texts = [] if self.run is None else things_to_know(self.run, self._context.words)
        words = self._context.words
        if self.run is None:
            text = words.t(
                "A backtest tells what the rules would have done on these prices, and what it takes for granted."
            )
        elif texts:
            count = (
                words.t("{count} things to know", count=len(texts))
                if len(texts) > 1
                else words.t("1 thing to know")
            )
            text = f"! {count}: " + " · ".join(texts)
        else:
            text = words.t("All checks are good. What the run takes for granted stands in the report.")
        self.things.setText(text)
        self.things.setToolTip("\n".join(texts))
        self.things.setProperty("role", "warning" if texts else "muted")
        self.things.style().unpolish(self.things)
        self.things.style().polish(self.things)


def title_of(run: ShownRun, words: Words) -> str:
    """Number, strategy by its title, symbol and file; a saved run of another version as it was called."""
    number = f"{words.t('Run {number}', number=run.record_id)} · " if run.record_id else ""
    choices = run.choices
    if choices is None:
        return number + run.title
    titles = {each.key: each.title for each in registry.all_strategies()}
    strategy = words.t(titles.get(choices.strategy, choices.strategy))
    return f"{number}{strategy} · {choices.symbol} · {choices.source}"


def band_text(run: ShownRun, words: Words) -> str:
    """How far the bars that touched both stop and target could move the result; empty where they cannot."""
    if run.band is None or run.band.pessimistic == run.band.optimistic:
        return ""
    low, middle, high = (
        f"{figures.signed(each, run.money_digits, words.language)} {run.currency}" for each in run.band
    )
    return words.t(
        "Bars that touched both stop and target: {low} at the worst, {middle} as counted, {high} at the best.",
        low=low,
        middle=middle,
        high=high,
    )


def things_to_know(run: ShownRun, words: Words) -> list[str]:
    """What makes the result doubtful: a problem of saving or reading, red trust marks, refused entries."""
    say, t = words.say, words.t
    found = [] if run.problem is None else [say(run.problem.message)]
    found += [say(mark.message) for mark in run.trust if not mark.good]
    refused = sum(run.refused.values())
    if refused:
        reasons = ", ".join(
            f"{count} {t(reason.replace('_', ' '))}" for reason, count in run.refused.items() if count
        )
        found.append(t("{count} entries were refused ({reasons})", count=refused, reasons=reasons))
    return found


def marks_of(run: ShownRun) -> list[TradeMark]:
    """The trades of a run by the indexes of its bars."""
    entries = np.searchsorted(run.bars.time, [each.open_time for each in run.trades])
    exits = np.searchsorted(run.bars.time, [each.close_time for each in run.trades])
    return [
        TradeMark(
            int(entry),
            trade.open_price,
            int(leave),
            trade.close_price,
            1 if trade.side == "buy" else -1,
            trade.sl,
            trade.tp,
        )
        for trade, entry, leave in zip(run.trades, entries, exits, strict=True)
    ]
