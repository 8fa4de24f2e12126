"""The live desk's guards over one account and one bot: what they remember, and what they refuse. Compilable.

The desk looks at the equity all the time. Here it looks where the path through a bar turns: at the open, at the worst
price, at the best, at the close, and after every deal. A loss of the day that reaches its limit at any look stops all
entries of that server day. A drawdown of the account stops them for good, as it halts the desk until a person has looked;
so does the bot's own drawdown, which is asked about at an entry.
"""

from __future__ import annotations

from typing import Any

from ..domain.guard_terms import above, fall, in_weekend, outside_hours, reached, resting
from .layout import (
    BOT_DAILY_LOSS,
    BOT_DRAWDOWN,
    CALENDAR,
    COOLDOWN,
    DAILY_LOSS,
    DRAWDOWN,
    NOT_REFUSED,
    SESSION,
    SPREAD,
    WEEKEND,
)

_DAY = 86_400


def begin_day(state: Any, time: int) -> None:
    """Note the balance with which a new server day begins; the next look gives its equity."""
    day = time // _DAY
    if day > state["day"]:
        state["day"], state["day_balance"], state["day_start"] = day, state["balance"], 0
        state["day_seen"] = 0
        if state["halted"] == DAILY_LOSS:
            state["halted"] = NOT_REFUSED


def look(terms: Any, state: Any, equity: int) -> None:
    """Take note of the account's equity in cents."""
    if state["day_seen"] == 0:
        state["day_seen"], state["day_start"] = 1, equity
    state["peak"] = max(state["peak"], equity)
    state["best"] = max(state["best"], state["balance"] - state["deposit"])
    if state["halted"] == NOT_REFUSED:
        if reached(fall(state["peak"], equity), terms["drawdown_percent"]):
            state["halted"] = DRAWDOWN
        elif reached(fall(state["day_start"], equity), terms["daily_loss_percent"]):
            state["halted"] = DAILY_LOSS


def refusal_of(terms: Any, state: Any, time: int, is_news: bool, seconds_since_loss: int, spread: int) -> int:
    """Why an entry at server `time` is refused whatever its size: index into `layout.REFUSALS`, or NOT_REFUSED.

    The account is flat. `is_news`: the calendar forbids it. `seconds_since_loss` since the last losing trade closed.
    """
    if state["halted"] != NOT_REFUSED:
        halted: int = state["halted"]
        return halted
    if outside_hours(time, terms["session_from_hour"], terms["session_to_hour"]):
        return SESSION
    if in_weekend(time, terms["weekend_flat_hour"]):
        return WEEKEND
    if is_news:
        return CALENDAR
    day_start, result = state["day_start"], state["balance"] - state["deposit"]
    today = state["balance"] - state["day_balance"]
    if reached(fall(day_start, day_start + today), terms["bot_daily_loss_percent"]):
        return BOT_DAILY_LOSS
    if day_start > 0 and reached(100.0 * (state["best"] - result) / day_start, terms["bot_drawdown_percent"]):
        state["halted"] = BOT_DRAWDOWN
        return BOT_DRAWDOWN
    if resting(state["losses"], terms["cooldown_losses"], seconds_since_loss, terms["cooldown_seconds"]):
        return COOLDOWN
    return SPREAD if above(spread, terms["max_spread_points"]) else NOT_REFUSED
