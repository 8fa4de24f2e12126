"""Every value an alert can name is computed, needs no later bar, and is settled after the bars it asks for."""

from __future__ import annotations

import numpy as np
import pytest

from qbx_desktop.domain.alerts import BarShows, Is, Value
from qbx_desktop.domain.bar_values import VALUES, text_of, wrong_setting
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.strategies.bar_values import bars_needed, values_of


@pytest.fixture(scope="module")
def bars() -> Bars:
    rng = np.random.default_rng(3)
    close = np.round(1.1 + np.cumsum(rng.normal(0, 0.0004, 4_000)), 5)
    opened = np.concatenate([[1.1], close[:-1]])
    high, low = np.maximum(opened, close) + 0.0003, np.minimum(opened, close) - 0.0003
    volume = rng.integers(1, 500, 4_000)
    return Bars.from_prices(3_600 * np.arange(4_000), opened, high, low, close, volume)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_never_reads_a_later_bar_and_is_settled_after_its_bars(name: str, bars: Bars) -> None:
    value = Value(name, VALUES[name].defaults)
    whole = values_of(value, bars)
    assert len(whole) == len(bars)
    assert np.isfinite(whole[-1])
    cut = 3_000
    assert np.array_equal(values_of(value, bars[:cut]), whole[:cut], equal_nan=True)
    needed = bars_needed(BarShows(Timeframe.H1, value, Is.CROSSES_UP, Value("number", (1.0,))))
    last = values_of(value, bars[-needed:])[-2:]
    assert last == pytest.approx(whole[-2:], rel=1e-6, abs=1e-9)
    assert not len(values_of(value, Bars.empty()))


def test_a_value_is_written_as_traders_write_it() -> None:
    assert text_of("rsi", (14.0,)) == "RSI(14)"
    assert text_of("close", ()) == "Close"
    assert text_of("number", (30.0,)) == "30"
    assert text_of("bb_upper", (20, 2.5)) == "Bollinger upper(20, 2.5)"


@pytest.mark.parametrize("name", VALUES)
def test_every_bound_holds(name: str) -> None:
    known = VALUES[name]
    assert wrong_setting(name, known.defaults) is None
    assert wrong_setting(name, (*known.defaults, 1.0)) == 0
    for at, setting in enumerate(known.settings):
        for bad in (setting.low - 1, setting.high + 1, float("nan")):
            numbers = list(known.defaults)
            numbers[at] = bad
            assert wrong_setting(name, numbers) is not None
