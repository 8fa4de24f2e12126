"""The trend of a slower frame: the simple mean of its closed bars, as a filter beside the traded bars."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..domain.bars import Bars
from ..domain.messages import Message, declare
from ..domain.params import param
from ..domain.timeframe import Timeframe
from .contract import Plot
from .indicators import sma
from .rule import Lines
from .slower import bars_for, slower_frame

CHART = "Chart"
_FRAMES = (CHART, "M30", "H1", "H4", "D1", "W1")
_WAITING = declare(
    "strategy.waiting_for_frame",
    "Waiting for more history: fewer than {need} closed bars of {frame} are known. No signal before that.",
)


def trend_frame_choice(default: str) -> Any:
    """The parameter that names the frame; `Chart` means the traded bars themselves."""
    return param(
        default, "Trend frame", choices=_FRAMES,
        help="The timeframe whose average tells the trend; Chart takes it from the traded bars themselves.",
    )  # fmt: skip


def trend_from(params: Any) -> int:
    """Index of the first bar at which the trend can exist, on any bars: each bar its own period at the earliest."""
    return int(params.trend_period) - 1 if params.trend_frame == CHART else int(params.trend_period) + 1


def trend_settled(params: Any, timeframe: Timeframe) -> int:
    """Bars of `timeframe` that are always enough for the trend."""
    if params.trend_frame == CHART:
        return trend_from(params)
    return bars_for(int(params.trend_period), Timeframe.named(params.trend_frame), timeframe)


def trend_line(bars: Bars, params: Any) -> Plot:
    """The mean of the `trend_period` newest closed bars of the frame, as each traded bar knows it."""
    period = int(params.trend_period)
    if params.trend_frame == CHART:
        return Plot(f"SMA {period}", sma(bars.close, period))
    frame = slower_frame(bars, Timeframe.named(params.trend_frame))
    values = (
        frame.spread_out(sma(frame.bars.close, period)) if len(frame.bars) else np.full(len(bars), np.nan)
    )
    return Plot(f"SMA {period} {params.trend_frame}", values)


def waiting_for_trend(params: Any, lines: Lines) -> Message | None:
    """What is said while the slower frame is too short; None when it is not."""
    if np.isnan(lines["trend"].values[-1]):
        return _WAITING(need=int(params.trend_period), frame=params.trend_frame)
    return None
