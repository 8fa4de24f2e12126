"""How money in profit, margin or base currency becomes money of the account."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..domain.bars import Floats, Ints
from ..domain.errors import UserMistake
from ..domain.messages import declare
from ..domain.symbol import FOREX_MODES, SymbolSpec
from .input import BacktestInput, RateSeries

_NO_RATE = declare(
    "backtest.no_rate",
    "The backtest was not run: profit of {symbol} is in {profit}, the account in {account}, and nothing converts "
    "one into the other. Give a rate: a number, or a file of bars of {profit}{account} or {account}{profit}.",
)
_RATE = declare(
    "backtest.wrong_rate",
    "The backtest was not run: the conversion rate must be more than 0; {value!r} was given.",
)
_LATE = declare(
    "backtest.late_rate",
    "The backtest was not run: the conversion prices begin too late; nothing is known of {profit} in {account} "
    "before {time} (server epoch seconds). Give prices that begin earlier.",
)
_AMOUNT = declare(
    "backtest.no_amount_rate",
    "The backtest was not run: the {what} of {symbol} is in {currency}, which cannot be converted into {account}.",
)


@dataclass(frozen=True, eq=False)
class Conversion:
    """Account currency for one unit of profit currency: `1 / price` when `own`, else `rates`, one or one per bar."""

    own: bool
    rates: Floats

    @property
    def moving(self) -> bool:
        """Whether the rate differs from bar to bar."""
        return len(self.rates) > 1


# How an amount in some currency reaches the account: as it is, times rate, or times price and rate.
AS_IS, BY_RATE, BY_PRICE = 0, 1, 2


def conversion_of(given: BacktestInput, times: Ints) -> Conversion:
    """The conversion of profits for bars that open at `times`. Raises UserMistake where one is missing."""
    spec, account = given.spec, given.account.currency
    if spec.currency_profit == account:
        return Conversion(False, np.ones(1))
    if is_own(given):
        return Conversion(True, np.ones(1))
    if given.rate is None:
        raise UserMistake(_NO_RATE(symbol=spec.symbol, profit=spec.currency_profit, account=account))
    if isinstance(given.rate, RateSeries):
        return Conversion(False, _rates_at(given, given.rate, times))
    if not (np.isfinite(given.rate) and given.rate > 0):
        raise UserMistake(_RATE(value=given.rate))
    return Conversion(False, np.full(1, given.rate))


def is_own(given: BacktestInput) -> bool:
    """Whether profits are converted at the symbol's own price: the account is kept in the base currency of a forex pair."""
    spec, account = given.spec, given.account.currency
    return account == spec.currency_base != spec.currency_profit and spec.calc_mode in FOREX_MODES


def _rates_at(given: BacktestInput, series: RateSeries, times: Ints) -> Floats:
    """The close of the last conversion bar that opened before each bar; the first bar's is never used."""
    close = series.bars.close
    wrong = close[~(np.isfinite(close) & (close > 0))]
    if len(wrong):
        raise UserMistake(_RATE(value=float(wrong[0])))
    index = np.searchsorted(series.bars.time, times, side="left") - 1
    missing = np.flatnonzero(index[1:] < 0)
    if len(missing):
        last = int(times[1:][missing[-1]])
        profit, account = given.spec.currency_profit, given.account.currency
        raise UserMistake(_LATE(profit=profit, account=account, time=last))
    if not len(close):  # a single bar: nothing is ever converted
        return np.ones(1)
    rates = close[np.maximum(index, 0)]
    return 1.0 / rates if series.inverted else rates


def power_of(spec: SymbolSpec, currency: str, account: str, what: str) -> int:
    """How an amount in `currency` reaches the account. Raises UserMistake when it cannot.

    As it is when it is the account's own, times the rate when it is the profit currency, times price and rate when
    it is the base currency of a forex symbol.
    """
    if currency == account:
        return AS_IS
    if currency == spec.currency_profit:
        return BY_RATE
    if currency == spec.currency_base and spec.calc_mode in FOREX_MODES:
        return BY_PRICE
    raise UserMistake(_AMOUNT(what=what, symbol=spec.symbol, currency=currency, account=account))
