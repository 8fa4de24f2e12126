"""TURTLE_BREAKOUT: enter when the close leaves a long channel, leave when it falls back through a short one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from, warming_up, word_of
from .contract import Explanation, Plot
from .indicators import above, highest_before, lowest_before

_BUY = declare(
    "turtle_breakout.buy",
    "The close ({close:.7g}) is above the highest high of the channel ({entry_upper:.7g}).",
)
_SELL = declare(
    "turtle_breakout.sell",
    "The close ({close:.7g}) is below the lowest low of the channel ({entry_lower:.7g}).",
)
_EXIT_LONG = declare(
    "turtle_breakout.exit_long",
    "The close ({close:.7g}) is below the exit channel ({exit_lower:.7g}): a long position is closed.",
)
_EXIT_SHORT = declare(
    "turtle_breakout.exit_short",
    "The close ({close:.7g}) is above the exit channel ({exit_upper:.7g}): a short position is closed.",
)
_WAIT = declare(
    "turtle_breakout.wait",
    "The close ({close:.7g}) is inside the channel ({entry_lower:.7g} to {entry_upper:.7g}); waiting for a breakout.",
)


@dataclass(frozen=True)
class Params:
    """Lengths of the two channels in bars, the current one left out."""

    entry_period: int = param(20, "Entry channel", low=1, high=5_000, step=1, help="Bars before this one.")
    exit_period: int = param(10, "Exit channel", low=1, high=5_000, step=1, help="Bars before this one.")

    def __post_init__(self) -> None:
        check(self)


class TurtleBreakout:
    """The turtles' breakout: in with a new extreme of many bars, out with the opposite extreme of fewer."""

    key = "TURTLE_BREAKOUT"
    title = "Turtle Breakout"
    description = (
        "Buys when the close is above the highest high of the bars before, sells when it is below their lowest low, "
        "and closes when the close falls back through a shorter channel."
    )
    Params: type = Params

    def warmup(self, params: Any) -> int:
        return int(max(params.entry_period, params.exit_period))

    def history(self, params: Any) -> int:
        return self.warmup(params) + 2

    def signals(self, bars: Bars, params: Any) -> Signals:
        entry_upper, entry_lower, exit_upper, exit_lower = (each.values for each in self.plots(bars, params))
        close = bars.close
        entries = signals_from(above(close, entry_upper), above(entry_lower, close))
        exit_long, exit_short = above(exit_lower, close), above(close, exit_upper)
        # Every value the rule reads must exist: the shorter channel alone decides nothing.
        ready = np.arange(len(bars)) >= self.warmup(params)
        return Signals(entries.entry * ready, exit_long & ready, exit_short & ready)

    def explain(self, bars: Bars, params: Any) -> Explanation:
        if len(bars) <= self.warmup(params):
            return warming_up(len(bars), self.warmup(params) + 1)
        names = ("entry_upper", "entry_lower", "exit_upper", "exit_lower")
        lines = self.plots(bars, params)
        values = {name: float(line.values[-1]) for name, line in zip(names, lines, strict=True)}
        values["close"] = float(bars.close[-1])
        signals = self.signals(bars, params)
        word = word_of(signals)
        kind = {"BUY": _BUY, "SELL": _SELL}.get(word, _WAIT)
        if word == "HOLD" and signals.exit_long[-1]:
            kind = _EXIT_LONG
        elif word == "HOLD" and signals.exit_short[-1]:
            kind = _EXIT_SHORT
        return Explanation(word, kind(**values), values)

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        return (
            Plot(f"Highest {params.entry_period}", highest_before(bars.high, params.entry_period)),
            Plot(f"Lowest {params.entry_period}", lowest_before(bars.low, params.entry_period)),
            Plot(f"Highest {params.exit_period}", highest_before(bars.high, params.exit_period)),
            Plot(f"Lowest {params.exit_period}", lowest_before(bars.low, params.exit_period)),
        )
