"""The tables of the Backtest tab: every role answers, sorting goes by value, models keep Qt's rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from qbx_desktop.backtest.trade import Trade
from qbx_desktop.data.backtests import BacktestSummary
from qbx_desktop.domain.messages import Message
from qbx_desktop.ui.models.backtest_runs_model import BacktestRunsModel
from qbx_desktop.ui.models.columns import ColumnsModel
from qbx_desktop.ui.models.report_model import ReportModel, duration
from qbx_desktop.ui.models.trades_model import TradesModel
from qbx_desktop.ui.theme import Theme
from qbx_desktop.ui.words import Words
from qbx_desktop.workers.backtest_run import Mark, ShownRun
from tests.fakes.prices import FIRST_HOUR


def trade(number: int, net: float, side: str = "buy", **changes: Any) -> Trade:
    values: dict[str, Any] = {
        "ticket": number, "side": side, "volume": 0.1, "open_time": FIRST_HOUR + 3_600 * number, "open_price": 1.1,
        "sl": 1.09 if side == "buy" else 1.11, "tp": 0.0, "close_time": FIRST_HOUR + 7_200 * number, "close_price": 1.12,
        "reason": "signal", "profit": net + 1, "swap": -0.4, "commission": -0.6, "net": net, "bars_held": number,
        "mfe": 1.0, "mae": -1.0, "ambiguous": False,
    }  # fmt: skip
    return Trade(**{**values, **changes})


def run_of(report: dict[str, Any], **changes: Any) -> ShownRun:
    nothing = np.zeros(0)
    return ShownRun(None, "x", (), report, nothing.astype(np.int64), nothing, nothing, nothing, **changes)


def watched(model: ColumnsModel) -> ColumnsModel:
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.setProperty("tester", tester)
    return model


def ask_everything(model: ColumnsModel) -> None:
    for row in range(model.rowCount()):
        for column in range(model.columnCount()):
            for role in Qt.ItemDataRole:
                model.index(row, column).data(role)


@pytest.fixture
def trades(words: Words, theme: Theme) -> TradesModel:
    made = TradesModel(words, theme)
    watched(made)
    made.set_trades(
        [
            trade(1, 9.5),
            trade(2, 100.25, reason="tp"),
            trade(3, -20.0, "sell", reason="sl", ambiguous=True),
            trade(4, 0.0, sl=0.0, reason="end of data"),
        ],
        5,
        2,
    )
    return made


def texts(model: ColumnsModel, column: int) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_trades_are_written_with_signs_and_words(trades: TradesModel, theme: Theme) -> None:
    ask_everything(trades)
    assert texts(trades, 0) == ["1", "2", "3", "4"]
    assert texts(trades, 2) == ["▲ Buy", "▲ Buy", "▼ Sell", "▲ Buy"]
    assert texts(trades, 6) == ["exit signal", "take profit", "stop loss *", "end of data"]
    assert texts(trades, 7) == ["+9.50", "+100.25", "−20.00", "0.00"]
    assert texts(trades, 8) == ["+2.0", "+2.0", "−2.0", "—"]
    assert "same bar" in trades.index(2, 6).data(Qt.ItemDataRole.ToolTipRole)
    assert (
        trades.index(0, 7).data(Qt.ItemDataRole.ToolTipRole) == "Price +10.50, swap −0.40, commission −0.60"
    )
    assert trades.index(0, 7).data(Qt.ItemDataRole.ForegroundRole) == theme.colour("up")


def test_trades_sort_by_value_not_by_text(trades: TradesModel) -> None:
    trades.sort(7, Qt.SortOrder.DescendingOrder)
    assert texts(trades, 7) == ["+100.25", "+9.50", "0.00", "−20.00"]
    trades.sort(8)
    assert texts(trades, 8)[0] == "—"
    for column in range(trades.columnCount()):
        trades.sort(column)


def test_saved_runs_show_local_time_and_signs(words: Words, theme: Theme) -> None:
    model = BacktestRunsModel(words, theme)
    watched(model)
    model.set_runs(
        [
            BacktestSummary(2, "2025-11-20 10:00:00", "MA", "x.csv", 12.0, 3, 66.67, 4.0, 2, 1, "Gold", True),
            BacktestSummary(1, "not a time", "RSI", "y.csv", -3.5, 0, 0.0, 0.0, 0, 0),
        ]
    )
    ask_everything(model)
    assert texts(model, 2) == ["★ Gold", "RSI"]
    assert texts(model, 4) == ["+12.00", "−3.50"]
    assert texts(model, 1)[1] == "not a time"
    assert texts(model, 7)[0] == "−4.0\u00a0%"


def test_the_report_leaves_nothing_out(words: Words, theme: Theme) -> None:
    model = ReportModel(words, theme)
    watched(model)
    report = {
        "net_profit": -12.5, "profit_factor": None, "cagr": 0.05, "total_trades": 1_234, "holding_max": 90_000,
        "exit_reasons": {"sl": {"trades": 2, "net": -7.5}}, "margin_level": 3.0, "brand_new_field": 7,
    }  # fmt: skip
    trust = (Mark("costs", False, Message("no such code", {})),)
    model.set_run(
        run_of(report, refused={"no money": 2}, trust=trust, assumptions=(Message("assume.gaps", {}),))
    )
    ask_everything(model)
    assert model.value_of("net_profit") == "−12.50 USD"
    assert model.value_of("profit_factor") == "—"
    assert model.value_of("cagr") == "5.00\u00a0%"
    assert model.value_of("total_trades") == "1\u00a0234"
    assert model.value_of("holding_max") == "1 d 1 h"
    assert model.value_of("exit_reasons.sl") == "2 · −7.50 USD"
    assert model.value_of("refused.no money") == "2"
    assert model.value_of("trust.0") == "doubtful"
    assert model.value_of("brand_new_field") == "7"
    assert model.value_of("no such line") == ""
    model.set_run(None)
    assert model.rowCount() == 0


@pytest.mark.parametrize(("seconds", "text"), [(59, "1 min"), (3_660, "1 h 1 min"), (180_000, "2 d 2 h")])
def test_durations_take_their_two_largest_units(words: Words, seconds: int, text: str) -> None:
    assert duration(seconds, words) == text
