"""The same trades told differently: in another order, some missing, in blocks drawn again, at other costs.

Every method makes many histories of one run's trades and asks what drawdown, end and ruin they have. Trades of a fixed
size add their money; trades sized by risk multiply the balance by the share they won or lost, as they did in the run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...domain.bars import Floats
from ...domain.errors import UserMistake
from ...domain.messages import declare
from ..trade import Trade

_NO_TRADES = declare(
    "montecarlo.no_trades",
    "There is nothing to resample: the run made {count} trades, at least {least} are needed.",
)
_WRONG = declare("montecarlo.wrong", "{what} must be {rule}; {value!r} was given. Nothing was resampled.")

SHUFFLE, SKIP, BLOCKS, COSTS = "shuffle", "skip", "blocks", "costs"
METHODS = (SHUFFLE, SKIP, BLOCKS, COSTS)
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
_LEAST_TRADES = 2
_MOST_POINTS = 400
_VALUES_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Resampling:
    """How to resample. `skip` is the share of trades left out, `block` the trades that stay together.

    `cost_points` is the most by which each trade's entry and exit together are worse, drawn evenly from 0 up.
    `ruin` is the share of the deposit whose loss counts as ruin, 0-1. `compounding` multiplies instead of adding.
    """

    method: str = BLOCKS
    paths: int = 2_000
    seed: int = 0
    skip: float = 0.1
    block: int = 5
    cost_points: float = 10.0
    ruin: float = 0.5
    compounding: bool = False


@dataclass(frozen=True, eq=False)
class Resampled:
    """What came of it, money in account currency, drawdowns as shares of the peak before.

    `cones` has a row per quantile and a column per number of trades in `steps`; `ruin` is the share of the paths that
    were ever down to the ruin level, with `ruin_error` its standard error.
    """

    method: str
    paths: int
    steps: NDArray[np.int64]
    cones: Floats
    finals: Floats
    drawdowns: Floats
    ruin: float
    ruin_level: float

    @property
    def ruin_error(self) -> float:
        return math.sqrt(self.ruin * (1.0 - self.ruin) / self.paths)

    def final(self, quantile: float) -> float:
        """The final balance that `quantile` (0-1) of the paths stay below."""
        return float(np.quantile(self.finals, quantile))

    def drawdown(self, quantile: float) -> float:
        """The drawdown that `quantile` (0-1) of the paths stay below."""
        return float(np.quantile(self.drawdowns, quantile))


def resampled(
    nets: Floats,
    deposit: float,
    how: Resampling,
    *,
    costs: Floats | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Resampled | None:
    """Resample the net results of trades, in the order they closed. None when it was cancelled.

    `costs` is the money one point costs each trade, needed by COSTS only. Raises UserMistake.
    """
    _check(nets, how)
    count = len(nets)
    balances = np.concatenate(([deposit], deposit + np.cumsum(nets)[:-1]))
    if how.compounding and (balances <= 0).any():
        how = replace(how, compounding=False)
    shares = nets / balances if how.compounding else nets
    cheapest = np.zeros(count) if costs is None else costs / (balances if how.compounding else 1.0)
    rng = np.random.default_rng(how.seed)
    length = _length(count, how)
    steps = np.unique(np.linspace(0, length, min(length + 1, _MOST_POINTS)).astype(np.int64))
    finals, drawdowns, ruined = np.empty(how.paths), np.empty(how.paths), 0
    points = np.empty((how.paths, len(steps)))
    level = deposit * (1.0 - how.ruin)
    at_once = max(1, min(how.paths, _VALUES_AT_ONCE // (length + 1)))
    for at in range(0, how.paths, at_once):
        if cancelled is not None and cancelled():
            return None
        part = slice(at, min(at + at_once, how.paths))
        values = _drawn(shares, cheapest, how, rng, part.stop - part.start)
        curve = _curve(values, deposit, compounding=how.compounding)
        peaks = np.maximum.accumulate(curve, axis=1)
        drawdowns[part] = ((peaks - curve) / peaks).max(axis=1)
        ruined += int(np.count_nonzero(curve.min(axis=1) <= level))
        finals[part] = curve[:, -1]
        points[part] = curve[:, steps]
    return Resampled(
        how.method, how.paths, steps, np.quantile(points, QUANTILES, axis=0), finals, drawdowns,
        ruined / how.paths, level,
    )  # fmt: skip


def point_costs(trades: Sequence[Trade], point: float) -> Floats:
    """What one point costs each trade, from its own profit; a trade that closed where it opened takes the usual one."""
    found = np.array(
        [
            abs(each.profit / (each.close_price - each.open_price)) * point / each.volume
            if each.close_price != each.open_price
            else np.nan
            for each in trades
        ]
    )
    usual = float(np.nanmedian(found)) if np.isfinite(found).any() else 0.0
    each_lot = np.where(np.isfinite(found), found, usual)
    return np.asarray(each_lot * np.array([each.volume for each in trades]), np.float64)


def _length(count: int, how: Resampling) -> int:
    return max(1, count - round(count * how.skip)) if how.method == SKIP else count


def _drawn(
    shares: Floats, point_share: Floats, how: Resampling, rng: np.random.Generator, paths: int
) -> Floats:
    count = len(shares)
    if how.method == COSTS:
        worse: Floats = shares - point_share * rng.uniform(0.0, how.cost_points, (paths, count))
        return worse
    if how.method == BLOCKS:
        # A block may run over the end and goes on at the beginning: every trade is drawn equally often.
        blocks = -(-count // how.block)
        starts = rng.integers(0, count, (paths, blocks))
        order = (starts[:, :, None] + np.arange(how.block)) % count
        chosen: Floats = shares[order.reshape(paths, -1)[:, :count]]
        return chosen
    order = rng.permuted(np.tile(np.arange(count), (paths, 1)), axis=1)
    if how.method == SKIP:
        order = np.sort(order[:, : _length(count, how)], axis=1)
    mixed: Floats = shares[order]
    return mixed


def _curve(values: Floats, deposit: float, *, compounding: bool) -> Floats:
    curve = np.empty((values.shape[0], values.shape[1] + 1))
    curve[:, 0] = deposit
    if compounding:
        np.cumprod(np.maximum(1.0 + values, 0.0), axis=1, out=curve[:, 1:])
        curve[:, 1:] *= deposit
    else:
        np.cumsum(values, axis=1, out=curve[:, 1:])
        curve[:, 1:] += deposit
    return curve


def _check(nets: Floats, how: Resampling) -> None:
    if len(nets) < _LEAST_TRADES:
        raise UserMistake(_NO_TRADES(count=len(nets), least=_LEAST_TRADES))
    if how.method not in METHODS:
        raise UserMistake(_WRONG(what="The method", rule=f"one of {', '.join(METHODS)}", value=how.method))
    for what, value, low, high in (
        ("The number of histories", how.paths, 10, 100_000),
        ("The share of trades left out", how.skip, 0.0, 0.9),
        ("The block", how.block, 1, 100_000),
        ("The extra cost in points", how.cost_points, 0.0, 1e6),
        ("The loss that counts as ruin", how.ruin, 0.01, 1.0),
    ):
        if not low <= value <= high:
            raise UserMistake(_WRONG(what=what, rule=f"from {low:g} to {high:g}", value=value))
