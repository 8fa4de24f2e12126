"""Many runs at once: every row is what a run of its own reports, for any number of threads."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from qbx_desktop.backtest.input import BacktestInput, Costs
from qbx_desktop.backtest.many import Variant, run_many
from qbx_desktop.backtest.run import Cancelled, run
from qbx_desktop.backtest.tape import prices_of, signals_of
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit

from .test_run import BARS, DAY, MONDAY, PLAIN

VARIANTS = (
    Variant(),
    Variant(params={"fast_period": 3, "slow_period": 9}),
    Variant(params={"fast_period": 3, "slow_period": 9}, sl=StopDistance(StopUnit.PIPS, 25), atr_period=5),
    Variant(sizing=Sizing(risk_percent=1.0), costs=Costs(spread_points=25, slippage_points=3)),
    Variant(tp=StopDistance(), reverse=False, start=MONDAY + 20 * DAY, end=MONDAY + 70 * DAY),
    Variant(sizing=Sizing(lots=50.0)),
)


def alone(variant: Variant) -> BacktestInput:
    return variant.applied(PLAIN)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_every_row_is_what_a_run_of_its_own_reports(threads: int) -> None:
    table = run_many(PLAIN, VARIANTS, threads=threads)
    assert len(table) == len(VARIANTS)
    for row, variant in zip(table, VARIANTS, strict=True):
        result = run(alone(variant))
        for name, value in result.report.items():
            if name == "exit_reasons":  # no number
                continue
            if value is None:
                assert math.isnan(row[name]), name
            else:
                assert row[name] == value, name
        assert row["final_balance"] == result.balance[-1]
        assert row["ambiguous_trades"] == sum(trade.ambiguous for trade in result.trades)
        for reason, count in result.refused.items():
            assert row["refused_" + reason.replace(" ", "_")] == count
    assert table["refused_no_money"][5] > 0


def test_given_signals_stand_in_for_those_of_the_strategy() -> None:
    own = signals_of(PLAIN, prices_of(PLAIN).bars)
    turned = Signals(-own.entry, own.exit_short, own.exit_long)
    same, other = run_many(PLAIN, [Variant(signals=own), Variant(signals=turned)])
    assert same["net_profit"] == run(PLAIN).report["net_profit"]
    assert (other["long_trades"], other["net_profit"]) != (same["long_trades"], same["net_profit"])


def test_the_number_of_threads_changes_no_bit() -> None:
    variants = [
        Variant(params={"fast_period": fast, "slow_period": slow})
        for fast in (2, 5, 8)
        for slow in (13, 21, 34)
    ]
    assert run_many(PLAIN, variants, threads=1).tobytes() == run_many(PLAIN, variants, threads=4).tobytes()


def test_progress_counts_the_runs() -> None:
    seen: list[tuple[int, int]] = []
    run_many(PLAIN, VARIANTS[:3], progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_cancel_stops_between_two_runs() -> None:
    with pytest.raises(Cancelled, match="cancelled after"):
        run_many(PLAIN, VARIANTS, cancelled=lambda: True)


def test_no_variants_give_no_rows() -> None:
    assert len(run_many(PLAIN, [])) == 0


def test_a_variant_that_cannot_be_run_is_refused_with_a_sentence() -> None:
    bad = Variant(sizing=Sizing(risk_percent=1.0), sl=StopDistance())
    with pytest.raises(UserMistake, match="sizing by risk needs a stop-loss"):
        run_many(PLAIN, [Variant(), bad])


def test_signals_of_another_length_are_refused() -> None:
    short = dataclasses.replace(PLAIN, bars=BARS[:100])
    with pytest.raises(ValueError, match="signals"):
        run_many(PLAIN, [Variant(signals=signals_of(short, prices_of(short).bars))])
    assert np.isfinite(run_many(short, [Variant()])["net_profit"]).all()
