"""Which bars the form offers: sample prices, the histories of the bar store, and the files the trader chose."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QComboBox

from ...data.bar_formats import named_after
from ...data.bar_source import SeriesName
from ...data.bar_store import BarStore, Series
from ...domain.clock import server_text
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

    @property
    def key(self) -> str:
        """What tells it from every other source."""
        return str(self.path)

    @property
    def series(self) -> None:
        """A file is not of the bar store."""
        return

    @property
    def hint(self) -> str:
        """Where it lies."""
        return str(self.path)


@dataclass(frozen=True)
class StoredPrices:
    """One history of the bar store at `path`; `period` is its first and last day, empty when it is not known."""

    path: Path
    series: SeriesName
    period: str = ""

    @property
    def symbol(self) -> str:
        """As the server calls it."""
        return self.series.symbol

    @property
    def title(self) -> str:
        """Symbol and timeframe, server, period."""
        return " · ".join(each for each in (self.series.title, self.period) if each)

    @property
    def key(self) -> str:
        """What tells it from every other source; no path of a file begins so."""
        return f"bars:{self.series.timeframe}:{self.series.symbol}:{self.series.server}"

    @property
    def hint(self) -> str:
        """The list may be too narrow for the title."""
        return self.title


Source = PriceFile | StoredPrices


def stored_prices(path: Path) -> list[StoredPrices]:
    """The histories of the bar store at `path`; none while there is no store. Raises DbError."""
    if not path.exists():
        return []
    with BarStore(path, read_only=True) as store:
        return [_stored(path, each) for each in store.list()]


def _stored(path: Path, series: Series) -> StoredPrices:
    first, last = (server_text(each)[:10] for each in (series.first, series.last))
    name = SeriesName(series.server, series.symbol, series.timeframe.name)
    return StoredPrices(path, name, f"{first}–{last}")


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


def _timeframe_of(source: Source) -> str:
    return source.series.timeframe if isinstance(source, StoredPrices) else source.timeframe


class SourceBox(QComboBox):
    """The list of sources; each is there once. Changing the list announces nothing, only a choice does."""

    def __init__(self) -> None:
        super().__init__()
        self._sources: dict[str, Source] = {}
        self.setMinimumContentsLength(12)

    def chosen(self) -> Source | None:
        """The source that is chosen, None while there is none."""
        return self._sources.get(str(self.currentData()))

    def key_of(self, symbol: str, timeframe: str) -> str:
        """The key of prices of that symbol and timeframe, stored ones first; empty when there are none."""
        fitting = [
            each
            for each in self._sources.values()
            if each.symbol.upper() == symbol.upper() and _timeframe_of(each) == timeframe
        ]
        return next((each.key for each in sorted(fitting, key=lambda each: each.series is None)), "")

    def offer(self, source: Source, *, keep_title: bool = False) -> None:
        """Offer it; one that is there already gets this title, unless `keep_title`."""
        if keep_title and source.key in self._sources:
            return
        with QSignalBlocker(self):
            at = self.findData(source.key)
            if at < 0:
                at = self.count()
                self.addItem("", source.key)
            self.setItemText(at, source.title)
            self.setItemData(at, source.hint, Qt.ItemDataRole.ToolTipRole)
            self._sources[source.key] = source
        # The box is as narrow as its column; the open list shows whole titles.
        wanted = self.fontMetrics().horizontalAdvance(source.title) + 48
        self.view().setMinimumWidth(max(self.view().minimumWidth(), wanted))

    def set_stored(self, stored: list[StoredPrices]) -> None:
        """Offer these histories and no others of the store, but for a chosen one: the run says that it is gone."""
        for each in stored:
            self.offer(each)
        kept = {*(each.key for each in stored), str(self.currentData())}
        for key in [key for key, each in self._sources.items() if each.series and key not in kept]:
            with QSignalBlocker(self):
                self.removeItem(self.findData(key))
            del self._sources[key]
