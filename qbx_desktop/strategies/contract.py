"""What a strategy is: one pure function over closed bars, with its parameters, words and lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..domain.bars import Bars, Floats
from ..domain.messages import Message
from ..domain.signals import Signals


@dataclass(frozen=True)
class Explanation:
    """What a strategy sees on the last bar. `signal` is BUY, SELL or HOLD and agrees with `signals()`."""

    signal: str
    message: Message
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Plot:
    """One line for the chart: a value per bar (NaN where there is none). `pane` 0 is the price, 1 below it."""

    name: str
    values: Floats
    pane: int = 0


class Strategy(Protocol):
    """The contract. Every method is pure: the same bars and parameters give the same answer; input is left alone.

    `Params` is a frozen dataclass made of `domain.params.param` fields.
    """

    key: str
    title: str
    description: str
    Params: type

    def warmup(self, params: Any) -> int:
        """Index of the first bar at which every value the rule reads exists, no later."""

    def history(self, params: Any) -> int:
        """How many closed bars live loads so that recursive averages have settled (at least warmup + 2)."""

    def signals(self, bars: Bars, params: Any) -> Signals:
        """Entries and exits per bar, each from that bar and earlier ones only; nothing before `warmup`."""

    def explain(self, bars: Bars, params: Any) -> Explanation:
        """What it sees on the last bar, in words and numbers; also before the warm-up is complete."""

    def plots(self, bars: Bars, params: Any) -> tuple[Plot, ...]:
        """The lines it decides by, for the chart."""
