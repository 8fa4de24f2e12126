"""Is it better than chance? The strategy's own orders at random times, and buying once and holding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..domain.bars import Floats
from ..domain.messages import Message, declare
from ..domain.money import currency_digits
from ..domain.signals import Signals
from ..domain.sizing import Sizing, StopDistance
from .input import BacktestInput, span
from .many import Variant, run_many
from .result import BacktestResult
from .tape import prices_of, signals_of

_FEW = declare(
    "baseline.few",
    "Cannot tell yet: {trades} trades are too few (at least {least} are needed). Of {runs} runs with the same orders at "
    "random times {worse} did worse.",
)
_BETTER = declare(
    "baseline.better",
    "Better than chance, and quite sure of it: of {runs} runs with the same orders at random times {worse} did worse "
    "(chance of such a lead by luck: {p} %).",
)
_MAYBE = declare(
    "baseline.maybe",
    "Probably better than chance: of {runs} runs with the same orders at random times {worse} did worse (chance of such "
    "a lead by luck: {p} %).",
)
_CHANCE = declare(
    "baseline.chance",
    "Cannot be told from chance: of {runs} runs with the same orders at random times {worse} did worse (chance of such a "
    "result by luck: {p} %).",
)
_WORSE = declare(
    "baseline.worse",
    "Worse than chance: of {runs} runs with the same orders at random times only {worse} did worse.",
)
_LOSES = declare(
    "baseline.loses",
    "It loses money, though less than chance does: of {runs} runs with the same orders at random times {worse} did worse.",
)

_LEAST_TRADES = 30
_SURE, _LIKELY = 0.01, 0.05
# of three bytes per bar
_SIGNALS_AT_ONCE = 20_000_000
_MOST_BARS, _LEAST_RUNS, _MOST_RUNS = 10_000_000, 50, 500
# what the plain pass walks over in about three seconds; fewer runs than 20 could not show 5 %
_MOST_PLAIN_BARS, _LEAST_PLAIN_RUNS = 1_000_000, 20


@dataclass(frozen=True, eq=False)
class Baseline:
    """What chance earned. `net` holds the net profit of each random run, `p` the share of them at least as good.

    `p` counts the strategy's own run among them, as a permutation test does: (1 + at least as good) / (1 + runs).
    `hold_net` is what buying `hold_lots` at the first chance and holding to the end earned, costs and swap included;
    None where the account could not hold it. Money in account currency.
    """

    seed: int
    net: Floats
    mean_trades: float
    worse: int
    p: float
    verdict: Message
    hold_lots: float
    hold_net: float | None
    hold_drawdown_percent: float | None
    digits: int

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values; the random runs by their quantiles."""
        marks = np.quantile(self.net, (0.05, 0.25, 0.5, 0.75, 0.95)) if len(self.net) else np.zeros(0)
        names = ("net_5", "net_25", "net_50", "net_75", "net_95")
        return {
            "runs": len(self.net), "seed": self.seed, "worse": self.worse, "p": self.p,
            **{name: round(float(value), self.digits) for name, value in zip(names, marks, strict=False)},
            "mean_trades": self.mean_trades,
            "buy_and_hold": {
                "lots": self.hold_lots, "net_profit": self.hold_net,
                "equity_drawdown_relative_percent": self.hold_drawdown_percent,
            },
            "verdict": {"code": self.verdict.code, "params": dict(self.verdict.params), "text": self.verdict.text},
        }  # fmt: skip


