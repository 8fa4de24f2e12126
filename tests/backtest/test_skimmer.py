"""The pass without curves: every figure, refusal and day's equity of the walk with them, to the last bit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.backtest import skimmer
from qbx_desktop.backtest.compiled import PLAIN, make
from qbx_desktop.backtest.doubt.daily import last_of_days
from qbx_desktop.backtest.engine import Walk
from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.layout import FALL
from qbx_desktop.backtest.skim import note_fall
from qbx_desktop.backtest.skimmer import Skimmer
from qbx_desktop.backtest.tape import prices_of, tape_with
from qbx_desktop.domain.bars import Bars, Floats
from qbx_desktop.domain.limits import Limits
from qbx_desktop.domain.news import NewsEvent
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.strategies.indicators import atr

from .reference_input import Setup
from .stage import EURUSD, MONDAY
from .tapes import program_input, setups


def compare(chosen: BacktestInput, signals: Signals, ranges: Floats | None) -> bool:
    """Whether the bars were skimmed; equal they must be in any case."""
    code = make()
    prices = prices_of(chosen)
    walk = Walk(chosen, tape_with(chosen, prices, signals, ranges), code=lambda: code)
    walk.advance(0, len(walk.tape))
    made = Skimmer(prices)
    found = made.run(chosen, signals, ranges)
    assert found.figures.tobytes() == walk.figures().tobytes()
    assert found.refused == walk.refused
    ends = last_of_days(walk.tape.bars.time)
    np.testing.assert_array_equal(found.equity, walk.curves.equity[ends])
    return made._curves is None


@given(setups())
def test_equal_on_random_tapes(setup: Setup) -> None:
    chosen, bars, signals = program_input(setup)
    compare(chosen, signals, atr(bars.high, bars.low, bars.close, setup.atr_period))


@pytest.mark.long
@pytest.mark.timeout(600)
@settings(max_examples=2_000)
@given(setups())
def test_equal_on_many_random_tapes(setup: Setup) -> None:
    chosen, bars, signals = program_input(setup)
    compare(chosen, signals, atr(bars.high, bars.low, bars.close, setup.atr_period))


def market(seed: int, drift: float, count: int = 4_000) -> Bars:
    """M15 bars with gaps over weekends and now and then within a day; `drift` in points a bar."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(drift, 40.0, count) + np.where(rng.random(count) < 0.01, rng.normal(0, 400, count), 0)
    close = np.rint(110_000 + np.cumsum(steps))
    opened = np.concatenate((close[:1], close[:-1])) + np.where(
        rng.random(count) < 0.05, np.rint(rng.normal(0, 60, count)), 0
    )
    high = np.maximum(opened, close) + rng.integers(0, 50, count)
    low = np.minimum(opened, close) - rng.integers(0, 50, count)
    time = MONDAY + np.cumsum(np.where(rng.random(count) < 0.004, 200_000, 900))
    return Bars.from_prices(time, *(each * 1e-5 for each in (opened, high, low, close)))


def signals_on(bars: Bars, seed: int, share: float, exits: float) -> Signals:
    rng = np.random.default_rng(seed)
    n = len(bars)
    entry = np.where(rng.random(n) < share, rng.choice((1, -1), n), 0).astype(np.int8)
    return Signals(entry, rng.random(n) < exits, rng.random(n) < exits)


INPUTS = {
    "always in the market": {"sl": StopDistance(), "tp": StopDistance()},
    "close stops": {"sl": StopDistance(StopUnit.PIPS, 4), "tp": StopDistance(StopUnit.PIPS, 7)},
    "far stops": {"sl": StopDistance(StopUnit.PIPS, 80), "tp": StopDistance(StopUnit.PIPS, 150)},
    "by the ATR": {"sl": StopDistance(StopUnit.ATR, 2), "tp": StopDistance(StopUnit.ATR, 3), "sizing": Sizing(risk_percent=2.0)},
    "stopped out": {"account": Account(balance=1_500.0, leverage=500.0, stop_out=80.0), "sizing": Sizing(lots=1.0)},
    "not turned around": {"reverse": False, "sl": StopDistance(StopUnit.PIPS, 30)},
    "late, slipping": {"delay_bars": 2, "costs": Costs(12, commission_per_lot=3.5, slippage_table=(0, 1, 4))},
    "optimistic": {"inside_bar": "optimistic", "sl": StopDistance(StopUnit.PIPS, 3), "tp": StopDistance(StopUnit.PIPS, 3)},
    "some dates": {"start": MONDAY + 10 * 86_400, "end": MONDAY + 33 * 86_400},
}  # fmt: skip


