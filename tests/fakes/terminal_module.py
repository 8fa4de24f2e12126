"""A small hand-written stand-in for the MetaTrader5 module: answers like it, and misbehaves on demand.

It is an object to put at `sys.modules["MetaTrader5"]`, in this process or (drop_in/MetaTrader5.py) in a child.
Faults come from a JSON file that is read at each call, so that a test can change them while a child runs:
`{"hang": {"symbol_info_tick": 120}, "abort": ["symbol_info"], "wrong": ["account_info"], "error": {"*": [-10001, "…"]},
"dead_pipe": true, "terminal": {...}, "account": {...}}`.
"""

from __future__ import annotations

import ctypes
import dataclasses
import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from qbx_desktop.domain import records
from qbx_desktop.domain.bars import RATES_DTYPE


def _struct(record: type) -> type:
    """A tuple type that looks like the module's struct: name, order, no `_fields`, not picklable."""
    names = tuple(each.name for each in dataclasses.fields(record))

    def refuse(self: object) -> object:
        raise TypeError("cannot pickle a struct of the terminal")

    members: dict[str, Any] = {"__match_args__": names, "__reduce__": refuse, "n_fields": len(names)}
    for position, name in enumerate(names):
        members[name] = property(lambda self, position=position: self[position])
    return type(record.__name__, (tuple,), members)


STRUCTS = {
    each.__name__: _struct(each)
    for each in vars(records).values()
    if isinstance(each, type) and dataclasses.is_dataclass(each)
}


def struct(record: Any) -> Any:
    """One of our records as the terminal's struct."""
    values = [getattr(record, each.name) for each in dataclasses.fields(record)]
    values = [struct(value) if dataclasses.is_dataclass(value) else value for value in values]
    return STRUCTS[type(record).__name__](values)