def usual_runs(bars: int) -> int:
    """How many random runs are worth their time on so many bars: 50 to 500."""
    return int(min(max(_MOST_BARS // max(bars, 1), _LEAST_RUNS), _MOST_RUNS))


def runs_without_engine(bars: int) -> int:
    """How many the plain pass makes in about three seconds; 0 where those would be too few to tell anything."""
    runs = min(_MOST_PLAIN_BARS // max(bars, 1), usual_runs(bars))
    return runs if runs >= _LEAST_PLAIN_RUNS else 0


def baseline_of(
    given: BacktestInput,
    result: BacktestResult,
    *,
    runs: int | None = None,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Baseline | None:
    """Compare `result`, the run of `given`, with chance; None when it made no trade.

    A random run takes all orders of the strategy in their own sequence and moves them against the prices by a random
    number of bars, what runs over the end coming back at the start: so often, so long and in such clusters, with the
    same stops, sizing and costs, and only the moments are arbitrary. The same `seed` gives the same runs. Raises
    Cancelled.
    """
    if not len(result.trades):
        return None
    first, end = span(given)
    count = usual_runs(end - first) if runs is None else runs
    own = signals_of(given, prices_of(given).bars[:end])
    offsets = _offsets(end - first, count, seed)
    lots = float(np.mean(result.trades.volume))
    table = _tables(given, own, first, end, offsets, lots, progress, cancelled)
    net = table["net_profit"][:-1].copy()
    mine = float(result.report["net_profit"])
    worse = int(np.count_nonzero(net < mine))
    p = (1 + len(net) - worse) / (1 + len(net))
    hold = table[-1]
    held = hold["total_trades"] > 0
    return Baseline(
        seed=seed, net=net, mean_trades=float(np.mean(table["total_trades"][:-1])) if len(net) else 0.0,
        worse=worse, p=p, verdict=_verdict(len(result.trades), len(net), worse, p, mine), hold_lots=lots,
        hold_net=float(hold["net_profit"]) if held else None,
        hold_drawdown_percent=float(hold["equity_drawdown_relative_percent"]) if held else None,
        digits=currency_digits(given.account.currency),
    )  # fmt: skip


def _tables(
    given: BacktestInput, own: Signals, first: int, end: int, offsets: list[int], lots: float,
    progress: Callable[[int, int], None] | None, cancelled: Callable[[], bool] | None,
) -> NDArray[Any]:  # fmt: skip
    """One row per random run, and a last one for buy and hold; so many at a time that the signals stay small."""
    bars = len(given.bars)
    at_once = max(1, _SIGNALS_AT_ONCE // max(bars, 1))
    hold = Variant(
        signals=_once(first, bars),
        sizing=Sizing(lots=lots),
        sl=StopDistance(),
        tp=StopDistance(),
        reverse=False,
    )
    tables = []
    for begin in range(0, len(offsets), at_once):
        some = [
            Variant(signals=_turned(own, first, end, bars, by)) for by in offsets[begin : begin + at_once]
        ]
        tables.append(run_many(given, some, cancelled=cancelled))
        if progress is not None:
            progress(min(begin + at_once, len(offsets)), len(offsets))
    return np.concatenate([*tables, run_many(given, [hold], cancelled=cancelled)])


def _verdict(trades: int, runs: int, worse: int, p: float, net: float) -> Message:
    percent = f"{100 * p:.1f}" if p < 0.995 else "100"
    told = {"runs": runs, "worse": worse}
    if trades < _LEAST_TRADES:
        return _FEW(trades=trades, least=_LEAST_TRADES, **told)
    if p <= _LIKELY and net <= 0:
        return _LOSES(**told)
    if p <= _LIKELY:
        return (_BETTER if p <= _SURE else _MAYBE)(p=percent, **told)
    if (1 + worse) / (1 + runs) <= _LIKELY:
        return _WORSE(**told)
    return _CHANCE(p=percent, **told)


def _offsets(bars: int, count: int, seed: int) -> list[int]:
    """By how many bars to move; every distance at most once while there are enough of them."""
    far = np.arange(1, bars) if bars > 1 else np.zeros(1, np.int64)
    rng = np.random.default_rng(seed)
    return [int(each) for each in rng.choice(far, count, replace=count > len(far))]


def _turned(own: Signals, first: int, end: int, bars: int, by: int) -> Signals:
    moved = Signals.none(bars)
    for name in ("entry", "exit_long", "exit_short"):
        getattr(moved, name)[first:end] = np.roll(getattr(own, name)[first:end], by)
    return moved


def _once(first: int, bars: int) -> Signals:
    bought = Signals.none(bars)
    bought.entry[first] = 1
    return bought
