"""Free space on the disk of the data folder, and how much trading it still allows."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from .trading_state import TradingState

MEGABYTE = 1024 * 1024
HALT_BELOW = 50 * MEGABYTE
REDUCE_BELOW = 200 * MEGABYTE
REDUCE_SHARE = 0.02


@dataclass(frozen=True)
class Space:
    """Bytes that are free, and bytes of the whole disk."""

    free: int
    total: int

    @property
    def allows(self) -> TradingState:
        """HALTED below 50 MB, REDUCING below 200 MB or 2 % of the disk, else ACTIVE: orders stop before it is full."""
        if self.free < HALT_BELOW:
            return TradingState.HALTED
        if self.free < REDUCE_BELOW or self.free < self.total * REDUCE_SHARE:
            return TradingState.REDUCING
        return TradingState.ACTIVE


def space_of(folder: Path) -> Space:
    """The space of the disk that holds `folder`. Raises OSError when the disk does not answer."""
    usage = shutil.disk_usage(folder)
    return Space(usage.free, usage.total)
