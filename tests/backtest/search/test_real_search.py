"""Real backtests searched: the optimum in the prices is found, by one process or several, whatever is cancelled."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from qbx_desktop.backtest.input import BacktestInput
from qbx_desktop.backtest.run import Cancelled, run
from qbx_desktop.backtest.search.criterion import criterion
from qbx_desktop.backtest.search.loop import Memory, Progress, search
from qbx_desktop.backtest.search.outcome import fields, outcome_of
from qbx_desktop.backtest.search.plan import plan_of
from qbx_desktop.backtest.search.process_pool import ProcessPool
from qbx_desktop.backtest.search.runner import Inline
from qbx_desktop.backtest.search.space import applied, axis_of_text, checked_axes
from qbx_desktop.backtest.search.surface import ranked

from .landscape import swings

PROFIT = criterion("net_profit", ["total_trades > 5"], fields())


def test_the_swing_in_the_prices_is_found_and_figures_are_those_of_a_run() -> None:
    given = swings()
    axes = checked_axes(given, [axis_of_text("fast_period=2:20:6"), axis_of_text("slow_period=10:90:20")])
    outcomes = search(plan_of("grid", axes, 0, 0, PROFIT), Inline(given), Memory())
    rows = ranked(outcomes, axes, PROFIT)
    best = rows[0].outcome
    # A wave of 48 bars is followed by short averages, never by one longer than the wave.
    assert best.combo["fast_period"] == 2
    assert best.combo["slow_period"] == 10
    assert rows[0].value is not None
    assert rows[0].value > 0
    alone = run(applied(given, best.combo))
    assert outcome_of(best.number, best.combo, alone, 10_000.0) == best
    assert best.blocks.shape == (16, 3)
    assert best.blocks[:, 0].sum() == best.figures["days"]


def test_two_processes_give_the_serial_result_to_the_last_bit() -> None:
    given = swings(600)
    axes = checked_axes(given, [axis_of_text("fast_period=2:9:1"), axis_of_text("slow_period=10:40:10")])
    grid = plan_of("grid", axes, 0, 0, PROFIT)
    serial = search(grid, Inline(given), Memory())
    with ProcessPool(given, 2) as pool:
        assert search(grid, pool, Memory()) == serial


def test_a_cancelled_search_keeps_what_it_has() -> None:
    given = swings(600)
    axes = checked_axes(given, [axis_of_text("fast_period=2:30:1")])
    store = Memory()
    told: list[Progress] = []
    with pytest.raises(Cancelled, match="They are kept"):
        search(
            plan_of("grid", axes, 0, 0, PROFIT), Inline(given), store,
            progress=told.append, cancelled=lambda: len(store.outcomes) >= 5,
        )  # fmt: skip
    assert 5 <= len(store.outcomes) < 29
    assert [each.done for each in told] == sorted(each.done for each in told)
    assert told[-1].seconds_left is not None


def test_closing_does_not_wait_for_a_worker_that_is_busy() -> None:
    pool = ProcessPool(swings(100), 1)
    # Sleeping does not hear the stop event, as loading the engine does not.
    busy = pool._pool.submit(time.sleep, 60.0)
    while not busy.running():
        time.sleep(0.02)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 10.0


def test_what_asks_for_a_search_loads_no_engine(tmp_path: Path) -> None:
    # Loading the compiler or the indicators holds the interpreter for a tenth of a second, and with it the window.
    command = [sys.executable, "-m", f"{__package__}.light_child", str(tmp_path)]
    ran = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr


def test_what_a_worker_raises_is_raised_here() -> None:
    with ProcessPool(swings(100), 1) as pool, pytest.raises(ZeroDivisionError):
        pool.call(divide)


def test_a_call_to_a_worker_can_be_cancelled() -> None:
    with ProcessPool(swings(100), 1) as pool, pytest.raises(Cancelled, match="is kept"):
        pool.call(rest, cancelled=lambda: True)


def divide(_: BacktestInput, cancelled: Callable[[], bool]) -> float:
    """Raises ZeroDivisionError."""
    return 1 / int(cancelled())


def rest(_: BacktestInput, cancelled: Callable[[], bool]) -> None:
    """Ends when it is cancelled."""
    while not cancelled():
        time.sleep(0.01)
