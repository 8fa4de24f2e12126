"""The report's figures from trades and curves, NaN where a figure is empty. Compilable.

Definitions: MetaTrader 5's tester; the ratios besides as in :mod:`report`. Money is summed in whole cents, so exactly;
other sums are compensated, so that their order does not show.
"""

from __future__ import annotations

import math
from typing import Any

from .days import DAY, end_of_day
from .drawdown import drawdown
from .layout import REASONS, Curves
from .runs import note_runs
from .sums import correlations, mean, spread_of, total

_YEAR = 365.25 * DAY
_TRADING_DAYS = 252


def figures(
    time: Any, curves: Curves, trades: Any, room: Any, count: int, unit: float, in_market: int, level: float,
    deposit: int, out: Any, exits: Any,
) -> None:  # fmt: skip
    """Fill the one record of `out` (`layout.FIGURES`) from the first `count` trades, and `exits`: trades by reason, then their
    nets in cents.

    `room` is scratch for 4·(count + 1) numbers, `deposit` is in cents, `level` the lowest margin level in percent
    (infinite: none).
    """
    row, n = out[0], len(curves.balance)
    of_trades(time, trades, room, count, unit, deposit, row, exits)
    _balance_drawdown(curves, deposit / unit, unit, row)
    _equity_drawdown(curves, deposit / unit, unit, row)
    row["sortino"] = _sortino(time, curves.equity, deposit / unit)
    of_whole(time, n, curves.balance[n - 1], deposit / unit, in_market, level, row)


def of_trades(
    time: Any, trades: Any, room: Any, count: int, unit: float, deposit: int, row: Any, exits: Any
) -> None:
    """Fill what follows from the trades alone; arguments as those of :func:`figures`."""
    size = count + 1
    nets, profits, best, worst = (
        room[:size],
        room[size : 2 * size],
        room[2 * size : 3 * size],
        room[3 * size :],
    )
    for k in range(count):
        trade = trades[k]
        nets[k] = trade["profit"] + trade["swap"] + trade["commission"]
        profits[k], best[k], worst[k] = trade["profit"], trade["mfe"], trade["mae"]
    found = correlations(profits, best, worst, count)
    row["correlation_profit_mfe"], row["correlation_profit_mae"], row["correlation_mfe_mae"] = found
    _money(nets, count, unit, row)
    _counts(time, trades, nets, count, row, exits)
    note_runs(nets, count, unit, row)
    _growth(nets, profits, count, deposit, unit, row)
    _line(nets, profits, count, deposit, unit, row)


def of_whole(
    time: Any, bars: int, final: float, deposit: float, in_market: int, level: float, row: Any
) -> None:
    """Fill what follows from the whole once trades and drawdowns are there; `final` and `deposit` in account currency."""
    years = (time[bars - 1] - time[0]) / _YEAR
    row["cagr"], row["calmar"] = math.nan, math.nan
    # a gain within minutes, extrapolated to a year, is no figure
    if years > 0 and final > 0 and math.log(final / deposit) / years < 700.0:
        row["cagr"] = (final / deposit) ** (1.0 / years) - 1.0
        row["calmar"] = _ratio(row["cagr"], row["equity_drawdown_relative_percent"] / 100.0)
    row["recovery_factor"] = _ratio(row["net_profit"], row["balance_drawdown_maximal"])
    row["exposure"] = in_market / bars
    row["margin_level_percent"] = row["margin_level"] = level if level < math.inf else math.nan
    row["final_balance"] = final


def _ratio(a: float, b: float) -> float:
    return a / b if b != 0 else math.nan


def _money(nets: Any, count: int, unit: float, row: Any) -> None:
    won = lost = 0.0
    largest, smallest = 0.0, 0.0
    wins = 0
    for k in range(count):
        net = nets[k]
        if net > 0:
            won += net
            wins += 1
            largest = max(largest, net)
        else:
            lost += net
            smallest = net if wins == k else min(smallest, net)
    losses = count - wins
    net = (won + lost) / unit
    row["net_profit"], row["gross_profit"], row["gross_loss"] = net, won / unit, lost / unit
    row["profit_factor"] = _ratio(won, -lost)
    row["expected_payoff"] = _ratio(net, count)
    row["profit_trades"], row["loss_trades"] = wins, losses
    row["largest_profit_trade"] = largest / unit if wins else math.nan
    row["largest_loss_trade"] = smallest / unit if losses else math.nan
    row["average_profit_trade"] = _ratio(won / unit, wins)
    row["average_loss_trade"] = _ratio(lost / unit, losses)
    deviation = spread_of(nets, count)
    row["sqn"] = math.nan
    if deviation > 0:
        row["sqn"] = math.sqrt(count) * mean(nets, count) / deviation


