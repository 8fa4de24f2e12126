"""Which price files the form offers: the sample prices of the installation and the files the trader chose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...data.bar_formats import named_after
from ...domain.resources import resource


@dataclass(frozen=True)
class PriceFile:
    """One file: `symbol` and `timeframe` as its name says them, empty where it does not."""

    path: Path
    symbol: str
    timeframe: str
    is_sample: bool

    @property
    def title(self) -> str:
        """What the list shows: symbol and timeframe of a sample, the name of the trader's own file."""
        return f"{self.symbol} {self.timeframe}".strip() if self.is_sample else self.path.name


def price_file(path: Path, *, is_sample: bool = False) -> PriceFile:
    """A file by its name; nothing is read."""
    symbol, timeframe = named_after(path)
    return PriceFile(path, (symbol or "").upper(), timeframe.name if timeframe else "", is_sample)


def sample_prices() -> list[PriceFile]:
    """The sample prices that come with the program, EURUSD first; none when the installation has none."""
    try:
        folder = resource("prices")
    except FileNotFoundError:
        return []
    files = [price_file(path, is_sample=True) for path in sorted(folder.glob("*.csv.gz"))]
    return sorted(files, key=lambda each: (each.symbol != "EURUSD", each.symbol, each.timeframe))
