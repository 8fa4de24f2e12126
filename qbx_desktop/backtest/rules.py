"""One bar by the rules: swap, gap, signal, inside the bar, mark, in this order, in whole points and cents. Compilable.

The steps take `terms` and `state` (records of :mod:`layout`) and the bar at hand; no step looks at another bar.
"""

from __future__ import annotations

from typing import Any

from .entry import plan_entry
from .layout import (
    BUY,
    END,
    LEAVE_LONG,
    LEAVE_SHORT,
    NEVER,
    NOT_REFUSED,
    OPTIMISTIC,
    REVERSE,
    SELL,
    SIGNAL,
    SL,
    STOP_OUT,
    TARGET,
    TP,
    UNKNOWN,
    Bar,
)
from .worth import commission, stop_out_point, swap_of, turned, worth


def begin(terms: Any, state: Any, bar: Bar, before: int, singles: int, triples: int) -> None:
    """Swap for the nights since the bar before, whose close was `before`, and the stop-out price of this bar."""
    state["lowest"] = NEVER
    side = state["side"]
    if side == 0:
        return
    if singles + triples > 0:
        opened, now, lots = side * state["fill"] / terms["scale"], before / terms["scale"], state["lots"]
        if singles > 0:
            state["swap"] += singles * swap_of(terms, side, lots, 1, opened, now, bar.rate)
        if triples > 0:
            state["swap"] += triples * swap_of(terms, side, lots, 3, opened, now, bar.rate)
    # it moves with the funds and the conversion alone
    if singles + triples > 0 or terms["moving"]:
        _set_stop_out(terms, state, bar.rate)


def gap(terms: Any, state: Any, trades: Any, bar: Bar) -> None:
    """Close a position whose SL, TP or stop-out price the open jumped over."""
    opened = turned(state["side"], bar.open, bar.spread)
    if opened <= state["sl"]:
        _close(terms, state, trades, bar, opened - bar.slip, opened - bar.slip, SL, False)
    elif opened >= state["tp"]:
        _close(terms, state, trades, bar, state["tp"], state["tp"], TP, False)
    elif opened <= state["stop_out"]:
        _close(terms, state, trades, bar, opened - bar.slip, opened - bar.slip, STOP_OUT, False)


def leave(terms: Any, state: Any, trades: Any, bar: Bar, act: int) -> None:
    """Close a position at the market for an exit flag or an opposite entry."""
    side = state["side"]
    leaves = act & (LEAVE_LONG if side > 0 else LEAVE_SHORT)
    opposite = act & (SELL if side > 0 else BUY) if terms["reverse"] else 0
    if leaves or opposite:
        at = turned(side, bar.open, bar.spread) - bar.slip
        _close(terms, state, trades, bar, at, at, REVERSE if opposite else SIGNAL, False)


def enter(terms: Any, state: Any, refused: Any, bar: Bar, side: int, atr: float) -> None:
    """Open a position at the market, or count why not; `atr` is that of the signal's bar."""
    closing = turned(side, bar.open, bar.spread)
    fill = closing + bar.spread + bar.slip
    reason, lots, sl, tp, margin = plan_entry(terms, side, closing, fill, atr, state["balance"], bar.rate)
    if reason != NOT_REFUSED:
        refused[reason] += 1
        return
    state["commission"] = commission(terms, lots, side * fill / terms["scale"], bar.rate)
    state["balance"] += state["commission"]
    state["side"], state["entered"], state["fill"], state["lots"] = side, bar.t, fill, lots
    state["sl"], state["tp"], state["margin"] = sl, tp, margin
    state["swap"], state["mfe"], state["mae"] = 0, 0, 0
    state["per"] = terms["per_point"] * lots * terms["unit"]
    _set_stop_out(terms, state, bar.rate)


def touches_both(state: Any, bar: Bar) -> bool:
    """Whether the bar touches both the target and the stop (or stop-out price)."""
    if state["side"] > 0:
        return bool(bar.low <= max(state["sl"], state["stop_out"]) and bar.high >= state["tp"])
    worst, best = -(bar.high + bar.spread), -(bar.low + bar.spread)
    return bool(worst <= max(state["sl"], state["stop_out"]) and best >= state["tp"])


