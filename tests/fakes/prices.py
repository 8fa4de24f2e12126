"""A price file as a trader exports one: a seeded walk in hourly bars."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.clock import server_text

FIRST_HOUR = 1_577_836_800  # 2020-01-01


def walk(count: int, seed: int = 1, start: float = 1.1) -> Bars:
    """`count` hourly bars with five digits."""
    rng = np.random.default_rng(seed)
    close = np.round(start + np.cumsum(rng.normal(0, 0.0008, count)), 5)
    opened = np.concatenate(([start], close))[:count]
    high = np.round(np.maximum(opened, close) + rng.uniform(0, 0.0006, count), 5)
    low = np.round(np.minimum(opened, close) - rng.uniform(0, 0.0006, count), 5)
    return Bars.from_prices(FIRST_HOUR + 3_600 * np.arange(count), opened, high, low, close)


def write_csv(path: Path, bars: Bars) -> Path:
    """The bars as `time,open,high,low,close,volume`."""
    lines = ["time,open,high,low,close,volume"]
    for time, opened, high, low, close in zip(
        bars.time, bars.open, bars.high, bars.low, bars.close, strict=True
    ):
        lines.append(f"{server_text(int(time), True)},{opened:.5f},{high:.5f},{low:.5f},{close:.5f},100")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
