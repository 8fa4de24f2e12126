"""The live chart over the practice terminal: bars, lines, levels, a tick, a new bar, logarithms and local time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.domain.events import TickArrived
from qbx_desktop.domain.records import Tick
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.strategies import registry
from qbx_desktop.ui import chart_data
from qbx_desktop.ui.chart_data import ChartWish
from qbx_desktop.ui.context import AppContext
from qbx_desktop.ui.live import Live
from qbx_desktop.ui.live_chart import LiveChart, PriceLevel
from qbx_desktop.workers.board import NoticeBoard

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
START = int(datetime(2024, 6, 5, 12, tzinfo=UTC).timestamp())
WISH = ChartWish("EURUSD", Timeframe.M1, "MA_CROSSOVER", '{"fast_period": 5, "slow_period": 20}')


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    made = Terminal(
        TerminalClient(InlineTransport(build_terminal(start=START), TerminalSpec(clock_mode="stepped")))
    )
    made.open()
    yield made
    made.close()


@pytest.fixture
def chart(qtbot: QtBot, context: AppContext, live: Live, terminal: Terminal) -> Iterator[LiveChart]:
    context.quotes.terminal = terminal  # type: ignore[attr-defined]
    made = LiveChart(context, live)
    made.resize(900, 500)
    made.show()
    made.show_series(WISH)
    qtbot.waitUntil(lambda: made.data is not None)
    yield made
    made.close()
    shiboken6.delete(made)


def test_every_line_has_a_value_per_bar_and_is_the_strategys(terminal: Terminal) -> None:
    for strategy in registry.all_strategies():
        data = chart_data.read(
            terminal, replace(WISH, strategy=strategy.key, strategy_params=None), shown=200
        )
        assert len(data.bars) == 200
        assert len(data.forming) == 1
        assert data.plots
        for plot in data.plots:
            assert plot.values.shape == (200,)
            assert np.isfinite(plot.values[-1]), "the bars before the first one shown warm it up"
    assert data.ahead in (7_200, 10_800)


def test_a_tick_moves_the_forming_bar_and_one_of_the_next_bar_asks_again(
    chart: LiveChart, board: NoticeBoard, terminal: Terminal, qtbot: QtBot
) -> None:
    assert chart.chart is not None
    before = chart.data
    assert before is not None
    begun = int(before.forming.time[0])
    top = float(before.forming.high[0]) + 0.01
    board.happened.emit(TickArrived("EURUSD", Tick(time=begun + 1, bid=top, ask=top), 10, 5))
    assert chart.data is not None
    assert float(chart.data.forming.high[0]) == float(chart.data.forming.close[0]) == top
    assert chart.chart.levels.levels[-1].text == f"now {top:.5f}"
    left, right = chart.chart.plot.viewRange()[0]
    terminal.sim("sim_advance", 180)
    board.happened.emit(TickArrived("EURUSD", Tick(time=begun + 185, bid=top, ask=top), 10, 5))
    qtbot.waitUntil(lambda: chart.data is not None and int(chart.data.forming.time[0]) > begun, timeout=4_000)
    assert len(chart.data.bars) == len(before.bars)
    assert chart.chart.plot.viewRange()[0] == pytest.approx([left, right]), "the view stays at the right edge"


def test_levels_stand_at_their_prices_also_on_a_logarithmic_scale(chart: LiveChart) -> None:
    assert chart.chart is not None
    price = float(chart.data.bars.close[-1])
    chart.set_levels([PriceLevel(price, "entry"), PriceLevel(0.0, "stop")])
    entry = chart.chart.levels.levels[0]
    assert (entry.place, entry.text) == (price, f"entry {price:.5f}")
    assert len(chart.chart.levels.levels) == 2, "a stop of 0 is none; the second is the price now"
    chart.log.click()
    assert chart.chart.levels.levels[0].place == pytest.approx(np.log10(price))
    low, high = chart.chart.plot.viewRange()[1]
    assert low < np.log10(price) < high
    axis = chart.chart.plot.getAxis("right")
    marks = [each for _, values in axis.tickValues(low, high, 400) for each in values]
    assert marks
    assert all(float(text) == pytest.approx(10**mark, abs=6e-6) for mark, text in zip(marks, axis.tickStrings(marks, 1, 1), strict=True))  # fmt: skip
    chart.chart.grab()


def test_local_time_is_the_servers_less_its_lead(chart: LiveChart) -> None:
    assert chart.chart is not None
    server = chart.chart.axis.time_at(10)
    chart.local.click()
    here = datetime.now(UTC).astimezone().utcoffset()
    assert chart.chart.axis.time_at(10) - server == here - timedelta(seconds=chart.data.ahead)


def test_a_click_on_the_chart_asks_for_an_alert_there(chart: LiveChart, qtbot: QtBot) -> None:
    assert chart.chart is not None
    chart.chart.price_clicked.emit(1.2345, QPointF(10, 10))
    menu = chart.findChild(QMenu)
    assert menu is not None
    assert menu.actions()[0].text() == "Set alert on EURUSD at 1.23450…"
    with qtbot.waitSignal(chart.alert_wanted) as asked:
        menu.actions()[0].trigger()
    assert asked.args == ["EURUSD", 1.2345]
    menu.close()


def test_out_of_sight_it_watches_nothing(chart: LiveChart, context: AppContext) -> None:
    group = chart._group
    assert context.quotes.watched[group] == {"EURUSD"}
    chart.hide()
    assert context.quotes.watched[group] == frozenset()
