"""TURTLE_BREAKOUT: enter when the close leaves a long channel, leave when it falls back through a short one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..domain.bars import Bars
from ..domain.messages import MessageKind, declare
from ..domain.params import check, param
from ..domain.signals import Signals
from .answers import signals_from
from .comparisons import above
from .contract import Difficulty, Guidance, Plot, Preset
from .indicators import highest_before, lowest_before
from .rule import Lines, RuleStrategy, once_per_setup

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

    entry_period: int = param(
        20, "Entry channel", low=1, high=5_000, step=1, search=(10, 60, 10),
        help="Bars before this one whose highest high or lowest low the close has to leave.",
    )  # fmt: skip
    exit_period: int = param(
        10, "Exit channel", low=1, high=5_000, step=1, search=(5, 30, 5),
        help="Bars before this one whose opposite extreme ends the trade; shorter than the entry channel.",
    )  # fmt: skip
    once_per_setup: bool = once_per_setup()

    def __post_init__(self) -> None:
        check(self)


class TurtleBreakout(RuleStrategy):
    """The turtles' breakout: in with a new extreme of many bars, out with the opposite extreme of fewer.

    The exits are flags of their own: they close a position and never open the opposite one.
    """

    key = "TURTLE_BREAKOUT"
    title = "Turtle Breakout"
    description = (
        "Buys when the close is above the highest high of the bars before, sells when it is below their lowest low, "
        "and closes when the close falls back through a shorter channel."
    )
    Params: type = Params
    windowed = True
    guidance = Guidance(
        Difficulty.INTERMEDIATE,
        "Markets with rare, long trends: metals, energies, indices and currency majors, on H4 to D1.",
        "The Original Turtle Trading Rules (Curtis Faith, 2003), System 1",
    )
    presets: tuple[Preset, ...] = (
        Preset(
            "Learning", "Short channels and one entry per breakout: trades begin and end soon.",
            {"entry_period": 15, "exit_period": 8, "once_per_setup": True},
        ),
        Preset("Long trends", "The turtles' second system: 55 bars in, 20 bars out.",
               {"entry_period": 55, "exit_period": 20}),
    )  # fmt: skip
    sentences: ClassVar[Mapping[str, MessageKind]] = {
        "BUY": _BUY, "SELL": _SELL, "EXIT_LONG": _EXIT_LONG, "EXIT_SHORT": _EXIT_SHORT, "HOLD": _WAIT,
    }  # fmt: skip

    def reads_from(self, params: Any) -> int:
        return int(max(params.entry_period, params.exit_period))

    def lines(self, bars: Bars, params: Any) -> Lines:
        entry, leave = params.entry_period, params.exit_period
        return {
            "entry_upper": Plot(f"Highest {entry}", highest_before(bars.high, entry)),
            "entry_lower": Plot(f"Lowest {entry}", lowest_before(bars.low, entry)),
            "exit_upper": Plot(f"Highest {leave}", highest_before(bars.high, leave)),
            "exit_lower": Plot(f"Lowest {leave}", lowest_before(bars.low, leave)),
        }

    def rule(self, bars: Bars, params: Any, lines: Lines) -> Signals:
        close = bars.close
        entries = signals_from(
            above(close, lines["entry_upper"].values), above(lines["entry_lower"].values, close)
        )
        return Signals(
            entries.entry, above(lines["exit_lower"].values, close), above(close, lines["exit_upper"].values)
        )
