"""Chance: the same orders at random times, buy and hold, and the verdict in words."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from qbx_desktop.backtest import baseline
from qbx_desktop.backtest.appraisal import appraise
from qbx_desktop.backtest.baseline import Baseline, baseline_of, usual_runs
from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.run import Cancelled, run
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit

MONDAY, HOUR = 1_704_067_200, 3_600


def walk(seed: int, n: int = 600) -> Bars:
    """A random walk: nothing can be known of it."""
    rng = np.random.default_rng(seed)
    close = np.round(1.1 * np.exp(np.cumsum(rng.normal(0, 0.001, n))), 5)
    opened = np.concatenate(([1.1], close[:-1]))
    return Bars.from_prices(
        MONDAY + HOUR * np.arange(n), opened, np.maximum(opened, close), np.minimum(opened, close), close
    )


def swings(n: int = 1_000) -> Bars:
    """Waves whose length changes: whoever follows the averages earns, at the right moments only."""
    k = np.arange(n)
    close = np.round(1.1 + 0.02 * np.sin(k / 5 + 6 * np.sin(k / 61) + 9 * np.sin(k / 233)), 5)
    opened = np.concatenate(([1.1], close[:-1]))
    return Bars.from_prices(
        MONDAY + HOUR * np.arange(n), opened, np.maximum(opened, close), np.minimum(opened, close), close
    )


def given_on(bars: Bars, **changes: object) -> BacktestInput:
    whole = BacktestInput(
        bars, known_symbol("EURUSD"), "MA_CROSSOVER", {"fast_period": 2, "slow_period": 6},
        costs=Costs(spread_points=0), sizing=Sizing(lots=0.1), sl=StopDistance(StopUnit.PIPS, 60),
        account=Account(stop_out=0.0),
    )  # fmt: skip
    return dataclasses.replace(whole, **changes)  # type: ignore[arg-type]


def compared(given: BacktestInput, runs: int = 60, **options: int) -> Baseline:
    found = baseline_of(given, run(given), runs=runs, **options)
    assert found is not None
    return found


def test_a_rule_that_fits_the_market_beats_chance() -> None:
    found = compared(given_on(swings()), runs=99)
    # the same orders a bar or two late still earn something
    assert found.worse >= 95
    assert found.p == pytest.approx((100 - found.worse) / 100)
    assert found.verdict.code in ("baseline.better", "baseline.maybe")
    assert f"of 99 runs with the same orders at random times {found.worse} did worse" in found.verdict.text


def test_its_opposite_is_worse_than_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    given = given_on(swings())
    real = baseline.signals_of

    def turned(*arguments: object) -> Signals:
        found = real(*arguments)  # type: ignore[arg-type]
        return dataclasses.replace(found, entry=-found.entry)

    monkeypatch.setattr(baseline, "signals_of", turned)
    lost = run(given)
    report = {**lost.report, "net_profit": -lost.report["net_profit"]}
    worse: Any = SimpleNamespace(trades=lost.trades, report=report)
    found = baseline_of(given, worse, runs=60)
    assert found is not None
    assert found.verdict.code == "baseline.worse"


def test_on_random_walks_the_lead_is_nothing_special() -> None:
    """The p of a rule without an edge is spread evenly over 0 to 1."""
    shares = [compared(given_on(walk(seed, 300)), runs=19).p for seed in range(30)]
    assert 0.35 < float(np.mean(shares)) < 0.65
    assert sum(share <= 0.05 for share in shares) <= 5
    assert sum(share > 0.5 for share in shares) >= 9


def test_a_random_run_keeps_count_and_sides_of_the_orders() -> None:
    own = Signals.none(50)
    own.entry[[3, 9, 40]] = (1, -1, 1)
    own.exit_long[12] = True
    for by in (1, 17, 48):
        moved = baseline._turned(own, 0, 50, 50, by)
        assert sorted(moved.entry[moved.entry != 0]) == [-1, 1, 1]
        assert np.flatnonzero(moved.exit_long).tolist() == [(12 + by) % 50]
    inside = baseline._turned(own, 5, 45, 50, 3)
    assert np.flatnonzero(inside.entry).tolist() == [12, 43]


def test_equal_seeds_give_equal_runs_and_others_do_not() -> None:
    given = given_on(walk(3))
    one, same, other = compared(given), compared(given), compared(given, seed=2)
    assert one.to_json() == same.to_json()
    assert not np.array_equal(one.net, other.net)


def test_many_bars_are_run_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    given = given_on(walk(3))
    whole = compared(given, runs=7)
    monkeypatch.setattr(baseline, "_SIGNALS_AT_ONCE", 2 * len(given.bars))
    told: list[tuple[int, int]] = []
    found = baseline_of(given, run(given), runs=7, progress=lambda done, total: told.append((done, total)))
    assert found is not None
    assert found.to_json() == whole.to_json()
    assert told == [(2, 7), (4, 7), (6, 7), (7, 7)]


def test_few_trades_are_no_proof() -> None:
    given = given_on(swings(100))
    found = compared(given)
    assert found.verdict.code == "baseline.few"
    assert found.verdict.text.startswith("Cannot tell yet: ")


def test_a_loss_is_never_called_good() -> None:
    told = baseline._verdict(100, 100, 99, 0.02, -5.0)
    assert told.code == "baseline.loses"
    assert baseline._verdict(100, 99, 99, 0.01, 5.0).code == "baseline.better"
    assert baseline._verdict(100, 100, 96, 0.05, 5.0).code == "baseline.maybe"
    assert baseline._verdict(100, 100, 60, 0.41, 5.0).code == "baseline.chance"
    assert baseline._verdict(100, 100, 4, 0.96, 5.0).code == "baseline.worse"
    assert baseline._verdict(100, 5, 0, 1.0, -5.0).code == "baseline.chance", "five runs prove nothing"


def test_buy_and_hold_by_hand() -> None:
    """0.1 lot from the open of the second bar, 1.10000 + 10 points, to the last close, 1.20000: 0.09990 · 10 000."""
    close = np.round(np.linspace(1.1, 1.2, 200), 5)
    opened = np.concatenate(([1.1], close[:-1]))
    bars = Bars.from_prices(MONDAY + HOUR * np.arange(200), opened, close, opened, close)
    spec = dataclasses.replace(known_symbol("EURUSD"), swap_mode=0)
    given = given_on(bars, spec=spec, costs=Costs(spread_points=10, commission_per_lot=5.0))
    result = run(given_on(walk(5, 200), spec=spec))
    found = baseline_of(given, result, runs=1)
    assert found is not None
    assert found.hold_lots == pytest.approx(0.1)
    assert found.hold_net == pytest.approx(999.0 - 1.0)


def test_what_an_account_cannot_hold_is_empty() -> None:
    """One lot needs 1 100 USD at 1:100; the account has 50."""
    given = given_on(walk(5), account=Account(balance=50.0, stop_out=0.0), sizing=Sizing(lots=0.01))
    result = run(given)
    assert len(result.trades)
    rich: Any = SimpleNamespace(trades=np.rec.array([(1.0,)], names="volume"), report=result.report)
    found = baseline_of(given, rich, runs=1)
    assert found is not None
    assert (found.hold_net, found.hold_drawdown_percent) == (None, None)


def test_no_trade_no_comparison_but_a_quality() -> None:
    flat = Bars.from_prices(MONDAY + HOUR * np.arange(100), *np.full((4, 100), 1.1))
    given = given_on(flat)
    found = appraise(given, run(given)).to_json()
    assert found["baseline"] is None
    assert 0 <= found["history_quality"]["percent"] <= 100


def test_the_ribbon_covers_the_range_and_sees_the_hole() -> None:
    bars = walk(4, 2_400)
    stay = np.r_[0:1_000, 1_060:2_400]
    holed = Bars(*(getattr(bars, each.name)[stay] for each in dataclasses.fields(Bars)))
    given = given_on(holed)
    found = appraise(given, run(given), runs=0).to_json()["history_quality"]
    assert found["percent"] < 99.0
    worst = min(found["ribbon"], key=lambda band: band["percent"])
    assert worst["start"] <= int(bars.time[1_000]) + 2 * 86_400
    assert worst["stop"] >= int(bars.time[1_000])
    assert 1 <= len(found["ribbon"]) <= 199


def test_it_can_be_cancelled() -> None:
    given = given_on(walk(3))
    result = run(given)
    with pytest.raises(Cancelled):
        baseline_of(given, result, runs=5, cancelled=lambda: True)


def test_how_many_runs_are_worth_it() -> None:
    assert [usual_runs(n) for n in (1, 7_000, 35_000, 10_000_000)] == [500, 500, 285, 50]
