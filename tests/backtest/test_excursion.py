"""How far a booked trade ran is what the backtest says of the same trade."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.backtest.input import Account, BacktestInput
from qbx_desktop.backtest.run import run
from qbx_desktop.backtest.trade import Trade
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.excursion import excursion, frame_for
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.domain.trades import RebuiltTrade
from tests.fakes.prices import walk

POINT = 0.00001


def booked(trade: Trade, exit_delay: int = 0) -> RebuiltTrade:
    """The trade as the broker would book it: filled at the open of its bar, closed so many seconds into the other."""
    return RebuiltTrade(
        1, 0, "EURUSD", 1 if trade.side == "buy" else -1, trade.volume, trade.open_time * 1000, trade.open_price,
        (trade.close_time + exit_delay) * 1000, trade.close_price, trade.profit, trade.swap, trade.commission, 0.0, 1, 0,
        "", 3, 1,
    )  # fmt: skip


@pytest.fixture(scope="module")
def bars() -> Bars:
    made = walk(6_000)
    return replace(made, spread=np.full(len(made), 12, np.int64))


@pytest.fixture(scope="module")
def trades(bars: Bars) -> list[Trade]:
    stop = StopDistance(StopUnit.ATR, 2.0)
    result = run(
        BacktestInput(
            bars=bars, spec=known_symbol("EURUSD"), strategy="MA_CROSSOVER", params={"fast_period": 5, "slow_period": 20},
            account=Account(), sizing=Sizing(lots=0.1), sl=stop, tp=StopDistance(StopUnit.ATR, 3.0),
        )
    )  # fmt: skip
    return list(result.trades)


def test_it_is_what_the_backtest_says_of_the_same_trade(bars: Bars, trades: list[Trade]) -> None:
    checked = {"sl": 0, "signal": 0, "reverse": 0}
    for trade in trades:
        # A bar that reached the target was seen by the backtest up to there; a chart cannot tell how far that is.
        if trade.reason not in checked or trade.profit == 0 or trade.ambiguous:
            continue
        delay = 60 if trade.reason == "sl" else 0
        found = excursion(booked(trade, delay), bars, Timeframe.H1, POINT)
        assert found is not None
        # Both round to cents, the money per price is that of the exit.
        assert (found.mfe, found.mae) == pytest.approx((trade.mfe, trade.mae), abs=0.02 + 0.01 * abs(trade.profit)), trade  # fmt: skip
        checked[trade.reason] += 1
    assert checked["sl"] > 20
    assert checked["signal"] + checked["reverse"] > 20


def test_what_was_before_the_entry_or_after_the_exit_did_not_happen(trades: list[Trade]) -> None:
    trade = replace(booked(trades[0]), side=1, open_ms=1_030_000, close_ms=1_150_000)
    trade = replace(trade, open_price=1.1, close_price=1.2, profit=10.0)
    time = 960 + 60 * np.arange(5)
    wild = Bars.from_prices(time, [1.1] * 5, [9, 9, 1.15, 9, 9], [0.1, 0.1, 1.05, 0.1, 0.1], [1.1] * 5)
    found = excursion(trade, wild, Timeframe.M1, POINT)
    assert found is not None
    assert (found.mfe, found.mae) == pytest.approx((10.0, -5.0))
    none = excursion(trade, wild[:1], Timeframe.M1, POINT)
    assert none is not None
    assert (none.mfe, none.mae) == (10.0, 0.0)


def test_what_tells_no_money_is_not_guessed(bars: Bars, trades: list[Trade]) -> None:
    trade = booked(trades[0])
    assert excursion(replace(trade, close_price=trade.open_price), bars, Timeframe.H1, POINT) is None
    assert excursion(replace(trade, profit=-trade.profit), bars, Timeframe.H1, POINT) is None
    for change in (
        {"is_open": True},
        {"complete": False},
        {"exits": 2},
        {"open_ms": None},
        {"close_ms": None},
    ):
        assert frame_for(replace(trade, **change)) is None  # type: ignore[arg-type]


@given(st.integers(1, 500_000_000))
def test_a_trade_is_read_in_one_answer(seconds: int) -> None:
    trade = RebuiltTrade(1, 0, "X", 1, 1, 0, 1.0, seconds * 1000, 1.1, 1, 0, 0, 0, 1, 0, "", 3, 1)
    frame = frame_for(trade)
    if frame is None:
        assert seconds > 50_000 * 3_600
    else:
        assert seconds / frame.seconds <= 50_000
