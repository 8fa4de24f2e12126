"""Trades a list of signals on the simulated terminal by the rules of the backtest, one bar after the other.

The smallest possible trader: it decides at each bar's open from the bar before, nothing else. What the backtest
engine makes of the same signals must be the same to the cent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from qbx_desktop.backtest.input import BacktestInput
from qbx_desktop.domain.bars import Floats
from qbx_desktop.domain.money import floor_step, profit, round_step
from qbx_desktop.domain.signals import Signals
from qbx_desktop.domain.sizing import stop_prices
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import build_terminal

NAME = "WITNESS"


@dataclass(frozen=True)
class Closed:
    """A finished trade as the terminal's deals tell it."""

    side: str
    volume: float
    open_time: int
    open_price: float
    sl: float
    tp: float
    close_time: int
    close_price: float
    reason: str
    profit: float
    swap: float
    commission: float


@dataclass
class Witness:
    """What came of a run: finished trades, refusals by reason, balance and equity at every bar's open."""

    trades: list[Closed] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


def terminal_for(given: BacktestInput) -> SimApi:
    """A terminal that plays the input's bars with its symbol, account and costs."""
    spec, costs = given.spec, given.costs
    symbol = {
        "digits": spec.digits, "trade_tick_size": spec.tick_size, "trade_contract_size": spec.contract_size,
        "trade_calc_mode": spec.calc_mode, "currency_base": spec.currency_base,
        "currency_profit": spec.currency_profit, "currency_margin": spec.currency_margin,
        "volume_min": spec.volume_min, "volume_max": spec.volume_max, "volume_step": spec.volume_step,
        "trade_stops_level": spec.stops_level, "margin_initial": spec.margin_initial,
        "margin_maintenance": spec.margin_maintenance, "swap_mode": spec.swap_mode,
        "swap_long": spec.swap_long, "swap_short": spec.swap_short,
        "swap_rollover3days": spec.swap_rollover3days, "margin_rate": spec.margin_rate,
        "tick_price": spec.tick_money, "margin_hedged": spec.contract_size,
        "spread": spec.spread if costs.spread_points is None else costs.spread_points,
        "spread_float": costs.spread_from_bars,
        "commission": {"kind": "per_lot", "amount": costs.commission_per_lot},
        "slippage": {"kind": "fixed", "points": costs.slippage_points},
    }  # fmt: skip
    account = {
        "currency": given.account.currency, "balance": given.account.balance,
        "leverage": int(given.account.leverage), "margin_so_so": given.account.stop_out,
        "margin_so_call": 0.0,
    }  # fmt: skip
    api = build_terminal(
        bars={NAME: given.bars}, path="backtest", overrides={"account": account, "symbols": {NAME: symbol}}
    )
    assert api.initialize()
    assert api.symbol_select(NAME)
    return api


def run_witness(given: BacktestInput, signals: Signals, ranges: Floats) -> Witness:
    """Trade `signals` bar by bar; `ranges` is the ATR of each bar (NaN where there is none yet)."""
    api, found = terminal_for(given), Witness()
    times = given.bars.time
    for index in range(1, len(times)):
        assert api.sim_step_bar() == times[index]
        entry = int(signals.entry[index - 1])
        positions = api.positions_get()
        if positions:
            side = 1 if positions[0].type == 0 else -1
            leaves = signals.exit_long[index - 1] if side > 0 else signals.exit_short[index - 1]
            if leaves or (entry == -side and given.reverse):
                close = api.order_send(market(api, -side, positions[0].volume, position=positions[0].ticket))
                assert close.retcode == api.TRADE_RETCODE_DONE
                positions = ()
        if entry and not positions:
            enter(api, given, entry, float(ranges[index - 1]), found)
    assert api.sim_step_bar() is None
    found.trades = trades_of(api, times)
    return found


def enter(api: SimApi, given: BacktestInput, side: int, true_range: float, found: Witness) -> None:
    spec = given.spec
    tick = api.symbol_info_tick(NAME)
    slip = given.costs.slippage_points * spec.point
    fill = round_step((tick.ask if side > 0 else tick.bid) + side * slip, spec.point, spec.digits)
    sl_distance = given.sl.in_price(spec.pip_size, true_range)
    tp_distance = given.tp.in_price(spec.pip_size, true_range)
    if np.isnan(sl_distance) or np.isnan(tp_distance):
        found.refused["no atr"] += 1
        return
    sl, tp = stop_prices(side, fill, sl_distance, tp_distance, spec.tick_size, spec.digits)
    lots = volume_of(api, given, side, fill, sl)
    if sl < 0 or tp < 0:
        found.refused["invalid stops"] += 1
        return
    request = market(api, side, min(lots, spec.volume_max), sl=sl, tp=tp)
    words = {10016: "invalid stops", 10014: "invalid volume", 10019: "no money"}
    if lots < spec.volume_min:
        # The stops are tested first: ask with a volume that is good.
        code = api.order_check({**request, "volume": spec.volume_min}).retcode
        found.refused["invalid stops" if code == 10016 else "invalid volume"] += 1
        return
    answer = api.order_send(request)
    if answer.retcode != api.TRADE_RETCODE_DONE:
        found.refused[words[answer.retcode]] += 1


def volume_of(api: SimApi, given: BacktestInput, side: int, fill: float, sl: float) -> float:
    spec = given.spec
    if given.sizing.lots is not None:
        return floor_step(given.sizing.lots, spec.volume_step)
    loss = -profit(spec.calc_mode, side, 1.0, fill, sl, spec.contract_size, spec.tick_size, spec.tick_money)
    if spec.currency_profit != given.account.currency:
        loss /= sl
    loss += 2 * given.costs.commission_per_lot
    risk = given.sizing.risk_percent or 0.0
    balance = api.account_info().balance
    return floor_step(balance * risk / 100.0 / loss, spec.volume_step) if balance > 0 else 0.0


def market(api: SimApi, side: int, volume: float, **more: Any) -> dict[str, Any]:
    return {
        "action": api.TRADE_ACTION_DEAL, "symbol": NAME, "volume": float(volume),
        "type": 0 if side > 0 else 1, "type_filling": api.ORDER_FILLING_IOC, **more,
    }  # fmt: skip


def trades_of(api: SimApi, times: Any) -> list[Closed]:
    orders = {order.ticket: order for order in api.history_orders_get(0, 2**31 - 1)}
    deals = [deal for deal in api.history_deals_get(0, 2**31 - 1) if deal.position_id]
    opened = {deal.position_id: deal for deal in deals if deal.entry == api.DEAL_ENTRY_IN}
    words = {4: "sl", 5: "tp", 6: "stop out"}
    made = []
    for deal in deals:
        if deal.entry != api.DEAL_ENTRY_OUT:
            continue
        first = opened[deal.position_id]
        order = orders[first.order]
        made.append(
            Closed(
                "buy" if first.type == 0 else "sell", first.volume, bar_of(times, first.time), first.price,
                order.sl, order.tp, bar_of(times, deal.time), deal.price, words.get(deal.reason, "signal"),
                deal.profit, deal.swap, round(first.commission + deal.commission, 2),
            )
        )  # fmt: skip
    return made


def bar_of(times: Any, moment: int) -> int:
    return int(times[np.searchsorted(times, moment, side="right") - 1])
