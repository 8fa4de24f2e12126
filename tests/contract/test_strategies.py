"""What every registered strategy must keep; a new one joins these tests by being registered."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.params import ParamError, from_json, from_texts, infos, make, to_json
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy

every = pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)


@functools.cache
def market(seed: int, n: int = 900, step: int = 3_600) -> Bars:
    """Restless bars with waves, quiet hours and volume: enough for every rule to speak."""
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
    return Bars.from_prices(1_704_067_200 + hour * step, opened, high, low, close, volume)


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


def other_params(strategy: Strategy) -> Any:
    """Every flag turned over and every choice the last one, with short periods."""
    values: dict[str, object] = {}
    for info in infos(strategy.Params):
        if info.kind is bool:
            values[info.name] = not info.default
        elif info.choices:
            values[info.name] = info.choices[-1]
    return dataclasses.replace(short_params(strategy), **values)


def sets_of(strategy: Strategy) -> list[Any]:
    """The parameter sets each strategy is tested with: defaults, short, turned over, and its presets."""
    presets = [make(strategy.Params, preset.values) for preset in strategy.presets]
    return [strategy.Params(), short_params(strategy), other_params(strategy), *presets]


def drawn_params(strategy: Strategy, seed: int) -> Any:
    """A set out of the optimiser's ranges."""
    rng = np.random.default_rng(seed)
    draw = {info.name: info.candidates[rng.integers(len(info.candidates))] for info in infos(strategy.Params)}
    return make(strategy.Params, draw)


def columns(strategy: Strategy, bars: Bars, params: Any) -> list[Any]:
    found = strategy.signals(bars, params)
    return [found.entry, found.exit_long, found.exit_short]


def other_future(bars: Bars, cut: int, jump: float) -> Bars:
    """The same bars up to `cut`; then everything is another price and another volume."""
    return Bars.from_prices(
        bars.time,
        *(np.concatenate((each[:cut], np.round(each[cut:] * jump, 5)))
          for each in (bars.open, bars.high, bars.low, bars.close)),
        np.concatenate((bars.tick_volume[:cut], bars.tick_volume[cut:] * 7)),
    )  # fmt: skip


def looks_ahead(strategy: Strategy, bars: Bars, params: Any, cuts: Iterable[int]) -> list[int]:
    """The cuts at which signals before the cut change with what comes after it."""
    whole = columns(strategy, bars, params)
    found = []
    for cut in cuts:
        versions = [bars[:cut], *(other_future(bars, cut, jump) for jump in (0.7, 1.6))]
        for version in versions:
            changed = columns(strategy, version, params)
            if any(not np.array_equal(a[:cut], b[:cut]) for a, b in zip(changed, whole, strict=True)):
                found.append(cut)
    return found


def disagreements(strategy: Strategy, bars: Bars, params: Any, ends: Iterable[int]) -> list[int]:
    """The ends at which the history that live loads says something else than all bars do."""
    frame = Timeframe.H1
    need = strategy.history(params, frame)
    whole = columns(strategy, bars, params)
    found = []
    for end in ends:
        part = columns(strategy, bars[max(0, end - need) : end], params)
        if [each[-1] for each in part] != [each[end - 1] for each in whole]:
            found.append(end)
    return found


def speaking(strategy: Strategy, bars: Bars, params: Any, most: int) -> list[int]:
    """Ends worth explaining: bars with an entry, bars at which an exit begins, and a few silent ones."""
    entry, exit_long, exit_short = columns(strategy, bars, params)
    leaves = exit_long | exit_short
    leaves[1:] &= ~leaves[:-1]
    hits = np.concatenate((np.flatnonzero(entry)[:most], np.flatnonzero(leaves)[:most], [0, 1, 2]))
    first = strategy.warmup(params)
    more = np.concatenate(([first - 1, first, first + 1], np.linspace(0, len(bars) - 1, most)))
    return sorted({int(at) + 1 for at in (*hits, *more) if 0 <= at < len(bars)})


def wrong_words(strategy: Strategy, bars: Bars, params: Any, ends: Iterable[int]) -> list[int]:
    """The ends at which the explanation is not what the signals say."""
    found = []
    for end in ends:
        part = bars[:end]
        told, signals = strategy.explain(part, params), strategy.signals(part, params)
        word = {1: "BUY", -1: "SELL", 0: "HOLD"}[int(signals.entry[-1])]
        leaves = told.message.code.partition(".")[2] in ("exit_long", "exit_short", "over")
        fine = told.signal == word and "{" not in told.message.text and "nan" not in told.message.text
        fine &= all(math.isfinite(value) for value in told.values.values())
        fine &= word != "HOLD" or leaves == bool(signals.exit_long[-1] or signals.exit_short[-1])
        if not fine:
            found.append(end)
    return found


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
def test_no_bars_and_one_bar(strategy: Strategy) -> None:
    for n in (0, 1, 2):
        bars = market(0)[:n]
        assert len(strategy.signals(bars, strategy.Params())) == n
        assert strategy.explain(bars, strategy.Params()).signal == "HOLD"
        assert all(len(plot.values) == n for plot in strategy.plots(bars, strategy.Params()))


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
def test_it_speaks_on_both_sides(strategy: Strategy) -> None:
    entries = np.concatenate(
        [strategy.signals(market(seed), short_params(strategy)).entry for seed in range(6)]
    )
    assert (entries == 1).any()
    assert (entries == -1).any()


