"""What the selected bot sees and did: its chart with its lines and levels, its history, its parameters, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from ..data import decisions, history
from ..domain import params
from ..domain.bots import Bot
from ..domain.clock import server_text
from ..domain.errors import QbxError
from ..domain.events import DecisionsKept, HistoryAppended
from ..domain.timeframe import Timeframe
from ..strategies import registry
from . import figures
from .chart_data import ChartWish
from .live_chart import LiveChart, PriceLevel
from .models.bots_model import BotRow
from .models.columns import RowsModel
from .models.decisions_columns import decision_columns
from .models.history_columns import history_columns
from .table_view import table

if TYPE_CHECKING:
    from .context import AppContext
    from .live import Live

_LOG_ROWS = 50


class BotDetail(QWidget):
    """Below the table of bots; shows nothing but a hint while not exactly one bot is selected."""

    def __init__(self, context: AppContext, live: Live, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._row: BotRow | None = None
        words = context.words
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.why = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.name(self.why, "Why")
        self.why.setMargin(8)
        columns = history_columns(words, with_bot=False)
        self._log_model = RowsModel(columns, words, context.theme, key=lambda row: row.id, parent=self)
        self.log = table(self._log_model, words, "Log of the bot", (150, 140, 90), sortable=False)
        self._decisions_model = RowsModel(
            decision_columns(words), words, context.theme, key=lambda row: row.id, parent=self
        )
        self.decisions = table(
            self._decisions_model, words, "Decisions of the bot", (130, 60, 150, 140, 280), sortable=False
        )
        self.parameters = QWidget()
        self._form = QFormLayout(self.parameters)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.chart = LiveChart(context, live)
        for page in (self.chart, self.log, self.decisions, _scrolling(self.parameters), _scrolling(self.why)):
            self.pages.addTab(page, "")
        words.name(self.pages, "Details of the bot")
        self.title.setContentsMargins(8, 0, 12, 0)
        self.title.setMinimumHeight(self.pages.tabBar().sizeHint().height())
        self.pages.setCornerWidget(self.title, Qt.Corner.TopLeftCorner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 0)
        layout.addWidget(self.pages)
        self.setMinimumHeight(150)
        words.changed.connect(self._reword)
        live.history_appended.connect(self._appended)
        live.decisions_kept.connect(self._kept)
        self._reword()
        self.show_row(None)

    @Slot(object)
    def show_row(self, row: BotRow | None) -> None:
        """Show this bot, or the hint."""
        other = (row.bot.id if row else 0) != (self._row.bot.id if self._row else 0)
        changed_bot = row is not None and (self._row is None or self._row.bot != row.bot)
        new_bar = _bar_time(row) != _bar_time(self._row)
        self._row = row
        self.title.setText(row.bot.name if row else "")
        self.title.setVisible(row is not None)
        self._show_why()
        self._show_chart(new_bar and not other)
        if other or new_bar:
            self._show_log()
        if other or changed_bot:
            self._show_parameters()

    def _why_words(self) -> str:
        t, say = self._context.words.t, self._context.words.say
        row = self._row
        if row is None:
            return t("Select one bot to see what it sees.")
        if row.live is None:
            return t("Not started: it looks at nothing and sends nothing.")
        lines = []
        if row.live.reason is not None:
            lines.append(say(row.live.reason))
        if row.live.explanation is not None:
            signal = f"{t(row.live.signal)}: " if row.live.signal else ""
            lines.append(signal + say(row.live.explanation))
        if row.live.values:
            lines.append("   ".join(f"{name} = {value:.7g}" for name, value in row.live.values.items()))
        times = []
        if row.live.bar_time:
            times.append(t("Last closed bar: {time} server time.", time=server_text(row.live.bar_time)))
        if row.live.next_check:
            times.append(
                t("Next check at {time} server time.", time=server_text(row.live.next_check, True)[11:])
            )
        if times:
            lines.append(" ".join(times))
        for position in row.positions:
            digits = figures.digits_of(position.price_open, position.price_current, position.sl, position.tp)
            lines.append(
                t("Position {ticket}: stop loss {sl}, take profit {tp}, now {now}.", ticket=position.ticket,
                  sl=figures.price(position.sl, digits), tp=figures.price(position.tp, digits),
                  now=figures.price(position.price_current, digits))
            )  # fmt: skip
        return "\n".join(lines) or t("Starting: the first look at closed bars comes next.")

    def _show_why(self) -> None:
        text = self._why_words()
        self.why.setText(text)
        self.chart.say_above(text.partition("\n")[0], text)

    def _show_chart(self, new_bar: bool) -> None:
        row = self._row
        if row is None:
            self.chart.show_series(None)
            return
        self.chart.show_series(_wish_of(row.bot))
        self.chart.set_levels(
            [
                level
                for position in row.positions
                for level in (
                    PriceLevel(position.price_open, "entry", "text"),
                    PriceLevel(position.sl, "stop", "error"),
                    PriceLevel(position.tp, "target", "up"),
                )
            ]
        )
        if new_bar:
            self.chart.refresh()

    def _show_log(self) -> None:
        rows, decided = [], []
        if self._row is not None:
            con, bot_id = self._context.db.reader(), self._row.bot.id
            rows = history.page(con, bot_id=bot_id, limit=_LOG_ROWS)
            decided = decisions.page(con, bot_id, limit=_LOG_ROWS)
        self._log_model.set_rows(rows)
        self._decisions_model.set_rows(decided)

    def _show_parameters(self) -> None:
        while self._form.rowCount():
            self._form.removeRow(0)
        if self._row is None:
            return
        words, bot = self._context.words, self._row.bot
        try:
            strategy = registry.get(bot.strategy)
            made = params.from_json(strategy.Params, bot.strategy_params)
        except QbxError as error:
            self._form.addRow(QLabel(words.say(error.message), wordWrap=True))
            return
        self._form.addRow(words.t("Strategy"), QLabel(words.t(strategy.title)))
        for info in params.infos(strategy.Params):
            self._form.addRow(words.t(info.label), QLabel(str(getattr(made, info.name))))

    @Slot(object)
    def _appended(self, event: HistoryAppended) -> None:
        if self._row is not None and event.bot_id == self._row.bot.id:
            self._show_log()

    @Slot(object)
    def _kept(self, event: DecisionsKept) -> None:
        if self._row is not None and self._row.bot.id in event.bot_ids:
            self._show_log()

    @Slot()
    def _reword(self) -> None:
        for at, text in enumerate(("Chart", "Log", "Decisions", "Parameters", "Why")):
            self.pages.setTabText(at, self._context.words.t(text))
        self._show_why()
        self._show_parameters()


def _bar_time(row: BotRow | None) -> int:
    return row.live.bar_time if row and row.live else 0


def _wish_of(bot: Bot) -> ChartWish | None:
    """The bot's series with its strategy's lines; without lines where its columns cannot be read."""
    try:
        frame = bot.frame
        strategy = registry.get(bot.strategy)
        params.from_json(strategy.Params, bot.strategy_params)
    except QbxError:
        known = Timeframe.__members__.get(bot.timeframe)
        return ChartWish(bot.market, known) if known and bot.market else None
    return ChartWish(bot.market, frame, bot.strategy, bot.strategy_params)


def _scrolling(content: QWidget) -> QScrollArea:
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(content)
    return area
