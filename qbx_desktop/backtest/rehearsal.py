"""A small run that leads through every function of the pass, so that all its machine code is made before it is needed."""

from __future__ import annotations

import numpy as np

from ..domain.bars import Bars
from ..domain.signals import Signals
from ..domain.sizing import Sizing, StopDistance, StopUnit
from ..domain.symbol import SymbolSpec
from .compiled import Pass
from .engine import Walk
from .input import BacktestInput
from .skimmer import Skimmer
from .tape import lay_out, prices_of

_SPEC = SymbolSpec("EURUSD", 5, 1e-5, 1e-5, 100_000.0, 0, "EUR", "USD", "EUR")
_BARS = 40


def play(code: Pass, *, skimming: bool) -> None:
    """Run `code` over a few made-up bars, `skimming` as well: that code is loaded when a search asks for it."""
    price = 1.1 + 0.001 * np.sin(np.arange(_BARS))
    bars = Bars.from_prices(3_600 * np.arange(_BARS), price, price + 0.001, price - 0.001, price)
    given = BacktestInput(
        bars, _SPEC, "", sizing=Sizing(lots=0.1), sl=StopDistance(StopUnit.PIPS, 5.0), detail=bars
    )
    signals = Signals.none(_BARS)
    signals.entry[::7] = 1
    prices = prices_of(given, code)
    walk = Walk(given, lay_out(given, prices, signals, np.full(_BARS, 1e-3), code), code=lambda: code)
    walk.advance(0, _BARS)
    walk.figures()
    if skimming:
        flags, column = np.zeros((2, _BARS), np.bool_), price.copy()
        column.flags.writeable = False
        code.find_crossings(column, column, *flags)
        Skimmer(prices, code=lambda: code).run(given, signals, np.full(_BARS, 1e-3))