@pytest.mark.parametrize("drift", [-3.0, 0.0, 6.0])
@pytest.mark.parametrize("name", INPUTS)
def test_equal_on_longer_ones_rising_or_falling(name: str, drift: float) -> None:
    seed = len(name)
    bars = market(seed, drift)
    changes: dict[str, object] = {
        "costs": Costs(10, commission_per_lot=3.0),
        "sizing": Sizing(lots=0.1),
        **INPUTS[name],
    }
    chosen = BacktestInput(bars=bars, spec=EURUSD, strategy="MA_CROSSOVER", **changes)  # type: ignore[arg-type]
    ranges = atr(bars.high, bars.low, bars.close, chosen.atr_period)
    for share, exits in ((0.001, 0.0), (0.02, 0.0), (0.3, 0.0), (0.05, 0.05)):
        assert compare(chosen, signals_on(bars, seed, share, exits), ranges)


def test_what_differs_from_bar_to_bar_takes_the_walk() -> None:
    bars = market(3, 0.0, 900)
    signals = signals_on(bars, 3, 0.05, 0.0)
    plain = BacktestInput(bars=bars, spec=EURUSD, strategy="MA_CROSSOVER", sizing=Sizing(lots=0.1))
    assert compare(plain, signals, None)
    assert not compare(
        dataclasses.replace(plain, costs=Costs(spread_by_hour=tuple(range(24)))), signals, None
    )
    assert not compare(dataclasses.replace(plain, account=Account("EUR")), signals, None)
    assert not compare(dataclasses.replace(plain, guards=Limits(daily_loss_percent=1.0)), signals, None)
    news = (NewsEvent(MONDAY + 86_400, MONDAY + 3 * 86_400, "*", "holiday"),)
    assert not compare(dataclasses.replace(plain, news=news), signals, None)
    close = bars.close.copy()
    close[500] = bars.high[500] + 5e-5  # outside its own bar
    odd = Bars.from_prices(bars.time, bars.open, bars.high, bars.low, close)
    assert not compare(dataclasses.replace(plain, bars=odd), signals, None)


def test_finer_bars_decide_here_too() -> None:
    bars = market(5, 0.0, 1_500)
    stops = {"sl": StopDistance(StopUnit.PIPS, 3), "tp": StopDistance(StopUnit.PIPS, 3)}
    chosen = BacktestInput(
        bars=bars, spec=EURUSD, strategy="MA_CROSSOVER", sizing=Sizing(lots=0.1), detail=bars, **stops
    )
    assert compare(chosen, signals_on(bars, 5, 0.2, 0.0), None)


def test_without_the_compiler_the_figures_are_the_same() -> None:
    bars = market(7, 0.0, 400)
    chosen = BacktestInput(bars=bars, spec=EURUSD, strategy="MA_CROSSOVER", sizing=Sizing(lots=0.1))
    signals, prices = signals_on(bars, 7, 0.05, 0.0), prices_of(chosen)
    fast, slow = (
        Skimmer(prices, code=lambda code=code: code).run(chosen, signals, None) for code in (make(), PLAIN)
    )
    assert fast.figures.tobytes() == slow.figures.tobytes()
    assert (fast.equity == slow.equity).all()


def test_old_ranges_of_dates_are_forgotten() -> None:
    bars = market(9, 0.0, 600)
    chosen = BacktestInput(bars=bars, spec=EURUSD, strategy="MA_CROSSOVER", sizing=Sizing(lots=0.1))
    made = Skimmer(prices_of(chosen))
    for days in range(1, 8):
        made.run(
            dataclasses.replace(chosen, end=MONDAY + days * 86_400), signals_on(bars, 9, 0.05, 0.0), None
        )
    assert len(made._grounds) == skimmer._KEPT


@given(
    st.lists(st.tuples(st.integers(-60, 60), st.integers(0, 30)), min_size=1, max_size=40),
    st.integers(100, 1_000),
)
def test_falls_are_the_drawdown_of_the_curve(steps: list[tuple[int, int]], deposit: int) -> None:
    from qbx_desktop.backtest.drawdown import drawdown

    highs = np.maximum(deposit + np.cumsum([step for step, _ in steps]), 1)
    lows = highs - np.array([below for _, below in steps])
    fall = np.zeros(1, FALL)
    fall["peak"] = fall["lowest"] = deposit
    for low, high in zip(lows.tolist(), highs.tolist(), strict=True):
        note_fall(fall[0], low, high, 100.0)
    expected = drawdown(deposit / 100.0, highs / 100.0, lows / 100.0, 100.0)
    found = fall[0]
    assert max(0.0, (deposit - found["lowest"]) / 100.0) == expected.absolute
    assert (found["maximal"] / 100.0, found["its_share"] * 100.0) == (
        expected.maximal,
        expected.maximal_percent,
    )
    assert (found["its_money"] / 100.0, found["widest"] * 100.0) == (
        expected.relative,
        expected.relative_percent,
    )
