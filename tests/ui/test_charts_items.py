"""What the charts draw from: extremes of any stretch, candles and lines of what is visible, times on the axis."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from qbx_desktop.domain.curves import drawdown_percent
from qbx_desktop.ui.charts.candle_item import CandleItem
from qbx_desktop.ui.charts.extremes import Extremes
from qbx_desktop.ui.charts.line_item import LineItem
from qbx_desktop.ui.charts.time_axis import BarTimeAxis
from qbx_desktop.ui.charts.trade_marks import TradeMark, TradeMarks
from tests.fakes.prices import FIRST_HOUR, walk

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@given(st.integers(1, 30_000), st.data())
def test_extremes_of_any_stretch_are_exact(count: int, data: st.DataObject) -> None:
    rng = np.random.default_rng(count)
    low = rng.normal(size=count)
    high = low + rng.uniform(size=count)
    extremes = Extremes(low, high)
    first = data.draw(st.integers(0, count - 1))
    last = data.draw(st.integers(first + 1, count))
    wanted = data.draw(st.integers(1, 3_000))
    starts, lowest, highest = extremes.buckets(first, last, wanted)
    assert starts[0] == first
    assert len(starts) <= wanted
    assert (np.diff(starts) > 0).all()
    assert (starts < last).all()
    ends = np.append(starts[1:], last)
    for start, end, least, most in zip(starts, ends, lowest, highest, strict=True):
        assert least == low[start:end].min()
        assert most == high[start:end].max()
    assert extremes.between(first, last) == (low[first:last].min(), high[first:last].max())


@given(st.lists(st.integers(5_000, 20_000), min_size=1, max_size=40))
def test_drawdown_is_measured_from_the_highest_before(values: list[int]) -> None:
    equity = np.array(values, float)
    low = equity - 7
    shown = drawdown_percent(equity, low, 10_000.0)
    for at in range(len(values)):
        peak = max([10_000.0, *values[:at]])
        assert shown[at] == pytest.approx(-100.0 * max(0.0, (peak - low[at]) / peak))


class CountingPainter:
    """Notes how many primitives an item asks for."""

    def __init__(self) -> None:
        self.drawn: dict[str, int] = {}

    def __getattr__(self, name: str):
        def note(*args: object) -> None:
            if name in ("drawLines", "drawRects"):
                self.drawn[name] = self.drawn.get(name, 0) + int(args[1])  # type: ignore[call-overload]
            elif name == "drawPolyline":
                self.drawn[name] = self.drawn.get(name, 0) + args[0].size()  # type: ignore[attr-defined]

        return note


def show(qtbot: QtBot, item: pg.GraphicsObject, left: float, right: float) -> pg.PlotWidget:
    widget = pg.PlotWidget()
    qtbot.addWidget(widget)
    widget.resize(800, 400)
    widget.addItem(item)
    widget.show()
    widget.setXRange(left, right, padding=0)
    widget.setYRange(0, 2, padding=0)
    qtbot.waitUntil(lambda: item.pixelWidth() > 0)
    return widget


@pytest.mark.parametrize("count", [5_000, 100_000])
def test_candles_cost_what_is_visible_not_what_there_is(qtbot: QtBot, count: int) -> None:
    item = CandleItem()
    item.set_colours(QColor("blue"), QColor("orange"), QColor("black"))
    item.set_bars(walk(count))
    widget = show(qtbot, item, 1_000, 1_100)
    painter = CountingPainter()
    item.paint(painter)  # type: ignore[arg-type]
    assert 95 <= painter.drawn["drawRects"] <= 110
    assert painter.drawn["drawLines"] == painter.drawn["drawRects"]
    widget.setXRange(0, count, padding=0)
    qtbot.wait(1)
    painter = CountingPainter()
    item.paint(painter)  # type: ignore[arg-type]
    assert "drawRects" not in painter.drawn
    assert painter.drawn["drawLines"] <= 800


@pytest.mark.parametrize("step", [False, True])
def test_a_line_draws_two_points_a_pixel_at_most(qtbot: QtBot, step: bool) -> None:
    item = LineItem(step=step)
    item.set_values(np.linspace(0, 2, 200_000))
    widget = show(qtbot, item, 0, 200_000)
    qtbot.waitUntil(lambda: item.pixelWidth() > 100)
    assert widget.isVisible()
    painter = CountingPainter()
    item.paint(painter)  # type: ignore[arg-type]
    assert 400 <= painter.drawn["drawPolyline"] <= 1_700


def test_nothing_draws_nothing(qtbot: QtBot) -> None:
    for item in (CandleItem(), LineItem(), LineItem(fill=True), TradeMarks()):
        widget = show(qtbot, item, 0, 10)
        widget.grab()
        assert item.boundingRect().isNull()
    assert LineItem().range_between(0, 5) is None
    assert CandleItem().range_between(0, 5) is None


def test_marks_know_which_trades_are_in_sight(qtbot: QtBot) -> None:
    marks = TradeMarks()
    marks.set_marks([TradeMark(at, 1.0, at + 5, 1.1, 1, 0.9, 1.2) for at in range(0, 1_000, 10)])
    assert list(marks.visible(102, 121)) == [10, 11, 12]
    assert list(marks.visible(106, 109)) == []
    assert list(marks.visible(-50, -10)) == []
    marks.choose(3)
    assert marks.chosen == 3
    marks.choose(100)
    assert marks.chosen == -1


def test_the_time_axis_labels_round_times(qapp: object) -> None:
    times = FIRST_HOUR + 3_600 * np.arange(24 * 400)
    axis = BarTimeAxis(times)
    for left, right in ((0, 30), (0, 24 * 5), (0, 24 * 60), (0, 24 * 400)):
        [(_, places)] = axis.tickValues(left, right, 900)
        texts = axis.tickStrings(places, 1, 1)
        assert 3 <= len(places) <= 15
        assert len(set(zip(places, texts, strict=True))) == len(texts)
        assert all(a != b for a, b in pairwise(texts))
        assert texts[0]
    [(_, places)] = axis.tickValues(0, 24 * 400, 900)
    assert all(axis.time_at(place).day == 1 for place in places)  # type: ignore[union-attr]
    assert axis.tickValues(-50, -10, 900) == []
    assert axis.time_at(-1) is None
    assert axis.mouse_label(25) == "Thu 2020-01-02 01:00"


def test_weekends_take_no_room_and_no_label_is_lost(qapp: object) -> None:
    week = np.arange(120) * 3_600
    times = np.concatenate([FIRST_HOUR + k * 7 * 86_400 + week for k in range(20)])
    axis = BarTimeAxis(times)
    [(_, places)] = axis.tickValues(0, len(times), 900)
    assert len(places) >= 4
    assert all(float(place).is_integer() for place in places)
