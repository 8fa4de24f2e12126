"""A rule that is decided part by part says what it says of all bars at once."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from qbx_desktop.domain.bars import Bars
from qbx_desktop.strategies import rule
from qbx_desktop.strategies.registry import shipped
from qbx_desktop.strategies.rule import RuleStrategy

WINDOWED = [each for each in shipped() if isinstance(each, RuleStrategy) and each.windowed]


def coarse_walk(seed: int, n: int = 3_000) -> Bars:
    """Prices in a few whole points, so that means and extremes are often equal."""
    rng = np.random.default_rng(seed)
    close = 1.1 + np.round(np.cumsum(rng.integers(-2, 3, n))) * 1e-5
    opened = np.concatenate(([1.1], close[:-1]))
    high, low = np.maximum(opened, close), np.minimum(opened, close)
    return Bars.from_prices(3_600 * np.arange(n), opened, high + 1e-5, low - 1e-5, close)


def variants(strategy: Any) -> list[Any]:
    found = [strategy.Params(), *(strategy.Params(**each.values) for each in strategy.presets)]
    if hasattr(found[0], "once_per_setup"):
        found += [dataclasses.replace(each, once_per_setup=not each.once_per_setup) for each in found]
    return found


@pytest.mark.parametrize("strategy", WINDOWED, ids=lambda each: each.key)
@pytest.mark.parametrize("seed", range(4))
def test_parts_make_the_whole(strategy: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bars = coarse_walk(seed)
    for params in variants(strategy):
        whole = strategy.signals(bars, params)
        assert np.any(whole.entry)
        monkeypatch.setattr(rule, "_PART", 1_400)
        parts = strategy.signals(bars, params)
        monkeypatch.undo()
        for name in ("entry", "exit_long", "exit_short"):
            np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))


def test_there_are_such_rules() -> None:
    assert {each.key for each in WINDOWED} >= {"MA_CROSSOVER", "TURTLE_BREAKOUT"}
