"""Every registered strategy through both engines: on generated bars always, on real ones where a folder is named."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest

from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.known_symbols import known_symbol
from qbx_desktop.domain.signals import Signals
from qbx_desktop.strategies import registry
from qbx_desktop.strategies.contract import Strategy
from tests.contract.test_strategies import market, short_params

from .reference_input import Setup
from .test_two_engines import compare

D = Decimal
REAL = os.environ.get("QBX_REAL_BARS", "")
every = pytest.mark.parametrize("strategy", registry.all_strategies(), ids=lambda each: each.key)


def setup_of(bars: Bars, signals: Signals, symbol: str = "EURUSD") -> Setup:
    """A run with everything in it: costs, swap, ATR stops, risk sizing, a margin level to fall below."""
    spec = known_symbol(symbol)
    texts = ("currency_base", "currency_profit", "currency_margin")
    numbers = {
        name: value if isinstance(value, (int, str)) else D(str(value))
        for name, value in spec.to_mapping().items()
        if name not in ("symbol", "spread", "freeze_level", *texts)
    }
    numbers["tick_price"], numbers["pip"] = (
        D(str(round(spec.tick_money, 10))),
        D(str(round(spec.pip_size, 10))),
    )
    prices = [
        [D(f"{x:.{spec.digits}f}") for x in each] for each in (bars.open, bars.high, bars.low, bars.close)
    ]
    return Setup(
        bars=list(zip(bars.time.tolist(), *prices, bars.spread.tolist(), strict=True)),
        signals=list(zip(
            signals.entry.tolist(), signals.exit_long.tolist(), signals.exit_short.tolist(), strict=True
        )),
        spec={**numbers, **{name: getattr(spec, name) for name in texts}},
        stop_out=D(50), spread=spec.spread, spread_bar=True, commission=D("3.5"), slippage=2,
        risk=D(1), sl=("atr", D(2)), tp=("atr", D(4)),
    )  # fmt: skip


@every
def test_generated_bars(strategy: Strategy) -> None:
    trades = 0
    for seed in range(3):
        bars = market(seed)
        outcome = compare(setup_of(bars, strategy.signals(bars, short_params(strategy))))
        trades += len(outcome.trades)
    assert trades > 0


@pytest.mark.skipif(not REAL, reason="QBX_REAL_BARS names no folder with real price files")
@every
@pytest.mark.parametrize("symbol", ["EURUSD", "USDJPY", "NZDUSD", "USDCHF"])
def test_real_bars(strategy: Strategy, symbol: str) -> None:
    files = [path for path in Path(REAL).iterdir() if symbol in path.name]
    assert files, f"no file of {symbol} in {REAL}"
    bars = read_bars(files[0]).bars[-8_000:]
    outcome = compare(setup_of(bars, strategy.signals(bars, strategy.Params()), symbol))
    assert outcome.trades
