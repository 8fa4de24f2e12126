"""The pass over the bars: every bar by the rules, with short cuts over bars in which nothing can happen. Compilable.

`_rest` (flat) and `_hold` (in a position) only pass over the bars in which the rules would do nothing but mark; they never
decide anything.
"""

from __future__ import annotations

import math
from typing import Any

from .detail import first_touched
from .guarding import begin_day, look, refusal_of
from .layout import (
    BUY,
    LEAVE_LONG,
    LEAVE_SHORT,
    NEVER,
    NEWS,
    NOT_REFUSED,
    SELL,
    UNKNOWN,
    Bar,
    Columns,
    Curves,
)
from .rules import begin, end, enter, equity_at, gap, inside, leave, touches_both
from .worth import HALF, worth_at


def advance(
    tape: Columns, terms: Any, state: Any, curves: Curves, trades: Any, refused: Any, start: int, stop: int
) -> None:
    """Walk the bars `start … stop - 1`. Pieces follow one another without a hole; the result is the same for any.

    `terms` and `state` hold one record each; `curves`, `trades` and `refused` (counts by reason) are filled.
    """
    given, now = terms[0], state[0]
    opens, highs, lows, closes = tape.open, tape.high, tape.low, tape.close
    spreads, slips, rates, acts, care = tape.spread, tape.slip, tape.rates, tape.act, tape.care
    balance, equity, equity_low, unit = curves.balance, curves.equity, curves.equity_low, given["unit"]
    spread_step, slip_step, rate_step = given["spread_step"], given["slip_step"], given["rate_step"]
    last, guarded = len(acts) - 1, given["guarded"] != 0
    t = start
    while t < stop:
        while care[now["care"]] < t:
            now["care"] += 1
        if guarded:
            pass  # the guards look at every bar
        elif now["side"] == 0:
            t = _rest(acts, given, now, balance, equity, equity_low, t, stop)
        else:
            until = min(stop, care[now["care"]])
            low, high = (lows, highs) if now["side"] > 0 else (highs, lows)
            t = _hold(
                low, high, closes, spreads, rates, acts, given, now, balance, equity, equity_low, t, until
            )
        if t == stop:
            break
        bar = Bar(
            t, opens[t], highs[t], lows[t], closes[t], spreads[t * spread_step], slips[t * slip_step],
            rates[t * rate_step],
        )  # fmt: skip
        singles = triples = before = 0
        while care[now["care"]] < t:
            now["care"] += 1
        if care[now["care"]] == t and t > 0:
            singles, triples = tape.singles[now["care"]], tape.triples[now["care"]]
            before = closes[t - 1]
        begin(given, now, bar, before, singles, triples)
        if guarded:
            begin_day(now, tape.time[t])
        if now["side"] != 0:
            gap(given, now, trades, bar)
        if guarded:
            look(given, now, equity_at(given, now, bar, bar.open))
        act = acts[t]
        if now["side"] != 0 and act != 0:
            leave(given, now, trades, bar, act)
            if guarded:
                look(given, now, equity_at(given, now, bar, bar.open))
        if now["side"] == 0 and act & (BUY | SELL):
            atr = tape.atr[t - given["lag"]] if given["sl_atr"] > 0 or given["tp_atr"] > 0 else 0.0
            guard = NOT_REFUSED
            if guarded:
                at = tape.time[t]
                since = at - tape.time[now["lost_at"]]
                guard = refusal_of(given, now, at, act & NEWS != 0, since, bar.spread)
            if guard == NOT_REFUSED:
                enter(given, now, refused, bar, 1 if act & BUY else -1, atr)
            else:
                refused[guard] += 1
        if now["side"] != 0:
            now["in_market"] += 1
            first, seen = UNKNOWN, NEVER
            if len(tape.detail_time) > 0 and touches_both(now, bar):
                first, seen = first_touched(tape, given, now, bar)
            inside(given, now, trades, bar, first, seen)
            if now["side"] != 0 and t == last:
                end(given, now, trades, bar)
        marked = equity_at(given, now, bar, bar.close)
        if guarded:
            look(given, now, min(marked, now["lowest"]))
            look(given, now, equity_at(given, now, bar, bar.high if now["side"] > 0 else bar.low))
            look(given, now, marked)
        balance[t] = now["balance"] / unit
        equity[t] = marked / unit
        equity_low[t] = min(marked, now["lowest"]) / unit
        t += 1


def _rest(
    acts: Any, terms: Any, state: Any, balance: Any, equity: Any, equity_low: Any, start: int, stop: int
) -> int:
    """Pass over the bars before the next entry signal; returns the bar that needs care."""
    t = start
    while t < stop and not acts[t] & (BUY | SELL):
        t += 1
    money = state["balance"] / terms["unit"]
    for k in range(start, t):
        balance[k] = money
        equity[k] = money
        equity_low[k] = money
    return t


def _hold(
    low: Any, high: Any, close: Any, spread: Any, rates: Any, acts: Any, terms: Any, state: Any,
    balance: Any, equity: Any, equity_low: Any, start: int, until: int,
) -> int:  # fmt: skip
    """Pass over bars in which nothing can happen to the position, marking each; returns the first other one.

    `low` are the bars' prices on the position's bad side, `high` on its good side.
    """
    short = state["side"] < 0
    if terms["moving"] or terms["own"] or (short and terms["spread_step"]):
        return _hold_each(
            low, high, close, spread, rates, acts, terms, state, balance, equity, equity_low, start, until
        )
    ask = spread[0] if short else 0
    return _hold_still(
        low, high, close, ask, rates[0], acts, terms, state, balance, equity, equity_low, start, until
    )


