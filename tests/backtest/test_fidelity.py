"""Finer bars, the ambiguity band, delay, spread by hour, other commissions, drawn slippage, and the live guards."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from qbx_desktop.backtest.compiled import PLAIN as PLAIN_PASS
from qbx_desktop.backtest.compiled import make
from qbx_desktop.backtest.engine import Walk
from qbx_desktop.backtest.input import Costs
from qbx_desktop.backtest.run import run
from qbx_desktop.backtest.tape import lay_out, prices_of, slippage_of
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.limits import Limits
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import Sizing
from qbx_desktop.strategies.indicators import atr

from .reference_input import Setup
from .stage import DAY, EURUSD, HOUR, MONDAY, points
from .tapes import program_input, setups
from .test_run import BARS, PLAIN, changed

UP = (110_000, 110_300, 109_700, 110_000)  # touches 110_200 and 109_800
FLAT = (110_000, 110_000, 110_000, 110_000)


def bars_of(rows: list[tuple[int, int, int, int]], step: int = HOUR) -> Bars:
    columns = (np.array(rows).T / 1e5).tolist()
    return Bars.from_prices(MONDAY + step * np.arange(len(rows)), *columns)


def both(rows: list[tuple[int, int, int, int]], entries: dict[int, int], **options: Any) -> Walk:
    """A walk by the plain pass, proven equal by the compiled one."""
    bars = bars_of(rows)
    signals = Signals.none(len(bars))
    for t, side in entries.items():
        signals.entry[t] = side
    given_ = dataclasses.replace(
        PLAIN, **{"bars": bars, "sizing": Sizing(lots=0.1), "sl": points(200), "tp": points(200),
                  "costs": Costs(0), **options},
    )  # fmt: skip
    walks = []
    for code in (PLAIN_PASS, make()):
        tape = lay_out(given_, prices_of(given_, code), signals, None, code)
        walk = Walk(given_, tape, code=lambda code=code: code)
        walk.advance(0, len(bars))
        walks.append(walk)
    assert walks[0].trades == walks[1].trades
    assert walks[0].refused == walks[1].refused
    assert walks[0].figures().tobytes() == walks[1].figures().tobytes()
    return walks[0]


TOUCHES_BOTH = [FLAT, UP, FLAT]


def test_without_finer_bars_the_stop_counts_and_the_trade_is_ambiguous() -> None:
    trade = both(TOUCHES_BOTH, {0: 1}).trades[0]
    assert (trade.reason, trade.ambiguous, trade.net) == ("sl", True, -20.0)


def test_optimism_takes_the_target() -> None:
    trade = both(TOUCHES_BOTH, {0: 1}, inside_bar="optimistic").trades[0]
    assert (trade.reason, trade.ambiguous, trade.net, trade.mae) == ("tp", True, 20.0, 0.0)


@pytest.mark.parametrize(
    ("minutes", "reason", "ambiguous"),
    [
        ([(110_000, 110_250, 109_950, 110_250), (110_250, 110_300, 109_700, 110_000)], "tp", False),
        ([(110_000, 110_100, 109_750, 109_800), (109_800, 110_300, 109_800, 110_000)], "sl", False),
        ([(110_000, 110_300, 109_700, 110_000)], "sl", True),  # the minute touches both as well
        ([FLAT, FLAT], "sl", True),  # the minutes do not show it
    ],
)
@pytest.mark.parametrize("side", [1, -1])
def test_finer_bars_decide(
    minutes: list[tuple[int, int, int, int]], reason: str, ambiguous: bool, side: int
) -> None:
    if side < 0:
        minutes = [tuple(220_000 - row[k] for k in (0, 2, 1, 3)) for row in minutes]  # type: ignore[misc]
    detail = bars_of(minutes, 60)
    detail = Bars.from_prices(detail.time + HOUR, detail.open, detail.high, detail.low, detail.close)
    trade = both(TOUCHES_BOTH, {0: side}, detail=detail).trades[0]
    assert (trade.reason, trade.ambiguous) == (reason, ambiguous)


def test_finer_bars_of_another_bar_do_not_count() -> None:
    detail = bars_of([(110_000, 110_250, 109_950, 110_250)], 60)
    later = Bars.from_prices(detail.time + 2 * HOUR, detail.open, detail.high, detail.low, detail.close)
    assert both(TOUCHES_BOTH, {0: 1}, detail=later).trades[0].ambiguous


@settings(max_examples=60)
@given(setups())
def test_pessimistic_is_at_most_resolved_and_that_at_most_optimistic(setup: Setup) -> None:
    given_, bars, signals = program_input(setup)
    rng = np.random.default_rng(len(bars))
    steps = np.sort(rng.integers(bars.time[0], bars.time[-1] + HOUR, 5 * len(bars)))
    times = np.unique(steps)
    at = np.clip(np.searchsorted(bars.time, times, side="right") - 1, 0, len(bars) - 1)
    low, high = bars.low[at], bars.high[at]
    first = np.where(rng.random(len(at)) < 0.5, low, high)
    detail = Bars.from_prices(
        times, first, np.maximum(first, bars.open[at]), np.minimum(first, bars.open[at]), first
    )
    nets = []
    for options in ({"detail": detail}, {}, {"inside_bar": "optimistic"}):
        own = dataclasses.replace(given_, **options)  # type: ignore[arg-type]
        ranges = atr(bars.high, bars.low, bars.close, setup.atr_period)
        walk = Walk(own, lay_out(own, prices_of(own), signals, ranges))
        walk.advance(0, len(bars))
        found = walk.figures()
        net = round(float(found["net_profit"][0]) * walk.unit)
        assert found["pessimistic_net"][0] <= net <= found["optimistic_net"][0]
        nets.append((net, found["pessimistic_net"][0], found["optimistic_net"][0]))
    assert nets[1][0] == nets[1][1]  # without finer bars the stop counts: the pessimistic end of the band
    assert nets[2][0] == nets[2][2]


def test_a_delayed_signal_acts_bars_later() -> None:
    rows = [FLAT] * 6
    assert both(rows, {0: 1}, delay_bars=2).trades[0].open_time == MONDAY + 3 * HOUR
    assert not both(rows, {3: 1}, delay_bars=2).trades


def test_the_spread_of_the_hour() -> None:
    table = tuple(range(24))
    trades = both([FLAT] * 6, {0: 1, 3: -1}, costs=Costs(0, spread_by_hour=table)).trades
    assert trades[0].open_price == 1.10001  # 01:00
    assert [trade.open_time for trade in trades] == [MONDAY + HOUR, MONDAY + 4 * HOUR]
    assert trades[1].close_price == 1.10005  # 05:00


def test_commission_per_deal_and_in_percent() -> None:
    trade = both([FLAT] * 3, {0: 1}, costs=Costs(0, commission_per_deal=1.25)).trades[0]
    assert trade.commission == -2.5
    # 0.1 lot at 1.1 is worth 11 000 USD; 0.01 % a side
    trade = both([FLAT] * 3, {0: 1}, costs=Costs(0, commission_percent=0.01)).trades[0]
    assert trade.commission == -2.2


def test_risk_sizing_counts_every_commission() -> None:
    """1 % of 10 000 is 100: 2.5 for the deals leaves 97.5; a lot loses 200 + 22 (0.01 % of 110 000, and of 109 800)."""
    costs = Costs(0, commission_per_deal=1.25, commission_percent=0.01)
    walk = both(
        [FLAT, FLAT, (110_000, 110_000, 109_700, 109_700)],
        {0: 1},
        sizing=Sizing(risk_percent=1.0),
        costs=costs,
    )
    assert walk.trades[0].volume == 0.43  # 97.5 / 221.98
    assert -100.0 <= walk.trades[0].net < -95.0


def test_swap_free() -> None:
    spec = dataclasses.replace(EURUSD, swap_mode=1, swap_long=-7.0)
    rows = [FLAT] * 30
    assert both(rows, {0: 1}, spec=spec).trades[0].swap == -0.7
    assert both(rows, {0: 1}, spec=spec, costs=Costs(0, swap_free=True)).trades[0].swap == 0.0


def test_drawn_slippage_depends_on_seed_and_time_alone() -> None:
    costs = Costs(slippage_table=(0, 0, 1, 5), slippage_seed=7)
    drawn = slippage_of(costs, BARS.time)
    np.testing.assert_array_equal(drawn[100:], slippage_of(costs, BARS.time[100:]))
    shares = [float(np.mean(drawn == points)) for points in (0, 1, 5)]
    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.05)
    assert (drawn != slippage_of(dataclasses.replace(costs, slippage_seed=8), BARS.time)).any()
    assert run(changed(costs=costs)).hash == run(changed(costs=costs)).hash


OFF = Limits.off()


def test_guards_that_are_off_change_nothing() -> None:
    guarded = run(changed(guards=OFF))
    assert guarded.trades == run(PLAIN).trades
    np.testing.assert_array_equal(guarded.equity_low, run(PLAIN).equity_low)


def test_hours_weekend_and_spread_block_entries() -> None:
    night = dataclasses.replace(OFF, session_from_hour=2.0, session_to_hour=4.0)
    walk = both([FLAT] * 8, {0: 1, 4: 1}, guards=night)
    assert (len(walk.trades), walk.refused["session"]) == (0, 2)
    assert len(both([FLAT] * 8, {1: 1}, guards=night).trades) == 1
    friday = dataclasses.replace(OFF, weekend_flat_hour=20.0)
    walk = both([FLAT] * (5 * 24), {4 * 24 + 18: 1, 4 * 24 + 19: 1}, guards=friday)
    assert (walk.refused["weekend"], len(walk.trades)) == (1, 0) or len(walk.trades) == 1
    tight = dataclasses.replace(OFF, max_spread_points=10.0)
    assert both([FLAT] * 4, {0: 1}, guards=tight, costs=Costs(11)).refused["spread"] == 1
    assert both([FLAT] * 4, {0: 1}, guards=tight, costs=Costs(10)).refused["spread"] == 0


LOSING = [FLAT, (110_000, 110_000, 109_700, 110_000)] * 5  # a buy in the second bar loses 20 at once


def test_a_cool_down_after_losses_in_a_row() -> None:
    limits = dataclasses.replace(OFF, cooldown_losses=2.0, cooldown_seconds=4.0 * HOUR)
    walk = both(LOSING, {0: 1, 2: 1, 4: 1, 6: 1, 8: 1}, guards=limits)
    # losses at 1 h and 3 h; 5 h is within four hours of 3 h, 7 h is not, then two in a row again
    assert [trade.open_time for trade in walk.trades] == [MONDAY + k * HOUR for k in (1, 3, 7)]
    assert walk.refused["cooldown"] == 2


@pytest.mark.parametrize("name", ["daily_loss", "bot_daily_loss"])
def test_a_daily_loss_ends_with_the_day(name: str) -> None:
    limits = dataclasses.replace(OFF, **{f"{name}_percent": 0.35})
    rows = LOSING + [FLAT] * 30
    walk = both(rows, {0: 1, 2: 1, 4: 1, 30: 1}, guards=limits)  # 20, then 40 of 10 000
    assert (len(walk.trades), walk.refused[name]) == (3, 1)
    assert walk.trades[2].open_time == MONDAY + DAY + 7 * HOUR


@pytest.mark.parametrize("name", ["drawdown", "bot_drawdown"])
def test_a_drawdown_halts_for_good(name: str) -> None:
    limits = dataclasses.replace(OFF, **{f"{name}_percent": 0.35})
    walk = both(LOSING + [FLAT] * 30, {0: 1, 2: 1, 4: 1, 30: 1}, guards=limits)
    assert (len(walk.trades), walk.refused[name]) == (2, 2)


def test_an_open_loss_counts_too() -> None:
    limits = dataclasses.replace(OFF, drawdown_percent=1.0)
    rows = [FLAT, (110_000, 110_000, 109_850, 110_000), *[FLAT] * 4]
    walk = both(
        rows, {0: 1, 3: -1}, guards=limits, sizing=Sizing(lots=0.7)
    )  # 105 of 10 000 at the worst price
    assert (len(walk.trades), walk.refused["drawdown"]) == (1, 1)
