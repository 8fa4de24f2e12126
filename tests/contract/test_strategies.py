"""What every registered strategy must keep; a new one joins these tests by being registered."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.params import ParamError, from_json, infos, make, to_json
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy

every = pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)


@functools.cache
def market(seed: int, n: int = 900) -> Bars:
    """Restless H1 bars with waves, quiet hours and volume: enough for every rule to speak."""
    rng = np.random.default_rng(seed)
    hour = np.arange(n)
    wave = 0.004 * np.sin(hour / 23.0) + 0.01 * np.sin(hour / 170.0)
    noise = np.cumsum(rng.standard_t(4, n) * 0.0007 * (1 + 0.5 * np.sin(hour / 12.0)))
    close = np.round(1.1 + wave + noise, 5)
    opened = np.round(np.concatenate(([1.1], close[:-1])) + rng.normal(0, 0.0002, n), 5)
    reach = np.abs(rng.normal(0, 0.0006, (2, n)))
    high = np.round(np.maximum(opened, close) + reach[0], 5)
    low = np.round(np.minimum(opened, close) - reach[1], 5)
    volume = rng.integers(100, 3_000, n)
    return Bars.from_prices(1_704_067_200 + hour * 3_600, opened, high, low, close, volume)


def short_params(strategy: Strategy) -> Any:
    """Whole-number periods shortened, so that a few hundred bars hold many signals; defaults where a rule forbids it."""
    values = {
        info.name: max(int(info.low or 1), int(info.default) // 4)
        for info in infos(strategy.Params)
        if info.kind is int and "period" in info.name
    }
    try:
        return make(strategy.Params, values)
    except ParamError:
        return strategy.Params()


def columns(strategy: Strategy, bars: Bars, params: Any) -> list[Any]:
    found = strategy.signals(bars, params)
    return [found.entry, found.exit_long, found.exit_short]


@every
def test_names_and_texts(strategy: Strategy) -> None:
    assert registry.get(strategy.key) is strategy
    assert strategy.title
    assert len(strategy.description) > 40
    assert all(info.label and info.help for info in infos(strategy.Params))


@every
def test_signals_have_the_right_shape(strategy: Strategy) -> None:
    bars = market(1)
    found = strategy.signals(bars, strategy.Params())
    assert [each.dtype for each in (found.entry, found.exit_long, found.exit_short)] == [
        np.int8,
        np.bool_,
        np.bool_,
    ]
    assert len(found) == len(found.exit_long) == len(found.exit_short) == len(bars)
    assert set(np.unique(found.entry)) <= {-1, 0, 1}


@every
def test_it_speaks_on_both_sides(strategy: Strategy) -> None:
    entries = np.concatenate(
        [strategy.signals(market(seed), short_params(strategy)).entry for seed in range(6)]
    )
    assert (entries == 1).any()
    assert (entries == -1).any()


@every
@settings(max_examples=12)
@given(data=st.data())
def test_no_look_ahead(strategy: Strategy, data: st.DataObject) -> None:
    """Whatever comes after a bar, its signals stay."""
    bars, params = market(data.draw(st.integers(0, 5))), short_params(strategy)
    cut = data.draw(st.integers(1, len(bars) - 1))
    jump = data.draw(st.sampled_from((0.5, 0.9, 1.3, 2.0)))
    other = Bars.from_prices(
        bars.time,
        *(np.concatenate((each[:cut], np.round(each[cut:] * jump, 5)))
          for each in (bars.open, bars.high, bars.low, bars.close)),
        np.concatenate((bars.tick_volume[:cut], bars.tick_volume[cut:] * 7)),
    )  # fmt: skip
    whole = columns(strategy, bars, params)
    for part, same in zip(columns(strategy, bars[:cut], params), whole, strict=True):
        np.testing.assert_array_equal(part, same[:cut])
    for changed, same in zip(columns(strategy, other, params), whole, strict=True):
        np.testing.assert_array_equal(changed[:cut], same[:cut])


@every
def test_pure(strategy: Strategy) -> None:
    """The same question gives the same answer, the bars are left alone, and equal parameters are equal."""
    bars = market(2)
    before = [getattr(bars, name).copy() for name in ("time", "open", "high", "low", "close", "tick_volume")]
    first = columns(strategy, bars, strategy.Params())
    strategy.explain(bars, strategy.Params())
    strategy.signals(market(3), short_params(strategy))
    for again, once in zip(columns(strategy, bars, strategy.Params()), first, strict=True):
        np.testing.assert_array_equal(again, once)
    for name, copy in zip(("time", "open", "high", "low", "close", "tick_volume"), before, strict=True):
        np.testing.assert_array_equal(getattr(bars, name), copy)
    assert dataclasses.is_dataclass(strategy.Params)
    assert strategy.Params() == strategy.Params()


@every
def test_nothing_before_the_warm_up(strategy: Strategy) -> None:
    for params in (strategy.Params(), short_params(strategy)):
        for seed in range(6):
            for column in columns(strategy, market(seed), params):
                assert not column[: strategy.warmup(params)].any()


@every
def test_warm_up_is_the_first_index(strategy: Strategy) -> None:
    """On some market a signal comes at the warm-up index itself: not one bar is given away."""
    params = short_params(strategy)
    first = strategy.warmup(params)
    bars = market(4, 6_000)
    starts = range(len(bars) - first - 1)
    assert any(
        any(column[first] for column in columns(strategy, bars[start : start + first + 1], params))
        for start in starts
    )


@every
def test_every_line_exists_from_the_warm_up_on(strategy: Strategy) -> None:
    params = short_params(strategy)
    for plot in strategy.plots(market(1), params):
        assert len(plot.values) == len(market(1))
        assert plot.name
        assert np.isfinite(plot.values[strategy.warmup(params) :]).all()


@every
def test_history_settles(strategy: Strategy) -> None:
    """The last bar says the same from the history that live loads as from all bars."""
    params = short_params(strategy)
    need = strategy.history(params, Timeframe.H1)
    assert need >= strategy.warmup(params) + 2
    bars = market(5, 4_000)
    whole = columns(strategy, bars, params)
    for end in range(len(bars) - 1_500, len(bars), 3):
        part = columns(strategy, bars[max(0, end - need) : end], params)
        assert [each[-1] for each in part] == [each[end - 1] for each in whole]


@every
def test_explanation_agrees_with_the_signal(strategy: Strategy) -> None:
    params = short_params(strategy)
    said = set()
    for end in range(1, 900, 1 if strategy.warmup(params) < 100 else 3):
        bars = market(0)[:end]
        told = strategy.explain(bars, params)
        entry = int(strategy.signals(bars, params).entry[-1])
        assert told.signal == {1: "BUY", -1: "SELL", 0: "HOLD"}[entry]
        assert "{" not in told.message.text
        assert all(np.isfinite(value) for value in told.values.values())
        said.add(told.signal)
    assert "HOLD" in said


@every
def test_no_bars_and_one_bar(strategy: Strategy) -> None:
    for n in (0, 1, 2):
        bars = market(0)[:n]
        assert len(strategy.signals(bars, strategy.Params())) == n
        assert strategy.explain(bars, strategy.Params()).signal == "HOLD"
        assert all(len(plot.values) == n for plot in strategy.plots(bars, strategy.Params()))


@every
def test_json_round_trip(strategy: Strategy) -> None:
    for params in (strategy.Params(), short_params(strategy)):
        assert from_json(strategy.Params, to_json(params)) == params
    assert from_json(strategy.Params, None) == strategy.Params()


@every
def test_bounds_are_kept(strategy: Strategy) -> None:
    for info in infos(strategy.Params):
        if info.low is not None:
            with pytest.raises(ParamError) as caught:
                make(strategy.Params, {info.name: info.low - 1})
            assert caught.value.field == info.name


def test_keys_are_unique() -> None:
    keys = [strategy.key for strategy in registry.all_strategies()]
    assert len(set(keys)) == len(keys)


def test_unknown_strategy_names_the_nearest() -> None:
    with pytest.raises(UserMistake) as caught:
        registry.get("ma_crosover")
    assert "MA_CROSSOVER" in caught.value.sentence
    assert "did you mean" in caught.value.sentence


@every
def test_the_optimiser_finds_values_to_try(strategy: Strategy) -> None:
    """Every parameter has candidates, each of them within its bounds, and no range is one value only."""
    for info in infos(strategy.Params):
        assert len(info.candidates) > 1, info.name
        assert len(set(info.candidates)) == len(info.candidates)
        for value in info.candidates:
            assert type(value) is info.kind
            assert info.low is None or info.low <= float(value)
            assert info.high is None or float(value) <= info.high


@every
def test_guidance_and_presets(strategy: Strategy) -> None:
    """At least one preset for beginners; each one is a set of checked parameters and not the defaults."""
    assert strategy.guidance.market.endswith(".")
    assert strategy.presets
    titles = [preset.title for preset in strategy.presets]
    assert len(set(titles)) == len(titles)
    for preset in strategy.presets:
        assert make(strategy.Params, preset.values) != strategy.Params()
        assert preset.help.endswith(".")
    for info in infos(strategy.Params):
        assert info.help.endswith(".")
        assert len(info.help.split()) > 5, "one sentence, not a label"


@every
def test_once_per_setup_signals_the_first_bar_of_a_run(strategy: Strategy) -> None:
    if "once_per_setup" not in {info.name for info in infos(strategy.Params)}:
        pytest.skip("its signals are events, not levels")
    often = dataclasses.replace(short_params(strategy), once_per_setup=False)
    once = dataclasses.replace(often, once_per_setup=True)
    bars = market(1)
    each, first = strategy.signals(bars, often).entry, strategy.signals(bars, once).entry
    start = strategy.warmup(once)
    assert start == strategy.warmup(often) + 1
    expected = np.where(each[1:] != each[:-1], each[1:], 0)
    np.testing.assert_array_equal(first[start:], expected[start - 1 :])
    assert 0 < np.count_nonzero(first) < np.count_nonzero(each[start:])