def _hold_still(
    low: Any, high: Any, close: Any, ask: int, rate: float, acts: Any, terms: Any, state: Any,
    balance: Any, equity: Any, equity_low: Any, start: int, until: int,
) -> int:  # fmt: skip
    """:func:`_hold` where a point is worth the same on all bars: find the end first, then mark without a question."""
    side, fill, tp = state["side"], state["fill"], state["tp"]
    stop = max(state["sl"], state["stop_out"])
    wanted = heeded(terms, side)
    lowest, highest = NEVER, -NEVER
    t = start
    while t < until:
        worst, best = side * low[t] - ask, side * high[t] - ask
        if acts[t] & wanted or worst <= stop or best >= tp:
            break
        lowest, highest = min(lowest, worst), max(highest, best)
        t += 1
    if t > start:
        unit, money = terms["unit"], state["balance"] + state["swap"]
        balance_now = state["balance"] / unit
        for k in range(start, t):
            balance[k] = balance_now
        # the same as `worth_at`: turning a price around turns its sign alone
        _mark(
            low[start:t], close[start:t], side * (fill + ask), side * state["per"], rate, money, unit,
            equity[start:t], equity_low[start:t],
        )  # fmt: skip
        note(terms, state, rate, lowest, highest, t - start, money)
    return t


def _mark(
    low: Any, close: Any, anchor: int, per: float, rate: float, money: int, unit: float, equity: Any,
    equity_low: Any,
) -> None:  # fmt: skip
    for k in range(len(low)):
        x, y = (close[k] - anchor) * per * rate, (low[k] - anchor) * per * rate
        closing, worst = int(abs(x) + HALF), int(abs(y) + HALF)
        marked, at_worst = (closing if x >= 0 else -closing), (worst if y >= 0 else -worst)
        equity[k] = (money + marked) / unit
        equity_low[k] = (money + (at_worst if at_worst < marked else marked)) / unit


def note(terms: Any, state: Any, rate: float, lowest: int, highest: int, bars: int, money: int) -> None:
    """What the position remembers of bars that were passed over, from their worst and best turned points."""
    fill, per, own, scale = state["fill"], state["per"], terms["own"], terms["scale"]
    deepest = worth_at(fill, lowest, per, rate, own, scale)
    state["mfe"] = max(state["mfe"], worth_at(fill, highest, per, rate, own, scale))
    state["mae"] = min(state["mae"], deepest)
    state["in_market"] += bars
    if state["margin"] > 0:
        state["level"] = min(state["level"], (money + deepest) / state["margin"] * 100.0)


def heeded(terms: Any, side: int) -> int:
    """The signal bits that may end a position of `side`."""
    leaves, opposite = (LEAVE_LONG, SELL) if side > 0 else (LEAVE_SHORT, BUY)
    return leaves | (opposite if terms["reverse"] else 0)


def _hold_each(
    low: Any, high: Any, close: Any, spread: Any, rates: Any, acts: Any, terms: Any, state: Any,
    balance: Any, equity: Any, equity_low: Any, start: int, until: int,
) -> int:  # fmt: skip
    """:func:`_hold` where spread or conversion differ from bar to bar."""
    side, fill, sl, tp, per = state["side"], state["fill"], state["sl"], state["tp"], state["per"]
    short = 1 if side < 0 else 0
    spread_step, rate_step, moving = terms["spread_step"], terms["rate_step"], terms["moving"]
    own, scale, unit = terms["own"], terms["scale"], terms["unit"]
    wanted = heeded(terms, side)
    money, balance_now = state["balance"] + state["swap"], state["balance"] / unit
    # An equity this low may mean a stop-out; two cents cover every rounding on the way.
    danger = -math.inf
    if terms["stop_out"] > 0:
        danger = state["margin"] * terms["stop_out"] / 100.0 + 2
    top = -NEVER  # a higher point is worth more, unless the conversion moves as well
    deepest, mfe = NEVER, state["mfe"]
    t = start
    while t < until:
        ask = short * spread[t * spread_step]
        worst, best = side * low[t] - ask, side * high[t] - ask
        if acts[t] & wanted or worst <= sl or best >= tp:
            break
        rate = rates[t * rate_step]
        at_worst = worth_at(fill, worst, per, rate, own, scale)
        if money + at_worst <= danger:
            break
        marked = money + worth_at(fill, side * close[t] - ask, per, rate, own, scale)
        balance[t] = balance_now
        equity[t] = marked / unit
        equity_low[t] = min(marked, money + at_worst) / unit
        deepest = min(deepest, at_worst)
        top = max(top, best)
        if moving:
            mfe = max(mfe, worth_at(fill, best, per, rate, own, scale))
        t += 1
    if t > start:
        if not moving:
            mfe = max(mfe, worth_at(fill, top, per, rates[0], own, scale))
        state["mfe"], state["mae"] = mfe, min(state["mae"], deepest)
        state["in_market"] += t - start
        if state["margin"] > 0:
            state["level"] = min(state["level"], (money + deepest) / state["margin"] * 100.0)
    return t