def inside(terms: Any, state: Any, trades: Any, bar: Bar, first: int, seen: int) -> None:
    """The way through the bar. Where it touches both stop and target, `first` says which finer bars saw first, and
    `seen` the worst turned point before the target.
    """
    side = state["side"]
    opened = turned(side, bar.open, bar.spread)
    worst = turned(side, bar.low if side > 0 else bar.high, bar.spread)
    best = turned(side, bar.high if side > 0 else bar.low, bar.spread)
    stop_out, sl, tp = state["stop_out"], state["sl"], state["tp"]
    reason, at = SL, sl - bar.slip
    if stop_out > sl:
        # a stop-out price that is already behind the open is met at the open
        reason, at = STOP_OUT, min(stop_out, opened) - bar.slip
    stopped, aimed = worst <= max(sl, stop_out), best >= tp
    ambiguous = stopped and aimed and first == UNKNOWN
    other = tp if aimed else at
    if stopped and aimed and (first == TARGET or (ambiguous and terms["inside"] == OPTIMISTIC)):
        # what the bar showed after the target did not happen to this position
        stopped, worst, other = False, min(seen, opened), at
    if stopped:
        _note_margin_level(state, _equity(terms, state, at, bar.rate))
        _close(terms, state, trades, bar, at, other, reason, ambiguous)
        return
    low = _equity(terms, state, worst, bar.rate)
    state["lowest"] = min(state["lowest"], low)
    _note_margin_level(state, low)
    state["mae"] = min(state["mae"], worth(terms, state["fill"], worst, state["per"], bar.rate))
    if aimed:
        _close(terms, state, trades, bar, tp, other, TP, ambiguous)
    else:
        state["mfe"] = max(state["mfe"], worth(terms, state["fill"], best, state["per"], bar.rate))


def end(terms: Any, state: Any, trades: Any, bar: Bar) -> None:
    """Close a position that is still open on the last bar."""
    at = turned(state["side"], bar.close, bar.spread)
    _close(terms, state, trades, bar, at, at, END, False)


def equity_at(terms: Any, state: Any, bar: Bar, price: int) -> int:
    """Equity in cents at a bid price of the bar."""
    if state["side"] == 0:
        balance: int = state["balance"]
        return balance
    return _equity(terms, state, turned(state["side"], price, bar.spread), bar.rate)


def _note_margin_level(state: Any, equity: int) -> None:
    if state["margin"] > 0:
        state["level"] = min(state["level"], equity / state["margin"] * 100.0)


def _set_stop_out(terms: Any, state: Any, rate: float) -> None:
    funds = state["balance"] + state["swap"]
    state["stop_out"] = stop_out_point(
        terms, state["side"], state["fill"], state["lots"], state["margin"], funds, rate
    )


def _equity(terms: Any, state: Any, at: int, rate: float) -> int:
    money: int = state["balance"] + state["swap"]
    return money + worth(terms, state["fill"], at, state["per"], rate)


def _close(
    terms: Any, state: Any, trades: Any, bar: Bar, at: int, other: int, reason: int, ambiguous: bool
) -> None:
    """Book and list the position, closed at `at`; `other` is where it would be had the bar gone the other way."""
    fill, per, rate = state["fill"], state["per"], bar.rate
    profit = worth(terms, fill, at, per, rate)
    otherwise = profit if other == at else worth(terms, fill, other, per, rate)
    leaving = commission(terms, state["lots"], abs(at) / terms["scale"], rate)
    deal = profit + state["swap"] + leaving
    state["balance"] += deal
    state["losses"] = state["losses"] + 1 if deal < 0 else 0
    if deal < 0:
        state["lost_at"] = bar.t
    state["lowest"] = min(state["lowest"], state["balance"])
    row = trades[state["trades"]]
    row["side"], row["entered"], row["left"], row["lots"] = (
        state["side"],
        state["entered"],
        bar.t,
        state["lots"],
    )
    row["fill"], row["sl"], row["tp"], row["at"] = fill, state["sl"], state["tp"], at
    row["reason"], row["profit"], row["swap"] = reason, profit, state["swap"]
    row["commission"] = state["commission"] + leaving
    row["mfe"], row["mae"] = max(state["mfe"], profit), min(state["mae"], profit)
    row["ambiguous"] = 1 if ambiguous else 0
    row["worst"], row["best"] = min(profit, otherwise), max(profit, otherwise)
    state["trades"] += 1
    state["side"] = 0
