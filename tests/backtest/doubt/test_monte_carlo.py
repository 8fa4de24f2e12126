"""Monte Carlo against answers that are known: ruin, what order cannot change, what blocks keep."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest

from qbx_desktop.backtest.doubt.monte_carlo import (
    BLOCKS,
    COSTS,
    SHUFFLE,
    SKIP,
    Resampled,
    Resampling,
    point_costs,
    resampled,
)
from qbx_desktop.domain.bars import Floats
from qbx_desktop.domain.errors import UserMistake

from ..stage import MONDAY, flat, play, points


def drawn(
    nets: list[float] | Floats, deposit: float, how: Resampling, costs: Floats | None = None
) -> Resampled:
    found = resampled(np.asarray(nets, np.float64), deposit, how, costs=costs)
    assert found is not None
    return found


def ruin_by_counting(p: float, level: int, trades: int) -> float:
    """Probability that a walk of steps +1 (with p) and -1 is ever down by `level` within `trades` steps, exactly."""
    alive = {0: 1.0}
    ruined = 0.0
    for _ in range(trades):
        after: dict[int, float] = {}
        for at, chance in alive.items():
            after[at + 1] = after.get(at + 1, 0.0) + chance * p
            if at - 1 <= -level:
                ruined += chance * (1 - p)
            else:
                after[at - 1] = after.get(at - 1, 0.0) + chance * (1 - p)
        alive = after
    return ruined


def test_ruin_of_a_coin_that_is_known() -> None:
    nets = [1.0] * 60 + [-1.0] * 40
    found = drawn(nets, 10.0, Resampling(BLOCKS, paths=20_000, block=1, ruin=0.5))
    exact = ruin_by_counting(0.6, 5, 100)
    # Long before the hundredth trade it is the gambler's ruin of the textbooks.
    assert exact == pytest.approx((0.4 / 0.6) ** 5, abs=0.01)
    assert found.ruin == pytest.approx(exact, abs=4 * found.ruin_error)
    assert found.ruin_level == 5.0


def test_every_order_of_four_trades() -> None:
    nets = (-3.0, -3.0, 4.0, 5.0)
    lowest = [min(np.cumsum(order)) for order in permutations(nets)]
    exact = sum(low <= -5 for low in lowest) / len(lowest)
    found = drawn(list(nets), 10.0, Resampling(SHUFFLE, paths=20_000, ruin=0.5))
    assert found.ruin == pytest.approx(exact, abs=4 * found.ruin_error)
    assert found.finals == pytest.approx(np.full(20_000, 13.0))


def test_order_does_not_change_where_a_compounded_balance_ends() -> None:
    nets = [100.0, -550.0, 400.0, -200.0, 700.0]
    found = drawn(nets, 1000.0, Resampling(SHUFFLE, paths=500, compounding=True))
    assert found.finals == pytest.approx(np.full(500, 1450.0))
    assert found.drawdown(0.99) > found.drawdown(0.01) > 0.49


def test_skipped_trades_keep_their_order() -> None:
    found = drawn([1.0, 2.0, 4.0, 8.0, 16.0], 100.0, Resampling(SKIP, paths=3_000, skip=0.2))
    assert found.steps.tolist() == [0, 1, 2, 3, 4]
    assert sorted(set(found.finals.tolist())) == [115.0, 123.0, 127.0, 129.0, 130.0]
    assert (found.drawdowns == 0).all()


def test_blocks_keep_a_streak_together() -> None:
    nets = ([1.0] * 10 + [-1.0] * 10) * 5
    alone = drawn(nets, 100.0, Resampling(BLOCKS, paths=2_000, block=1))
    together = drawn(nets, 100.0, Resampling(BLOCKS, paths=2_000, block=10))
    assert together.drawdown(0.5) > alone.drawdown(0.5)


def test_costs_only_ever_cost_and_by_what_they_cost() -> None:
    nets, costs = np.full(50, 10.0), np.full(50, 0.5)
    found = drawn(nets, 1000.0, Resampling(COSTS, paths=4_000, cost_points=8.0), costs)
    assert found.finals.max() < 1500.0
    assert found.finals.mean() == pytest.approx(1500.0 - 50 * 0.5 * 4.0, abs=1.0)


def test_a_point_costs_what_the_trade_says() -> None:
    walk = play(
        [flat(), flat(), (110_000, 110_100, 110_000, 110_100), flat(110_100)],
        {0: 1},
        lots=0.3,
        sl=points(500),
    )
    trade = walk.trades[0]
    assert trade.open_time > MONDAY
    assert point_costs([trade], 1e-5) == pytest.approx([0.3])


def test_quantiles_lie_in_order_and_a_seed_repeats_itself() -> None:
    nets = np.random.default_rng(2).normal(1.0, 10.0, 300)
    found, again = (drawn(nets, 1000.0, Resampling(seed=4)) for _ in range(2))
    assert (np.diff(found.cones, axis=0) >= 0).all()
    assert np.array_equal(found.cones, again.cones)
    assert found.cones[:, 0].tolist() == [1000.0] * 7
    assert found.cones.shape == (7, 301)


def test_what_cannot_be_resampled_is_refused() -> None:
    for nets, how in (
        ([1.0], Resampling()),
        ([1.0, 2.0], Resampling("no such")),
        ([1.0, 2.0], Resampling(paths=1)),
        ([1.0, 2.0], Resampling(skip=1.0)),
        ([1.0, 2.0], Resampling(ruin=0.0)),
        ([1.0, 2.0], Resampling(cost_points=math.nan)),
    ):
        with pytest.raises(UserMistake):
            resampled(np.array(nets), 100.0, how)
    assert resampled(np.ones(5), 100.0, Resampling(), cancelled=lambda: True) is None
