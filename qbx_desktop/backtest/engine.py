"""The walk over the bars: swap, gap, signal, inside the bar, mark, in this order, in whole points and cents.

`_bar` is the rule, one bar at a time. `_rest` (flat) and `_hold` (nothing can happen) only pass over the bars in which
`_bar` would do nothing but mark; they never decide anything.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..domain.bars import Ints
from .entry import REFUSALS, plan_entry
from .input import BacktestInput
from .tape import Side, Tape
from .terms import NEVER, Terms
from .trade import Trade

SL, TP, SIGNAL, REVERSE, STOP_OUT, END = "sl", "tp", "signal", "reverse", "stop out", "end of data"

_NOISE = 1e-6
_FIRST_WINDOW, _LAST_WINDOW = 64, 8_192


@dataclass
class Position:
    """An open position: prices in turned points, money in cents, `margin` constant while it is open."""

    side: int
    entered: int
    fill: int
    lots: float
    sl: int
    tp: int
    margin: int
    commission: int
    swap: int = 0
    stop_out: int = -NEVER
    mfe: int = 0
    mae: int = 0


class Walk:
    """One run in progress. `advance` may be called in pieces of any size; the result is the same."""

    def __init__(self, given: BacktestInput, tape: Tape) -> None:
        self.given = given
        self.tape = tape
        self.terms = Terms(given, tape)
        self.balance = self.terms.cents(given.account.balance)
        self.position: Position | None = None
        self.trades: list[Trade] = []
        self.refused = dict.fromkeys(REFUSALS, 0)
        self.bars_in_market = 0
        self.margin_level: float | None = None
        n = len(tape)
        self.balances: Ints = np.zeros(n, np.int64)
        self.equities: Ints = np.zeros(n, np.int64)
        self.lows: Ints = np.zeros(n, np.int64)
        self._slip = given.costs.slippage_points
        self._lowest = 0
        self._orders = np.flatnonzero(tape.entry)

    def advance(self, start: int, stop: int) -> None:
        """Walk the bars `start … stop - 1`; pieces follow one another without a hole."""
        t = start
        while t < stop:
            t = self._rest(t, stop) if self.position is None else self._hold(t, stop)
            if t < stop:
                self._bar(t)
                t += 1

    def _rest(self, t: int, stop: int) -> int:
        """Pass over the bars before the next entry signal while flat; returns the bar that needs care."""
        k = int(np.searchsorted(self._orders, t))
        until = min(int(self._orders[k]), stop) if k < len(self._orders) else stop
        for curve in (self.balances, self.equities, self.lows):
            curve[t:until] = self.balance
        return until

    def _bar(self, t: int) -> None:
        """One bar, by the rules."""
        self._lowest = NEVER
        if self.position is not None:
            self._charge_swap(self.position, t)
            self._gap(self.position, t)
        self._signal(t)
        if self.position is not None:
            self.bars_in_market += 1
            self._inside(self.position, t)
        if self.position is not None and t == len(self.tape) - 1:
            self._close(self.position, int(self._side(self.position).close[t]), END, t)
        equity = self.balance
        if self.position is not None:
            equity = self._equity(self.position, int(self._side(self.position).close[t]), t)
        self.balances[t] = self.balance
        self.equities[t] = equity
        self.lows[t] = min(equity, self._lowest)

    def _charge_swap(self, position: Position, t: int) -> None:
        tape, terms = self.tape, self.terms
        for count, nights in ((int(tape.singles[t]), 1), (int(tape.triples[t]), 3)):
            if count:
                opened = position.side * position.fill / terms.scale
                now = int(tape.before[t]) / terms.scale
                position.swap += count * terms.swap(position.side, position.lots, nights, opened, now, t)
        self._set_stop_out(position, t)

    def _gap(self, position: Position, t: int) -> None:
        opened = int(self._side(position).open[t])
        if opened <= position.sl:
            self._close(position, opened - self._slip, SL, t)
        elif opened >= position.tp:
            self._close(position, position.tp, TP, t)
        elif opened <= position.stop_out:
            self._close(position, opened - self._slip, STOP_OUT, t)

    def _signal(self, t: int) -> None:
        tape, position = self.tape, self.position
        entry = int(tape.entry[t])
        if position is not None:
            leaves = tape.leave_long[t] if position.side > 0 else tape.leave_short[t]
            opposite = entry == -position.side and self.given.reverse
            if not (leaves or opposite):
                return
            opened = int(self._side(position).open[t])
            self._close(position, opened - self._slip, REVERSE if opposite else SIGNAL, t)
        if entry:
            self._enter(entry, t)

    def _enter(self, side: int, t: int) -> None:
        tape = self.tape
        closing = int((tape.buy if side > 0 else tape.sell).open[t])
        fill = closing + int(tape.spread[t]) + self._slip
        atr = float(tape.atr[t])
        plan = plan_entry(self.given, self.terms, side, closing, fill, atr, self.balance, t)
        if isinstance(plan, str):
            self.refused[plan] += 1
            return
        commission = self.terms.commission(plan.lots)
        self.balance += commission
        self.position = Position(side, t, fill, plan.lots, plan.sl, plan.tp, plan.margin, commission)
        self._set_stop_out(self.position, t)

    def _inside(self, position: Position, t: int) -> None:
        prices = self._side(position)
        worst, best = int(prices.worst[t]), int(prices.best[t])
        # For a stop-out price that is already behind the open, the open is where it is met.
        down = max(position.sl, position.stop_out)
        hit_tp = best >= position.tp
        if worst <= down:
            if position.stop_out > position.sl:
                at, reason = min(position.stop_out, int(prices.open[t])), STOP_OUT
            else:
                at, reason = position.sl, SL
            at -= self._slip
            self._note_margin_level(position, self._equity(position, at, t))
            self._close(position, at, reason, t, ambiguous=hit_tp)
            return
        low = self._equity(position, worst, t)
        self._lowest = min(self._lowest, low)
        self._note_margin_level(position, low)
        position.mae = min(position.mae, self._worth(position, worst, t))
        if hit_tp:
            self._close(position, position.tp, TP, t)
        else:
            position.mfe = max(position.mfe, self._worth(position, best, t))

    def _close(self, position: Position, at: int, reason: str, t: int, *, ambiguous: bool = False) -> None:
        profit = self._worth(position, at, t)
        leaving = self.terms.commission(position.lots)
        self.balance += profit + position.swap + leaving
        self._lowest = min(self._lowest, self.balance)
        self.position = None
        self.trades.append(self._listed(position, at, reason, t, profit, leaving, ambiguous))

    def _listed(
        self, position: Position, at: int, reason: str, t: int, profit: int, leaving: int, ambiguous: bool
    ) -> Trade:
        scale, unit, side = self.terms.scale, self.terms.unit, position.side
        commission = position.commission + leaving
        return Trade(
            ticket=len(self.trades) + 1,
            side="buy" if side > 0 else "sell",
            volume=position.lots,
            open_time=int(self.tape.bars.time[position.entered]),
            open_price=side * position.fill / scale,
            sl=side * position.sl / scale if position.sl != -NEVER else 0.0,
            tp=side * position.tp / scale if position.tp != NEVER else 0.0,
            close_time=int(self.tape.bars.time[t]),
            close_price=side * at / scale,
            reason=reason,
            profit=profit / unit,
            swap=position.swap / unit,
            commission=commission / unit,
            net=(profit + position.swap + commission) / unit,
            bars_held=t - position.entered,
            mfe=max(position.mfe, profit) / unit,
            mae=min(position.mae, profit) / unit,
            ambiguous=ambiguous,
        )

    def _side(self, position: Position) -> Side:
        return self.tape.buy if position.side > 0 else self.tape.sell

    def _worth(self, position: Position, at: int, t: int) -> int:
        return self.terms.cents(self.terms.profit(position.fill, at, position.lots, t))

    def _equity(self, position: Position, at: int, t: int) -> int:
        return self.balance + position.swap + self._worth(position, at, t)

    def _set_stop_out(self, position: Position, t: int) -> None:
        funds = self.balance + position.swap
        position.stop_out = self.terms.stop_out_point(
            position.side, position.fill, position.lots, position.margin, funds, t
        )

    def _note_margin_level(self, position: Position, equity: int) -> None:
        if position.margin > 0:
            level = equity / position.margin * 100.0
            self.margin_level = level if self.margin_level is None else min(level, self.margin_level)

    def _hold(self, t: int, stop: int) -> int:
        """Pass over bars in which nothing can happen to the position, marking each; returns the first other one."""
        position = self.position
        assert position is not None
        window = _FIRST_WINDOW
        while t < stop:
            end = min(t + window, stop)
            reached = self._hold_until(position, t, end)
            if reached < end:
                return reached
            t, window = end, min(window * 2, _LAST_WINDOW)
        return stop

    def _hold_until(self, position: Position, start: int, end: int) -> int:
        prices, terms = self._side(position), self.terms
        worst, best = prices.worst[start:end].tolist(), prices.best[start:end].tolist()
        close, busy = prices.close[start:end].tolist(), prices.busy[start:end].tolist()
        rates = terms.rates[start:end].tolist()
        fill, sl, tp = position.fill, position.sl, position.tp
        funds = self.balance + position.swap
        # An equity this low may mean a stop-out; two cents cover every rounding on the way.
        danger = position.margin * terms.stop_out / 100.0 + 2 if terms.stop_out > 0 else -math.inf
        per_point = terms.per_point * position.lots * terms.unit
        turned = terms.scale * position.side
        own, half = terms.own, 0.5 + _NOISE
        top = -NEVER  # a higher point is worth more, unless the conversion moves as well
        moving = terms.moving
        equities: list[int] = []
        lows: list[int] = []
        least, mfe, mae = NEVER, position.mfe, position.mae
        k = 0
        for k in range(end - start):
            low = worst[k]
            if busy[k] or low <= sl or best[k] >= tp:
                break
            rate = rates[k]
            x = (low - fill) * per_point * (turned / low if own else rate)
            at_worst = int(x + half) if x >= 0 else int(x - half)
            if funds + at_worst <= danger:
                break
            point = close[k]
            x = (point - fill) * per_point * (turned / point if own else rate)
            equity = funds + (int(x + half) if x >= 0 else int(x - half))
            equities.append(equity)
            low = funds + at_worst
            lows.append(low if low < equity else equity)
            if low < least:
                least = low
            if at_worst < mae:
                mae = at_worst
            point = best[k]
            if point > top or moving:
                top = point
                x = (point - fill) * per_point * (turned / point if own else rate)
                at_best = int(x + half) if x >= 0 else int(x - half)
                if at_best > mfe:
                    mfe = at_best
        else:
            k = end - start
        if k:
            position.mfe, position.mae = mfe, mae
            self.balances[start : start + k] = self.balance
            self.equities[start : start + k] = equities
            self.lows[start : start + k] = lows
            self.bars_in_market += k
            self._note_margin_level(position, least)
        return start + k
