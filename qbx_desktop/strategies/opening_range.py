"""OPENING_RANGE: trade the first close outside of the range that the exchange's first minutes made; out by its close."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain.bars import Bars, Floats
from ..domain.messages import Message, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .comparisons import Flags, above
from .contract import Difficulty, Guidance, Plot, Preset
from .rule import HIDDEN, Lines, RuleStrategy
from .sessions import EXCHANGES, SessionClock, exchange_choice, server_clock_choice, session_clock

_BUY = declare(
    "opening_range.buy", "The close ({close:.7g}) is above the opening range of the session ({upper:.7g})."
)
_SELL = declare(
    "opening_range.sell", "The close ({close:.7g}) is below the opening range of the session ({lower:.7g})."
)
_EXIT_LONG = declare(
    "opening_range.exit_long",
    "The close ({close:.7g}) fell below the opening range ({lower:.7g}): a long position is closed.",
)
_EXIT_SHORT = declare(
    "opening_range.exit_short",
    "The close ({close:.7g}) rose above the opening range ({upper:.7g}): a short position is closed.",
)
_OVER = declare(
    "opening_range.over",
    "{exchange} is closed or closes soon: an open position is closed and none is opened before the next session.",
)
_WAIT = declare(
    "opening_range.wait",
    "The opening range is {lower:.7g} to {upper:.7g}, the close {close:.7g}; waiting for the first close outside.",
)
_FORMING = declare("opening_range.forming", "{exchange} has just opened: its opening range is still forming.")
_NO_RANGE = declare(
    "opening_range.no_range",
    "No bar of this timeframe opens within the first {minutes} minutes of {exchange}, or today's were not seen: no "
    "signal today. Choose a shorter timeframe or a longer range.",
)


@dataclass(frozen=True)
class Params:
    """Lengths in minutes of the exchange's own time."""

    exchange: str = exchange_choice("London")
    range_minutes: int = param(
        60, "Opening range, minutes", low=1, high=600, step=5, search=(15, 90, 15),
        help="Minutes after the exchange's open whose highest high and lowest low are the range.",
    )  # fmt: skip
    exit_minutes: int = param(
        60, "Out before the close, minutes", low=0, high=600, step=5, search=(0, 120, 30),
        help="From so many minutes before the exchange closes every bar ends a trade and none is begun.",
    )  # fmt: skip
    one_entry: bool = param(
        True, "One entry per session",
        help="Trades the first breakout of the session only; off signals on every close outside of the range.",
    )  # fmt: skip
    server_clock: str = server_clock_choice()

    def __post_init__(self) -> None:
        check(self)


class OpeningRange(RuleStrategy):
    """Crabel's opening-range breakout on closes, with the session in the exchange's own time, summer time included.

    The range is made by the bars that open within the first `range_minutes`. It counts only where a bar from before the
    session is known too, so that it is whole. Breaking the other edge closes a position, and so does every bar from
    `exit_minutes` before the exchange's close until its next open.
    """

    key = "OPENING_RANGE"
    title = "Opening-Range Breakout"
    description = (
        "Buys the first close above the range of the exchange's first minutes, sells the first one below it, and is out "
        "before the exchange closes. Hours are the exchange's own, whatever clock the broker uses."
    )
    Params: type = Params
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Markets that wake up with an exchange: indices, gold and the pairs of London and New York, on M5 to H1.",
        "Toby Crabel, Day Trading with Short Term Price Patterns and Opening Range Breakout (1990)",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "New York", "The first half hour of the American shares, on M5 to M30.",
            {"exchange": "New York", "range_minutes": 30, "exit_minutes": 30},
        ),
        Preset("Frankfurt", "The first hour of the German shares.", {"exchange": "Frankfurt"}),
        Preset("Tokyo", "The first hour in Tokyo, for the yen and Asian indices.", {"exchange": "Tokyo"}),
    )  # fmt: skip

    def reads_from(self, params: Any) -> int:
        # A bar before the session, one that makes the range, one that leaves it.
        return 2

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        where = EXCHANGES[params.exchange]
        return max(
            math.ceil((where.closes - where.opens) * 60 / timeframe.seconds) + 2, self.reads_from(params)
        )

    def lines(self, bars: Bars, params: Any) -> Lines:
        clock = session_clock(bars.time, params.exchange, params.server_clock)
        where = EXCHANGES[params.exchange]
        forming = clock.inside & (clock.minute < where.opens + params.range_minutes)
        trading = clock.inside & ~forming & (clock.minute < where.closes - params.exit_minutes)
        upper, lower = _ranges(bars, clock, forming)
        state = np.where(forming, 1.0, np.where(trading, 2.0, 0.0))
        return {
            "upper": Plot("Opening range, high", np.where(trading, upper, np.nan), gaps=True),
            "lower": Plot("Opening range, low", np.where(trading, lower, np.nan), gaps=True),
            "state": Plot("Session", state, pane=HIDDEN),
            "session": Plot("Day of the session", clock.day.astype(np.float64), pane=HIDDEN),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        upper, lower, state, session = (line.values for line in lines.values())
        buy, sell = above(bars.close, upper), above(lower, bars.close)
        over = state == 0.0
        entry = buy.view(np.int8) - sell.view(np.int8)
        if params.one_entry:
            entry[~_first_of(entry != 0, session)] = 0
        return Signals(entry, over | sell, over | buy)

    def say(self, word: str, values: Mapping[str, float], params: Any) -> Message:
        if values["state"] == 0.0:
            return _OVER(exchange=params.exchange)
        if values["state"] == 1.0:
            return _FORMING(exchange=params.exchange)
        if "upper" not in values:
            return _NO_RANGE(exchange=params.exchange, minutes=params.range_minutes)
        kinds = {
            "BUY": _BUY,
            "SELL": _SELL,
            "EXIT_LONG": _EXIT_LONG,
            "EXIT_SHORT": _EXIT_SHORT,
            "HOLD": _WAIT,
        }
        return kinds[word](**values)


def _ranges(bars: Bars, clock: SessionClock, forming: Flags) -> tuple[Floats, Floats]:
    """Highest high and lowest low of the day's forming bars for each later bar of the day; NaN where not whole."""
    n = len(bars)
    upper, lower = np.full(n, np.nan), np.full(n, np.nan)
    at = np.flatnonzero(forming)
    if not len(at):
        return upper, lower
    starts = np.flatnonzero(np.concatenate(([True], clock.day[at[1:]] != clock.day[at[:-1]])))
    tops = np.maximum.reduceat(bars.high[at], starts)
    bottoms = np.minimum.reduceat(bars.low[at], starts)
    begins = at[starts]
    group = np.searchsorted(begins, np.arange(n), side="right") - 1
    whole = (group >= 0) & ~forming
    whole &= (clock.day[begins[group]] == clock.day) & (begins[group] > 0)
    upper[whole], lower[whole] = tops[group[whole]], bottoms[group[whole]]
    return upper, lower


def _first_of(flags: Flags, session: Floats) -> Flags:
    """The first flagged bar of each session."""
    at = np.flatnonzero(flags)
    found = np.zeros(len(flags), np.bool_)
    if len(at):
        days = session[at]
        found[at[np.concatenate(([True], days[1:] != days[:-1]))]] = True
    return found