@every
def test_no_look_ahead(strategy: Strategy) -> None:
    """Whatever comes after a bar, its signals stay."""
    for seed, params in enumerate(sets_of(strategy)):
        cuts = np.random.default_rng(seed).integers(1, 899, 10).tolist()
        assert looks_ahead(strategy, market(seed), params, cuts) == []


def test_a_planted_look_into_the_future_is_found() -> None:
    """The check above can fail: one bar ahead is enough."""
    real = registry.get("MA_CROSSOVER")

    class Ahead(type(real)):  # type: ignore[misc]
        def lines(self, bars: Bars, params: Any) -> Any:
            found = super().lines(bars, params)
            fast = np.roll(found["fast"].values, -1)
            return {**found, "fast": dataclasses.replace(found["fast"], values=fast)}

    assert looks_ahead(Ahead(), market(0), short_params(real), range(100, 400, 7))


@every
def test_nothing_before_the_warm_up(strategy: Strategy) -> None:
    for seed, params in enumerate(sets_of(strategy)):
        for column in columns(strategy, market(seed), params):
            assert not column[: strategy.warmup(params)].any()


@every
def test_warm_up_is_the_first_index(strategy: Strategy) -> None:
    """On some market a signal comes at the warm-up index itself: not one bar is given away."""
    for params in (short_params(strategy), other_params(strategy)):
        first = strategy.warmup(params)
        # A slower frame can be known that early only where each bar is a period of its own.
        markets = [market(4, 4_000), market(4, 4_000, 7 * 86_400)]
        assert any(
            any(column[first] for column in columns(strategy, bars[start : start + first + 1], params))
            for bars in markets
            for start in range(len(bars) - first - 1)
        )


@every
def test_every_line_exists_from_the_warm_up_on(strategy: Strategy) -> None:
    """The warm-up suffices: at its index every value the rule reads is there."""
    for params in sets_of(strategy):
        bars = market(1, 900, 7 * 86_400)
        for plot in strategy.plots(bars, params):
            assert len(plot.values) == len(bars)
            assert plot.name
            assert plot.gaps or np.isfinite(plot.values[strategy.warmup(params) :]).all()


@every
def test_history_settles(strategy: Strategy) -> None:
    """Live equals backtest: the last bar says the same from the history that live loads as from all bars."""
    bars = market(5, 6_000)
    for params in sets_of(strategy):
        assert strategy.history(params, Timeframe.H1) >= strategy.warmup(params) + 2
        assert disagreements(strategy, bars, params, range(len(bars) - 1_500, len(bars), 31)) == []


@every
def test_explanation_agrees_with_the_signal(strategy: Strategy) -> None:
    for seed, params in enumerate(sets_of(strategy)):
        bars = market(seed)
        assert wrong_words(strategy, bars, params, speaking(strategy, bars, params, 12)) == []


@every
def test_json_and_form_round_trip(strategy: Strategy) -> None:
    """What is stored, and what is typed as text, gives back equal parameters."""
    for params in sets_of(strategy):
        assert from_json(strategy.Params, to_json(params)) == params
        texts = {name: str(value) for name, value in dataclasses.asdict(params).items()}
        assert from_texts(strategy.Params, texts) == params
        assert from_json(strategy.Params, json.dumps(texts)) == params
    assert from_json(strategy.Params, None) == strategy.Params()


@every
def test_once_per_setup_signals_the_first_bar_of_a_run(strategy: Strategy) -> None:
    if "once_per_setup" not in {info.name for info in infos(strategy.Params)}:
        pytest.skip("its signals are events, not levels")
    fewer = 0
    for seed, params in enumerate([*sets_of(strategy), *(drawn_params(strategy, at) for at in range(12))]):
        often = dataclasses.replace(params, once_per_setup=False)
        once = dataclasses.replace(params, once_per_setup=True)
        start = strategy.warmup(once)
        assert start == strategy.warmup(often) + 1
        bars = market(seed % 6, 3_000)
        each, first = strategy.signals(bars, often).entry, strategy.signals(bars, once).entry
        expected = np.where(each[1:] != each[:-1], each[1:], 0)
        np.testing.assert_array_equal(first[start:], expected[start - 1 :])
        fewer += int(np.count_nonzero(each[start:]) - np.count_nonzero(first))
    assert fewer > 0
