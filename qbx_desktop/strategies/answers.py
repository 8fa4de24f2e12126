"""How a rule's flags become signals, and its last bar a word."""

from __future__ import annotations

import numpy as np

from ..domain.messages import Message, declare
from ..domain.signals import Signals
from .comparisons import Flags

_WARMING_UP = declare(
    "strategy.warming_up", "Waiting for more history: {have} of {need} closed bars. No signal before that."
)


def signals_from(buy: Flags, sell: Flags) -> Signals:
    """Entries only, no exits. A bar cannot be both; if a rule says so it says nothing."""
    entry = buy.view(np.int8) - sell.view(np.int8)
    none = np.zeros(len(entry), np.bool_)
    return Signals(entry, none, none)


def word_of(signals: Signals) -> str:
    """BUY, SELL or HOLD: what the last bar says."""
    return {1: "BUY", -1: "SELL"}.get(int(signals.entry[-1]), "HOLD")


def warming_up(have: int, need: int) -> Message:
    """What is said before the warm-up is complete; counts are closed bars."""
    return _WARMING_UP(have=have, need=need)
