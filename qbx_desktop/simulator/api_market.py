"""Symbols, bars, ticks and the market depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..domain.bars import RATES_DTYPE, TICKS_DTYPE
from ..domain.errors import UserMistake
from ..domain.timeframe import Timeframe
from . import arguments, surface
from .api_base import FAILED, NOT_FOUND, WRONG, ApiBase
from .arguments import bad
from .structseq import StructSequence
from .symbol_info import symbol_record

_FUTURE = 2_147_483_647
_ALL, _INFO, _TRADE = -1, 1, 2
# What the module says of these before anybody connected: misleading, but so it is.
_OLD_TERMINAL = (
    -5, "Terminal: Incompatible versions, please install the latest version of Terminal and Python module",
)  # fmt: skip
_NO_BOOK = (False, (1, "Success"))
_DEPTH = 5
_DAY_MS = 86_400_000


class MarketFunctions(ApiBase):
    """The module's functions around symbols and prices."""

    def symbols_total(self, *args: Any, **kwargs: Any) -> int | None:
        """How many symbols the broker offers."""
        arguments.none("symbols_total", args, kwargs)
        answer: int | None = self._call(
            "symbols_total", tuple, lambda _: len(self._names()), unlinked=(None, _OLD_TERMINAL)
        )
        return answer

    def symbols_get(self, *args: Any, **kwargs: Any) -> Any:
        """All symbols, or those of a group; a wrong argument gives False."""

        def read() -> str:
            if len(args) > 1:
                raise bad("Invalid number of arguments")
            if args:
                return arguments.unnamed_text(args, 0, surface.GROUP_CHARS)
            return arguments.keyword_text(kwargs, "group", surface.GROUP_CHARS) or ""

        def run(group: str) -> tuple[Any, ...]:
            names = [name for name in self._names() if not group or arguments.matches_group(name, group)]
            return tuple(self._symbol_info(name) for name in names)

        answer = self._call("symbols_get", read, run, unlinked=(None, _OLD_TERMINAL))
        return False if answer is None and self._last_error[0] == arguments.INVALID else answer

    def symbol_info(self, *args: Any, **kwargs: Any) -> Any:
        """SymbolInfo; without prices while the symbol is not in Market Watch."""
        read = self._one_symbol("symbol_info", args, kwargs)
        return self._call("symbol_info", read, lambda name: self._symbol_info(self._known(name)))

    def symbol_info_tick(self, *args: Any, **kwargs: Any) -> Any:
        """The last Tick of a symbol in Market Watch."""

        def run(name: str) -> Any:
            if not self._is_selected(self._known(name)):
                raise NOT_FOUND
            tick = self._market.shown(name, self._shown_ms)
            if tick is None:
                raise NOT_FOUND
            return surface.build(
                "Tick",
                {
                    "time": tick.time_ms // 1_000, "bid": tick.bid, "ask": tick.ask,
                    "time_msc": tick.time_ms, "flags": 6,
                },
            )  # fmt: skip

        return self._call("symbol_info_tick", self._one_symbol("symbol_info_tick", args, kwargs), run)

    def symbol_select(self, *args: Any, **kwargs: Any) -> bool:
        """Put a symbol into Market Watch, or take it out (not while it has a position or an order)."""

        def read() -> tuple[str, bool]:
            given = arguments.positional("symbol_select", args, kwargs, 1, 2)
            name = arguments.symbol(given[0])
            return name, bool(given[1]) if len(given) > 1 else True

        def run(wanted: tuple[str, bool]) -> bool:
            name, on = wanted
            self._known(name)
            if on:
                self._chosen[name] = True
            elif name in self._account.exposed_symbols():
                raise FAILED
            else:
                self._chosen.pop(name, None)
            return True

        return bool(self._call("symbol_select", read, run, False))

    # --- bars ---

    def copy_rates_from(self, *args: Any, **kwargs: Any) -> Any:
        """The last `count` bars up to a date."""

        def read() -> tuple[str, int, int, int]:
            name, timeframe, date, count = arguments.positional("copy_rates_from", args, kwargs, 4)
            constant = arguments.c_int("copy_rates_from", timeframe)
            number = arguments.c_int("copy_rates_from", count)
            return arguments.symbol(name), constant, arguments.date(date), number

        def run(wanted: tuple[str, int, int, int]) -> Any:
            name, constant, date, count = wanted
            series, timeframe = self._series(name), self._timeframe(constant)
            self._count(count)
            return _rates(series.rates_until(timeframe, self._shown_ms, date, count))

        return self._call("copy_rates_from", read, run)

    def copy_rates_from_pos(self, *args: Any, **kwargs: Any) -> Any:
        """`count` bars from a position; 0 is the forming bar."""

        def read() -> tuple[str, int, int, int]:
            name, timeframe, start, count = arguments.positional("copy_rates_from_pos", args, kwargs, 4)
            numbers = [arguments.c_int("copy_rates_from_pos", each) for each in (timeframe, start, count)]
            return arguments.symbol(name), numbers[0], numbers[1], numbers[2]

        def run(wanted: tuple[str, int, int, int]) -> Any:
            name, constant, start, count = wanted
            series, timeframe = self._series(name), self._timeframe(constant)
            self._count(count)
            if start < 0:
                raise WRONG
            return _rates(series.rates(timeframe, self._shown_ms, start, count))

        return self._call("copy_rates_from_pos", read, run)

    def copy_rates_range(self, *args: Any, **kwargs: Any) -> Any:
        """The bars that open between two dates, both included."""

        def read() -> tuple[str, int, int, int]:
            name, timeframe, first, last = arguments.positional("copy_rates_range", args, kwargs, 4)
            constant = arguments.c_int("copy_rates_range", timeframe)
            return arguments.symbol(name), constant, arguments.date(first), arguments.date(last)

        def run(wanted: tuple[str, int, int, int]) -> Any:
            name, constant, first, last = wanted
            series, timeframe = self._series(name), self._timeframe(constant)
            if last < first or (last - first) // timeframe.seconds >= int(self._state.flags["maxbars"]):
                raise WRONG
            found = series.rates_between(timeframe, self._shown_ms, first, last)
            if found is None:
                raise FAILED
            return surface.sealed(found.copy())

        return self._call("copy_rates_range", read, run)

    # --- ticks ---

    def copy_ticks_from(self, *args: Any, **kwargs: Any) -> Any:
        """The first `count` ticks from a date on."""

        def read() -> tuple[str, int, int, int]:
            name, date, count, flags = arguments.positional("copy_ticks_from", args, kwargs, 4)
            numbers = [arguments.c_int("copy_ticks_from", each) for each in (count, flags)]
            return arguments.symbol(name), arguments.date(date), numbers[0], numbers[1]

        def run(wanted: tuple[str, int, int, int]) -> Any:
            name, date, count, flags = wanted
            if count <= 0:
                raise WRONG
            return self._ticks(name, date, _FUTURE, flags, count)

        return self._call("copy_ticks_from", read, run)

    def copy_ticks_range(self, *args: Any, **kwargs: Any) -> Any:
        """The ticks between two dates."""

        def read() -> tuple[str, int, int, int]:
            name, first, last, flags = arguments.positional("copy_ticks_range", args, kwargs, 4)
            kind = arguments.c_int("copy_ticks_range", flags)
            return arguments.symbol(name), arguments.date(first), arguments.date(last), kind

        def run(wanted: tuple[str, int, int, int]) -> Any:
            name, first, last, flags = wanted
            if last < first:
                raise WRONG
            return self._ticks(name, first, last, flags, None)

        return self._call("copy_ticks_range", read, run)

    def _ticks(self, name: str, first: int, last: int, flags: int, count: int | None) -> Any:
        series = self._market.series[self._known(name)]
        if flags not in (_ALL, _INFO, _TRADE):
            raise WRONG
        if flags == _TRADE:
            # Nothing is traded on an exchange here: there are no last prices.
            return surface.sealed(np.zeros(0, dtype=TICKS_DTYPE))
        rows = series.tick_rows(self._shown_ms, first * 1_000, last * 1_000 + 999, count)
        return surface.sealed(rows.copy())

    # --- market depth ---

    def market_book_add(self, *args: Any, **kwargs: Any) -> Any:
        """Subscribe to a symbol's depth."""

        def run(name: str) -> bool:
            if name not in self._names() or not self._market.setups[name].info["ticks_bookdepth"]:
                return False
            self._books.add(name)
            return True

        return self._call(
            "market_book_add", self._one_symbol("market_book_add", args, kwargs), run, unlinked=_NO_BOOK
        )

    def market_book_release(self, *args: Any, **kwargs: Any) -> Any:
        """End a subscription to a symbol's depth."""

        def run(name: str) -> bool:
            found = name in self._books
            self._books.discard(name)
            return found

        return self._call(
            "market_book_release",
            self._one_symbol("market_book_release", args, kwargs),
            run,
            unlinked=_NO_BOOK,
        )

    def market_book_get(self, *args: Any, **kwargs: Any) -> Any:
        """The depth of a subscribed symbol: sells from the dearest down, then buys."""

        def run(name: str) -> tuple[Any, ...]:
            quote = self._market.quote(self._known(name))
            if name not in self._books or quote is None:
                raise FAILED
            setup = self._market.setups[name]
            tick = float(setup.info["trade_tick_size"])
            sells = [(1, quote[1] + level * tick, level + 1) for level in reversed(range(_DEPTH))]
            buys = [(2, quote[0] - level * tick, level + 1) for level in range(_DEPTH)]
            return tuple(
                surface.STRUCTS["BookInfo"]((kind, round(price, setup.digits), lots, float(lots)))
                for kind, price, lots in sells + buys
            )

        return self._call("market_book_get", self._one_symbol("market_book_get", args, kwargs), run)

    # --- shared ---

    def _one_symbol(self, function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Callable[[], str]:
        return lambda: arguments.symbol(arguments.positional(function, args, kwargs, 1)[0])

    def _series(self, name: str) -> Any:
        return self._market.series[self._known(name, FAILED)]

    @staticmethod
    def _timeframe(constant: int) -> Timeframe:
        try:
            return Timeframe.of_mt5(constant)
        except UserMistake:
            raise WRONG from None

    def _count(self, count: int) -> None:
        if count <= 0 or count >= int(self._state.flags["maxbars"]):
            raise WRONG

    def _symbol_info(self, name: str) -> StructSequence:
        return symbol_record(
            self._market,
            name,
            self._shown_ms,
            self._is_selected(name),
            self._chosen.get(name, False),
            self._account.currency,
        )


def _rates(rows: Any) -> Any:
    if rows is None:
        raise FAILED
    return surface.sealed(np.ascontiguousarray(rows, dtype=RATES_DTYPE).copy())
