"""What a strategy answers: per bar an entry and two exit flags."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Signals:
    """One value per bar, each computed from that bar and earlier ones only.

    `entry` is -1 (sell), 0 or +1 (buy); `exit_long` and `exit_short` are flags. A signal at bar t acts at the
    open of bar t+1.
    """

    entry: NDArray[np.int8]
    exit_long: NDArray[np.bool_]
    exit_short: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.entry)

    @classmethod
    def none(cls, n: int) -> Signals:
        """n bars without any signal."""
        return cls(np.zeros(n, np.int8), np.zeros(n, np.bool_), np.zeros(n, np.bool_))
