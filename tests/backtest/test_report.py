"""Report figures worked out by hand, and against textbook formulas in the standard library."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from qbx_desktop.backtest.drawdown import drawdown
from qbx_desktop.backtest.trade import Trade

from .reported import MONDAY, TimedCurves, reported

HOUR, DAY = 3_600, 86_400


def trade(net: float, k: int = 0, **changes: Any) -> Trade:
    """A trade with this net, opened in hour k and closed one hour later."""
    fields: dict[str, Any] = {
        "ticket": k + 1, "side": "buy", "volume": 0.1, "open_time": MONDAY + k * HOUR, "open_price": 1.1, "sl": 0.0,
        "tp": 0.0, "close_time": MONDAY + (k + 1) * HOUR, "close_price": 1.1, "reason": "signal", "profit": net,
        "swap": 0.0, "commission": 0.0, "net": net, "bars_held": 1, "mfe": max(net, 0.0), "mae": min(net, 0.0),
        "ambiguous": False,
    }  # fmt: skip
    return Trade(**{**fields, **changes})


def curves(balance: Sequence[float], step: int = HOUR, **others: Sequence[float]) -> TimedCurves:
    values = np.array(balance, dtype=float)
    return TimedCurves(
        MONDAY + step * np.arange(len(values)),
        values,
        np.array(others.get("equity", values), dtype=float),
        np.array(others.get("low", others.get("equity", values)), dtype=float),
    )


def report(nets: Sequence[float], deposit: float = 1_000.0, **options: Any) -> dict[str, Any]:
    trades = [trade(net, k) for k, net in enumerate(nets)]
    line = deposit + np.concatenate(([0.0], np.cumsum(nets)))
    return reported(
        options.get("trades", trades),
        options.get("curves", curves(line)),
        deposit,
        options.get("bars_in_market", 0),
    )


NETS = [100.0, -50.0, -30.0, 0.0, 200.0, 60.0, -80.0]  # deposit 1 000


def test_money_by_hand() -> None:
    found = report(NETS)
    assert (found["net_profit"], found["gross_profit"], found["gross_loss"]) == (200.0, 360.0, -160.0)
    assert found["profit_factor"] == 2.25
    assert found["expected_payoff"] == pytest.approx(200 / 7)
    # balances 1 000 1 100 1 050 1 020 1 020 1 220 1 280 1 200: 80 twice, the first at a peak of 1 100
    assert found["balance_drawdown_maximal"] == 80.0
    assert found["balance_drawdown_maximal_percent"] == pytest.approx(80 / 1_100 * 100)
    assert found["recovery_factor"] == 2.5


def test_counts_by_hand() -> None:
    """A net of 0 is a loss."""
    found = report(NETS)
    assert (found["total_trades"], found["total_deals"]) == (7, 14)
    assert (found["profit_trades"], found["loss_trades"]) == (3, 4)
    assert (found["largest_profit_trade"], found["largest_loss_trade"]) == (200.0, -80.0)
    assert (found["average_profit_trade"], found["average_loss_trade"]) == (120.0, -40.0)
    sides = [
        trade(5.0, 0),
        trade(-5.0, 1),
        trade(5.0, 2, side="sell"),
        trade(-5.0, 3, side="sell"),
        trade(0.0, 4, side="sell"),
    ]
    found = report([], trades=sides)
    assert [found[f"{side}_{what}"] for side in ("long", "short") for what in ("trades", "won")] == [
        2,
        1,
        3,
        1,
    ]


def test_series_by_hand() -> None:
    """Runs: W1 (+100), L3 (-80), W2 (+260), L1 (-80)."""
    found = report(NETS)
    assert (found["max_consecutive_wins"], found["max_consecutive_wins_money"]) == (2, 260.0)
    assert (found["max_consecutive_losses"], found["max_consecutive_losses_money"]) == (3, -80.0)
    assert (found["maximal_consecutive_profit"], found["maximal_consecutive_profit_count"]) == (260.0, 2)
    # two series of -80: the first counts
    assert (found["maximal_consecutive_loss"], found["maximal_consecutive_loss_count"]) == (-80.0, 3)
    assert (found["average_consecutive_wins"], found["average_consecutive_losses"]) == (1.5, 2.0)


def test_of_equally_long_series_the_first_counts() -> None:
    found = report([10.0, -1.0, 30.0, -2.0])
    assert (found["max_consecutive_wins"], found["max_consecutive_wins_money"]) == (1, 10.0)
    assert (found["max_consecutive_losses"], found["max_consecutive_losses_money"]) == (1, -1.0)
    assert (found["maximal_consecutive_profit"], found["maximal_consecutive_loss"]) == (30.0, -2.0)


def test_z_score_by_hand() -> None:
    """N 7, W 3, L 4: P = 24, R = 4: (7 · 3.5 - 24) / √(24 · 17 / 6) = 0.5 / 8.246."""
    assert report(NETS)["z_score"] == pytest.approx(0.5 / math.sqrt(24 * 17 / 6))
    assert report([1.0])["z_score"] is None
    assert report([1.0, 1.0, 1.0])["z_score"] is None
    assert report([1.0, -1.0])["z_score"] is None  # P = 2 = N: no spread


def test_growth_by_hand() -> None:
    """1 000 -> 1 100 -> 990: factors 1.1 and 0.9."""
    found = report([100.0, -110.0])
    assert found["ahpr"] == pytest.approx(1.0)
    assert found["ghpr"] == pytest.approx(math.sqrt(0.99))
    assert found["sharpe"] == pytest.approx(0.0, abs=1e-12)
    found = report([100.0, 110.0, -121.0])
    assert found["ahpr"] == pytest.approx(3.1 / 3)
    assert found["sharpe"] == pytest.approx((3.1 / 3 - 1) / statistics.stdev([1.1, 1.1, 0.9]))


def test_regression_by_hand() -> None:
    """Points (0, 1000) (1, 1010) (2, 1000): slope 0, mean 1003.33, SSE 66.67, error √(66.67 / 1)."""
    found = report([10.0, -10.0])
    assert found["lr_correlation"] == pytest.approx(0.0, abs=1e-12)
    assert found["lr_standard_error"] == pytest.approx(math.sqrt(200 / 3))
    found = report([10.0, 10.0])
    assert found["lr_correlation"] == pytest.approx(1.0)
    assert found["lr_standard_error"] == pytest.approx(0.0, abs=1e-6)


def test_sqn_by_hand() -> None:
    assert report([10.0, 20.0, 30.0])["sqn"] == pytest.approx(math.sqrt(3) * 20 / 10)


def test_drawdown_maximal_and_relative_are_not_the_same_trough() -> None:
    """From 1 000 down to 850 (150, 15 %), later from 4 000 down to 3 600 (400, 10 %)."""
    line = np.array([1_000.0, 850.0, 4_000.0, 3_600.0, 5_000.0])
    found = drawdown(1_000.0, line, line, 100)
    assert (found.absolute, found.maximal, found.relative) == (150.0, 400.0, 150.0)
    assert (found.maximal_percent, found.relative_percent) == (pytest.approx(10.0), pytest.approx(15.0))


def test_drawdown_begins_at_the_deposit() -> None:
    line = np.array([900.0, 950.0])
    found = drawdown(1_000.0, line, line, 100)
    assert (found.absolute, found.maximal, found.maximal_percent) == (100.0, 100.0, pytest.approx(10.0))


def test_equity_drawdown_is_from_the_highest_equity_before_to_the_lowest_within() -> None:
    """A bar's own high never counts against its own low."""
    equity, low = np.array([1_000.0, 1_200.0, 1_150.0]), np.array([990.0, 980.0, 1_100.0])
    found = drawdown(1_000.0, equity, low, 100)
    # bar 1: 1 000 - 980 = 20; bar 2: 1 200 - 1 100 = 100
    assert (found.absolute, found.maximal) == (20.0, 100.0)


