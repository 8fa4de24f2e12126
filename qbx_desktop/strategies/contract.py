"""What a strategy is: one pure function over closed bars, with its parameters, words, lines and advice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from ..domain.bars import Bars, Floats
from ..domain.messages import Message
from ..domain.params import Value
from ..domain.signals import Signals
from ..domain.timeframe import Timeframe


class Difficulty(StrEnum):
    """How much a trader should know before using a strategy."""

    BEGINNER = "Beginner"
    INTERMEDIATE = "Intermediate"
    ADVANCED = "Advanced"


@dataclass(frozen=True)
class Guidance:
    """Advice shown beside the strategy: `market` is one sentence, `source` the publication a rule comes from."""

    difficulty: Difficulty
    market: str
    source: str = ""


@dataclass(frozen=True)
class Preset:
    """Parameters to choose with one click; those that `values` leaves out keep their default."""

    title: str
    help: str
    values: Mapping[str, Value]


@dataclass(frozen=True)
class Explanation:
    """What a strategy sees on the last bar. `signal` is BUY, SELL or HOLD and agrees with the entry of `signals()`."""

    signal: str
    message: Message
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Plot:
    """One line for the chart: a value per bar (NaN where there is none). `pane` 0 is the price, 1 and up below it.

    `gaps` tells that the line is NaN now and then even when the warm-up is complete (outside a session, say).
    """

    name: str
    values: Floats
    pane: int = 0
    gaps: bool = False


class Strategy(Protocol):
    """The contract. Every method is pure: the same bars and parameters give the same answer; input is left alone.

    `Params` is a frozen dataclass made of `domain.params.param` fields. A strategy that reads a slower frame makes it
    from the bars it is given (`strategies.slower`), so there is one input, live and in a backtest. Most strategies are
    written as a `strategies.rule.RuleStrategy`, which answers all of this from two methods.
    """

    key: str
    title: str
    description: str
    Params: type
    guidance: Guidance
    presets: tuple[Preset, ...]

    def warmup(self, params: Any) -> int:
        """Index of the first bar at which every value the rule reads can exist, no later.

        Where that depends on the calendar too (a slower frame, a session) it is the earliest on any bars.
        """

    def history(self, params: Any, timeframe: Timeframe) -> int:
        """How many closed bars of `timeframe` live loads so that recursive averages have settled and slower frames are
        filled (at least warmup + 2): the last bar then says the same as with all bars there are."""

    def signals(self, bars: Bars, params: Any) -> Signals:
        """Entries and exits per bar, each from that bar and earlier ones only; nothing before `warmup`."""

    def explain(self, bars: Bars, params: Any) -> Explanation:
        """What it sees on the last bar, in words and numbers; also before the warm-up is complete."""

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        """The lines it decides by, for the chart."""
