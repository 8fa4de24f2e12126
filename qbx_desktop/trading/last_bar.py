"""What a strategy says about the last closed bar: at once, or when its own process has answered."""

from __future__ import annotations

from typing import Any

from ..domain.bars import Bars
from ..strategies.contract import Explanation, Strategy
from ..strategies.own.strategy import LiveStrategy
from .decide import BarSignal


def look_at(strategy: Strategy, bars: Bars, params: Any) -> tuple[BarSignal, Explanation]:
    """Raises StillWorking while the process of a trader's strategy has no answer yet (ask the same again later), and
    what the strategy raises."""
    if isinstance(strategy, LiveStrategy):
        seen = strategy.look(bars, params)
        return BarSignal.last_of(seen.signals, 0), seen.explanation
    signals = strategy.signals(bars, params)
    return BarSignal.last_of(signals, strategy.warmup(params)), strategy.explain(bars, params)
