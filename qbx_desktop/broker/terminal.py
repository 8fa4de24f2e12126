"""The terminal with types: each method gives a record or raises; a failed call never looks like "nothing there"."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar, cast

from ..domain.bars import Bars
from ..domain.clock import Clock, SystemClock
from ..domain.errors import UserMistake
from ..domain.events import ConnectionChanged, Link
from ..domain.records import (
    AccountInfo,
    OrderCheckResult,
    OrderSendResult,
    SymbolInfo,
    TerminalInfo,
    Tick,
    TradeDeal,
    TradeOrder,
    TradePosition,
)
from ..domain.timeframe import Timeframe
from .client import TerminalClient
from .command import INTERNAL_FAIL, NO_CONNECTION, Error, Priority, Reply
from .connection import Switch, switches
from .errors import ConnectionRefusedByUsError, TerminalError
from .prices import checked_bars, checked_tick
from .server_clock import ServerClock

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class OrderAnswer:
    """What became of one `order_send`.

    `result` is the trade server's answer, None without one. `sent`: True the terminal answered (also with `None`),
    False it was proved never to have left (expired, halted, wrong account, no link, bad argument types),
    None nobody knows: the child was killed or the call timed out. `exception` is what the call itself raised.
    """

    result: OrderSendResult | None
    error: Error
    sent: bool | None
    exception: str = ""


class Terminal:
    """Typed calls over a :class:`TerminalClient`. Usable from any thread. All times are server epoch seconds.

    Every method raises TerminalError (with function, code, text and a sentence) when the terminal answers `None` or
    `False`, or does not answer; an empty tuple means "none".
    """

    def __init__(
        self, client: TerminalClient, clock: Clock | None = None, server_clock: ServerClock | None = None
    ) -> None:
        self.client = client
        self.server_clock = server_clock or ServerClock()
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._selected: dict[str, None] = {}
        self._was_up = False
        client.listen(self._select_again)

    # -- the link

    def open(self, patience: float | None = None) -> None:
        """Connect and verify the account. Raises ConnectionRefusedByUsError when a person must act first (wrong
        account, real money, wrong password), else TerminalError; in the latter case it goes on trying by itself."""
        if self.client.start(patience):
            return
        reason = self.client.reason
        error = (NO_CONNECTION, "No IPC connection")
        if self.client.link is Link.STOPPED and reason is not None:
            raise ConnectionRefusedByUsError(reason)
        raise TerminalError("initialize", error, reason)

    def close(self) -> None:
        """End the connection; within three seconds."""
        self.client.close()

    @property
    def link(self) -> Link:
        """State of the connection."""
        return self.client.link

    @property
    def simulated(self) -> bool:
        """True for the practice terminal."""
        return self.client.spec.simulated

    def switches(self) -> tuple[Switch, ...]:
        """The four switches that must be on before an order can pass, as last seen."""
        greeting = self.client.greeting
        if greeting is None:
            raise TerminalError("terminal_info", (NO_CONNECTION, "No IPC connection"))
        return switches(greeting.terminal, greeting.account)

    # -- account and terminal

    def account(self, priority: Priority = Priority.RECONCILE) -> AccountInfo:
        """`account_info()`."""
        return self._get(AccountInfo, "account_info", priority=priority)

    def terminal_info(self, priority: Priority = Priority.RECONCILE) -> TerminalInfo:
        """`terminal_info()`."""
        return self._get(TerminalInfo, "terminal_info", priority=priority)

    def server_time(self) -> int:
        """Best estimate of the server's time now. The practice terminal is asked; for a real one the newest tick
        and the measured offset count. Raises TerminalError while neither is known."""
        if self.simulated:
            state = self.sim("sim_state")
            return int(cast(Mapping[str, float], state)["server_time"])
        estimate = self._estimate()
        for name in () if estimate is not None else tuple(self._selected):
            self.tick(name)
            estimate = self._estimate()
        if estimate is None:
            raise TerminalError("symbol_info_tick", (NO_CONNECTION, "no server time known yet"))
        return estimate

    def _estimate(self) -> int | None:
        with self._lock:
            return self.server_clock.server_time(self._clock.now(), self._clock.monotonic())

    # -- symbols and prices

    def symbols(
        self, group: str | None = None, priority: Priority = Priority.DOWNLOAD
    ) -> tuple[SymbolInfo, ...]:
        """`symbols_get()`: all of the broker's symbols, or those of `group` such as "*USD*,!EUR*"."""
        named = {} if group is None else {"group": group}
        return self._many(SymbolInfo, "symbols_get", priority=priority, **named)

    def symbol_names(self) -> tuple[str, ...]:
        """The names of all symbols, in the terminal's order."""
        return tuple(each.name for each in self.symbols())

    def symbol(self, name: str, priority: Priority = Priority.RECONCILE) -> SymbolInfo:
        """`symbol_info(name)`; works for symbols that are not in Market Watch too (prices 0 then)."""
        return self._get(SymbolInfo, "symbol_info", name, priority=priority)

    def select(self, name: str, priority: Priority = Priority.RECONCILE) -> None:
        """`symbol_select(name, True)`: into Market Watch, needed before ticks and orders."""
        self._get(bool, "symbol_select", name, True, priority=priority)
        self._selected[name] = None

    def tick(self, name: str, priority: Priority = Priority.QUOTES) -> Tick:
        """`symbol_info_tick(name)`. Raises BadPricesError for prices that cannot be or are not there yet."""
        tick = checked_tick(name, self._get(Tick, "symbol_info_tick", name, priority=priority))
        if not self.simulated:
            with self._lock:
                self.server_clock.observe(name, tick.time, self._clock.now(), self._clock.monotonic())
        return tick

    def bars(
        self,
        symbol: str,
        timeframe: Timeframe,
        start_pos: int,
        count: int,
        priority: Priority = Priority.BAR_CLOSE,
    ) -> Bars:
        """`copy_rates_from_pos`: `count` bars ending `start_pos` bars ago; with 0 the last one is still forming."""
        name = "copy_rates_from_pos"
        bars = self._get(Bars, name, symbol, timeframe.mt5, start_pos, count, priority=priority)
        return checked_bars(name, symbol, bars)

    def bars_range(
        self,
        symbol: str,
        timeframe: Timeframe,
        time_from: int,
        time_to: int,
        priority: Priority = Priority.DOWNLOAD,
    ) -> Bars:
        """`copy_rates_range`: bars whose open lies in [time_from, time_to], server epoch seconds; as they are, for
        the quality report to judge."""
        name = "copy_rates_range"
        return self._get(Bars, name, symbol, timeframe.mt5, time_from, time_to, priority=priority)

    # -- what is open, what was done

    def positions(
        self, symbol: str | None = None, priority: Priority = Priority.RECONCILE
    ) -> tuple[TradePosition, ...]:
        """`positions_get()`: all open positions, or those of one symbol."""
        named = {} if symbol is None else {"symbol": symbol}
        return self._many(TradePosition, "positions_get", priority=priority, **named)

    def orders(
        self, symbol: str | None = None, priority: Priority = Priority.RECONCILE
    ) -> tuple[TradeOrder, ...]:
        """`orders_get()`: all pending orders, or those of one symbol."""
        named = {} if symbol is None else {"symbol": symbol}
        return self._many(TradeOrder, "orders_get", priority=priority, **named)

    def history_orders(
        self, time_from: int, time_to: int, priority: Priority = Priority.RECONCILE
    ) -> tuple[TradeOrder, ...]:
        """`history_orders_get`: orders that ended in [time_from, time_to], server epoch seconds."""
        return self._many(TradeOrder, "history_orders_get", time_from, time_to, priority=priority)

    def history_deals(
        self, time_from: int, time_to: int, priority: Priority = Priority.RECONCILE
    ) -> tuple[TradeDeal, ...]:
        """`history_deals_get`: deals in [time_from, time_to], server epoch seconds."""
        return self._many(TradeDeal, "history_deals_get", time_from, time_to, priority=priority)

    # -- money

    def calc_profit(
        self,
        order_type: int,
        symbol: str,
        volume: float,
        price_open: float,
        price_close: float,
        priority: Priority = Priority.ENTRY,
    ) -> float:
        """`order_calc_profit` in account currency; `order_type` 0 buy, 1 sell."""
        return self._get(
            float, "order_calc_profit", order_type, symbol, float(volume), float(price_open),
            float(price_close), priority=priority,
        )  # fmt: skip

    def calc_margin(
        self,
        order_type: int,
        symbol: str,
        volume: float,
        price: float,
        priority: Priority = Priority.ENTRY,
    ) -> float:
        """`order_calc_margin` in account currency."""
        name = "order_calc_margin"
        return self._get(float, name, order_type, symbol, float(volume), float(price), priority=priority)

    def check(self, request: Mapping[str, object], priority: Priority = Priority.ENTRY) -> OrderCheckResult:
        """`order_check`: retcode 0 means it would pass."""
        return self._get(OrderCheckResult, "order_check", dict(request), priority=priority)

    def send(
        self,
        request: Mapping[str, object],
        *,
        valid_until: float | None = None,
        priority: Priority = Priority.ENTRY,
    ) -> OrderAnswer:
        """`order_send`, once. Never raises for what the market, the terminal or the process do.

        `valid_until` (monotonic seconds): not sent any more afterwards. With the HALT file present only a closing
        request with `Priority.EMERGENCY` passes.
        """
        reply = self.client.call("order_send", dict(request), priority=priority, valid_until=valid_until)
        result = reply.value if isinstance(reply.value, OrderSendResult) else None
        return OrderAnswer(result, reply.error, reply.sent, reply.exception)

    # -- the practice terminal's extras

    def sim(self, name: str, *args: object, priority: Priority = Priority.RECONCILE) -> object:
        """Call one of the practice terminal's `sim_` functions. Raises UserMistake for arguments that it refuses,
        TerminalError for the rest, also on a real terminal."""
        reply = self.client.call(name, *args, priority=priority)
        if reply.exception and reply.exception == reply.error[1]:
            raise UserMistake(reply.exception)
        if reply.sent is not True or reply.exception:
            raise TerminalError(name, reply.cause)
        return reply.value

    def _select_again(self, event: ConnectionChanged) -> None:
        """A terminal that was started anew may have forgotten its Market Watch; runs on the client's thread."""
        is_up = event.link in (Link.READY, Link.DEGRADED)
        if is_up and not self._was_up:
            for name in tuple(self._selected):
                self.client.ask("symbol_select", name, True, priority=Priority.RECONCILE)
        self._was_up = is_up

    def _get(self, kind: type[Kind], name: str, *args: object, priority: Priority, **kwargs: object) -> Kind:
        reply = self._ask(name, args, kwargs, priority)
        if not isinstance(reply.value, kind):
            raise TerminalError(name, (INTERNAL_FAIL, f"answered {type(reply.value).__name__}"))
        return reply.value

    def _many(
        self, kind: type[Kind], name: str, *args: object, priority: Priority, **kwargs: object
    ) -> tuple[Kind, ...]:
        return cast(tuple[Kind, ...], self._ask(name, args, kwargs, priority).value)

    def _ask(
        self, name: str, args: tuple[object, ...], kwargs: Mapping[str, object], priority: Priority
    ) -> Reply:
        ask: Callable[..., Reply] = self.client.call
        reply = ask(name, *args, priority=priority, **kwargs)
        if reply.failed:
            raise TerminalError(name, reply.cause)
        return reply
