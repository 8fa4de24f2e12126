"""Prices for all bots: closed bars once per symbol and timeframe, ticks once per symbol."""

from __future__ import annotations

import operator
from collections.abc import Container, Iterator

from ..broker.bar_watch import BarClosed, BarKey, BarWatch
from ..broker.errors import BadPricesError, TerminalError
from ..domain.bars import Bars
from ..domain.sizing import StopUnit
from .bot_slot import BotSlot
from .floor import Floor

# A smoothed range forgets its start by a factor of e for every `period` bars: after 40 the start is noise.
_ATR_MEMORY = 40
TICKS_EVERY = 1.0


class MarketRound:
    """Reads what the running bots need; nothing is read twice for two bots."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._watch = BarWatch(floor.speed)
        self._next_ticks = float("-inf")
        self._followed: list[BotSlot] = []
        self._on_key: dict[BarKey, list[BotSlot]] = {}
        # How many bars the hungriest bot of a key needs.
        self._needed: dict[BarKey, int] = {}

    def follow(self) -> None:
        """Watch exactly the bars that the running bots need."""
        slots = list(self._floor.slots.values())
        # Asked for every key of every round: a slot never changes its key, so the same slots mean the same bars.
        if len(slots) == len(self._followed) and all(map(operator.is_, slots, self._followed)):
            return
        self._followed, self._on_key = slots, {}
        for slot in sorted(slots, key=lambda each: each.bot.id):
            self._on_key.setdefault(slot.key, []).append(slot)
        self._needed = {key: max(map(_needed, bots)) for key, bots in self._on_key.items()}
        for key in set(self._watch.keys) - set(self._on_key):
            self._watch.remove(key)
        for key in set(self._on_key) - set(self._watch.keys):
            self._watch.add(key)

    def start_over(self) -> None:
        """After a sleep or a lost link: the next look is a first look, so nothing that closed meanwhile is traded."""
        self._watch = BarWatch(self._floor.speed)
        self._next_ticks = float("-inf")
        self._followed = []
        self._floor.prices.forget()
        self.follow()

    def closed_bars(self, now: float) -> Iterator[BarClosed]:
        """Every bar that closed since the last look. Raises TerminalError for the first key that fails."""
        due = self._watch.due(now)
        server_time = self._floor.terminal.server_time() if due else 0
        for key in due:
            try:
                bars = self._floor.terminal.bars(key.symbol, key.timeframe, 0, BarWatch.LOOK_COUNT)
                event = self._watch.saw(key, bars, now, server_time)
            except TerminalError:
                self._watch.failed(key, now)
                raise
            if isinstance(event, BarClosed):
                yield event

    def history(self, key: BarKey, last: int | None = None) -> Bars:
        """Closed bars, as many as the hungriest bot on `key` needs; up to the bar of `last` (server seconds) if given.

        Raises TerminalError.
        """
        self.follow()
        count = self._needed.get(key, 0)
        info = self._floor.view.terminal_info
        if info is not None and info.maxbars > 1:
            count = min(count, info.maxbars - 1)
        bars = self._floor.terminal.bars(key.symbol, key.timeframe, 1, max(count, 2))
        return bars if last is None else bars[: int((bars.time <= last).sum())]

    def slots_on(self, key: BarKey) -> list[BotSlot]:
        """The running bots on `key`, in the order of their ids."""
        return [slot for slot in self._on_key.get(key, ()) if self._floor.slots.get(slot.bot.id) is slot]

    def fresh(self, but: Container[int]) -> dict[BarKey, list[int]]:
        """The bots that have not seen any bar yet, by key, without those in `but`."""
        found: dict[BarKey, list[int]] = {}
        for slot in self._floor.slots.values():
            if slot.bar_time == 0 and slot.bot.id not in but:
                found.setdefault(slot.key, []).append(slot.bot.id)
        return found

    def look_at_ticks(self, now: float) -> list[str]:
        """One look at each symbol's price, once a second; returns the symbols whose price cannot be used."""
        if now < self._next_ticks:
            return []
        self._next_ticks = now + TICKS_EVERY
        bad: list[str] = []
        for symbol in sorted({slot.bot.market for slot in self._floor.slots.values()}):
            try:
                info = self._floor.symbols.last(symbol) or self._floor.symbols.read(symbol)
                tick = self._floor.terminal.tick(symbol)
            except BadPricesError:
                bad.append(symbol)
                continue
            self._floor.prices.saw(symbol, tick, info.point, now)
        return bad

    def seconds_to_next(self, now: float) -> float | None:
        """Until a bar or a tick is due; None while no bot runs."""
        bars = self._watch.seconds_to_next(now)
        return None if bars is None else min(bars, max(0.0, self._next_ticks - now))


def _needed(slot: BotSlot) -> int:
    uses_atr = StopUnit.ATR in (slot.bot.stop_loss.unit, slot.bot.take_profit.unit)
    for_atr = _ATR_MEMORY * slot.bot.settings.atr_period if uses_atr else slot.bot.settings.atr_period + 1
    return int(max(slot.strategy.history(slot.params, slot.key.timeframe), for_atr)) + 1
