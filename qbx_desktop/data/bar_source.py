"""A history of the bar store by its name, read whole as if it were a price file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..domain.timeframe import Timeframe
from .bar_files import BarFile
from .bar_store import BarStore


@dataclass(frozen=True)
class SeriesName:
    """A history of the bar store: the server it came from ("" unknown), symbol, and the timeframe's name."""

    server: str
    symbol: str
    timeframe: str

    @property
    def title(self) -> str:
        """Symbol, timeframe and, where it is known, server."""
        return " · ".join(each for each in (f"{self.symbol} {self.timeframe}", self.server) if each)


def stored_bars(path: Path, name: SeriesName) -> BarFile:
    """A whole history of the bar store at `path`, as reading an export of it gives it.

    Raises UserMistake when it is not there, DbError when the store cannot be read.
    """
    timeframe = Timeframe.named(name.timeframe)
    with BarStore(path, read_only=True) as store:
        series = store.find(name.symbol, timeframe, server=name.server)
        bars = store.get(name.symbol, timeframe, server=name.server)
    return BarFile(path, bars, series.digits, timeframe, name.symbol, "bar store")
