"""Plans: what is tried, that it is tried once, and that what they propose finds a planted optimum."""

from __future__ import annotations

import pytest

from qbx_desktop.backtest.search.criterion import criterion
from qbx_desktop.backtest.search.loop import Memory, search
from qbx_desktop.backtest.search.outcome import fields
from qbx_desktop.backtest.search.plan import METHODS, Plan, plan_of
from qbx_desktop.backtest.search.space import axis_of_text, key_of
from qbx_desktop.backtest.search.surface import heat_map, ranked, recommended
from qbx_desktop.domain.errors import QbxError

from .landscape import Hill

AXES = (axis_of_text("fast_period=2:40:2"), axis_of_text("slow_period=10:100:3"))
PROFIT = criterion("net_profit", [], fields())


def plan(method: str, count: int = 80) -> Plan:
    return plan_of(method, AXES, count, 3, PROFIT)


@pytest.mark.parametrize("method", METHODS)
def test_every_combination_is_run_once(method: str) -> None:
    runner = Hill()
    outcomes = search(plan(method), runner, Memory())
    assert len(outcomes) == len({key_of(each.combo) for each in outcomes}) == plan(method).total
    assert sorted(runner.ran) == list(range(len(outcomes)))
    assert [each.number for each in outcomes] == sorted(runner.ran)


@pytest.mark.parametrize("method", METHODS)
def test_a_planted_optimum_is_found(method: str) -> None:
    best = ranked(search(plan(method, 120), Hill(), Memory()), AXES, PROFIT)[0]
    assert best.value is not None
    # One step away from the optimum costs 2 to 4 of its 1000; random sampling is the measure of what chance gives.
    assert best.value >= {"grid": 1000.0, "bayes": 990.0, "random": 900.0}[method]


def test_bayes_needs_a_fifth_of_the_grid() -> None:
    assert plan("bayes", 120).total * 5 <= plan("grid").total


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ended_after", [1, 17, 79])
def test_a_search_that_ended_anywhere_goes_on_as_it_would_have(method: str, ended_after: int) -> None:
    whole = search(plan(method), Hill(), Memory())
    store = Memory()

    class Ended(Exception):
        pass

    class Ending(Memory):
        def keep(self, outcomes: object) -> None:
            store.keep(outcomes)  # type: ignore[arg-type]
            if len(store.outcomes) >= ended_after:
                raise Ended

    first, second = Hill(), Hill()
    with pytest.raises(Ended):
        search(plan(method), first, Ending())
    again = search(plan(method), second, store)
    assert again == whole
    # What was in flight when it ended may be run again; nothing that was kept is.
    kept = len(whole) - len(second.ran)
    assert kept >= ended_after
    assert len(set(second.ran)) == len(second.ran)


def test_a_failed_combination_is_an_outcome() -> None:
    def refuse(combo: object) -> float:
        raise QbxError("no")

    from qbx_desktop.backtest.search.runner import Inline

    from .landscape import swings

    given = swings(200)
    outcomes = search(
        plan_of("grid", (axis_of_text("slow_period=10,9999"),), 0, 0, PROFIT), Inline(given), Memory()
    )
    assert outcomes[0].error is None
    assert outcomes[1].error is not None
    assert "at most" in outcomes[1].error.text


def test_the_plateau_is_recommended_not_the_needle() -> None:
    axes = (axis_of_text("fast_period=1:9:1"), axis_of_text("slow_period=1:9:1"))
    outcomes = search(plan_of("grid", axes, 0, 0, PROFIT), Hill(), Memory())
    for each in outcomes:
        fast, slow = int(each.combo["fast_period"]), int(each.combo["slow_period"])
        value = (
            100.0
            if (fast, slow) == (2, 8)
            else 50.0 - abs(fast - 6) - abs(slow - 4)
            if fast > 3 and slow < 7
            else 0.0
        )
        each.figures["net_profit"] = value  # type: ignore[index]
    rows = ranked(outcomes, axes, PROFIT)
    assert dict(rows[0].outcome.combo) == {"fast_period": 2, "slow_period": 8}
    assert rows[0].steadiness == 0.0
    chosen = recommended(rows)
    assert chosen is not None
    assert dict(chosen.outcome.combo) == {"fast_period": 6, "slow_period": 4}
    assert chosen.steadiness is not None
    assert chosen.steadiness > 0.95
    picture = heat_map(rows, axes, "fast_period", "slow_period")
    assert picture.values.shape == (9, 9)
    assert picture.values[7, 1] == 100.0
    assert picture.best[3][5] == {"fast_period": 6, "slow_period": 4}
