"""The simulator and the backtest engine, written apart, make the same deals of the same signals."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from qbx_desktop.backtest.engine import Walk
from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.tape import lay_out, prices_of
from qbx_desktop.domain.bars import Bars, Floats
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.domain.symbol import SymbolSpec
from qbx_desktop.strategies.indicators import atr

from .second_witness import NAME, Closed, run_witness

_MARKETS = [
    {"digits": 5, "contract_size": 1e5, "calc_mode": 0, "base": "EUR", "profit": "USD", "margin": "EUR", "price": 1.1},
    {"digits": 3, "contract_size": 1e5, "calc_mode": 0, "base": "USD", "profit": "JPY", "margin": "USD", "price": 150.0},
    {"digits": 2, "contract_size": 100.0, "calc_mode": 4, "base": "XAU", "profit": "USD", "margin": "USD", "price": 2400.0},
    {
        "digits": 2, "contract_size": 50.0, "calc_mode": 1, "base": "USD", "profit": "USD", "margin": "USD",
        "price": 5300.0, "tick_size": 0.25, "tick_price": 12.5, "margin_initial": 12000.0, "margin_maintenance": 10900.0,
    },
    {
        "digits": 1, "contract_size": 1.0, "calc_mode": 3, "base": "USD", "profit": "USD", "margin": "USD",
        "price": 18000.0, "margin_rate": 0.05,
    },
]  # fmt: skip


def a_market(random: np.random.Generator, number: int) -> tuple[SymbolSpec, Bars, float]:
    """A wild market with gaps and holes, its specification, and how far a bar goes."""
    facts = dict(_MARKETS[number % len(_MARKETS)])
    price, count = float(facts.pop("price")), int(random.integers(60, 200))
    base, profit, margin = (str(facts.pop(name)) for name in ("base", "profit", "margin"))
    point = 10.0 ** -int(facts["digits"])
    tick = float(facts.setdefault("tick_size", point))
    move = price * 10 ** random.uniform(-4, -1.8)
    step = int(random.choice([300, 3600, 14400, 86400]))
    holes = (random.random(count) < 0.08) * random.integers(0, 60, count)
    times = 1_748_000_000 // step * step + step * np.cumsum(1 + holes)

    def on_grid(values: Floats) -> Floats:
        clean: Floats = np.round(
            np.round(np.maximum(values, price * 0.05) / tick) * tick, int(facts["digits"])
        )
        return clean

    close = on_grid(price * np.exp(np.cumsum(random.normal(0, move / price, count))))
    opened = on_grid(
        np.r_[price, close[:-1]] + random.normal(0, move / 2, count) * (random.random(count) < 0.3)
    )
    high = on_grid(np.maximum(opened, close) + np.abs(random.normal(0, move * 0.7, count)))
    low = on_grid(np.minimum(opened, close) - np.abs(random.normal(0, move * 0.7, count)))
    high, low = np.maximum(high, np.maximum(opened, close)), np.minimum(low, np.minimum(opened, close))
    points = round(tick / point)
    bars = Bars.from_prices(times, opened, high, low, close, None, random.integers(0, 30, count) * points)
    no_base = facts["calc_mode"] == 4
    spec = SymbolSpec(
        symbol=NAME, point=point, currency_base=base, currency_profit=profit, currency_margin=margin,
        volume_min=0.01, volume_max=50.0, volume_step=0.01, stops_level=int(random.choice([0, 0, 10])),
        spread=int(random.integers(0, 20)) * points,
        swap_mode=int(random.choice([0, 1, 3, 4, 5, 6] if no_base else [0, 1, 2, 3, 4, 5, 6])),
        swap_long=float(random.normal(0, 10)), swap_short=float(random.normal(0, 10)),
        swap_rollover3days=int(random.integers(0, 7)), **facts,
    )  # fmt: skip
    return spec, bars, move


def a_run(number: int) -> tuple[BacktestInput, Signals, Floats]:
    random = np.random.default_rng(number)
    spec, bars, move = a_market(random, number)

    def a_stop() -> StopDistance:
        unit = StopUnit(str(random.choice([each.value for each in StopUnit])))
        value = {
            StopUnit.NONE: 0.0, StopUnit.PRICE: move * random.uniform(0.2, 4), StopUnit.ATR: random.uniform(0.3, 3),
            StopUnit.PIPS: move * random.uniform(0.2, 4) / spec.pip_size,
        }[unit]  # fmt: skip
        return StopDistance(unit, float(value))

    sl, tp = a_stop(), a_stop()
    balance, leverage = float(random.choice([2e3, 1e4, 1e5])), float(random.choice([30, 100, 500]))
    if sl.is_set and random.random() < 0.5:
        sizing = Sizing(risk_percent=float(random.uniform(0.5, 20)))
    else:
        one_lot = {0: 1e5, 4: 2.4e5, 1: 1.2e4 * leverage, 3: 900.0 * leverage}[spec.calc_mode]
        share = float(random.choice([0.01, random.uniform(0.5, 0.95)]))
        sizing = Sizing(lots=max(0.01, round(share * balance * leverage / one_lot, 2)))
    slippage = int(random.choice([0, 0, 3])) * round(spec.tick_size / spec.point)
    given = BacktestInput(
        bars=bars, spec=spec, strategy="MA_CROSSOVER", sl=sl, tp=tp, sizing=sizing,
        account=Account("USD", balance, leverage, float(random.choice([0, 20, 50, 100]))),
        costs=Costs(spec.spread, bool(random.random() < 0.5), float(random.choice([0, 3.5])), slippage),
        atr_period=int(random.integers(2, 15)), reverse=bool(random.random() < 0.7),
    )  # fmt: skip
    n = len(bars)
    entry = random.choice([-1, 0, 0, 1], n).astype(np.int8)
    signals = Signals(entry, random.random(n) < 0.1, random.random(n) < 0.1)
    return given, signals, atr(bars.high, bars.low, bars.close, given.atr_period)


def by_engine(given: BacktestInput, signals: Signals, ranges: Floats) -> tuple[list[Closed], dict[str, int]]:
    tape = lay_out(given, prices_of(given), signals, ranges)
    walk = Walk(given, tape)
    walk.advance(0, len(tape))
    made = [
        Closed(
            trade.side, trade.volume, trade.open_time, trade.open_price, trade.sl, trade.tp, trade.close_time,
            trade.close_price, "signal" if trade.reason == "reverse" else trade.reason, trade.profit,
            trade.swap, trade.commission,
        )
        for trade in walk.trades
        if trade.reason != "end of data"
    ]  # fmt: skip
    return made, {reason: count for reason, count in walk.refused.items() if count}


def compare(numbers: range) -> Counter[str]:
    seen: Counter[str] = Counter()
    for number in numbers:
        given, signals, ranges = a_run(number)
        trades, refused = by_engine(given, signals, ranges)
        witness = run_witness(given, signals, ranges)
        assert witness.trades == trades, f"run {number}"
        assert dict(witness.refused) == refused, f"run {number}"
        seen.update(trade.reason for trade in trades)
    return seen


def test_same_deals_as_the_backtest_engine() -> None:
    seen = compare(range(40))
    assert set(seen) == {"sl", "tp", "signal", "stop out"}
    assert min(seen.values()) >= 5


@pytest.mark.long
@pytest.mark.timeout(900)
def test_same_deals_as_the_backtest_engine_a_thousand_times() -> None:
    assert compare(range(40, 1_040))["stop out"] > 100