def test_a_line_that_never_falls_has_no_drawdown() -> None:
    found = report([10.0, 20.0])
    assert found["balance_drawdown_absolute"] == found["balance_drawdown_maximal"] == 0.0
    assert found["recovery_factor"] is None
    assert found["profit_factor"] is None
    assert found["calmar"] is None


def test_cagr_and_calmar_by_hand() -> None:
    """1 000 -> 1 210 in two years of 365.25 days is 10 % a year; the equity fell by a fifth on the way."""
    line = curves([1_000.0, 800.0, 1_210.0], step=int(365.25 * DAY), equity=[1_000.0, 800.0, 1_210.0])
    found = report([210.0], curves=line)
    assert found["cagr"] == pytest.approx(0.1)
    assert found["calmar"] == pytest.approx(0.1 / 0.2)


def test_no_growth_without_a_span_or_when_all_is_lost() -> None:
    assert report([1.0], curves=curves([1_001.0]))["cagr"] is None
    assert report([-1_000.0], curves=curves([1_000.0, 0.0]))["cagr"] is None
    assert report([-1_100.0], curves=curves([1_000.0, -100.0]))["cagr"] is None


def test_sortino_by_hand() -> None:
    """Last equities of three days: 1 010, 999.9, 1 009.899: returns 1 %, -1 %, 1 %."""
    line = curves([1_000.0, 1_010.0, 1_000.0, 999.9, 1_300.0, 1_009.899], step=DAY // 2)
    expected = (0.01 / 3) / math.sqrt(0.0001 / 3) * math.sqrt(252)
    assert report([0.0], curves=line)["sortino"] == pytest.approx(expected)


def test_sortino_needs_a_fall() -> None:
    assert report([0.0], curves=curves([1_000.0, 1_010.0, 1_020.0], step=DAY))["sortino"] is None


def test_exposure_is_a_share_of_the_bars() -> None:
    assert report([], curves=curves([1_000.0] * 8), bars_in_market=2)["exposure"] == 0.25


def test_excursion_correlations_take_profit_not_net() -> None:
    trades = [
        trade(-3.0, 0, profit=10.0, mfe=20.0, mae=-5.0),
        trade(-9.0, 1, profit=20.0, mfe=40.0, mae=-1.0),
        trade(30.0, 2, profit=30.0, mfe=60.0, mae=-3.0),
    ]
    found = report([], trades=trades)
    assert found["correlation_profit_mfe"] == pytest.approx(1.0)
    assert found["correlation_profit_mae"] == pytest.approx(0.5)
    assert found["correlation_mfe_mae"] == pytest.approx(0.5)


def test_holding_times_in_seconds() -> None:
    trades = [
        trade(1.0, 0),
        trade(1.0, 1, close_time=MONDAY + 1 * HOUR),
        trade(1.0, 2, close_time=MONDAY + 7 * HOUR),
    ]
    found = report([], trades=trades)
    assert (found["holding_min"], found["holding_max"], found["holding_average"]) == (0, 5 * HOUR, 2 * HOUR)


def test_exits_by_reason() -> None:
    trades = [trade(1.1, 0, reason="sl"), trade(2.2, 1, reason="tp"), trade(-0.3, 2, reason="sl")]
    assert report([], trades=trades)["exit_reasons"] == {
        "sl": {"trades": 2, "net": 0.8},
        "tp": {"trades": 1, "net": 2.2},
    }


def test_nothing_traded_leaves_figures_empty() -> None:
    found = report([], curves=curves([1_000.0] * 3))
    zero = {
        "net_profit", "gross_profit", "gross_loss", "total_trades", "total_deals", "exposure", "cagr",
        "long_trades", "long_won", "short_trades", "short_won", "profit_trades", "loss_trades",
        "max_consecutive_wins", "max_consecutive_wins_money", "max_consecutive_losses",
        "max_consecutive_losses_money", "maximal_consecutive_profit", "maximal_consecutive_profit_count",
        "maximal_consecutive_loss", "maximal_consecutive_loss_count",
        *(name for name in found if "drawdown" in name),
    }  # fmt: skip
    for name, value in found.items():
        if name == "exit_reasons":
            assert value == {}
        elif name in zero:
            assert value == 0, name
        else:
            assert value is None, name


def test_one_trade_is_too_few_for_spread() -> None:
    found = report([10.0])
    for name in ("sharpe", "sqn", "z_score", "lr_standard_error", "correlation_profit_mfe"):
        assert found[name] is None
    assert found["ahpr"] == found["ghpr"] == pytest.approx(1.01)


@given(st.lists(st.integers(-40_000, 50_000), min_size=2, max_size=60))
@example([173, 8516, -54, -68, -257, 1871, 10800, 10800, -257, -461])
def test_against_the_textbook(cents: list[int]) -> None:
    nets = [each / 100 for each in cents]
    deposit = 10_000_000.0
    found = report(nets, deposit)
    balances = [round(deposit + sum(nets[:k]), 2) for k in range(len(nets) + 1)]
    factors = [after / before for before, after in pairwise(balances)]
    assert found["net_profit"] == round(sum(nets), 2)
    assert found["net_profit"] == pytest.approx(found["gross_profit"] + found["gross_loss"])
    assert found["ahpr"] == pytest.approx(statistics.fmean(factors), rel=1e-12)
    assert found["ghpr"] == pytest.approx(statistics.geometric_mean(factors), rel=1e-9)
    # Below this spread the last binary digit of a factor decides the figure.
    if statistics.stdev(factors) > 1e-12:
        assert found["sharpe"] == pytest.approx(
            (statistics.fmean(factors) - 1) / statistics.stdev(factors), rel=1e-4, abs=1e-6
        )
    if len(set(nets)) > 1:
        spread = statistics.stdev(nets)
        assert found["sqn"] == pytest.approx(math.sqrt(len(nets)) * statistics.fmean(nets) / spread, abs=1e-9)
    if len(set(balances)) > 1:
        slope, intercept = np.polyfit(np.arange(len(balances)), np.array(balances) - deposit, 1)
        rest = np.array(balances) - deposit - (slope * np.arange(len(balances)) + intercept)
        assert found["lr_standard_error"] == pytest.approx(
            math.sqrt((rest**2).sum() / (len(nets) - 1)), rel=1e-6, abs=1e-4
        )
    peak, deepest = deposit, 0.0
    for balance in balances:
        peak = max(peak, balance)
        deepest = max(deepest, peak - balance)
    assert found["balance_drawdown_maximal"] == pytest.approx(deepest, abs=1e-6)
    assert found["max_consecutive_wins"] == max(
        (len(run) for run in "".join("W" if net > 0 else "L" for net in nets).split("L")), default=0
    )
