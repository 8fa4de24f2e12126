"""A chart that goes on by itself: new bars and ticks arrive, the strategy's lines and the bot's levels follow."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from ..domain.errors import QbxError
from ..domain.events import Link, TickArrived
from ..domain.messages import Message
from . import chart_data, figures
from .chart_data import ChartData, ChartWish
from .save_picture import save_picture

if TYPE_CHECKING:
    from .charts.candle_chart import CandleChart
    from .context import AppContext
    from .live import Live

_NOT_SOONER_MS = 1_000
_numbers = count(1)


@dataclass(frozen=True)
class PriceLevel:
    """A price to mark: English `word` said at the right edge, `token` the name of its colour."""

    price: float
    word: str
    token: str = "text"  # noqa: S105 - a colour token, not a secret


class LiveChart(QWidget):
    """Asks for nothing while it is out of sight. `alert_wanted` carries symbol and price clicked by the trader.
    `shown` follows bars that are new on the chart."""

    alert_wanted = Signal(str, float)
    shown = Signal()

    def __init__(
        self, context: AppContext, live: Live, parent: QWidget | None = None, *, values_below: bool = False
    ) -> None:
        """`values_below`: the values under the crosshair stand in a line of their own, not in the row of controls."""
        super().__init__(parent)
        self._values_below = values_below
        self._context, self._live = context, live
        self._group = f"chart {next(_numbers)}"
        self._wish: ChartWish | None = None
        self._data: ChartData | None = None
        self._levels: Sequence[PriceLevel] = ()
        self._saying: Message | str = ""
        self._asked = 0
        self._asked_at = 0.0
        self._asking = False
        self._failed = False
        self.chart: CandleChart | None = None
        words = context.words
        self.said = words.name(
            QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter), "State of the chart"
        )
        self.said.setProperty("role", "muted")
        self.log = words.name(words.bind(QCheckBox(), "Log scale"), "Log scale")
        self.local = words.name(words.bind(QCheckBox(), "Local time"), "Local time")
        self.picture = words.name(words.bind(QPushButton(), "Save picture…"), "Save picture…")
        context.icons.bind(self.picture, "export")
        self.log.toggled.connect(self._show_log)
        self.local.toggled.connect(self._show_times)
        self.picture.clicked.connect(self._save_picture)
        self.row = QHBoxLayout()
        self.row.setContentsMargins(4, 2, 4, 0)
        self._above = self._above_tip = ""
        # A long sentence is cut, it does not push the window wider.
        self.line = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.row.addWidget(self.line, 1)
        for widget in (self.log, self.local, self.picture):
            self.row.addWidget(widget)
        self._stack = QStackedLayout()
        self._stack.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self.row)
        layout.addLayout(self._stack, 1)
        self._later = QTimer(self, singleShot=True)
        self._later.timeout.connect(self._ask)
        context.board.happened.connect(self._hear)
        live.link_changed.connect(self._link_changed)
        words.changed.connect(self._reword)
        self._enable()

    @property
    def data(self) -> ChartData | None:
        """What is shown."""
        return self._data

    def show_series(self, wish: ChartWish | None) -> None:
        """Show this series from now on; None shows nothing."""
        if wish == self._wish:
            return
        self._wish = wish
        self._data = None
        self._asked += 1
        self._asking = False
        self._say("Loading the chart…" if wish else "")
        self._watch()
        self._ask_soon(0)

    def set_levels(self, levels: Sequence[PriceLevel]) -> None:
        """Mark these prices."""
        if tuple(levels) != tuple(self._levels):
            self._levels = tuple(levels)
            self._show_levels()

    def say_above(self, text: str, tip: str = "") -> None:
        """A sentence over the chart; the values under the crosshair take its place while there is one."""
        self._above, self._above_tip = text, tip or text
        self._show_line()

    @Slot()
    def refresh(self) -> None:
        """Read the series again: a bar has closed."""
        self._ask_soon(max(0, round(_NOT_SOONER_MS - 1000 * (time.monotonic() - self._asked_at))))

    def showEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().showEvent(event)
        self._watch()
        self._context.charts.when_ready(self._build)
        self._ask_soon(0)

    def hideEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        super().hideEvent(event)
        self._later.stop()
        self._watch()

    def _watch(self) -> None:
        wanted = self._wish is not None and self.isVisible()
        symbols = frozenset({self._wish.symbol}) if wanted and self._wish else frozenset()
        self._context.quotes.watch(self._group, symbols)

    def _build(self) -> None:
        if self.chart is not None:
            return
        from .charts.candle_chart import CandleChart

        self.chart = CandleChart(
            self._context.theme, self._context.words, self, name="Candles, live",
            hint="Hollow: closed higher · filled: closed lower · faint: not closed yet",
        )  # fmt: skip
        self.chart.readout.setVisible(self._values_below)
        self.chart.hovered.connect(self._show_line)
        self.chart.price_clicked.connect(self._price_clicked)
        self._stack.addWidget(self.chart)
        if self._data is not None:
            self._show(self._data)

    def _ask_soon(self, delay_ms: int) -> None:
        if self._wish is not None and self.isVisible() and not self._later.isActive():
            self._later.start(delay_ms)

    @Slot()
    def _ask(self) -> None:
        if self._wish is None or self._asking or not self.isVisible():
            return
        self._asked += 1
        self._asking = True
        self._asked_at = time.monotonic()
        question = partial(chart_data.read, wish=self._wish)
        self._context.ask(question, partial(self._answered, self._asked), partial(self._refused, self._asked))

    def _answered(self, number: int, data: ChartData) -> None:
        if number != self._asked:
            return
        self._asking = self._failed = False
        before, self._data = self._data, data
        self._show(data, before)

    def _refused(self, number: int, error: BaseException) -> None:
        if number != self._asked:
            return
        self._asking, self._failed = False, True
        if not isinstance(error, QbxError):
            self._context.board.problem.emit(error)
        elif self._data is None:
            self._say(error.message)

    def _show(self, data: ChartData, before: ChartData | None = None) -> None:
        if self.chart is None:
            return
        if not len(data.bars):
            self._say("There are no closed bars of this symbol yet.")
            return
        if before is not None and before.wish == data.wish and len(before.bars):
            self.chart.follow_bars(data.bars)
        else:
            self.chart.set_bars(data.bars, data.digits, room=True)
        self.chart.set_forming(data.forming)
        self.chart.set_lines(data.plots)
        self._show_levels()
        self._show_times()
        self._stack.setCurrentWidget(self.chart)
        self._enable()
        self.shown.emit()

    def _show_levels(self) -> None:
        if self.chart is None or self._data is None:
            return
        from .charts.levels import Level

        t, digits = self._context.words.t, self._data.digits
        shown = [
            Level(each.price, f"{t(each.word)} {figures.price(each.price, digits)}", each.token)
            for each in self._levels
            if each.price > 0
        ]
        if len(self._data.forming):
            now = float(self._data.forming.close[0])
            shown.append(Level(now, f"{t('now')} {figures.price(now, digits)}", "accent", dash=False))
        self.chart.set_levels(shown)

    @Slot()
    def _show_line(self) -> None:
        if self._values_below:
            self.line.setText(self._above)
            return
        hovering = self.chart is not None and self.chart.crosshair.index >= 0
        text = self.chart.readout.text() if hovering and self.chart is not None else self._above
        if not text and self.chart is not None:
            text = self.chart.readout.text()
        self.line.setText(text)
        self.line.setToolTip(self._above_tip)

    @Slot(object)
    def _hear(self, event: object) -> None:
        data = self._data
        if not isinstance(event, TickArrived) or data is None or self.chart is None:
            return
        if event.symbol != data.wish.symbol or not self.isVisible():
            return
        forming = chart_data.moved(data.forming, event.tick, data.wish.timeframe)
        if forming is None:
            self.refresh()
            return
        self._data = ChartData(data.wish, data.bars, forming, data.digits, data.plots, data.ahead)
        self.chart.set_forming(forming)
        self._show_levels()

    @Slot()
    def _link_changed(self) -> None:
        if self._live.link.link is Link.READY and (self._failed or self._data is None):
            self._ask_soon(0)

    @Slot(bool)
    def _show_log(self, log: bool) -> None:
        if self.chart is not None:
            self.chart.set_log(log)

    @Slot()
    def _show_times(self) -> None:
        ahead = self._data.ahead if self._data else None
        if self.chart is not None:
            here = datetime.fromtimestamp(self._context.clock.now(), UTC).astimezone().utcoffset()
            shift = round(here.total_seconds()) - ahead if here is not None and ahead is not None else 0
            self.chart.set_time_shift(shift if self.local.isChecked() else 0)

    def _price_clicked(self, price: float, at: QPointF) -> None:
        if self._wish is None or self._data is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        text = self._context.words.t(
            "Set alert on {symbol} at {price}…", symbol=self._wish.symbol,
            price=figures.price(price, self._data.digits),
        )  # fmt: skip
        action = QAction(text, menu)
        action.triggered.connect(partial(self._want_alert, self._wish.symbol, price))
        menu.addAction(action)
        menu.popup(at.toPoint())

    def _want_alert(self, symbol: str, price: float, _checked: bool = False) -> None:
        self.alert_wanted.emit(symbol, price)

    @Slot()
    def _save_picture(self) -> None:
        if self.chart is not None and self._wish is not None:
            name = f"{self._wish.symbol}-{self._wish.timeframe.name}"
            save_picture(self.chart, name, self._context.words, self)

    def _enable(self) -> None:
        known = self.chart is not None and self._data is not None
        for widget in (self.log, self.picture):
            widget.setEnabled(known)
        clock_known = self._data is not None and self._data.ahead is not None
        self.local.setEnabled(known and clock_known)
        self.local.setToolTip(
            self._context.words.t("Times of this computer, by today's difference to the broker's clock")
        )

    def _say(self, text: Message | str) -> None:
        self._saying = text
        self._reword_said()
        self._stack.setCurrentWidget(self.said)
        self._enable()

    def _reword_said(self) -> None:
        words, text = self._context.words, self._saying
        self.said.setText(words.say(text) if isinstance(text, Message) else words.t(text) if text else "")

    @Slot()
    def _reword(self) -> None:
        self._reword_said()
        self._show_levels()
        self._enable()
