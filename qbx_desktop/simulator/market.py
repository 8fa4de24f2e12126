"""All symbols of the simulated server: what each one quotes now, and conversion between their currencies."""

from __future__ import annotations

from collections.abc import Mapping

from ..domain.bars import Bars
from ..domain.conversion import Converter
from ..domain.money import round_to
from .feed import Feed, GeneratedFeed, RecordedFeed
from .generator import Generator
from .path import ANCHORS
from .profile import Profile, SymbolSetup
from .series import Series, Shown

# Server time of a given series: (bars, length of one bar in seconds).
Recorded = Mapping[str, tuple[Bars, int]]


class Market:
    """Quotes of every symbol at the server's current moment `now_ms` (milliseconds of server time)."""

    def __init__(
        self, profile: Profile, generator: Generator, first_week: int, recorded: Recorded,
        ticks_per_bar: int = ANCHORS,
    ) -> None:  # fmt: skip
        self.profile = profile
        self.now_ms = 0
        # Grows when a specification changes.
        self.revision = 0
        self.setups: dict[str, SymbolSetup] = dict(profile.symbols)
        self.series: dict[str, Series] = {}
        self.recorded: dict[str, RecordedFeed] = {}
        # Disturbances: symbols whose quote stands still since a moment, spreads that are widened.
        self.frozen: dict[str, int] = {}
        self.spread_factors: dict[str, float] = {}
        # Symbols that quote a price between two ticks while a path is passed through.
        self.standing: dict[str, Shown] = {}
        for name, setup in self.setups.items():
            feed: Feed
            if name in recorded:
                bars, seconds = recorded[name]
                feed = self.recorded[name] = RecordedFeed(setup, bars, seconds)
            else:
                feed = GeneratedFeed(setup, generator, first_week, profile.zone)
            self.series[name] = Series(setup, feed, ticks_per_bar)
        self._pairs = {
            (str(setup.info["currency_base"]), str(setup.info["currency_profit"])): name
            for name, setup in reversed(self.setups.items())
            if setup.forex_base
        }
        self._converters: dict[str, Converter] = {}

    def shown(self, symbol: str, moment_ms: int | None = None) -> Shown | None:
        """The symbol's last tick, now or at an earlier moment, disturbances included; None before its first."""
        standing = self.standing.get(symbol)
        if standing is not None:
            return standing
        now = self.now_ms if moment_ms is None else moment_ms
        tick = self.series[symbol].shown(min(self.frozen.get(symbol, now), now))
        factor = self.spread_factors.get(symbol, 1.0)
        if tick is None or factor == 1.0:
            return tick
        digits = self.setups[symbol].digits
        ask = round_to(tick.bid + (tick.ask - tick.bid) * factor, digits)
        return Shown(tick.time_ms, tick.bid, ask, tick.bar, tick.step)

    def quote(self, symbol: str) -> tuple[float, float] | None:
        """`(bid, ask)` now, or None before the first tick."""
        tick = self.shown(symbol)
        return None if tick is None else (tick.bid, tick.ask)

    def is_open(self, symbol: str) -> bool:
        """Whether the symbol trades now."""
        return self.series[symbol].feed.is_open(self.now_ms / 1_000)

    def converter(self, deposit: str) -> Converter:
        """The converter into an account currency."""
        found = self._converters.get(deposit)
        if found is None:
            found = self._converters[deposit] = Converter(deposit, self._pairs, self.quote)
        return found
