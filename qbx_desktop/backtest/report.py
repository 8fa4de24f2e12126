"""The report: every figure of MetaTrader 5's tester by its own definitions, and the ratios traders ask for besides.

A figure without a divisor or with too few trades is None, not 0 or infinite. Shares are fractions except where the
name ends in `_percent` (0-100); times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from ..domain.bars import Floats, Ints
from .drawdown import Drawdown, drawdown
from .series import series_fields, z_score
from .statistics import correlation, deviation, line_error, mean, ratio
from .trade import Trade

_DAY = 86_400
_YEAR = 365.25 * _DAY
_TRADING_DAYS = 252


@dataclass(frozen=True, eq=False)
class Curves:
    """Per bar: its open time, and balance, equity and lowest equity in account currency."""

    time: Ints
    balance: Floats
    equity: Floats
    equity_low: Floats


def report_of(
    trades: Sequence[Trade],
    curves: Curves,
    deposit: float,
    *,
    bars_in_market: int,
    margin_level: float | None,
    digits: int,
) -> dict[str, Any]:
    """All report fields. `digits` are the decimals of the account's money, `margin_level` is in percent."""
    unit = 10**digits
    nets = [trade.net for trade in trades]
    balance = drawdown(deposit, curves.balance, curves.balance, unit)
    equity = drawdown(deposit, curves.equity, curves.equity_low, unit)
    net = _money(nets, digits)
    growth = cagr(deposit, curves)
    report: dict[str, Any] = {
        "net_profit": net,
        "gross_profit": _money([each for each in nets if each > 0], digits),
        "gross_loss": _money([each for each in nets if each <= 0], digits),
        "profit_factor": ratio(
            math.fsum(each for each in nets if each > 0), -math.fsum(each for each in nets if each <= 0)
        ),
        "recovery_factor": ratio(net, balance.maximal),
        "expected_payoff": ratio(net, len(nets)),
        **balance.named("balance"),
        **equity.named("equity"),
        **_growth(nets, deposit, digits),
        "sortino": sortino(deposit, curves),
        "calmar": _calmar(growth, equity),
        "cagr": growth,
        "sqn": _sqn(nets),
        "exposure": ratio(bars_in_market, len(curves.time)),
        "z_score": z_score(nets),
        "margin_level_percent": margin_level,
        "margin_level": margin_level,
        **_counts(trades),
        **_sizes(nets),
        **series_fields(nets, digits),
        **_excursions(trades),
        **_holding(trades),
        "exit_reasons": _reasons(trades, digits),
    }
    return report


def cagr(deposit: float, curves: Curves) -> float | None:
    """Compound annual growth as a fraction, first to last bar; None without a span or when all is lost."""
    years = (int(curves.time[-1]) - int(curves.time[0])) / _YEAR
    final = float(curves.balance[-1])
    if years <= 0 or final <= 0:
        return None
    try:
        return float((final / deposit) ** (1.0 / years) - 1.0)
    except OverflowError:  # a gain within minutes, extrapolated to a year, is no figure
        return None


def sortino(deposit: float, curves: Curves) -> float | None:
    """Sortino ratio of daily returns (last equity of each server day, from the deposit), times √252."""
    days = curves.time // _DAY
    last = np.flatnonzero(np.diff(days, append=days[-1] + 1))
    values = np.concatenate(([deposit], curves.equity[last]))
    if (values[:-1] <= 0).any():
        return None
    returns = values[1:] / values[:-1] - 1.0
    downside = math.sqrt(float(np.mean(np.minimum(returns, 0.0) ** 2)))
    if downside == 0:
        return None
    return float(np.mean(returns)) / downside * math.sqrt(_TRADING_DAYS)


def _money(amounts: Sequence[float], digits: int) -> float:
    return round(math.fsum(amounts), digits) + 0.0


def _growth(nets: Sequence[float], deposit: float, digits: int) -> dict[str, float | None]:
    balances = [deposit]
    for net in nets:
        balances.append(round(balances[-1] + net, digits))
    ahpr = ghpr = sharpe = None
    if nets and all(balance > 0 for balance in balances[:-1]):
        factors = [after / before for before, after in pairwise(balances)]
        ahpr = mean(factors)
        if balances[-1] >= 0:
            ghpr = (balances[-1] / deposit) ** (1.0 / len(nets))
        spread = deviation(factors)
        sharpe = ratio(ahpr - 1.0, spread) if ahpr is not None and spread is not None else None
    steps = [float(k) for k in range(len(balances))]
    return {
        "ahpr": ahpr,
        "ghpr": ghpr,
        "sharpe": sharpe,
        "lr_correlation": correlation(steps, balances),
        "lr_standard_error": line_error(balances),
    }


def _calmar(growth: float | None, equity: Drawdown) -> float | None:
    return None if growth is None else ratio(growth, equity.relative_percent / 100.0)


def _sqn(nets: Sequence[float]) -> float | None:
    spread, middle = deviation(nets), mean(nets)
    if spread is None or middle is None:
        return None
    return ratio(math.sqrt(len(nets)) * middle, spread)


def _counts(trades: Sequence[Trade]) -> dict[str, int]:
    longs = [trade for trade in trades if trade.side == "buy"]
    shorts = [trade for trade in trades if trade.side == "sell"]
    won = sum(trade.net > 0 for trade in trades)
    return {
        "total_trades": len(trades),
        "total_deals": 2 * len(trades),
        "long_trades": len(longs),
        "long_won": sum(trade.net > 0 for trade in longs),
        "short_trades": len(shorts),
        "short_won": sum(trade.net > 0 for trade in shorts),
        "profit_trades": won,
        "loss_trades": len(trades) - won,
    }


def _sizes(nets: Sequence[float]) -> dict[str, float | None]:
    wins = [net for net in nets if net > 0]
    losses = [net for net in nets if net <= 0]
    return {
        "largest_profit_trade": max(wins, default=None),
        "largest_loss_trade": min(losses, default=None),
        "average_profit_trade": mean(wins),
        "average_loss_trade": mean(losses),
    }


def _excursions(trades: Sequence[Trade]) -> dict[str, float | None]:
    profits = [trade.profit for trade in trades]
    best, worst = [trade.mfe for trade in trades], [trade.mae for trade in trades]
    return {
        "correlation_profit_mfe": correlation(profits, best),
        "correlation_profit_mae": correlation(profits, worst),
        "correlation_mfe_mae": correlation(best, worst),
    }


def _holding(trades: Sequence[Trade]) -> dict[str, float | None]:
    times = [trade.close_time - trade.open_time for trade in trades]
    return {
        "holding_min": min(times, default=None),
        "holding_max": max(times, default=None),
        "holding_average": mean(times),
    }


def _reasons(trades: Sequence[Trade], digits: int) -> dict[str, dict[str, float]]:
    nets: dict[str, list[float]] = {}
    for trade in trades:
        nets.setdefault(trade.reason, []).append(trade.net)
    return {
        reason: {"trades": len(each), "net": _money(each, digits)} for reason, each in sorted(nets.items())
    }
