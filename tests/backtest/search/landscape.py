"""A small real backtest to search over, and evaluators that stand in for it where only the order matters."""

from __future__ import annotations

from concurrent.futures import Future

import numpy as np

from qbx_desktop.backtest.input import Account, BacktestInput, Costs
from qbx_desktop.backtest.search.evaluate import Batch
from qbx_desktop.backtest.search.outcome import Outcome
from qbx_desktop.backtest.search.runner import Inline
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.sizing import Sizing

from ..stage import EURUSD, HOUR, MONDAY


def wave(count: int = 1_500, period: int = 48, seed: int = 5, amplitude: float = 60.0) -> Bars:
    """Hourly bars that swing every `period` bars with a little noise, in points of EURUSD."""
    rng = np.random.default_rng(seed)
    k = np.arange(count)
    close = np.rint(
        110_000 + amplitude * 10 * np.sin(2 * np.pi * k / period) + rng.normal(0, 20, count).cumsum() * 0.2
    )
    opened = np.concatenate((close[:1], close[:-1]))
    high, low = np.maximum(opened, close) + 3, np.minimum(opened, close) - 3
    return Bars.from_prices(MONDAY + HOUR * k, *(each * 1e-5 for each in (opened, high, low, close)))


def swings(count: int = 1_500, **changes: object) -> BacktestInput:
    """MA_CROSSOVER over the wave."""
    return BacktestInput(
        bars=wave(count), spec=EURUSD, strategy="MA_CROSSOVER",
        params={"fast_period": 3, "slow_period": 12}, account=Account(balance=10_000.0),
        costs=Costs(spread_points=10), sizing=Sizing(lots=0.1), **changes,  # type: ignore[arg-type]
    )  # fmt: skip


class Hill(Inline):
    """Instead of a backtest: `net_profit` is highest at (fast 12, slow 40); every call is counted."""

    def __init__(self) -> None:
        super().__init__(swings(100))
        self.ran: list[int] = []

    def submit(self, batch: Batch) -> Future[list[Outcome]]:
        self.ran += [number for number, _ in batch.items]
        future: Future[list[Outcome]] = Future()
        future.set_result(
            [Outcome(number, dict(combo), {"net_profit": hill(combo)}) for number, combo in batch.items]
        )
        return future


def hill(combo: object) -> float:
    """The planted landscape."""
    fast, slow = combo["fast_period"], combo["slow_period"]  # type: ignore[index]
    return 1000.0 - (fast - 12) ** 2 - 0.25 * (slow - 40) ** 2
