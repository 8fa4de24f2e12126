"""Which strategies there are, by key: those that come with the program, and the trader's own."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Protocol

from ..domain.errors import UserMistake
from ..domain.messages import declare
from .bollinger_reversion import BollingerReversion
from .contract import Strategy
from .ma_crossover import MaCrossover
from .own.source import is_own
from .rsi_crossover import RsiCrossover
from .turtle_breakout import TurtleBreakout

_UNKNOWN = declare("strategy.unknown", "There is no strategy {key!r}{hint}. Known: {known}.")

_ALL: tuple[Strategy, ...] = (MaCrossover(), RsiCrossover(), BollingerReversion(), TurtleBreakout())
_BY_KEY = {strategy.key: strategy for strategy in _ALL}


class OwnStrategies(Protocol):
    """Where the trader's own strategies come from."""

    def all(self) -> Sequence[Strategy]:
        """Those that may be used now."""

    def get(self, key: str) -> Strategy:
        """The one of this key. Raises UserMistake with what is wrong with it."""


_own: OwnStrategies | None = None


def use_own(source: OwnStrategies | None) -> None:
    """From now on `source` answers for the keys that begin with `own:`; None: there are none."""
    global _own
    _own = source


def shipped() -> tuple[Strategy, ...]:
    """The strategies that come with the program, in the order in which a list shows them."""
    return _ALL


def all_strategies() -> tuple[Strategy, ...]:
    """Every strategy, in the order in which a list shows them; the trader's own, where there are any, at the end.

    The methods of those wait for their process: never call them where nothing may wait.
    """
    return _ALL if _own is None else (*_ALL, *_own.all())


def get(key: str) -> Strategy:
    """The strategy called `key`. Raises UserMistake with the nearest name: never a silent default."""
    if _own is not None and is_own(key):
        return _own.get(key)
    found = _BY_KEY.get(key)
    if found is None:
        near = difflib.get_close_matches(key.upper(), [each.upper() for each in _BY_KEY], n=1)
        meant = [each for each in _BY_KEY if near and each.upper() == near[0]]
        hint = f" (did you mean {meant[0]!r}?)" if meant else ""
        raise UserMistake(_UNKNOWN(key=key, hint=hint, known=", ".join(_BY_KEY)))
    return found
