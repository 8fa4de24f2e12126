"""Bars as arrays: the one shape in which prices travel between data, terminal, strategies and backtest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The terminal's own record layouts: packed, little-endian, 60 bytes each.
RATES_DTYPE = np.dtype(
    {
        "names": ["time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume"],
        "formats": ["<i8", "<f8", "<f8", "<f8", "<f8", "<u8", "<i4", "<u8"],
        "offsets": [0, 8, 16, 24, 32, 40, 48, 52],
        "itemsize": 60,
    }
)
TICKS_DTYPE = np.dtype(
    {
        "names": ["time", "bid", "ask", "last", "volume", "time_msc", "flags", "volume_real"],
        "formats": ["<i8", "<f8", "<f8", "<f8", "<u8", "<i8", "<u4", "<f8"],
        "offsets": [0, 8, 16, 24, 32, 40, 48, 52],
        "itemsize": 60,
    }
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bars:
    """Closed bid bars in ascending time; every array has the same length n.

    `time` is the bar's open in server epoch seconds, prices are floats rounded to the symbol's digits,
    `spread` is in points (0 = unknown). The arrays are contiguous and read-only: a strategy cannot change them.
    """

    time: Ints
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    tick_volume: Ints
    spread: Ints
    real_volume: Ints

    def __post_init__(self) -> None:
        for name in ("time", "open", "high", "low", "close", "tick_volume", "spread", "real_volume"):
            kind = np.float64 if name in ("open", "high", "low", "close") else np.int64
            array = np.ascontiguousarray(getattr(self, name), dtype=kind)
            if array.flags.writeable:
                array = array.view()
                array.flags.writeable = False
            object.__setattr__(self, name, array)
            if array.ndim != 1 or len(array) != len(self.time):
                raise ValueError(f"the column {name} has shape {array.shape}, the times {self.time.shape}")

    def __len__(self) -> int:
        return len(self.time)

    def __getitem__(self, part: slice) -> Bars:
        """A slice of the bars, without copying."""
        return Bars(
            self.time[part], self.open[part], self.high[part], self.low[part], self.close[part],
            self.tick_volume[part], self.spread[part], self.real_volume[part],
        )  # fmt: skip

    @classmethod
    def from_rates(cls, rates: NDArray[Any]) -> Bars:
        """From a terminal's `copy_rates_*` array (:data:`RATES_DTYPE`)."""
        return cls(*(rates[name] for name in RATES_DTYPE.names or ()))

    @classmethod
    def from_prices(
        cls,
        time: Any,
        open: Any,  # noqa: A002 - the column's name
        high: Any,
        low: Any,
        close: Any,
        tick_volume: Any = None,
        spread: Any = None,
    ) -> Bars:
        """From price columns; volumes and spread default to 0 (unknown)."""
        zeros = np.zeros(len(time), dtype=np.int64)
        return cls(
            np.asarray(time), np.asarray(open), np.asarray(high), np.asarray(low), np.asarray(close),
            zeros if tick_volume is None else np.asarray(tick_volume),
            zeros if spread is None else np.asarray(spread), zeros,
        )  # fmt: skip

    @classmethod
    def empty(cls) -> Bars:
        """No bars at all."""
        return cls.from_rates(np.zeros(0, dtype=RATES_DTYPE))

    def to_rates(self) -> NDArray[Any]:
        """As a terminal's array (:data:`RATES_DTYPE`)."""
        rates = np.zeros(len(self), dtype=RATES_DTYPE)
        for name in RATES_DTYPE.names or ():
            rates[name] = getattr(self, name)
        return rates
