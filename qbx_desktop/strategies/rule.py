"""A strategy made of lines and a rule over them: signals, words, chart and warm-up follow from the two."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import Message, MessageKind, declare
from ..domain.params import param
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe
from .answers import warming_up, word_of
from .contract import Difficulty, Explanation, Guidance, Plot, Preset
from .shared_columns import are_shared

_ALREADY = declare(
    "strategy.already_said",
    "The setup still holds, but an earlier bar signalled it and this bot enters once per setup.",
)

# Bars decided on at a time where a rule allows it: the lines stay in the cache and take no fresh memory.
_PART = 1 << 15

Lines = Mapping[str, Plot]
# The pane of a line that the rule and the words read and the chart does not show.
HIDDEN = -1


def once_per_setup() -> Any:
    """The parameter of a rule that holds on many bars: signal on each of them, or on the first only."""
    return param(
        False,
        "Once per setup",
        help="Signals only on the first bar of a setup, so a trade that was stopped out is not entered again at once.",
    )


class RuleStrategy(ABC):
    """Write `lines` and `rule`; the rest of the contract is here.

    `sentences` has a sentence for each of BUY, SELL, HOLD and, where there are exits, EXIT_LONG and EXIT_SHORT; its
    parameters are the lines' names and open, high, low, close (a line without a value on the last bar is left out). A `Params` with the field `once_per_setup` signals on
    the first bar of a run only.

    `windowed` says that what the rule reads on a bar follows from that bar and the `reads_from` before it alone.
    """

    windowed: ClassVar[bool] = False
    key: str
    title: str
    description: str
    Params: type
    guidance: Guidance = Guidance(Difficulty.ADVANCED, "")
    presets: tuple[Preset, ...] = ()
    sentences: ClassVar[Mapping[str, MessageKind]]

    @abstractmethod
    def reads_from(self, params: Any) -> int:
        """Index of the first bar at which every value that `rule` reads can exist."""

    @abstractmethod
    def lines(self, bars: Bars, params: Any) -> Lines:
        """What the rule reads, by name; NaN where a value does not exist."""

    @abstractmethod
    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        """Entries and exits; what it says before the warm-up is struck out."""

    def settled_after(self, params: Any, timeframe: Timeframe) -> int:
        """Bars after which the start of the data is forgotten, counted from the first; more than the warm-up where
        averages are recursive or slower frames are read."""
        del timeframe
        return self.reads_from(params)

    def say(self, word: str, values: Mapping[str, float], params: Any) -> Message:
        """The sentence for BUY, SELL, EXIT_LONG, EXIT_SHORT or HOLD."""
        del params
        return self.sentences[word](**values)

    def waiting_for(self, bars: Bars, params: Any, lines: Lines) -> Message | None:
        """Why the last bar cannot be judged yet, in words; None when it can."""
        del lines
        need = self.warmup(params) + 1
        return warming_up(len(bars), need) if len(bars) < need else None

    # -- the contract

    def warmup(self, params: Any) -> int:
        return self.reads_from(params) + bool(getattr(params, "once_per_setup", False))

    def history(self, params: Any, timeframe: Timeframe) -> int:
        once = bool(getattr(params, "once_per_setup", False))
        return max(self.settled_after(params, timeframe) + once, self.warmup(params)) + 2

    def signals(self, bars: Bars, params: Any) -> Signals:
        lead = self.warmup(params)
        if not self.windowed or are_shared() or len(bars) <= 2 * _PART or lead > _PART // 4:
            return self._decide(bars, params, self.lines(bars, params))[0]
        whole = Signals.none(len(bars))
        for begin in range(0, len(bars), _PART):
            first = max(begin - lead, 0)
            part = bars[first : begin + _PART]
            found = self._decide(part, params, self.lines(part, params))[0]
            for name in ("entry", "exit_long", "exit_short"):
                values = getattr(found, name)[begin - first :]
                if np.any(values):
                    getattr(whole, name)[begin : begin + _PART] = values
        return whole

    def explain(self, bars: Bars, params: Any) -> Explanation:
        lines = self.lines(bars, params) if len(bars) else {}
        waiting = self.waiting_for(bars, params, lines)
        if waiting is not None:
            return Explanation("HOLD", waiting)
        signals, holds = self._decide(bars, params, lines)
        word = word_of(signals)
        values = {name: float(getattr(bars, name)[-1]) for name in ("open", "high", "low", "close")}
        last = ((name, float(line.values[-1])) for name, line in lines.items())
        values.update((name, value) for name, value in last if math.isfinite(value))
        if word != "HOLD":
            return Explanation(word, self.say(word, values, params), values)
        if signals.exit_long[-1] or signals.exit_short[-1]:
            kind = "EXIT_LONG" if signals.exit_long[-1] else "EXIT_SHORT"
            return Explanation(word, self.say(kind, values, params), values)
        message = _ALREADY() if holds else self.say(word, values, params)
        return Explanation(word, message, values)

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        return tuple(line for line in self.lines(bars, params).values() if line.pane != HIDDEN)

    def _decide(self, bars: Bars, params: Any, lines: Lines) -> tuple[Signals, bool]:
        """The signals, and whether a setup holds on the last bar, signalled there or before."""
        found = self.rule(bars, params, lines)
        entry, start = found.entry, self.warmup(params)
        holds = bool(len(entry) > start and entry[-1])
        if getattr(params, "once_per_setup", False):
            first = entry.copy()
            first[1:][entry[1:] == entry[:-1]] = 0
            entry = first
        for column in (entry, found.exit_long, found.exit_short):
            column[:start] = 0
        return Signals(entry, found.exit_long, found.exit_short), holds
