"""Several strategies on one account: the parts add up while margin is free, and not when it binds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.portfolio import run_portfolio
from qbx_desktop.backtest.portfolio_risk import correlations, exposures, parts_of
from qbx_desktop.backtest.run import Cancelled, run
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit

from .search.landscape import swings, wave
from .stage import EURUSD, GBPJPY, XAUUSD

GBPUSD = dataclasses.replace(EURUSD, symbol="GBPUSD", currency_base="GBP", currency_margin="GBP")


def legs(**changes: object) -> list[BacktestInput]:
    """Two legs with stops, one of whose markets sleeps at night."""
    stop = StopDistance(StopUnit.PIPS, 25.0)
    first = swings(900, sl=stop, tp=StopDistance(StopUnit.PIPS, 60.0), **changes)
    bars = wave(900, period=70, seed=9)
    awake = np.flatnonzero((bars.time // 3600) % 24 >= 6)
    gaps = Bars.from_prices(
        *(column[awake] for column in (bars.time, bars.open, bars.high, bars.low, bars.close))
    )
    second = dataclasses.replace(
        first, bars=gaps, spec=GBPUSD, strategy="MA_CROSSOVER", params={"fast_period": 4, "slow_period": 15}, costs=Costs(spread_points=15, commission_per_lot=3.0),
    )  # fmt: skip
    return [first, second]


@pytest.mark.parametrize("sizing", [Sizing(lots=0.2), Sizing(risk_percent=2.0)])
def test_a_portfolio_of_one_is_the_run(sizing: Sizing) -> None:
    for given in legs():
        alone = dataclasses.replace(given, sizing=sizing)
        single, whole = run(alone), run_portfolio([alone])
        assert list(whole.legs[0].trades) == list(single.trades)
        assert whole.legs[0].refused == dict(single.refused)
        assert np.array_equal(whole.balance, single.balance)
        assert np.array_equal(whole.equity, single.equity)
        assert np.array_equal(whole.equity_low, single.equity_low)
        assert whole.report == single.report


def test_the_parts_add_up_while_margin_is_free() -> None:
    parts = legs()
    alone = [run(each) for each in parts]
    whole = run_portfolio(parts)
    assert sum(len(each.trades) for each in alone) > 40
    for single, leg in zip(alone, whole.legs, strict=True):
        assert list(single.trades) == list(leg.trades)
        assert leg.net == pytest.approx(single.report["net_profit"])
    assert whole.report["net_profit"] == pytest.approx(sum(each.report["net_profit"] for each in alone))
    assert whole.balance[-1] == pytest.approx(10_000.0 + whole.report["net_profit"])
    assert whole.report["total_trades"] == sum(each.report["total_trades"] for each in alone)
    # Equity of the whole is the deposit and both legs' money at every moment.
    assert whole.equity == pytest.approx(10_000.0 + whole.legs[0].money + whole.legs[1].money)
    assert (whole.equity_low <= whole.equity + 1e-9).all()


def test_they_differ_when_margin_binds() -> None:
    # 0.1 lots need about 2,200 at 1:5; on 3,000 one position fits, two do not.
    account = Account(balance=3_000.0, leverage=5.0, stop_out=0.0)
    parts = [dataclasses.replace(each, account=account) for each in legs()]
    alone = [run(each) for each in parts]
    whole = run_portfolio(parts)
    refused = sum(leg.refused["no money"] for leg in whole.legs)
    assert refused > sum(each.refused["no money"] for each in alone)
    assert sum(len(leg.trades) for leg in whole.legs) < sum(len(each.trades) for each in alone)
    assert whole.report["net_profit"] != pytest.approx(sum(each.report["net_profit"] for each in alone))


def test_a_common_stop_out_closes_the_worst_first() -> None:
    # Averages of the wave's own length are always late: they buy high and sell low.
    account = Account(balance=1_200.0, leverage=200.0, stop_out=50.0)
    parts = [
        dataclasses.replace(
            each, account=account, sizing=Sizing(lots=0.9), sl=StopDistance(), tp=StopDistance(),
            params={"fast_period": 20, "slow_period": 45},
        )
        for each in legs()
    ]  # fmt: skip
    whole = run_portfolio(parts)
    reasons = {trade.reason for leg in whole.legs for trade in leg.trades}
    assert "stop out" in reasons
    assert whole.unstopped
    held = whole.margin_used > 0
    assert (whole.equity[held] > 0.5 * whole.margin_used[held] - 1e-6).all()


def test_the_worst_moment_of_all_stops_is_what_two_stops_lose() -> None:
    whole = run_portfolio(legs())
    # 25 pips of 0.1 lot are 25 dollars; both legs were open together at some time.
    assert whole.worst_stop_out == pytest.approx(50.0, abs=0.5)
    assert not whole.unstopped


def test_exposure_per_currency_is_the_hand_sum() -> None:
    book = [
        (EURUSD, 1, 0.5, 1.1),
        (GBPUSD, 1, 0.2, 1.25),
        (EURUSD, -1, 0.1, 1.2),
        (GBPJPY, -1, 0.3, 190.0),
        (XAUUSD, 1, 0.1, 2000.0),
        (GBPUSD, -1, 0.1, 1.3),
    ]
    total: dict[str, float] = {}
    for spec, side, volume, price in book:
        for currency, amount in parts_of(spec, side, volume, price).items():
            total[currency] = total.get(currency, 0.0) + amount
    assert total == pytest.approx({
        "EUR": 40_000.0,
        "USD": -50_000 * 1.1 - 20_000 * 1.25 + 10_000 * 1.2 - 10 * 2000.0 + 10_000 * 1.3,
        "GBP": 20_000.0 - 30_000.0 - 10_000.0,
        "JPY": 30_000 * 190.0,
        "XAU": 10.0,
    })  # fmt: skip


def test_exposures_and_correlations_of_a_run() -> None:
    parts = legs()
    whole = run_portfolio(parts)
    found = {each.currency: each for each in exposures(parts, whole)}
    assert set(found) == {"EUR", "GBP", "USD"}
    assert abs(found["EUR"].amount) == 10_000.0
    assert 10_000.0 < abs(found["USD"].amount) <= 23_000.0
    table = correlations(whole)
    assert table[0][0] == pytest.approx(1.0)
    assert table[0][1] == pytest.approx(table[1][0])
    same = correlations(run_portfolio([parts[0], parts[0]]))
    assert same[0][1] == pytest.approx(1.0)


def test_what_cannot_be_run() -> None:
    parts = legs()
    with pytest.raises(UserMistake, match="at least one"):
        run_portfolio([])
    with pytest.raises(UserMistake, match="share one account"):
        run_portfolio([parts[0], dataclasses.replace(parts[1], account=Account(balance=1.0))])
    with pytest.raises(Cancelled):
        run_portfolio(parts, cancelled=lambda: True)
