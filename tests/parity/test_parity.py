"""Parity: the live desk on the stepped simulator makes the deals of the backtest, to the cent, for every strategy."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from qbx_desktop.backtest.input import Account, Costs
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.known_symbols import known_symbol, with_digits
from qbx_desktop.domain.sizing import stop_prices
from qbx_desktop.strategies import registry
from qbx_desktop.trading import plan_order
from tests.simulator.second_witness import Closed, market

from .world import World, backtested, differences, traded
from .worlds import EURUSD, WORLDS

KEYS = tuple(each.key for each in registry.all_strategies())
# Each strategy meets one world in the short form, and each world at least one strategy; the long form is the product.
SHORT = tuple((key, WORLDS[k % len(WORLDS)]) for k, key in enumerate((*KEYS, *KEYS[: len(WORLDS)])))


def agree(world: World, key: str, folder: Path) -> list[Closed]:
    """Both witnesses, compared; the trades they agree on."""
    tested = backtested(world, key)
    assert differences(world, traded(world, key, folder), tested) == []
    return tested


@pytest.mark.parametrize(("key", "world"), dict.fromkeys(SHORT), ids=lambda each: getattr(each, "name", each))
def test_live_and_backtest_make_the_same_deals(key: str, world: World, tmp_path: Path) -> None:
    agree(world, key, tmp_path)


def test_the_worlds_hold_every_way_to_end_and_every_cost() -> None:
    """A comparison of nothing proves nothing."""
    trades = [each for world in WORLDS for key in KEYS[:4] for each in backtested(world, key)]
    reasons = Counter(each.reason for each in trades)
    assert set(reasons) == {"sl", "tp", "signal", "stop out"}
    assert min(reasons.values()) >= 3
    assert sum(each.swap != 0 for each in trades) > 20
    assert sum(each.commission != 0 for each in trades) > 20


def test_a_trade_by_hand_on_the_other_side_changes_nothing(tmp_path: Path) -> None:
    """A hedging account holds both: the bot sees only what is its own."""
    world = WORLDS[0]

    def hedge(api: Any) -> None:
        for side in (1, -1):
            request = {**market(api, side, 0.2), "symbol": world.spec.symbol, "magic": 7}
            assert api.order_send(request).retcode == api.TRADE_RETCODE_DONE

    tested = backtested(world, "TURTLE_BREAKOUT")
    live = traded(world, "TURTLE_BREAKOUT", tmp_path, hedge)
    assert differences(world, live, tested) == []
    assert len(tested) > 5


# One point or one cent, in the backtest or on the live side: each must be seen.
_POINT = EURUSD.point / EURUSD.pip_size
_PLANTED: dict[str, Callable[[World], World]] = {
    "stop-loss": lambda world: dataclasses.replace(world, sl=world.sl + _POINT),
    "take-profit": lambda world: dataclasses.replace(world, tp=world.tp - _POINT),
    "slippage": lambda world: _costs(world, slippage_points=world.costs.slippage_points + 1),
    "commission": lambda world: _costs(world, commission_per_lot=world.costs.commission_per_lot + 0.1),
    "swap": lambda world: dataclasses.replace(
        world, spec=dataclasses.replace(world.spec, swap_long=world.spec.swap_long + 1)
    ),
    "spread of a bar": lambda world: dataclasses.replace(
        world, bars=dataclasses.replace(world.bars, spread=world.bars.spread + 1)
    ),
}


def _costs(world: World, **changes: Any) -> World:
    return dataclasses.replace(world, costs=dataclasses.replace(world.costs, **changes))


@pytest.fixture(scope="module")
def live_turtle(tmp_path_factory: pytest.TempPathFactory) -> list[Closed]:
    return traded(WORLDS[0], "TURTLE_BREAKOUT", tmp_path_factory.mktemp("live"))


@pytest.mark.parametrize("what", _PLANTED)
def test_one_point_too_many_in_the_backtest_is_found(what: str, live_turtle: list[Closed]) -> None:
    world = _PLANTED[what](WORLDS[0])
    assert differences(WORLDS[0], live_turtle, backtested(world, "TURTLE_BREAKOUT")) != []


def test_one_point_too_many_in_the_desk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def off(side: int, fill: float, sl: float, tp: float, tick: float, digits: int) -> tuple[float, float]:
        stop, target = stop_prices(side, fill, sl, tp, tick, digits)
        return round(stop - tick, digits), target

    monkeypatch.setattr(plan_order, "stop_prices", off)
    world = WORLDS[0]
    live = traded(world, "TURTLE_BREAKOUT", tmp_path)
    assert differences(world, live, backtested(world, "TURTLE_BREAKOUT")) != []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("world", WORLDS, ids=lambda each: each.name)
@pytest.mark.parametrize("key", KEYS)
def test_every_strategy_in_every_world(key: str, world: World, tmp_path: Path) -> None:
    agree(world, key, tmp_path)


@pytest.mark.skipif(
    "QBX_PARITY_BARS" not in os.environ, reason="needs a folder of exports in QBX_PARITY_BARS"
)
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("key", KEYS)
def test_on_real_exports(key: str, tmp_path: Path) -> None:
    """By hand: every export in the folder whose symbol is known, its last bars (QBX_PARITY_LIVE of them, 500)."""
    live, made = int(os.environ.get("QBX_PARITY_LIVE", "500")), 0
    for number, path in enumerate(sorted(Path(os.environ["QBX_PARITY_BARS"]).glob("*.csv*"))):
        for how, world in _real(path, live):
            folder = tmp_path / f"{number}{how}"
            folder.mkdir()
            made += len(agree(world, key, folder))
    assert made, "a comparison of nothing proves nothing"


def _real(path: Path, live: int) -> list[tuple[str, World]]:
    found = read_bars(path)
    try:
        spec = known_symbol(found.symbol or "")
    except UserMistake:
        return []
    if found.digits > spec.digits:
        # the terminal tells no pip: a bot takes the usual one
        spec = dataclasses.replace(with_digits(spec, found.digits), pip=0.0)
    bars = found.bars[-(live + 1_500) :]
    reach = float(np.median(bars.high - bars.low)) / spec.pip_size
    world = World(
        path.name, spec, bars, len(bars) - live - 2, live, lots=max(0.1, spec.volume_min),
        costs=Costs(spread_from_bars=True, commission_per_lot=3.0, slippage_points=1),
        sl=float(round(4 * reach)), tp=float(round(6 * reach)), account=Account(balance=100_000.0),
    )  # fmt: skip
    if spec.currency_profit != "USD" and spec.currency_base != "USD":
        return []  # the terminal would need the quotes of a third pair
    risk = dataclasses.replace(
        world, risk=1.0, sl=2.0, tp=3.0, costs=Costs(spread_from_bars=True, slippage_points=1)
    )
    return [("lots", world), ("risk", risk)]
