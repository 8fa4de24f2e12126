"""What one backtest is run on: bars, symbol, account, costs, conversion, sizing, stops and rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..domain.bars import Bars
from ..domain.errors import UserMistake
from ..domain.limits import Limits
from ..domain.messages import declare
from ..domain.news import NewsEvent
from ..domain.sizing import Sizing, StopDistance, StopUnit
from ..domain.symbol import SymbolSpec

_WRONG = declare("backtest.wrong", "The backtest was not run: {what} must be {rule}; {value!r} was given.")
_RISK = declare(
    "backtest.risk_without_sl",
    "The backtest was not run: sizing by risk needs a stop-loss, because the risk is what is lost at it. "
    "Set a stop-loss or fixed lots.",
)
_ORDER = declare(
    "backtest.bars_order",
    "The backtest was not run: the bars are not in ascending order of time (bar {index} is not later than the "
    "one before it).",
)
_PRICES = declare(
    "backtest.bars_price",
    "The backtest was not run: bar {index} holds a price that is not a positive number.",
)
_RANGE = declare(
    "backtest.no_bars", "The backtest was not run: there is no bar in the chosen range of dates."
)
_POINT = declare(
    "backtest.point",
    "The backtest was not run: a point of {point} does not fit {digits} digits; it must be {expected}.",
)


_HOURS = 24


@dataclass(frozen=True)
class Account:
    """The account a backtest starts with. `stop_out` is the margin level in percent that closes; 0 = off."""

    currency: str = "USD"
    balance: float = 10_000.0
    leverage: float = 100.0
    stop_out: float = 50.0


@dataclass(frozen=True)
class Costs:
    """Spread and slippage in whole points, commission per side: money per lot and per deal, percent of the deal's value.

    `spread_points` None means the symbol's own. With `spread_from_bars` each bar's own spread counts, and
    `spread_points` where the bar has none; `spread_by_hour` is one spread per hour of server time instead of
    `spread_points`. `slippage_table` is drawn from anew for every bar, by `slippage_seed` and the bar's time, instead of
    `slippage_points`. `swap_free` switches the symbol's swap off.
    """

    spread_points: int | None = None
    spread_from_bars: bool = False
    commission_per_lot: float = 0.0
    slippage_points: int = 0
    spread_by_hour: tuple[int, ...] = ()
    commission_per_deal: float = 0.0
    commission_percent: float = 0.0
    swap_free: bool = False
    slippage_table: tuple[int, ...] = ()
    slippage_seed: int = 0

    def __post_init__(self) -> None:
        for name in ("spread_by_hour", "slippage_table"):  # lists where they come from JSON
            object.__setattr__(self, name, tuple(getattr(self, name)))


@dataclass(frozen=True, eq=False)
class RateSeries:
    """Conversion prices as bars; `inverted` when they are quoted as profit currency for one of the account's."""

    bars: Bars
    inverted: bool = False


@dataclass(frozen=True, eq=False)
class BacktestInput:
    """Everything a run depends on; nothing else does.

    `start` is taken in, `end` left out (server epoch seconds); bars before `start` feed the indicators only.
    `rate` converts profit into account currency where neither is needed nor given by the symbol's own price.
    `delay_bars` is how many bars later than the next open a signal acts. `detail` are finer bars that decide which of stop
    and target a bar touched first; where they do not, `inside_bar` does: `pessimistic` (the stop) or `optimistic`.
    Of `guards` those count that a backtest can hold (`layout.LIMITS`): losses, cool-down, hours, weekend, spread. `news`
    is the trader's calendar: no entry at the open of a bar that lies in an event of one of the symbol's currencies.
    """

    bars: Bars
    spec: SymbolSpec
    strategy: str
    params: Mapping[str, object] = field(default_factory=dict)
    account: Account = field(default_factory=Account)
    costs: Costs = field(default_factory=Costs)
    sizing: Sizing = field(default_factory=lambda: Sizing(lots=0.1))
    sl: StopDistance = field(default_factory=StopDistance)
    tp: StopDistance = field(default_factory=StopDistance)
    atr_period: int = 14
    reverse: bool = True
    start: int | None = None
    end: int | None = None
    rate: float | RateSeries | None = None
    delay_bars: int = 0
    detail: Bars | None = None
    inside_bar: str = "pessimistic"
    guards: Limits | None = None
    news: tuple[NewsEvent, ...] = ()

    @property
    def guarded(self) -> bool:
        """Whether a guard of the live desk may refuse an entry."""
        return self.guards is not None or bool(self.news)