def _counts(time: Any, trades: Any, nets: Any, count: int, row: Any, exits: Any) -> None:
    longs = long_won = short_won = ambiguous = 0
    shortest = longest = held = 0
    pessimistic = optimistic = 0
    for k in range(count):
        trade = trades[k]
        won = 1 if nets[k] > 0 else 0
        if trade["side"] > 0:
            longs += 1
            long_won += won
        else:
            short_won += won
        exits[trade["reason"]] += 1
        exits[len(REASONS) + trade["reason"]] += int(nets[k])
        ambiguous += trade["ambiguous"]
        costs = trade["swap"] + trade["commission"]
        pessimistic += trade["worst"] + costs
        optimistic += trade["best"] + costs
        seconds = time[trade["left"]] - time[trade["entered"]]
        held += seconds
        longest = max(longest, seconds)
        shortest = seconds if k == 0 else min(shortest, seconds)
    row["total_trades"], row["total_deals"] = count, 2 * count
    row["long_trades"], row["long_won"] = longs, long_won
    row["short_trades"], row["short_won"] = count - longs, short_won
    row["ambiguous_trades"] = ambiguous
    row["pessimistic_net"], row["optimistic_net"] = pessimistic, optimistic
    row["holding_min"] = shortest if count else math.nan
    row["holding_max"] = longest if count else math.nan
    row["holding_average"] = _ratio(float(held), count)


def _balance_drawdown(curves: Curves, deposit: float, unit: float, row: Any) -> None:
    found = drawdown(deposit, curves.balance, curves.balance, unit)
    row["balance_drawdown_absolute"], row["balance_drawdown_maximal"] = found.absolute, found.maximal
    row["balance_drawdown_maximal_percent"] = found.maximal_percent
    row["balance_drawdown_relative"] = found.relative
    row["balance_drawdown_relative_percent"] = found.relative_percent


def _equity_drawdown(curves: Curves, deposit: float, unit: float, row: Any) -> None:
    found = drawdown(deposit, curves.equity, curves.equity_low, unit)
    row["equity_drawdown_absolute"], row["equity_drawdown_maximal"] = found.absolute, found.maximal
    row["equity_drawdown_maximal_percent"] = found.maximal_percent
    row["equity_drawdown_relative"] = found.relative
    row["equity_drawdown_relative_percent"] = found.relative_percent


def _growth(nets: Any, factors: Any, count: int, deposit: int, unit: float, row: Any) -> None:
    """Holding period returns; `factors` is scratch."""
    balance, all_lost = float(deposit), False
    for k in range(count):
        if balance <= 0:
            all_lost = True
            break
        factors[k] = (balance + nets[k]) / unit / (balance / unit)
        balance += nets[k]
    row["ahpr"], row["ghpr"], row["sharpe"] = math.nan, math.nan, math.nan
    if count == 0 or all_lost:
        return
    row["ahpr"] = mean(factors, count)
    if balance >= 0:
        row["ghpr"] = (balance / deposit) ** (1.0 / count)
    deviation = spread_of(factors, count)
    if deviation > 0:
        row["sharpe"] = (row["ahpr"] - 1.0) / deviation


def _line(nets: Any, balances: Any, count: int, deposit: int, unit: float, row: Any) -> None:
    """Correlation with, and standard error of, the least-squares line through `(k, b[k])`; `balances` is scratch."""
    n = count + 1
    money = float(deposit)
    balances[0] = money / unit
    varies = False
    for k in range(count):
        money += nets[k]
        balances[k + 1] = money / unit
        varies = varies or nets[k] != 0
    row["lr_correlation"], row["lr_standard_error"] = math.nan, math.nan
    x0, y0 = count / 2.0, mean(balances, n)
    xx = count * (count + 1.0) * (count + 2.0) / 12.0
    xy = yy = xy_lost = yy_lost = 0.0
    for k in range(n):
        y = balances[k] - y0
        xy, xy_lost = total(xy, xy_lost, (k - x0) * y)
        yy, yy_lost = total(yy, yy_lost, y * y)
    xy, yy = xy + xy_lost, yy + yy_lost
    if varies and yy > 0:
        row["lr_correlation"] = xy / (math.sqrt(xx) * math.sqrt(yy))
    if n < 3:
        return
    slope = xy / xx
    errors = lost = 0.0
    for k in range(n):
        error = balances[k] - y0 - slope * (k - x0)
        errors, lost = total(errors, lost, error * error)
    row["lr_standard_error"] = math.sqrt((errors + lost) / (n - 2))


def _sortino(time: Any, equity: Any, deposit: float) -> float:
    """As :func:`sortino`, of the last equity of each server day in a curve."""
    before, days, n = deposit, 0, len(equity)
    gains = gains_lost = losses = losses_lost = 0.0
    t = bars = 0
    while t < n:
        bars = end_of_day(time, t, bars) - t
        t = min(t + bars, n)
        if before <= 0:
            return math.nan
        change = equity[t - 1] / before - 1.0
        before = equity[t - 1]
        days += 1
        gains, gains_lost = total(gains, gains_lost, change)
        if change < 0:
            losses, losses_lost = total(losses, losses_lost, change * change)
    return _sortino_of(days, gains + gains_lost, losses + losses_lost)


def sortino(days: Any, deposit: float) -> float:
    """Of daily returns from the equity at the end of each server day, the first from the deposit, times √252."""
    before = deposit
    gains = gains_lost = losses = losses_lost = 0.0
    for k in range(len(days)):
        if before <= 0:
            return math.nan
        change = days[k] / before - 1.0
        before = days[k]
        gains, gains_lost = total(gains, gains_lost, change)
        if change < 0:
            losses, losses_lost = total(losses, losses_lost, change * change)
    return _sortino_of(len(days), gains + gains_lost, losses + losses_lost)


def _sortino_of(days: int, gains: float, losses: float) -> float:
    downside = math.sqrt(losses / days)
    return gains / days / downside * math.sqrt(_TRADING_DAYS) if downside != 0 else math.nan
