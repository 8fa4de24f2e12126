"""Which strategies there are, by key: those that come with the program, and the trader's own."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Protocol

from ..domain.errors import UserMistake
from ..domain.messages import declare
from .bollinger_reversion import BollingerReversion
from .bollinger_squeeze import BollingerSqueeze
from .contract import Strategy
from .donchian_trend import DonchianTrend
from .dynamic_breakout import DynamicBreakout
from .ichimoku_cloud import IchimokuCloud
from .index_breakout_pro import IndexBreakoutPro
from .index_momentum import IndexMomentum
from .ma_crossover import MaCrossover
from .mercy_edge import MercyEdge
from .opening_range import OpeningRange
from .own.source import is_own
from .pulse_sync import PulseSync
from .quantum_velocity import QuantumVelocity
from .quantumbotx_crypto import QuantumBotXCrypto
from .quantumbotx_hybrid import QuantumBotXHybrid
from .rsi2_reversion import Rsi2Reversion
from .rsi_crossover import RsiCrossover
from .turtle_breakout import TurtleBreakout

_UNKNOWN = declare("strategy.unknown", "There is no strategy {key!r}{hint}. Known: {known}.")

_ALL: tuple[Strategy, ...] = (
    MaCrossover(), RsiCrossover(), TurtleBreakout(), DonchianTrend(), BollingerReversion(), Rsi2Reversion(),
    OpeningRange(), BollingerSqueeze(), PulseSync(), IchimokuCloud(), DynamicBreakout(), IndexMomentum(),
    QuantumVelocity(), MercyEdge(), QuantumBotXHybrid(), QuantumBotXCrypto(), IndexBreakoutPro(),
)  # fmt: skip
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
