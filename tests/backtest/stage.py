"""A small stage for hand-made bars: prices in points, signals by bar, and the walk over them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from qbx_desktop.backtest.engine import Walk
from qbx_desktop.backtest.input import Account, BacktestInput, Costs, RateSeries
from qbx_desktop.backtest.tape import lay_out, prices_of
from qbx_desktop.backtest.trade import Trade
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import Sizing, StopDistance, StopUnit
from qbx_desktop.domain.symbol import SymbolSpec
from qbx_desktop.strategies.indicators import atr

MONDAY = 1_704_067_200  # 2024-01-01 00:00, a Monday
HOUR, DAY = 3_600, 86_400

EURUSD = SymbolSpec("EURUSD", 5, 1e-5, 1e-5, 100_000.0, 0, "EUR", "USD", "EUR")
USDJPY = SymbolSpec("USDJPY", 3, 1e-3, 1e-3, 100_000.0, 0, "USD", "JPY", "USD")
GBPJPY = SymbolSpec("GBPJPY", 3, 1e-3, 1e-3, 100_000.0, 0, "GBP", "JPY", "GBP")
XAUUSD = SymbolSpec("XAUUSD", 2, 0.01, 0.01, 100.0, 4, "XAU", "USD", "USD")
US30 = SymbolSpec(
    "US30", 1, 0.1, 0.1, 1.0, 3, "USD", "USD", "USD", volume_min=0.1, volume_step=0.1, margin_rate=0.05
)
FUTURE = SymbolSpec(
    "ES", 2, 0.01, 0.25, 50.0, 1, "USD", "USD", "USD", volume_min=1.0, volume_step=1.0,
    tick_price=12.5, margin_initial=12_000.0, margin_maintenance=10_900.0,
)  # fmt: skip

Row = tuple[int, int, int, int]


def points(distance: float) -> StopDistance:
    """A stop distance in points of EURUSD."""
    return StopDistance(StopUnit.PRICE, distance * 1e-5)


def price(distance: float) -> StopDistance:
    """A stop distance in price units."""
    return StopDistance(StopUnit.PRICE, distance)


def play(
    rows: Sequence[Row],
    entries: Mapping[int, int],
    *,
    spec: SymbolSpec = EURUSD,
    times: Sequence[int] | None = None,
    spreads: Sequence[int] | None = None,
    exits: Mapping[int, str] | None = None,
    lots: float | None = 0.1,
    risk: float | None = None,
    sl: StopDistance | None = None,
    tp: StopDistance | None = None,
    atr_period: int = 14,
    currency: str = "USD",
    balance: float = 10_000.0,
    leverage: float = 100.0,
    stop_out: float = 0.0,
    spread: int = 0,
    spread_from_bars: bool = False,
    commission: float = 0.0,
    slippage: int = 0,
    reverse: bool = True,
    rate: float | RateSeries | None = None,
    **changes: Any,
) -> Walk:
    """Walk over `rows` (open, high, low, close in points); `entries` are +1 or -1 by signal bar, `exits` "long", "short".

    `changes` replace fields of the symbol.
    """
    spec = dataclasses.replace(spec, **changes)
    n = len(rows)
    at = np.array(times if times is not None else [MONDAY + HOUR * k for k in range(n)])
    columns = (np.array(rows).T / 10.0**spec.digits).tolist()
    bars = Bars.from_prices(at, *columns, spread=None if spreads is None else np.array(spreads))
    signals = Signals(np.zeros(n, np.int8), np.zeros(n, np.bool_), np.zeros(n, np.bool_))
    for t, side in entries.items():
        signals.entry[t] = side
    for t, side in (exits or {}).items():
        (signals.exit_long if side == "long" else signals.exit_short)[t] = True
    given = BacktestInput(
        bars=bars,
        spec=spec,
        strategy="MA_CROSSOVER",
        account=Account(currency, balance, leverage, stop_out),
        costs=Costs(spread, spread_from_bars, commission, slippage),
        sizing=Sizing(lots=None if risk is not None else lots, risk_percent=risk),
        sl=sl or StopDistance(),
        tp=tp or StopDistance(),
        atr_period=atr_period,
        reverse=reverse,
        rate=rate,
    )
    ranges = atr(bars.high, bars.low, bars.close, atr_period)
    walk = Walk(given, lay_out(given, prices_of(given), signals, ranges))
    walk.advance(0, n)
    return walk


def only(walk: Walk) -> Trade:
    """The one trade of a walk."""
    assert len(walk.trades) == 1, walk.trades
    return walk.trades[0]


def marks(walk: Walk) -> list[tuple[float, float, float]]:
    """Balance, equity and lowest equity of each bar."""
    return list(zip(*(each.tolist() for each in walk.curves), strict=True))


def cents(walk: Walk) -> tuple[list[int], list[int], list[int]]:
    """Balance, equity and lowest equity of each bar as whole cents."""
    balance, equity, low = ([round(value * walk.unit) for value in each] for each in walk.curves)
    return balance, equity, low


def flat(at: int = 110_000) -> Row:
    """A bar that stands still."""
    return (at, at, at, at)
