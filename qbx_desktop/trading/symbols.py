"""Symbols as the terminal describes them: read anew before an order, remembered for sentences, watched for change."""

from __future__ import annotations

from ..broker.terminal import Terminal
from ..domain.records import SymbolInfo

# A change of one of these makes an old bot's lots and stops mean something else.
_IDENTITY = (
    "digits", "point", "trade_tick_size", "trade_contract_size", "trade_calc_mode", "volume_step",
    "currency_base", "currency_profit", "currency_margin",
)  # fmt: skip


class Symbols:
    """Remembers the last description of each symbol and the first one of this session."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._first: dict[str, SymbolInfo] = {}
        self._last: dict[str, SymbolInfo] = {}

    def read(self, name: str) -> SymbolInfo:
        """Ask the terminal now. Raises TerminalError, also for a symbol that is not there."""
        info = self._terminal.symbol(name)
        if not info.select:
            self._terminal.select(name)
            info = self._terminal.symbol(name)
        self._last[name] = info
        self._first.setdefault(name, info)
        return info

    def changed(self, name: str) -> str:
        """Which part of the symbol's identity differs from when this session first saw it; "" when none does."""
        first, last = self._first.get(name), self._last.get(name)
        if first is None or last is None:
            return ""
        return next((each for each in _IDENTITY if getattr(first, each) != getattr(last, each)), "")

    def last(self, name: str) -> SymbolInfo | None:
        """The symbol as last read, None before."""
        return self._last.get(name)

    def digits(self, name: str) -> int:
        """Decimals of the symbol's prices as last seen; 5 before."""
        last = self._last.get(name)
        return 5 if last is None else last.digits

    def accept(self, name: str) -> None:
        """The trader has seen the change (the bot was started again)."""
        if name in self._last:
            self._first[name] = self._last[name]
