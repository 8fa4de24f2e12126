"""Candles with the strategy's lines, levels and trades on them; a chosen trade comes to the middle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ...domain.bars import Bars
from ...strategies.contract import Plot
from .. import figures
from ..theme import Theme
from ..words import Words
from .candle_item import CandleItem
from .crosshair import Crosshair, Pane
from .forming_bar import FormingBar
from .indicator_lines import IndicatorLines
from .levels import Level, Levels
from .pane_setup import add_pane, colour_pane, fit_values
from .price_scale import PriceScale
from .time_axis import BarTimeAxis
from .trade_marks import TradeMark, TradeMarks

_SHOWN_AT_FIRST = 240
_AROUND_A_TRADE = 120
_ROOM = 0.16  # of what is shown at first
_LEVEL_TOKENS = ("text", "muted", "up", "down", "error", "accent", "focus")


class CandleChart(QWidget):
    """Prices per bar. `hovered` carries the bar under the crosshair, -1 for none; `price_clicked` the price where the
    right button was pressed, or any on the axis of prices, and where on the screen."""

    hovered = Signal(int)
    price_clicked = Signal(float, QPointF)

    def __init__(
        self, theme: Theme, words: Words, parent: QWidget | None = None, *,
        name: str = "Candles with the trades of this run",
        hint: str = "Hollow: closed higher · filled: closed lower · ▲▼ entry · × exit",
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._theme, self._words, self._hint = theme, words, hint
        self._bars, self._digits = Bars.empty(), 5
        self._trades: Sequence[TradeMark] = ()
        self._plots: Sequence[Plot] = ()
        self._levels: Sequence[Level] = ()
        self._forming = Bars.empty()
        self.scale = PriceScale()
        self.readout = QLabel(self, textFormat=Qt.TextFormat.PlainText, indent=6)
        self.layout_widget = pg.GraphicsLayoutWidget(self)
        words.name(self.layout_widget, name)
        self.layout_widget.ci.setContentsMargins(4, 2, 4, 0)
        self.axis, self._axis_below = BarTimeAxis(), BarTimeAxis()
        self.plot = add_pane(self.layout_widget, 0, self.axis, self._price)
        self.below = add_pane(self.layout_widget, 1, self._axis_below, lambda value: f"{value:.5g}")
        self.below.setXLink(self.plot)
        self.candles, self.marks, self.levels, self.forming = (
            CandleItem(),
            TradeMarks(),
            Levels(),
            FormingBar(),
        )
        for item in (self.candles, self.marks, self.levels, self.forming):
            self.plot.addItem(item)
        self.lines = IndicatorLines(self.plot, self.below)
        panes = (Pane(self.plot, self._price), Pane(self.below, lambda value: f"{value:.5g}"))
        self.crosshair = Crosshair(self.layout_widget.scene(), panes, self)
        self.crosshair.moved.connect(self._read_out)
        self.layout_widget.scene().sigMouseClicked.connect(self._clicked)
        self.plot.sigXRangeChanged.connect(self._fit)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addWidget(self.readout)
        box.addWidget(self.layout_widget, 1)
        # A long line of values is cut, it does not push the window wider.
        self.readout.setMinimumWidth(1)
        theme.changed.connect(self._recolour)
        words.changed.connect(self._reword)
        self._recolour()
        self._read_out(-1)

    def set_bars(self, bars: Bars, digits: int, *, room: bool = False) -> None:
        """Show the last bars of `bars` with prices of `digits` decimals; marks, lines and levels of earlier bars go.

        `room`: the newest bars keep clear of the right edge, where levels write their words."""
        self._trades, self._plots, self._levels, self._forming = (), (), (), Bars.empty()
        self._bars, self._digits = bars, digits
        self._place_all()
        count = len(bars)
        if count:
            self._limit(max(5.0, count * 0.02))
            air = min(count, _SHOWN_AT_FIRST) * _ROOM if room else 2.0
            self.plot.setXRange(max(-1.0, count - _SHOWN_AT_FIRST), count + air, padding=0)
            self._fit()
        self.crosshair.put(-1)

    def follow_bars(self, bars: Bars) -> None:
        """Show newer bars of the same series: a view at the right edge moves along, any other stays on its bars."""
        left, right = self.plot.viewRange()[0]
        before = self._bars
        at_edge = right >= len(before)
        self._bars = bars
        self._place_all()
        moved = int(np.searchsorted(bars.time, before.time[0])) if len(before) and len(bars) else 0
        shift = len(bars) - len(before) if at_edge else moved
        self._limit(max(5.0, len(bars) * 0.02))
        self.plot.setXRange(left + shift, right + shift, padding=0)
        self._fit()

    def set_trades(self, marks: Sequence[TradeMark]) -> None:
        """Mark these trades, in ascending order of entry."""
        self._trades = marks
        self._place_trades()

    def set_lines(self, plots: Sequence[Plot]) -> None:
        """Show a strategy's lines, one value per bar; those of another pane stand below the prices."""
        self._plots = plots
        self._place_lines()
        self._fit()

    def set_levels(self, levels: Sequence[Level]) -> None:
        """Show prices that matter now; their `place` is the price."""
        self._levels = levels
        self._place_levels()
        self._fit()

    def set_forming(self, bar: Bars) -> None:
        """Show the bar that is still forming (the first of `bar`), faint, to the right of the closed ones."""
        self._forming = bar
        self.forming.set_bar(self.scale.bars(bar), len(self._bars))
        self._fit()

    def set_log(self, log: bool) -> None:
        """Logarithmic or linear prices."""
        self.scale.log = log
        self.plot.getAxis("right").log = log
        chosen = self.marks.chosen
        self._place_all()
        self.marks.choose(chosen)
        self._fit()

    def set_time_shift(self, seconds: int) -> None:
        """Show times that many seconds later than the server's clock; 0 is server time."""
        for axis in (self.axis, self._axis_below):
            axis.set_shift(seconds)
        self._read_out(self.crosshair.index)

    def centre_on(self, number: int, mark: TradeMark) -> None:
        """Choose trade `number` and bring its entry bar to the middle, zooming in when the view is far out."""
        left, right = self.plot.viewRange()[0]
        lasting = mark.exit_index - mark.entry_index
        width = min(right - left, max(_AROUND_A_TRADE, 2.4 * lasting))
        self.marks.choose(number)
        # The limits keep the view near the bars; a trade at the very edge still has to come to the middle.
        self._limit(max(5.0, len(self._bars) * 0.02, width / 2))
        self.plot.setXRange(mark.entry_index - width / 2, mark.entry_index + width / 2, padding=0)
        self._fit()

    def centre_index(self) -> float:
        """The bar index in the middle of the view."""
        left, right = self.plot.viewRange()[0]
        return (left + right) / 2

    def _limit(self, air: float) -> None:
        count = len(self._bars)
        room = max(air, _SHOWN_AT_FIRST * _ROOM * 1.5)
        self.plot.setLimits(xMin=-air, xMax=count + room, minXRange=min(10, count + 1))

    def _place_all(self) -> None:
        self.candles.set_bars(self.scale.bars(self._bars))
        self.forming.set_bar(self.scale.bars(self._forming), len(self._bars))
        for axis in (self.axis, self._axis_below):
            axis.set_times(self._bars.time)
        self._place_trades()
        self._place_lines()
        self._place_levels()

    def _place_trades(self) -> None:
        place = self.scale.place
        if self.scale.log:
            self.marks.set_marks(
                [
                    replace(
                        each, entry_price=place(each.entry_price), exit_price=place(each.exit_price),
                        sl=place(each.sl) if each.sl > 0 else 0.0, tp=place(each.tp) if each.tp > 0 else 0.0,
                    )
                    for each in self._trades
                ]
            )  # fmt: skip
        else:
            self.marks.set_marks(self._trades)

    def _place_lines(self) -> None:
        self.lines.set_lines(self._plots, self.scale, self._theme)
        shown = self.lines.has_below
        self.axis.setStyle(showValues=not shown)
        self.axis.setHeight(4 if shown else None)
        if shown == (self.below.scene() is None):
            # A hidden pane would keep its place in the grid.
            grid = self.layout_widget.ci
            if shown:
                grid.addItem(self.below, 1, 0)
            else:
                grid.removeItem(self.below)
            grid.layout.setRowStretchFactor(0, 3)
            grid.layout.setRowStretchFactor(1, 1 if shown else 0)

    def _place_levels(self) -> None:
        colours = {name: self._theme.colour(name) for name in _LEVEL_TOKENS}
        placed = [
            replace(each, place=float(self.scale.place(each.place)))
            for each in self._levels
            if each.place > 0
        ]
        self.levels.set_levels(placed, colours, self._theme.colour("raised"))

    @Slot()
    def _fit(self) -> None:
        left, right = self.plot.viewRange()[0]
        first, last = math.floor(left), math.ceil(right) + 1
        ranges = [
            self.candles.range_between(first, last),
            self.marks.chosen_range(),
            self.forming.range if right >= len(self._bars) else None,
            *self.lines.range_between(first, last, below=False),
        ]
        known = [each for each in ranges if each is not None]
        if known:
            near = self.levels.near(min(each[0] for each in known), max(each[1] for each in known))
            ranges.append(near)
        fit_values(self.plot, ranges)
        fit_values(self.below, self.lines.range_between(first, last, below=True))

    def _price(self, value: float) -> str:
        return f"{self.scale.price(value):.{self._digits}f}"

    @Slot(object)
    def _clicked(self, event: object) -> None:
        box = self.plot.getViewBox()
        place, button = event.scenePos(), event.button()  # type: ignore[attr-defined]
        area = box.sceneBoundingRect()
        # The axis's own rectangle reaches over the whole plot, for its grid.
        on_axis = place.x() > area.right() and area.top() <= place.y() <= area.bottom()
        inside = button == Qt.MouseButton.RightButton and area.contains(place)
        if inside or on_axis:
            price = self.scale.price(box.mapSceneToView(place).y())
            self.price_clicked.emit(round(price, self._digits), event.screenPos())  # type: ignore[attr-defined]

    @Slot(int)
    def _read_out(self, index: int) -> None:
        text = self._words.t(self._hint)
        if 0 <= index < len(self._bars):
            bars, digits = self._bars, self._digits
            change = float(bars.close[index] - bars.open[index])
            values = "  ".join(
                f"{name} {float(column[index]):.{digits}f}"
                for name, column in (("O", bars.open), ("H", bars.high), ("L", bars.low), ("C", bars.close))
            )
            lines = "   ".join(f"{name} {value:.7g}" for name, value in self.lines.values_at(index))
            text = (
                f"{self.axis.mouse_label(index)}   {values}   {figures.arrow(int(np.sign(change)))}   {lines}"
            )
        self.readout.setText(text.rstrip())
        self.hovered.emit(index)

    @Slot()
    def _reword(self) -> None:
        self._read_out(self.crosshair.index)

    @Slot()
    def _recolour(self) -> None:
        colour = self._theme.colour
        self.layout_widget.setBackground(colour("background"))
        for pane in (self.plot, self.below):
            colour_pane(pane, self._theme)
        self.candles.set_colours(colour("up"), colour("down"), colour("background"))
        self.forming.set_colours(colour("up"), colour("down"), colour("muted"))
        self.marks.set_colours(colour("up"), colour("down"), colour("text"), colour("focus"))
        self.crosshair.set_colours(colour("muted"), colour("text"), colour("raised"))
        self.lines.recolour(self._theme)
        self._place_levels()