class FakeTerminalModule:
    """Functions and behaviour of the module, with one symbol, EURUSD, and orders that always fill."""

    __version__ = "5.0.6231"
    TIMEFRAME_M1 = 1

    def __init__(self, faults: Path | None = None, ledger: Path | None = None) -> None:
        self._faults_file = faults
        self._ledger = ledger
        self.faults: dict[str, Any] = {}
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self._attached = False
        self._error = (0, "")
        self.time = 1_750_000_000

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(type(self), f"do_{name}"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self._run(name, args, kwargs)

    def last_error(self) -> tuple[int, str]:
        return self._error

    def _read_faults(self) -> dict[str, Any]:
        if self._faults_file is not None and self._faults_file.exists():
            self.faults = json.loads(self._faults_file.read_text() or "{}")
        return self.faults

    def _run(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        faults = self._read_faults()
        self.calls.append((name, args, kwargs))
        if name == "order_send" and kwargs == {} and len(args) != 1:
            self._error = (-2, "Unnamed arguments not allowed")
            return None
        before = set(faults.get("before", []))
        if name in faults.get("abort", []) and name not in before:
            self._do(name, args, kwargs)
        if name in faults.get("abort", []):
            os.abort()
        if name in faults.get("raise", {}):
            raise {"TypeError": TypeError, "SystemError": SystemError, "OSError": OSError}[
                faults["raise"][name]
            ]("raised on demand")
        result = None
        if name in faults.get("hang", {}):
            if name == "order_send" and name not in before:
                result = self._do(name, args, kwargs)
            time.sleep(faults["hang"][name])
        if name in faults.get("hang_with_gil", {}):
            # Like the real module: no other Python thread of this process runs meanwhile.
            ctypes.PyDLL(None).sleep(int(faults["hang_with_gil"][name]))
        if faults.get("dead_pipe") and name != "shutdown":
            self._attached = False
        if name in faults.get("error", {}):
            self._error = tuple(faults["error"][name])
            return False if name in ("initialize", "login", "symbol_select") else None
        if name in faults.get("wrong", []):
            self._error = (1, "Success")
            return "no such thing"
        if name not in ("initialize", "shutdown", "last_error", "version") and not self._attached:
            self._error = (
                (-10001, "IPC send failed") if faults.get("dead_pipe") else (-10004, "No IPC connection")
            )
            return None
        return result if result is not None else self._do(name, args, kwargs)

    def _do(self, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        self._error = (1, "Success")
        return getattr(self, f"do_{name}")(*args, **kwargs)

    # -- the functions

    def do_initialize(self, path: str = "", **named: Any) -> bool:
        if self.faults.get("dead_pipe"):
            self._error = (-10003, "IPC initialize failed, MetaTrader 5 x64 not found")
            return False
        self._attached = True
        return True

    def do_login(self, login: int, *, password: str = "", server: str = "", timeout: int = 0) -> bool:
        if password != "secret":
            self._error = (-6, "Terminal: Authorization failed")
            return False
        self.logged_in = {"login": login, "server": server}
        return True

    def do_shutdown(self) -> bool:
        self._attached = False
        return True

    def do_version(self) -> tuple[int, int, str]:
        return 500, 5260, "1 Aug 2026"

    def do_terminal_info(self) -> Any:
        good = {
            "connected": True,
            "trade_allowed": True,
            "build": 5260,
            "maxbars": 100_000,
            "ping_last": 38_000,
        }
        return struct(records.TerminalInfo(**{**good, **self.faults.get("terminal", {})}))

    def do_account_info(self) -> Any:
        good = {
            "login": 51234567, "server": "Fake-Demo", "trade_mode": 0, "margin_mode": 2, "trade_allowed": True,
            "trade_expert": True, "currency": "USD", "balance": 10_000.0, "equity": 10_000.0, "leverage": 100,
        }  # fmt: skip
        named = getattr(self, "logged_in", {})
        return struct(records.AccountInfo(**{**good, **self.faults.get("account", {}), **named}))

    def do_symbols_get(self, group: str = "*") -> Any:
        return (self.do_symbol_info("EURUSD"),)

    def do_symbol_info(self, name: str) -> Any:
        if name != "EURUSD":
            self._error = (-4, "Terminal: Not found")
            return None
        return struct(
            records.SymbolInfo(
                name=name, digits=5, point=0.00001, trade_tick_size=0.00001, trade_contract_size=100_000.0,
                bid=1.1, ask=1.10010, select=True, visible=True, volume_min=0.01, volume_max=100.0,
                volume_step=0.01, currency_base="EUR", currency_profit="USD", currency_margin="EUR",
            )
        )  # fmt: skip

    def do_symbol_info_tick(self, name: str) -> Any:
        self.time += 1
        if name != "EURUSD":
            self._error = (-4, "Terminal: Not found")
            return None
        tick = {"time": self.time, "bid": 1.1, "ask": 1.10010, "time_msc": self.time * 1000, "flags": 6}
        return struct(records.Tick(**{**tick, **self.faults.get("tick", {})}))

    def do_symbol_select(self, name: str, enable: bool = True) -> bool:
        return name == "EURUSD"

    def do_positions_get(self, **named: Any) -> Any:
        return tuple(
            struct(records.TradePosition(ticket=number, volume=0.1, symbol="EURUSD", price_open=1.1001))
            for number, _ in enumerate(self.sent(), start=1)
        )

    def do_orders_get(self, **named: Any) -> Any:
        return ()

    def do_history_orders_get(self, start: int, end: int) -> Any:
        return ()

    def do_history_deals_get(self, start: int, end: int) -> Any:
        return tuple(
            struct(records.TradeDeal(ticket=number, order=number, volume=0.1, symbol="EURUSD"))
            for number, _ in enumerate(self.sent(), start=1)
        )

    def do_order_calc_profit(self, kind: int, symbol: str, volume: float, start: float, end: float) -> float:
        return round((end - start) * volume * 100_000, 2)

    def do_order_calc_margin(self, kind: int, symbol: str, volume: float, price: float) -> float:
        return round(volume * 1000 * price, 2)

    def do_order_check(self, request: dict[str, Any]) -> Any:
        return struct(records.OrderCheckResult(comment="Done", request=records.TradeRequest(**request)))

    def do_order_send(self, request: dict[str, Any]) -> Any:
        for name in ("volume", "price", "sl", "tp"):
            if name in request and type(request[name]) is not float:
                self._error = (-2, f'Invalid "{name}" argument')
                return None
        for name in ("position", "magic", "type"):
            if name in request and type(request[name]) is not int:
                self._error = (-2, f'Invalid "{name}" argument')
                return None
        number = self._book(request)
        retcode = self.faults.get("retcode", 10009)
        return struct(
            records.OrderSendResult(
                retcode=retcode, deal=number, order=number, volume=request.get("volume", 0.0), price=1.1001,
                bid=1.1, ask=1.1001, comment="Request executed", request_id=number,
                request=records.TradeRequest(**request),
            )
        )  # fmt: skip

    def do_copy_rates_from_pos(self, symbol: str, timeframe: int, start: int, count: int) -> Any:
        first = 1_750_000_020 // 60 * 60 - (start + count - 1) * 60
        return rates(first, count)

    def do_copy_rates_range(self, symbol: str, timeframe: int, start: int, end: int) -> Any:
        first = -(-start // 60) * 60
        return rates(first, max(0, (end - first) // 60 + 1))

    # -- what the broker knows

    def sent(self) -> list[dict[str, Any]]:
        """The requests that were executed; with a ledger file they outlive the process."""
        if self._ledger is None:
            return self.__dict__.setdefault("booked", [])
        if not self._ledger.exists():
            return []
        return [json.loads(line) for line in self._ledger.read_text().splitlines()]

    def _book(self, request: dict[str, Any]) -> int:
        if self._ledger is None:
            self.sent().append(request)
        else:
            with self._ledger.open("a") as ledger:
                ledger.write(json.dumps(request) + "\n")
        return len(self.sent())


def rates(first: int, count: int) -> Any:
    """`count` M1 bars from `first` on, each with the price of its own minute; read-only like the module's."""
    array = np.zeros(count, dtype=RATES_DTYPE)
    array["time"] = first + 60 * np.arange(count)
    wave = np.round(1.1 + 0.01 * np.sin(array["time"] / 7200), 5)
    array["open"] = array["close"] = wave
    array["high"], array["low"] = wave + 0.0001, wave - 0.0001
    array["tick_volume"] = 10
    array.flags.writeable = False
    return array
