"""The generated worlds of the parity suite: symbols, accounts and costs that differ in what can go wrong."""

from __future__ import annotations

import dataclasses

import numpy as np

from qbx_desktop.backtest.input import Account, Costs
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.symbol import SymbolSpec

from .world import World

_MONDAY = 1_748_822_400  # 2025-06-02 00:00 server time
_HOUR, _DAY = 3_600, 86_400
_WARM, _LIVE = 1_200, 240


def market(spec: SymbolSpec, price: float, seed: int, *, step: float = 0.001, weekends: bool = True) -> Bars:
    """Hourly bars with trends, gaps at the open, a spread that changes, and closed weekends.

    `step` is the usual move of a bar as a share of the price.
    """
    rng = np.random.default_rng(seed)
    count = _WARM + _LIVE + 2
    hours = _MONDAY + _HOUR * np.arange(-2 * count, 2 * count)
    days = (hours // _DAY + 4) % 7
    times = hours[(days != 0) & (days != 6)] if weekends else hours
    at = int(np.searchsorted(times, _MONDAY))
    times = times[at - _WARM : at - _WARM + count]
    moves = rng.normal(0, step, count) + step * 0.6 * np.sin(np.arange(count) / 8)
    moves -= np.linspace(0, 2, count) * moves.mean()  # what goes up comes down, so that both sides are traded
    close = price * np.exp(np.cumsum(moves))
    gaps = rng.normal(0, step, count) * (rng.random(count) < 0.15)
    opened = np.concatenate(([price], close[:-1])) * np.exp(gaps)
    wick = np.abs(rng.normal(0, step * 0.7, (2, count))) * price
    columns = [opened, np.maximum(opened, close) + wick[0], np.minimum(opened, close) - wick[1], close]
    rounded = [np.round(each, spec.digits) for each in columns]
    spread = rng.integers(max(1, spec.spread // 2), 2 * spec.spread + 2, count)
    return Bars.from_prices(times, *rounded, tick_volume=rng.integers(50, 500, count), spread=spread)


def _spec(name: str, **changes: object) -> SymbolSpec:
    return dataclasses.replace(known_symbol(name), **changes)  # type: ignore[arg-type]


EURUSD, USDJPY, XAUUSD, US30 = (_spec(each) for each in ("EURUSD", "USDJPY", "XAUUSD", "US30"))

WORLDS = (
    World("EURUSD, fixed lots, bar spread, commission", EURUSD, market(EURUSD, 1.2, 11), _WARM, _LIVE,
          costs=Costs(spread_from_bars=True, commission_per_lot=3.5)),
    World("USDJPY, risk with commission, slippage", USDJPY, market(USDJPY, 150.0, 12), _WARM, _LIVE,
          costs=Costs(spread_points=12, slippage_points=2, commission_per_lot=30.0), risk=1.0, sl=2.0, tp=3.0),
    World("XAUUSD, fixed lots, far stops, netting", XAUUSD, market(XAUUSD, 2_400.0, 13), _WARM, _LIVE,
          costs=Costs(spread_from_bars=True, commission_per_lot=2.25, slippage_points=3), sl=60_000.0, tp=0.0,
          netting=True),
    World("EURUSD on a EUR account, risk, bar spread", EURUSD, market(EURUSD, 1.1, 14), _WARM, _LIVE,
          account=Account("EUR", 5_000.0, 30.0, 50.0), costs=Costs(spread_from_bars=True), risk=1.5, sl=1.5, tp=2.5),
    World("US30, fixed lots, slippage", US30, market(US30, 39_000.0, 15), _WARM, _LIVE, lots=0.5,
          costs=Costs(spread_points=24, commission_per_lot=1.0, slippage_points=5), sl=1_200.0, tp=4_000.0),
    World("EURUSD, all in, stopped out", EURUSD, market(EURUSD, 1.2, 16, step=0.002), _WARM, _LIVE, lots=0.9,
          account=Account("USD", 1_300.0, 100.0, 50.0), costs=Costs(spread_points=15), sl=5_000.0, tp=150.0),
)  # fmt: skip
