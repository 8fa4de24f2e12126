"""Which strategies there are, by key."""

from __future__ import annotations

import difflib

from ..domain.errors import UserMistake
from ..domain.messages import declare
from .bollinger_reversion import BollingerReversion
from .contract import Strategy
from .ma_crossover import MaCrossover
from .rsi_crossover import RsiCrossover
from .turtle_breakout import TurtleBreakout

_UNKNOWN = declare("strategy.unknown", "There is no strategy {key!r}{hint}. Known: {known}.")

_ALL: tuple[Strategy, ...] = (MaCrossover(), RsiCrossover(), BollingerReversion(), TurtleBreakout())
_BY_KEY = {strategy.key: strategy for strategy in _ALL}


def all_strategies() -> tuple[Strategy, ...]:
    """Every strategy, in the order in which a list shows them."""
    return _ALL


def get(key: str) -> Strategy:
    """The strategy called `key`. Raises UserMistake with the nearest name: never a silent default."""
    found = _BY_KEY.get(key)
    if found is None:
        near = difflib.get_close_matches(key.upper(), [each.upper() for each in _BY_KEY], n=1)
        meant = [each for each in _BY_KEY if near and each.upper() == near[0]]
        hint = f" (did you mean {meant[0]!r}?)" if meant else ""
        raise UserMistake(_UNKNOWN(key=key, hint=hint, known=", ".join(_BY_KEY)))
    return found
