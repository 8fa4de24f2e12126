"""Walk-forward: windows that share nothing, a future that is never seen, and what it does to an overfit strategy."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.backtest.input import BacktestInput, Costs
from qbx_desktop.backtest.run import run
from qbx_desktop.backtest.search.criterion import criterion
from qbx_desktop.backtest.search.loop import Memory
from qbx_desktop.backtest.search.outcome import fields
from qbx_desktop.backtest.search.plan import plan_of
from qbx_desktop.backtest.search.runner import Inline
from qbx_desktop.backtest.search.space import Axis, applied, axis_of_text, checked_axes
from qbx_desktop.backtest.search.walk_forward import WalkForward, stability, walk_forward
from qbx_desktop.backtest.search.windows import windows
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake

from ..stage import HOUR, MONDAY
from .landscape import swings

DAY = 86_400
PROFIT = criterion("net_profit", [], fields())


@given(
    days=st.integers(3, 400), train=st.integers(1, 200), test=st.integers(1, 60), anchored=st.booleans(),
    first=st.integers(0, 50) ,
)  # fmt: skip
def test_windows_are_disjoint_ordered_and_cover_the_range(
    days: int, train: int, test: int, anchored: bool, first: int
) -> None:
    times = np.arange(first * HOUR, days * DAY, HOUR) + MONDAY
    if train * DAY >= times[-1] + 1 - times[0]:
        with pytest.raises(UserMistake):
            windows(times, train, test, anchored=anchored)
        return
    found = windows(times, train, test, anchored=anchored)
    assert found[0].train == times[0]
    assert found[-1].end == times[-1] + 1
    for each in found:
        assert each.train < each.test < each.end
        assert each.end - each.test <= test * DAY
        assert each.train == times[0] if anchored else each.test - each.train == train * DAY
    for before, after in pairwise(found):
        assert before.end == after.test
        assert before.test < after.test


def walked(given: BacktestInput, axes: tuple[Axis, ...], train: int, test: int) -> WalkForward:
    return walk_forward(
        given, axes, windows(given.bars.time, train, test), lambda: plan_of("grid", axes, 0, 0, PROFIT), PROFIT,
        Inline(given), lambda _: Memory(),
    )  # fmt: skip


def test_the_tests_are_stitched_and_add_up() -> None:
    setup = swings(1_440)  # 60 days
    axes = checked_axes(setup, [axis_of_text("fast_period=2:6:2"), axis_of_text("slow_period=10:30:10")])
    found = walked(setup, axes, 20, 10)
    assert len(found.windows) == 4
    assert found.times[0] == MONDAY + 20 * DAY
    assert (np.diff(found.times) > 0).all()
    assert len(found.times) == 40 * 24
    assert found.equity[-1] == pytest.approx(10_000.0 + found.test_profit)
    assert sum(each.net for each in found.trades) == pytest.approx(found.test_profit)
    assert [each.ticket for each in found.trades] == list(range(1, len(found.trades) + 1))
    assert found.efficiency is not None
    assert set(found.stability) == {"fast_period", "slow_period"}


def test_a_choice_never_sees_its_test() -> None:
    setup = swings(960)
    axes = checked_axes(setup, [axis_of_text("fast_period=2:8:2")])
    before = walked(setup, axes, 20, 10)
    bars = setup.bars
    close = bars.close.copy()
    close[20 * 24 :] = close[20 * 24 :][::-1]
    opened = np.r_[close[:1], close[:-1]]
    high, low = np.maximum(opened, close) + 3e-5, np.minimum(opened, close) - 3e-5
    changed = dataclasses.replace(setup, bars=Bars.from_prices(bars.time, opened, high, low, close))
    after = walked(changed, axes, 20, 10)
    assert after.windows[0].combo == before.windows[0].combo
    assert after.windows[0].train_profit == pytest.approx(before.windows[0].train_profit, abs=1.0)
    assert after.windows[0].test_profit != before.windows[0].test_profit


def test_a_strategy_overfit_by_design_earns_in_sample_and_nothing_out_of_it() -> None:
    """Thirty settings on walks without memory, at a cost: the best of each training earns, what it earns is luck."""
    trained, tested = [], []
    for seed in (1, 2, 3):
        rng = np.random.default_rng(seed)
        count = 24 * 96
        close = np.rint(110_000 + rng.normal(0, 60, count).cumsum())
        opened = np.r_[close[:1], close[:-1]]
        high, low = np.maximum(opened, close) + 10, np.minimum(opened, close) - 10
        bars = Bars.from_prices(
            MONDAY + HOUR * np.arange(count), *(each * 1e-5 for each in (opened, high, low, close))
        )
        setup = dataclasses.replace(swings(100), bars=bars, costs=Costs(spread_points=12))
        axes = checked_axes(setup, [axis_of_text("fast_period=2:12:2"), axis_of_text("slow_period=15:75:15")])
        found = walked(setup, axes, 12, 12)
        trained += [each.train_profit for each in found.windows]
        tested += [each.test_profit for each in found.windows]
    assert sum(trained) > 0
    assert sum(each > 0 for each in trained) > len(trained) / 2
    assert sum(tested) <= 0


def test_a_test_is_the_run_of_its_choice_on_its_dates() -> None:
    setup = swings(960)
    axes = checked_axes(setup, [axis_of_text("fast_period=2:8:2")])
    found = walked(setup, axes, 20, 10)
    first = found.windows[0]
    assert first.combo is not None
    alone = run(
        dataclasses.replace(applied(setup, first.combo), start=first.window.test, end=first.window.end)
    )
    assert first.test_profit == alone.report["net_profit"]


def test_stability() -> None:
    axes = (Axis("a", (1, 2, 3, 4, 5)), Axis("b", (1, 2)))
    found = stability(axes, [{"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 3, "b": 1}])
    assert found == {"a": 0.75, "b": 0.0}
