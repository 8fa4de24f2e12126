"""Which of stop and target came first in a bar that touched both, asked of finer bars. Compilable."""

from __future__ import annotations

from typing import Any

from .layout import STOP, TARGET, UNKNOWN, Bar
from .worth import turned


def first_touched(tape: Any, terms: Any, state: Any, bar: Bar) -> tuple[int, int]:
    """STOP, TARGET or UNKNOWN, and the worst turned point seen before the target.

    The finer bars of a bar open from its own open to before its end. One of them that touches both, or none that touches
    either, leaves it unknown.
    """
    side, spread, down, tp = state["side"], bar.spread, max(state["sl"], state["stop_out"]), state["tp"]
    begin = tape.time[bar.t]
    end = begin + terms["bar_seconds"]
    k = _first_from(tape.detail_time, begin)
    seen = turned(side, bar.open, spread)
    while k < len(tape.detail_time) and tape.detail_time[k] < end:
        worst = turned(side, tape.detail_low[k] if side > 0 else tape.detail_high[k], spread)
        best = turned(side, tape.detail_high[k] if side > 0 else tape.detail_low[k], spread)
        if worst <= down:
            return (UNKNOWN if best >= tp else STOP), seen
        seen = min(seen, worst)
        if best >= tp:
            return TARGET, seen
        k += 1
    return UNKNOWN, seen


def _first_from(times: Any, begin: int) -> int:
    """Index of the first of ascending `times` that is not before `begin`."""
    low, high = 0, len(times)
    while low < high:
        middle = (low + high) // 2
        if times[middle] < begin:
            low = middle + 1
        else:
            high = middle
    return low