def check(given: BacktestInput) -> None:
    """Refuse, with one sentence, what cannot be run; the bars are checked where they are read. Raises UserMistake."""
    account, spec = given.account, given.spec
    _positive("the balance", account.balance)
    _positive("the leverage", account.leverage)
    _not_negative("the stop-out level", account.stop_out)
    _check_costs(given.costs, spec)
    _positive("the ATR period", given.atr_period)
    _whole("the delay", given.delay_bars, "bars")
    if given.inside_bar not in ("pessimistic", "optimistic"):
        raise UserMistake(
            _WRONG(what="the inside of a bar", rule="pessimistic or optimistic", value=given.inside_bar)
        )
    for name, stop in (("the stop-loss", given.sl), ("the take-profit", given.tp)):
        if stop.unit is not StopUnit.NONE:
            _not_negative(name, stop.value)
    if given.sizing.lots is not None:
        _positive("the lots", given.sizing.lots)
    if given.sizing.risk_percent is not None:
        _positive("the risk", given.sizing.risk_percent)
        if not given.sl.is_set:
            raise UserMistake(_RISK())
    expected = 10.0**-spec.digits
    if not math.isclose(spec.point, expected, rel_tol=1e-9):
        raise UserMistake(_POINT(point=spec.point, digits=spec.digits, expected=expected))


def _check_costs(costs: Costs, spec: SymbolSpec) -> None:
    _not_negative("the commission", costs.commission_per_lot)
    _not_negative("the commission per deal", costs.commission_per_deal)
    _not_negative("the commission in percent", costs.commission_percent)
    _whole("the slippage", costs.slippage_points)
    for points in costs.slippage_table:
        _whole("the slippage", points)
    _whole("the spread", spec.spread if costs.spread_points is None else costs.spread_points)
    for points in costs.spread_by_hour:
        _whole("the spread", points)
    if len(costs.spread_by_hour) not in (0, _HOURS):
        raise UserMistake(_WRONG(
            what="the number of spreads by hour", rule=f"{_HOURS}, one per hour", value=len(costs.spread_by_hour)
        ))  # fmt: skip


def refuse_disorder(index: int) -> UserMistake:
    """Why bars cannot be run whose bar `index` is not later than the one before."""
    return UserMistake(_ORDER(index=index + 1))


def refuse_prices(bars: Bars) -> UserMistake:
    """Why bars cannot be run among whose prices one is not a positive number: the first such bar."""
    first = min(
        int(wrong[0])
        for wrong in (
            np.flatnonzero(~(np.isfinite(prices) & (prices > 0)))
            for prices in (bars.open, bars.high, bars.low, bars.close)
        )
        if len(wrong)
    )
    return UserMistake(_PRICES(index=first + 1))


def span(given: BacktestInput) -> tuple[int, int]:
    """Indices of the first bar inside the range of dates and of the first one after it. Raises UserMistake."""
    times = given.bars.time
    first = 0 if given.start is None else int(np.searchsorted(times, given.start, side="left"))
    end = len(times) if given.end is None else int(np.searchsorted(times, given.end, side="left"))
    if first >= end:
        raise UserMistake(_RANGE())
    return first, end


def _positive(what: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise UserMistake(_WRONG(what=what, rule="more than 0", value=value))


def _not_negative(what: str, value: float) -> None:
    if not (math.isfinite(value) and value >= 0):
        raise UserMistake(_WRONG(what=what, rule="0 or more", value=value))


def _whole(what: str, value: float, unit: str = "points") -> None:
    if not (math.isfinite(value) and value >= 0 and value == int(value)):
        raise UserMistake(_WRONG(what=what, rule=f"a whole number of {unit}, 0 or more", value=value))
