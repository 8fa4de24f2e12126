"""The pass for figures alone: from event to event, without curves. Compilable.

What happens on a bar is decided by the same `rules` as in :mod:`walk`; bars in which nothing can happen are not even looked
at one by one. Only where a point is worth the same on all bars, and no guard watches: everything else takes the walk.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .detail import first_touched
from .layout import BUY, LEAVE_LONG, LEAVE_SHORT, NEVER, SELL, UNKNOWN, Bar
from .rules import begin, end, enter, equity_at, gap, inside, leave, touches_both
from .walk import heeded, note
from .worth import worth_at

# bars to a block whose extremes are known
BLOCK = 64


class Market(NamedTuple):
    """What all runs over the same bars share, named as in `layout.Columns`.

    `lows` and `highs` are the extremes of each whole block of bars; `ends` the last bar of each server day, ascending.
    """

    time: Any
    open: Any
    high: Any
    low: Any
    close: Any
    spread: Any
    slip: Any
    rates: Any
    atr: Any
    care: Any
    singles: Any
    triples: Any
    detail_time: Any
    detail_high: Any
    detail_low: Any
    lows: Any
    highs: Any
    ends: Any


def list_events(
    entry: Any, exit_long: Any, exit_short: Any, has_exits: bool, lag: int, at: Any, bits: Any
) -> tuple[int, int]:
    """Fill the bars on which something is signalled, moved `lag` bars on, and their signal bits; a last one lies behind
    all bars. Returns how many there are and how many of them are entries.
    """
    n, count, entries = len(entry), 0, 0
    for t in range(n - lag):
        side = entry[t]
        act = (side & 1) + ((side >> 1) & 1)  # 1 is a buy, -1 a sell
        entries += side & 1
        if has_exits:
            act |= (LEAVE_LONG if exit_long[t] else 0) | (LEAVE_SHORT if exit_short[t] else 0)
        at[count], bits[count] = t + lag, act
        count += 1 if act != 0 else 0
    at[count], bits[count] = n, BUY | SELL | LEAVE_LONG | LEAVE_SHORT
    return count, entries


def block_extremes(low: Any, high: Any, close: Any, lows: Any, highs: Any) -> bool:
    """Fill the extremes of each whole block. Returns whether every close lies within its own bar."""
    sound = True
    for block in range(len(lows)):
        lowest, highest = low[block * BLOCK], high[block * BLOCK]
        for t in range(block * BLOCK, block * BLOCK + BLOCK):
            lowest, highest = min(lowest, low[t]), max(highest, high[t])
        lows[block], highs[block] = lowest, highest
    for t in range(len(low)):
        sound &= low[t] <= close[t] <= high[t]
    return sound


def skim(
    market: Market, at: Any, bits: Any, terms: Any, state: Any, falls: Any, equity: Any, trades: Any, refused: Any
) -> None:  # fmt: skip
    """Walk all bars. `falls` (two records, of balance and equity) and `equity` (cents at the day ends) are filled besides
    what :func:`walk.advance` fills.
    """
    given, now, fallen, sunk = terms[0], state[0], falls[0], falls[1]
    opens, highs, lows, closes = market.open, market.high, market.low, market.close
    slips, care, ends = market.slip, market.care, market.ends
    slip_step, spread, rate = given["slip_step"], market.spread[0], market.rates[0]
    n = len(closes)
    event = careful = day = t = 0
    while t < n:
        while at[event] < t:
            event += 1
        if now["side"] == 0:
            while not bits[event] & (BUY | SELL):
                event += 1
            until = min(at[event], n)
            if until > t:
                note_fall(sunk, now["balance"], now["balance"], given["unit"])
                while day < len(ends) and ends[day] < until:
                    equity[day] = now["balance"]
                    day += 1
                t = until
                if t == n:
                    break
        else:
            while care[careful] < t:
                careful += 1
            wanted, ahead = heeded(given, now["side"]), event
            while not bits[ahead] & wanted:
                ahead += 1
            until = min(care[careful], at[ahead])
            if until > t:
                day, t = _hold(market, given, now, sunk, equity, day, t, until, spread, rate)
            while at[event] < t:
                event += 1
        bar = Bar(t, opens[t], highs[t], lows[t], closes[t], spread, slips[t * slip_step], rate)
        singles = triples = before = 0
        while care[careful] < t:
            careful += 1
        if care[careful] == t and t > 0:
            singles, triples, before = market.singles[careful], market.triples[careful], closes[t - 1]
        begin(given, now, bar, before, singles, triples)
        if now["side"] != 0:
            gap(given, now, trades, bar)
        act = bits[event] if at[event] == t else 0
        if now["side"] != 0 and act != 0:
            leave(given, now, trades, bar, act)
        if now["side"] == 0 and act & (BUY | SELL):
            atr = market.atr[t - given["lag"]] if given["sl_atr"] > 0 or given["tp_atr"] > 0 else 0.0
            enter(given, now, refused, bar, 1 if act & BUY else -1, atr)
        if now["side"] != 0:
            now["in_market"] += 1
            first, seen = UNKNOWN, NEVER
            if len(market.detail_time) > 0 and touches_both(now, bar):
                first, seen = first_touched(market, given, now, bar)
            inside(given, now, trades, bar, first, seen)
            if now["side"] != 0 and t == n - 1:
                end(given, now, trades, bar)
        marked = equity_at(given, now, bar, bar.close)
        note_fall(fallen, now["balance"], now["balance"], given["unit"])
        note_fall(sunk, min(marked, now["lowest"]), marked, given["unit"])
        if day < len(ends) and ends[day] == t:
            equity[day] = marked
            day += 1
        t += 1


def _hold(
    market: Market, terms: Any, state: Any, sunk: Any, equity: Any, day: int, start: int, until: int, spread: int,
    rate: float,
) -> tuple[int, int]:  # fmt: skip
    """Pass over bars in which nothing can happen to the position; returns the next day end and the first other bar."""
    side, fill, per, scale = state["side"], state["fill"], state["per"], terms["scale"]
    stop = max(state["sl"], state["stop_out"])
    ask = 0 if side > 0 else spread
    # what touches the position, as bid prices
    floor, ceiling = (stop, state["tp"]) if side > 0 else (-state["tp"] - ask, -stop - ask)
    lowest, highest = _extremes(market, start, until)
    if lowest <= floor or highest >= ceiling:
        until = _first_outside(market, start, until, floor, ceiling)
        if until == start:
            return day, start
        lowest, highest = _extremes(market, start, until)
    worst, best = (lowest, highest) if side > 0 else (-highest - ask, -lowest - ask)
    unit, money, ends, closes = terms["unit"], state["balance"] + state["swap"], market.ends, market.close
    bottom = money + worth_at(fill, worst, per, rate, 0, scale)
    if money + worth_at(fill, best, per, rate, 0, scale) <= sunk["peak"]:
        note_fall(sunk, bottom, -NEVER, unit)
    else:  # there may be a new peak with a fall behind it
        low_side = market.low if side > 0 else market.high
        for k in range(start, until):
            marked = money + worth_at(fill, side * closes[k] - ask, per, rate, 0, scale)
            low = money + worth_at(fill, side * low_side[k] - ask, per, rate, 0, scale)
            note_fall(sunk, low, marked, unit)
    note(terms, state, rate, worst, best, until - start, money)
    while day < len(ends) and ends[day] < until:
        equity[day] = money + worth_at(fill, side * closes[ends[day]] - ask, per, rate, 0, scale)
        day += 1
    return day, until


def note_fall(fall: Any, low: int, high: int, unit: float) -> None:
    """One bar of :func:`drawdown.drawdown` in cents: its lowest value, then its highest. Of equal falls the first counts."""
    peak = fall["peak"]
    drop = peak - low
    # a tenth of a cent covers every rounding of a share
    if drop > fall["maximal"] or drop > fall["widest"] * peak - 0.1:
        exact = max(drop, 0)
        share = exact / unit / (peak / unit)
        if exact > fall["maximal"]:
            fall["maximal"], fall["its_share"] = exact, share
        if share > fall["widest"]:
            fall["widest"], fall["its_money"] = share, exact
    fall["lowest"] = min(fall["lowest"], low)
    fall["peak"] = max(peak, high)


def _extremes(market: Market, start: int, stop: int) -> tuple[int, int]:
    """The lowest low and the highest high of the bars `start … stop - 1`."""
    first, last = -(-start // BLOCK), stop // BLOCK
    if last - first < 2:
        return extremes(market.low[start:stop], market.high[start:stop])
    lowest, highest = extremes(market.lows[first:last], market.highs[first:last])
    if start < first * BLOCK:
        low, high = extremes(market.low[start : first * BLOCK], market.high[start : first * BLOCK])
        lowest, highest = min(lowest, low), max(highest, high)
    if last * BLOCK < stop:
        low, high = extremes(market.low[last * BLOCK : stop], market.high[last * BLOCK : stop])
        lowest, highest = min(lowest, low), max(highest, high)
    return lowest, highest


def extremes(low: Any, high: Any) -> tuple[int, int]:
    """The lowest of `low` and the highest of `high`, which are of one length."""
    lowest, highest = low[0], high[0]
    for k in range(len(low)):
        lowest, highest = min(lowest, low[k]), max(highest, high[k])
    return lowest, highest


def _first_outside(market: Market, start: int, stop: int, floor: int, ceiling: int) -> int:
    """The first of the bars `start … stop - 1` that touches `floor` or `ceiling`; there is one."""
    low, high = market.low, market.high
    t = start
    while t < stop:
        block = t // BLOCK
        whole = t % BLOCK == 0 and t + BLOCK <= stop
        if whole and market.lows[block] > floor and market.highs[block] < ceiling:
            t += BLOCK
            continue
        if low[t] <= floor or high[t] >= ceiling:
            return t
        t += 1
    return stop
