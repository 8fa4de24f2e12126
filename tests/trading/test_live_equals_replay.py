"""Live equals replay: bar by bar the desk takes the decisions of one pass of the strategy over the same bars."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from qbx_desktop.data import decisions
from qbx_desktop.domain.bars import Bars
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy
from qbx_desktop.trading.decide import BarSignal

from .stage import MONDAY, Stage

_BARS, _WARM, _LIVE = 1_400, 1_200, 120


def noisy(seed: int) -> Bars:
    """A random walk with trends and pauses: every kind of rule finds something in it."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(0, 0.0012, _BARS) + 0.0008 * np.sin(np.arange(_BARS) / 25)
    close = np.round(1.2 + np.cumsum(steps) - np.linspace(0, np.sum(steps), _BARS), 5)
    opened = np.concatenate([[close[0]], close[:-1]])
    wick = np.round(np.abs(rng.normal(0, 0.0008, (2, _BARS))), 5)
    time = MONDAY - _WARM * 3_600 + 3_600 * np.arange(_BARS)
    return Bars.from_prices(
        time, opened, np.round(np.maximum(opened, close) + wick[0], 5), np.round(np.minimum(opened, close) - wick[1], 5),
        close, tick_volume=rng.integers(50, 500, _BARS), spread=np.full(_BARS, 10),
    )  # fmt: skip


def lively(strategy: Strategy) -> Bars:
    """Bars on which the strategy says something while the desk is on: a silent one would prove nothing."""
    for seed in range(7, 47):
        bars = noisy(seed)
        if np.any(strategy.signals(bars, strategy.Params()).entry[_WARM : _WARM + _LIVE - 1]):
            return bars
    raise AssertionError(f"{strategy.key} says nothing on forty markets")


@pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)
def test_live_equals_replay(strategy: Strategy, make_stage: Callable[..., Stage]) -> None:
    bars = lively(strategy)
    stage = make_stage(bars=bars, warm=_WARM)
    stage.start()
    bot_id = stage.running_bot(strategy=strategy.key, strategy_params=None, sl_pips=2_000, tp_pips=2_000)
    seen: dict[int, str] = {}
    for _ in range(_LIVE):
        for event in stage.bar():
            if getattr(event, "bot_id", None) == bot_id and getattr(event, "bar_time", 0):
                seen[event.bar_time] = event.signal  # type: ignore[union-attr]
    params = strategy.Params()
    replay = strategy.signals(bars, params)
    assert len(seen) >= _LIVE
    told = {1: "BUY", -1: "SELL"}
    for index in range(_WARM, _WARM + _LIVE - 1):
        time = int(bars.time[index])
        expected = told.get(int(replay.entry[index]), "HOLD")
        assert seen[time] == expected, index
    kept = {each.bar_time: each for each in decisions.page(stage.db.reader(), bot_id, limit=1_000)}
    assert kept, "nothing was decided"
    for time, decision in kept.items():
        index = int(np.searchsorted(bars.time, time))
        wanted = BarSignal(
            int(replay.entry[index]), bool(replay.exit_long[index]), bool(replay.exit_short[index])
        )
        assert decision.signal == wanted.word
