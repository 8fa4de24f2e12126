"""From a closed bar's signal and the bot's own position to what it should do: pure, no prices, no money."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..domain.mt5 import Side
from ..domain.signals import Signals


class Move(StrEnum):
    """What to do. After REVERSE's close is proved its open follows (on either side)."""

    NOTHING = "nothing"
    CLOSE = "close"
    OPEN = "open"
    REVERSE = "reverse"


@dataclass(frozen=True)
class BarSignal:
    """What a strategy says on one closed bar."""

    entry: int = 0
    exit_long: bool = False
    exit_short: bool = False

    @classmethod
    def last_of(cls, signals: Signals, warmup: int) -> BarSignal:
        """The last bar's; nothing while the warm-up is not complete (`warmup` is the index of the first real bar)."""
        at = len(signals) - 1
        if at < max(warmup, 0):
            return cls()
        return cls(int(signals.entry[at]), bool(signals.exit_long[at]), bool(signals.exit_short[at]))

    @property
    def word(self) -> str:
        """BUY, SELL, EXIT or HOLD."""
        if self.entry:
            return "BUY" if self.entry > 0 else "SELL"
        return "EXIT" if self.exit_long or self.exit_short else "HOLD"


@dataclass(frozen=True)
class Intent:
    """What the bot wants; `side` is the side to open (None where nothing is opened)."""

    move: Move
    side: Side | None = None


NOTHING = Intent(Move.NOTHING)


def decide(signal: BarSignal, held: Side | None, reverse: bool = True) -> Intent:
    """`held` is the side of the bot's own position, None when it has none. The rules are the backtest's.

    Same-side signals do nothing. An opposite entry closes and, with `reverse`, opens the other side. An exit flag
    closes; an entry on the same bar then finds the bot flat and opens.
    """
    wanted = Side(signal.entry) if signal.entry else None
    if held is None:
        return Intent(Move.OPEN, wanted) if wanted is not None else NOTHING
    leaves = signal.exit_long if held is Side.BUY else signal.exit_short
    if (leaves and wanted is not None) or (reverse and wanted is held.opposite):
        return Intent(Move.REVERSE, wanted)
    return Intent(Move.CLOSE) if leaves else NOTHING
