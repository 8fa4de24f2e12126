"""The contract of every strategy on real exports, in the folder that QBX_REAL_BARS names."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import numpy as np
import pytest

from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.bars import Bars
from qbx_desktop.strategies.contract import Strategy

from .test_strategies import columns, disagreements, every, looks_ahead, sets_of, speaking, wrong_words

FOLDER = os.environ.get("QBX_REAL_BARS", "")
FILES = sorted(Path(FOLDER).glob("*.csv*")) if FOLDER else []

pytestmark = pytest.mark.skipif(not FILES, reason="QBX_REAL_BARS names no folder with real price files")
each_file = pytest.mark.parametrize("path", FILES or [Path("none")], ids=lambda path: path.name)


@functools.cache
def bars_in(path: Path) -> Bars:
    return read_bars(path).bars[-12_000:]


@every
@each_file
def test_no_look_ahead(strategy: Strategy, path: Path) -> None:
    bars = bars_in(path)
    for seed, params in enumerate(sets_of(strategy)):
        cuts = np.random.default_rng(seed).integers(1, len(bars), 4).tolist()
        assert looks_ahead(strategy, bars, params, cuts) == []


@every
@each_file
def test_live_equals_backtest(strategy: Strategy, path: Path) -> None:
    """At every bar looked at, the history that live loads gives the answer of one pass over all bars."""
    bars = bars_in(path)
    first = max(len(bars) // 2, 2)
    for params in sets_of(strategy):
        assert disagreements(strategy, bars, params, range(first, len(bars), max(1, len(bars) // 250))) == []


@every
@each_file
def test_warm_up_words_and_purity(strategy: Strategy, path: Path) -> None:
    bars = bars_in(path)
    before = [np.array(each) for each in (bars.time, bars.open, bars.high, bars.low, bars.close)]
    for params in sets_of(strategy):
        once = columns(strategy, bars, params)
        assert not any(column[: strategy.warmup(params)].any() for column in once)
        assert wrong_words(strategy, bars, params, speaking(strategy, bars, params, 6)) == []
        for again, column in zip(columns(strategy, bars, params), once, strict=True):
            np.testing.assert_array_equal(again, column)
    for copy, now in zip(before, (bars.time, bars.open, bars.high, bars.low, bars.close), strict=True):
        np.testing.assert_array_equal(copy, now)
