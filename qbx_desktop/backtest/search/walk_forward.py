"""Walk-forward: choose on the past, trade the chosen on what came next, and join the pieces that were never searched.

Each training is a search of its own (stored, resumable). Each test starts with the balance the test before it ended
with, and its bars before the window feed the indicators only, so nothing of the future reaches a choice.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...domain.bars import Floats, Ints
from ...domain.params import Value
from ..input import Account, BacktestInput
from ..run import run
from ..trade import Trade
from .criterion import Criterion
from .loop import Progress, Store, search
from .plan import Plan
from .runner import Runner
from .space import Axis, Combo, applied, place_of
from .surface import Ranked, ranked, recommended
from .windows import Window

_DAY = 86_400.0
PEAK, PLATEAU = "peak", "plateau"


@dataclass(frozen=True, eq=False)
class WindowResult:
    """One window: what was chosen, what it earned per day in training and in the test, and the test's trades.

    `combo` is None where no combination counted; then nothing was traded. `efficiency` is the test's profit per day
    over the training's, None where the training's is not positive.
    """

    window: Window
    combo: dict[str, Value] | None
    value: float | None
    train_profit: float
    test_profit: float
    test_trades: int
    train_per_day: float
    test_per_day: float

    @property
    def efficiency(self) -> float | None:
        return self.test_per_day / self.train_per_day if self.train_per_day > 0 else None


@dataclass(frozen=True, eq=False)
class Tested:
    """One test: its curve, its trades, the balance it ended with and what it earned."""

    times: Ints
    equity: Floats
    trades: tuple[Trade, ...]
    balance: float
    profit: float


@dataclass(frozen=True, eq=False)
class WalkForward:
    """All windows and the stitched curve of their tests. `stability` is 0-1 per axis: 1 never moved, 0 jumped end to end."""

    windows: tuple[WindowResult, ...]
    times: Ints
    equity: Floats
    trades: tuple[Trade, ...]
    deposit: float
    stability: dict[str, float]

    @property
    def train_profit(self) -> float:
        """All training profits, each from the full deposit."""
        return sum(each.train_profit for each in self.windows)

    @property
    def test_profit(self) -> float:
        """What the stitched tests earned."""
        return sum(each.test_profit for each in self.windows)

    @property
    def efficiency(self) -> float | None:
        """Test profit per day over training profit per day, all windows together."""
        trained = sum(each.train_per_day for each in self.windows)
        return sum(each.test_per_day for each in self.windows) / trained if trained > 0 else None

    @property
    def profitable(self) -> int:
        """How many tests earned something."""
        return sum(each.test_profit > 0 for each in self.windows)


def walk_forward(
    given: BacktestInput,
    axes: Sequence[Axis],
    parts: Sequence[Window],
    plan: Callable[[], Plan],
    wanted: Criterion,
    runner: Runner,
    store: Callable[[Window], Store],
    *,
    choose: str = PEAK,
    progress: Callable[[int, Progress], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> WalkForward:
    """Walk through the windows. `choose` takes the peak or the plateau of each training. Raises Cancelled.

    `progress` hears the window's number and how far its training is.
    """
    results: list[WindowResult] = []
    times: list[Ints] = []
    equities: list[Floats] = []
    trades: list[Trade] = []
    balance = given.account.balance
    for part in parts:
        outcomes = search(
            plan(), runner, store(part), start=part.train, end=part.test,
            progress=None if progress is None else _telling(progress, part.number), cancelled=cancelled,
        )  # fmt: skip
        rows = ranked(outcomes, axes, wanted)
        chosen = _chosen(rows, choose)
        tested = None
        if chosen is not None and balance > 0:
            tested = runner.call(tried, chosen.outcome.combo, part, balance, cancelled=cancelled)
            times.append(tested.times)
            equities.append(tested.equity)
            trades += _renumbered(tested.trades, len(trades))
            balance = tested.balance
        results.append(_result(part, chosen, tested))
    return WalkForward(
        tuple(results), np.concatenate(times) if times else np.zeros(0, np.int64),
        np.concatenate(equities) if equities else np.zeros(0), tuple(trades), given.account.balance,
        stability(axes, [each.combo for each in results if each.combo is not None]),
    )  # fmt: skip


def stability(axes: Sequence[Axis], combos: Sequence[dict[str, Value]]) -> dict[str, float]:
    """Per axis, 1 less the mean step from one window's choice to the next, as a share of the axis' length."""
    places = [place_of(axes, each) for each in combos]
    found = {}
    for at, axis in enumerate(axes):
        moves = [abs(b[at] - a[at]) for a, b in pairwise(places)]
        room = len(axis.values) - 1
        found[axis.name] = 1.0 - statistics.fmean(moves) / room if moves and room else 1.0
    return found


def _chosen(rows: Sequence[Ranked], choose: str) -> Ranked | None:
    if choose == PLATEAU:
        return recommended(rows)
    return rows[0] if rows and rows[0].value is not None else None


def tried(
    given: BacktestInput, combo: Combo, part: Window, balance: float, cancelled: Callable[[], bool] | None
) -> Tested:
    """Trade a combination on the test of a window, from this balance."""
    account: Account = dataclasses.replace(given.account, balance=balance)
    one = dataclasses.replace(applied(given, combo), account=account, start=part.test, end=part.end)
    found = run(one, cancelled=cancelled)
    profit = float(found.report["net_profit"])
    return Tested(found.times, found.equity, tuple(found.trades), float(found.balance[-1]), profit)


def _result(part: Window, chosen: Ranked | None, tested: Tested | None) -> WindowResult:
    train_days, test_days = (part.test - part.train) / _DAY, (part.end - part.test) / _DAY
    trained = 0.0 if chosen is None else float(chosen.outcome.figures["net_profit"] or 0.0)
    earned, count = 0.0, 0
    if tested is not None:
        earned, count = tested.profit, len(tested.trades)
    return WindowResult(
        part, None if chosen is None else dict(chosen.outcome.combo), None if chosen is None else chosen.value,
        trained, earned, count, trained / train_days, earned / test_days,
    )  # fmt: skip


def _renumbered(trades: Sequence[Trade], before: int) -> list[Trade]:
    return [dataclasses.replace(each, ticket=before + at) for at, each in enumerate(trades, start=1)]


def _telling(progress: Callable[[int, Progress], None], number: int) -> Callable[[Progress], None]:
    return lambda news: progress(number, news)
