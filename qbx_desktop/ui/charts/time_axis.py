"""The time axis: bars stand side by side, the labels say when, and weekends take no room."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

_LABEL_WIDTH = 90
_UNITS = (60, 300, 900, 1_800, 3_600, 4 * 3_600, 12 * 3_600, 86_400, 7 * 86_400)
_MONDAY = 4 * 86_400  # 1970-01-05


class BarTimeAxis(pg.AxisItem):
    """Labels bar indexes with the time at which the bar opened: the server's, or shifted by some seconds."""

    def __init__(self, times: NDArray[np.int64] | None = None) -> None:
        super().__init__(orientation="bottom")
        self._server = np.zeros(0, np.int64) if times is None else times
        self._times = self._server
        self._shift = 0
        self.enableAutoSIPrefix(False)

    def set_times(self, times: NDArray[np.int64]) -> None:
        """Show the bars that opened at `times` (server epoch seconds, ascending)."""
        self._server = times
        self._times = times + self._shift if self._shift else times
        self.picture = None
        self.update()

    def set_shift(self, seconds: int) -> None:
        """Label every time that many seconds later than the server's clock; 0 is server time."""
        self._shift = seconds
        self.set_times(self._server)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:  # noqa: N802, N803
        """Bar indexes to label: where a round minute, hour, day, week, month or year begins."""
        n = len(self._times)
        first, last = max(0, int(np.ceil(minVal))), min(n - 1, int(np.floor(maxVal)))
        if last <= first:
            return []
        wanted = max(2, int(size // _LABEL_WIDTH))
        marks = _round_times(int(self._times[first]), int(self._times[last]), wanted)
        places = np.unique(np.searchsorted(self._times, marks))
        # A label that would hang over the edge is not drawn, so it must not be the one that tells the year.
        edge = (maxVal - minVal) / max(size, 1.0) * _LABEL_WIDTH * 0.4
        places = places[(places >= minVal + edge) & (places <= maxVal - edge)]
        return [(max(1.0, (last - first) / wanted), _spread(places, (last - first) / wanted * 0.75))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:  # noqa: N802
        """The shortest text that tells the tick from its neighbours: a date where a day begins, else the hour."""
        found: list[str] = []
        before: datetime | None = None
        coarse = self._days_apart(values)
        for value in values:
            at = self.time_at(value)
            if at is None:
                found.append("")
                continue
            if coarse:
                new_year = before is None or before.year != at.year
                found.append(at.strftime("%Y-%m-%d" if new_year else "%m-%d"))
            else:
                new_day = before is None or before.date() != at.date()
                found.append(at.strftime("%m-%d %H:%M" if new_day else "%H:%M"))
            before = at
        return found

    def time_at(self, index: float) -> datetime | None:
        """Server time at which the bar nearest to `index` opened, None outside the bars."""
        place = round(index)
        if not 0 <= place < len(self._times):
            return None
        return datetime.fromtimestamp(int(self._times[place]), UTC)

    def _days_apart(self, values: list[float]) -> bool:
        if len(values) < 2:
            return False
        here, there = self.time_at(values[0]), self.time_at(values[-1])
        return here is not None and there is not None and (there - here).days >= len(values) - 1

    def mouse_label(self, index: float) -> str:
        """The full time for the crosshair."""
        at = self.time_at(index)
        return "" if at is None else at.strftime("%a %Y-%m-%d %H:%M")


def _round_times(start: int, end: int, wanted: int) -> NDArray[np.int64]:
    span = end - start
    for unit in _UNITS:
        if span / unit <= wanted * 1.5:
            offset = _MONDAY if unit == 7 * 86_400 else 0
            return np.arange((start - offset) // unit * unit + offset, end + 1, unit)
    for months in (1, 3, 6, 12, 24, 60):
        if span / (months * 30 * 86_400) <= wanted * 1.5:
            break
    from_month = np.datetime64(start, "s").astype("datetime64[M]").astype(np.int64) // months * months
    to_month = np.datetime64(end, "s").astype("datetime64[M]").astype(np.int64) + 1
    return (
        np.arange(from_month, to_month, months)
        .astype("datetime64[M]")
        .astype("datetime64[s]")
        .astype(np.int64)
    )


def _spread(places: NDArray[Any], least: float) -> list[float]:
    """Leave out what would overlap its left neighbour."""
    kept: list[float] = []
    for place in places:
        if not kept or place - kept[-1] >= least:
            kept.append(float(place))
    return kept
