"""Each guard blocks, on one tape, the same entries in the backtest as on the live desk, and leaves the same deals."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from qbx_desktop.backtest.run import run
from qbx_desktop.data import decisions
from qbx_desktop.domain.clock import server_text
from qbx_desktop.domain.limits import Limits
from qbx_desktop.simulator.path import moments
from tests.simulator.second_witness import Closed, trades_of
from tests.trading.stage import Stage

from .world import World, backtested, desk_at_work, differences
from .worlds import WORLDS

STRATEGY = "TURTLE_BREAKOUT"
# A halt of the whole account is told by its state, once it holds.
_STATES = {"reducing": "daily_loss", "halted": "drawdown"}
# After these the bot, or the account, is off until a person has looked.
_FOR_GOOD = ("drawdown", "bot_drawdown")


def _guarded(**limits: float) -> World:
    return dataclasses.replace(WORLDS[0], guards=dataclasses.replace(Limits.off(), **limits))


def _calendar(world: World) -> str:
    """Whole days of the profit currency, hours around noon of the base currency, days of a currency that is neither."""
    base, profit = world.spec.currency_base, world.spec.currency_profit
    days = np.unique(world.bars.time[world.warm :] // 86_400)
    kinds = ("{day},{profit},Holiday", "{day} 12:30,{base},Rates,150,330", "{day},XAU,Far away")
    lines = (
        kinds[day % 3].format(day=server_text(int(day) * 86_400)[:10], base=base, profit=profit)
        for day in days
    )
    return "\n".join(lines)


GUARDS = {
    "calendar": dataclasses.replace(WORLDS[0], calendar=_calendar(WORLDS[0])),
    "session": _guarded(session_from_hour=7.0, session_to_hour=17.5),
    "weekend": _guarded(weekend_flat_hour=6.0),
    "spread": _guarded(max_spread_points=12.0),
    # not whole bars: when within its bar a stop was hit is not known to the backtest
    "cooldown": _guarded(cooldown_losses=2.0, cooldown_seconds=20.1 * 3_600),
    "daily_loss": _guarded(daily_loss_percent=0.3),
    "bot_daily_loss": _guarded(bot_daily_loss_percent=0.3),
    "drawdown": _guarded(drawdown_percent=0.8),
    "bot_drawdown": _guarded(bot_drawdown_percent=0.8),
}


def _live(world: World, folder: Path) -> tuple[list[Closed], list[tuple[int, str]]]:
    """The desk's deals, and per refused entry the bar that asked for it and the guard's code."""
    with desk_at_work(world, STRATEGY, folder) as (stage, bot_id):
        for _ in _looks(stage, world):
            stage.round()
        rows = decisions.page(stage.db.reader(), bot_id, limit=10_000)
        # a decision lies on the closed bar; the next one acts
        refused = [(each.bar_time, _code(each.verdict)) for each in reversed(rows) if each.move == "open"]
        made = trades_of(stage.api.api, world.bars.time)
    return made, [each for each in refused if each[1] != decisions.ALLOWED]


def _looks(stage: Stage, world: World) -> Iterator[None]:
    """At every turn of the path through each bar, as often as the backtest looks."""
    for opened in world.bars.time[world.warm + 1 : world.warm + world.live + 1]:
        for moment in moments(world.frame.seconds):
            before = int(stage.api.api.sim_state()["server_time"])
            stage.clock.advance(stage.api.api.sim_advance_to(int(opened) + moment) - before)
            yield


def _code(verdict: str) -> str:
    code = verdict.removeprefix("guard.")
    return _STATES.get(code, code)


def _refused_at(world: World, asked: int) -> dict[str, int]:
    """What the backtest refuses on the bar after the one that asked, by reason."""
    at = int(world.bars.time.searchsorted(asked)) + 1 - world.warm
    until = [run(dataclasses.replace(world, live=live).given(STRATEGY)).refused for live in (at, at + 1)]
    return {name: count - until[0][name] for name, count in until[1].items() if count > until[0][name]}


@pytest.mark.parametrize("guard", GUARDS)
def test_a_guard_blocks_the_same_entries_as_the_live_desk(guard: str, tmp_path: Path) -> None:
    world = GUARDS[guard]
    made, refused = _live(world, tmp_path)
    tested = run(world.given(STRATEGY)).refused
    assert differences(world, made, backtested(world, STRATEGY)) == []
    assert len(made) > 1
    assert refused
    for asked, code in refused:
        assert (code, _refused_at(world, asked)) == (guard, {guard: 1})
    counts = {name: count for name, count in tested.items() if count}
    if guard in _FOR_GOOD:
        # a bot that is off is not asked any more, the backtest goes on counting
        assert list(counts) == [guard]
        assert counts[guard] >= len(refused)
    else:
        assert counts == {guard: len(refused)}


def test_each_guard_changes_the_deals() -> None:
    """A guard that blocks nothing would agree with anything."""
    free = backtested(WORLDS[0], STRATEGY)
    for world in GUARDS.values():
        assert backtested(world, STRATEGY) != free
