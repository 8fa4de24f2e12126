"""The charts as the trader uses them: one time axis, one crosshair, a chosen trade in the middle, colours live."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from qbx_desktop.ui.charts.candle_chart import CandleChart
from qbx_desktop.ui.charts.equity_chart import EquityChart
from qbx_desktop.ui.charts.trade_marks import TradeMark
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import PSEUDO, Words
from tests.fakes.prices import FIRST_HOUR, walk

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

COUNT = 2_000


@pytest.fixture
def equity(qtbot: QtBot, theme: Theme, words: Words) -> EquityChart:
    chart = EquityChart(theme, words)
    qtbot.addWidget(chart)
    chart.resize(900, 500)
    chart.show()
    values = 10_000 + np.cumsum(np.random.default_rng(2).normal(0, 20, COUNT))
    chart.set_run(FIRST_HOUR + 3_600 * np.arange(COUNT), values, values - 5, np.full(COUNT, -3.0), "USD", 2)
    return chart


@pytest.fixture
def candles(qtbot: QtBot, theme: Theme, words: Words) -> CandleChart:
    chart = CandleChart(theme, words)
    qtbot.addWidget(chart)
    chart.resize(900, 500)
    chart.show()
    chart.set_bars(walk(COUNT), 5)
    return chart


def marks() -> list[TradeMark]:
    bars = walk(COUNT)
    return [
        TradeMark(at, float(bars.open[at]), at + 12, float(bars.close[at + 12]), 1 if at % 100 else -1)
        for at in range(0, COUNT - 20, 50)
    ]


def test_u17_equity_and_drawdown_share_the_time_axis_after_a_zoom(equity: EquityChart) -> None:
    equity.money_plot.setXRange(300, 400, padding=0)
    assert equity.drawdown_plot.viewRange()[0] == equity.money_plot.viewRange()[0]
    equity.drawdown_plot.setXRange(900, 950, padding=0)
    assert equity.money_plot.viewRange()[0] == equity.drawdown_plot.viewRange()[0]


def test_the_value_axis_follows_what_is_visible(equity: EquityChart) -> None:
    equity.money_plot.setXRange(300, 400, padding=0)
    low, high = equity.money_plot.viewRange()[1]
    shown = [equity.equity.value_at(at) for at in range(300, 401)]
    assert low < min(shown)
    assert max(shown) < high
    assert high - low < 3 * (max(shown) - min(shown) + 5)


def test_the_crosshair_reads_both_panes(equity: EquityChart) -> None:
    place = equity.money_plot.getViewBox().mapViewToScene(QPointF(700.2, equity.equity.value_at(700)))
    equity.layout_widget.scene().sigMouseMoved.emit(place)
    assert equity.crosshair.index == 700
    text = equity.readout.text()
    assert "2020-01-30 04:00" in text
    assert f"{equity.equity.value_at(700):,.2f}".replace(",", "\u00a0") in text
    assert "−3.00" in text
    equity.layout_widget.scene().sigMouseMoved.emit(QPointF(-500, -500))
    assert equity.crosshair.index == -1


def test_a_growing_run_keeps_its_whole_length(equity: EquityChart) -> None:
    equity.begin_growing(400, "USD", 2)
    equity.grow(np.linspace(10_000, 11_000, 100))
    left, right = equity.money_plot.viewRange()[0]
    assert left < 0
    assert right > 390
    equity.clear()
    assert len(equity.equity) == 0


@pytest.mark.parametrize("number", [0, 1, 20, len(marks()) - 1])
def test_u18_a_chosen_trade_comes_to_the_middle(candles: CandleChart, number: int) -> None:
    trades = marks()
    candles.set_trades(trades)
    candles.plot.setXRange(0, COUNT)
    candles.centre_on(number, trades[number])
    assert abs(candles.centre_index() - trades[number].entry_index) <= 1
    assert candles.marks.chosen == number
    low, high = candles.plot.viewRange()[1]
    assert low < trades[number].entry_price < high
    candles.grab()


def test_the_crosshair_reads_the_bar(candles: CandleChart) -> None:
    candles.crosshair.put(1_999)
    bars = walk(COUNT)
    assert f"O {bars.open[1_999]:.5f}  H {bars.high[1_999]:.5f}" in candles.readout.text()
    candles.crosshair.put(-1)
    assert "Hollow" in candles.readout.text()


def test_colours_follow_the_theme_live(candles: CandleChart, equity: EquityChart, theme: Theme) -> None:
    for chart in (candles, equity):
        theme.use("dark")
        dark = chart.grab().toImage().pixelColor(200, 250)
        theme.use("light")
        light = chart.grab().toImage().pixelColor(200, 250)
        theme.use("dark")
        assert dark.lightness() < 140
        assert light.lightness() > dark.lightness()


def test_words_follow_the_language_live(candles: CandleChart, equity: EquityChart, words: Words) -> None:
    words.use(PSEUDO)
    assert candles.readout.text().startswith("[")
    assert equity.readout.text().startswith("[")
    assert equity.layout_widget.accessibleName().startswith("[")


def test_few_bars_are_no_problem(candles: CandleChart, equity: EquityChart) -> None:
    for count in (0, 1, 2):
        candles.set_bars(walk(count), 5)
        values = np.full(count, 10_000.0)
        equity.set_run(walk(count).time, values, values, np.zeros(count), "JPY", 0)
        candles.grab()
        equity.grab()


class Click:
    """A click at a place of the scene."""

    def __init__(self, place: QPointF, button: Qt.MouseButton) -> None:
        self._place, self._button = place, button

    def scenePos(self) -> QPointF:  # noqa: N802 - Qt's name
        return self._place

    def screenPos(self) -> QPointF:  # noqa: N802 - Qt's name
        return self._place

    def button(self) -> Qt.MouseButton:
        return self._button


def test_a_price_is_chosen_by_the_right_button_or_on_its_axis(candles: CandleChart) -> None:
    candles.show()
    candles.grab()
    box = candles.plot.getViewBox()
    inside = box.sceneBoundingRect().center()
    beside = QPointF(box.sceneBoundingRect().right() + 30, inside.y())
    wanted = round(candles.scale.price(box.mapSceneToView(inside).y()), candles._digits)
    prices: list[float] = []
    candles.price_clicked.connect(lambda price, _: prices.append(price))
    for place, button in (
        (inside, Qt.MouseButton.LeftButton), (inside, Qt.MouseButton.RightButton), (beside, Qt.MouseButton.LeftButton),
        (beside, Qt.MouseButton.RightButton), (QPointF(-5, -5), Qt.MouseButton.RightButton),
    ):  # fmt: skip
        candles._clicked(Click(place, button))
    assert prices == [wanted] * 3
