"""The one place that imports MetaTrader5, and only when a real terminal is asked for."""

from __future__ import annotations

from types import ModuleType
from typing import cast

from ..domain.errors import UserMistake
from ..domain.messages import declare

_MISSING = declare(
    "terminal.module_missing",
    "The MetaTrader5 package cannot be loaded on this computer ({detail}). No order was sent. "
    "It exists for 64-bit Windows on Intel and AMD processors only; practise on the simulated terminal meanwhile.",
)


def load() -> ModuleType:
    """The module `MetaTrader5`. Raises UserMistake where it cannot be loaded."""
    try:
        import MetaTrader5
    except ImportError as error:
        raise UserMistake(_MISSING(detail=str(error))) from error
    return cast(ModuleType, MetaTrader5)
