"""Calls of the module with wrong, odd and right arguments, and what each must answer.

A row is (function, positional, keywords, result, last_error). Rows of ARGUMENTS are decided before the connection is
looked at, so they answer the same on the real module without a terminal; ANSWERS need a connected terminal.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np

Row = tuple[str, tuple[Any, ...], dict[str, Any], Any, tuple[int, str] | None]

OK = (1, "Success")
BAD = (-2, "Invalid arguments")
COUNT = (-2, "Invalid number of arguments")
UNNAMED = (-2, "Unnamed arguments not allowed")
NOT_FOUND = (-4, "Terminal: Not found")
FAILED = (-1, "Terminal: Call failed")
WRONG = (-2, "Terminal: Invalid params")
E, T, X = "EURUSD", 16385, "X" * 30
DATE = dt.date(2025, 6, 1)
DAY = dt.datetime(2025, 6, 1, tzinfo=dt.UTC)
LATE = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def arg(name: str) -> tuple[int, str]:
    return (-2, f'Invalid "{name}" argument')


def nth(word: str) -> tuple[int, str]:
    return (-2, f"Invalid {word} unnamed argument")


_NO_ARGUMENTS = (
    "shutdown", "version", "terminal_info", "account_info", "symbols_total", "orders_total",
    "positions_total", "last_error",
)  # fmt: skip
_ONE_SYMBOL = (
    "symbol_info", "symbol_info_tick", "market_book_add", "market_book_release", "market_book_get"
)  # fmt: skip
_FILTERS = ("positions_get", "orders_get")
_HISTORIES = ("history_orders_get", "history_deals_get")
# What a function says before anybody connected, where it is not None (or False) with "No IPC connection".
OLD_TERMINAL = (
    -5,
    "Terminal: Incompatible versions, please install the latest version of Terminal and Python module",
)
NEVER_LINKED: dict[str, tuple[Any, tuple[int, str]]] = {
    "version": ((0, 0, ""), (-10004, "No IPC connection")),
    "symbols_total": (None, OLD_TERMINAL),
    "symbols_get": (None, OLD_TERMINAL),
    "market_book_add": (False, OK),
    "market_book_release": (False, OK),
}
_TOTALS = ("history_orders_total", "history_deals_total")

ARGUMENTS: list[Row] = [
    # no arguments
    *((name, (1,), {}, TypeError, None) for name in _NO_ARGUMENTS),
    *((name, (), {"x": 1}, TypeError, None) for name in _NO_ARGUMENTS),
    # one symbol
    *((name, (), {"symbol": E}, TypeError, None) for name in _ONE_SYMBOL),
    *((name, (), {}, None, BAD) for name in _ONE_SYMBOL),
    *((name, (5,), {}, None, BAD) for name in _ONE_SYMBOL),
    *((name, (X,), {}, None, BAD) for name in _ONE_SYMBOL),
    ("symbol_select", (), {"symbol": E}, TypeError, None),
    ("symbol_select", (), {}, False, BAD),
    ("symbol_select", (E, True, 1), {}, False, BAD),
    ("symbol_select", (None,), {}, False, BAD),
    ("symbol_select", (X, True), {}, False, BAD),
    # initialize and login
    ("initialize", ("a", "b"), {}, False, COUNT),
    ("initialize", (5,), {}, False, nth("1st")),
    ("initialize", ("x" * 258,), {}, False, nth("1st")),
    ("initialize", (), {"login": "123"}, False, arg("login")),
    ("initialize", (), {"login": np.int64(5)}, False, arg("login")),
    ("initialize", (), {"login": -5}, SystemError, None),
    ("initialize", (), {"password": 5}, False, arg("password")),
    ("initialize", (), {"password": "x" * 254}, False, arg("password")),
    ("initialize", (), {"server": None}, False, arg("server")),
    ("initialize", (), {"server": "x" * 254}, False, arg("server")),
    ("initialize", (), {"timeout": 1.5}, False, arg("timeout")),
    ("initialize", (), {"timeout": "60000"}, False, arg("timeout")),
    ("login", ("123",), {}, False, nth("1st")),
    ("login", (0,), {}, False, arg("login")),
    ("login", (123, 5), {}, False, nth("2nd")),
    ("login", (123, "pw", 5), {}, False, nth("3rd")),
    ("login", (123, "pw", "server", 60_000), {}, False, COUNT),
    ("login", (), {}, False, arg("login")),
    ("login", (), {"login": 0}, False, arg("login")),
    ("login", (), {"login": "123"}, False, arg("login")),
    ("login", (123,), {"server": 5}, False, arg("server")),
    ("login", (123,), {"password": b"pw"}, False, arg("password")),
    ("login", (123,), {"timeout": None}, False, arg("timeout")),
    # symbols_get fails with False
    ("symbols_get", (5,), {}, False, nth("1st")),
    ("symbols_get", ("a", "b"), {}, False, COUNT),
    ("symbols_get", (), {"group": 5}, False, arg("group")),
    ("symbols_get", (), {"group": "x" * 1998}, False, arg("group")),
    # bars
    ("copy_rates_from", (), {"symbol": E}, TypeError, None),
    ("copy_rates_from", (E, T, 0), {}, None, BAD),
    ("copy_rates_from", (5, T, 0, 10), {}, None, BAD),
    ("copy_rates_from", (E, "H1", 0, 10), {}, SystemError, None),
    ("copy_rates_from", (E, T, "2025-01-01", 10), {}, None, BAD),
    ("copy_rates_from", (E, T, DATE, 10), {}, None, BAD),
    ("copy_rates_from", (E, T, np.int64(1), 10), {}, None, BAD),
    ("copy_rates_from", (E, T, None, 10), {}, None, BAD),
    ("copy_rates_from", (E, T, 0, 10.0), {}, SystemError, None),
    ("copy_rates_from_pos", (), {"symbol": E}, TypeError, None),
    ("copy_rates_from_pos", (E, T, 0), {}, None, BAD),
    ("copy_rates_from_pos", (E, "M1", 0, 10), {}, SystemError, None),
    ("copy_rates_from_pos", (E, T, 0.0, 10), {}, SystemError, None),
    ("copy_rates_from_pos", (E, T, 0, "10"), {}, SystemError, None),
    ("copy_rates_from_pos", (E, T, 0, 2**31), {}, SystemError, None),
    ("copy_rates_from_pos", (E, None, 0, 10), {}, SystemError, None),
    ("copy_rates_from_pos", (None, T, 0, 10), {}, None, BAD),
    ("copy_rates_from_pos", (X, T, 0, 10), {}, None, BAD),
    ("copy_rates_range", (), {"symbol": E}, TypeError, None),
    ("copy_rates_range", (E, T, 0), {}, None, BAD),
    ("copy_rates_range", (E, T, 0, DATE), {}, None, BAD),
    ("copy_rates_range", (E, T, "0", 1), {}, None, BAD),
    ("copy_rates_range", (E, "M1", 0, 1), {}, SystemError, None),
    # ticks
    ("copy_ticks_from", (), {"symbol": E}, TypeError, None),
    ("copy_ticks_from", (E, 0, 10), {}, None, BAD),
    ("copy_ticks_from", (E, "0", 10, -1), {}, None, BAD),
    ("copy_ticks_from", (E, 0, "10", -1), {}, SystemError, None),
    ("copy_ticks_from", (E, 0, 10, "all"), {}, SystemError, None),
    ("copy_ticks_range", (), {"symbol": E}, TypeError, None),
    ("copy_ticks_range", (E, 0, 1), {}, None, BAD),
    ("copy_ticks_range", (5, 0, 1, -1), {}, None, BAD),
    ("copy_ticks_range", (E, 0, DATE, -1), {}, None, BAD),
    # positions and orders
    *((name, (E,), {}, None, UNNAMED) for name in _FILTERS),
    *((name, (), {"symbol": 5}, None, arg("symbol")) for name in _FILTERS),
    *((name, (), {"symbol": X}, None, arg("symbol")) for name in _FILTERS),
    *((name, (), {"group": None}, None, arg("group")) for name in _FILTERS),
    *((name, (), {"ticket": "5"}, None, arg("ticket")) for name in _FILTERS),
    *((name, (), {"ticket": np.int64(5)}, None, arg("ticket")) for name in _FILTERS),
    *((name, (), {"ticket": 5.0}, None, arg("ticket")) for name in _FILTERS),
    *((name, (), {"ticket": -5}, SystemError, None) for name in _FILTERS),
    # history
    *((name, (), {}, None, BAD) for name in _HISTORIES),
    *((name, (0,), {}, None, BAD) for name in _HISTORIES),
    *((name, (0, 1, 2), {}, None, BAD) for name in _HISTORIES),
    *((name, (), {"date_from": 0, "date_to": 1}, None, BAD) for name in _HISTORIES),
    *((name, (), {"group": "*"}, None, BAD) for name in _HISTORIES),
    *((name, (0, "1"), {}, None, BAD) for name in _HISTORIES),
    *((name, (0, DATE), {}, None, BAD) for name in _HISTORIES),
    *((name, (0, np.int64(1)), {}, None, BAD) for name in _HISTORIES),
    *((name, (0, 1), {"group": 5}, None, arg("group")) for name in _HISTORIES),
    *((name, (), {"position": "5"}, None, arg("position")) for name in _HISTORIES),
    *((name, (), {"ticket": np.uint64(5)}, None, arg("ticket")) for name in _HISTORIES),
    *((name, (), {"position": -1}, SystemError, None) for name in _HISTORIES),
    *((name, (0,), {}, None, BAD) for name in _TOTALS),
    *((name, (0, 1), {"group": "*"}, TypeError, None) for name in _TOTALS),
    *((name, (0, "1"), {}, None, BAD) for name in _TOTALS),
    # calculations
    ("order_calc_margin", (), {"action": 0}, TypeError, None),
    ("order_calc_margin", (0, E, 0.1), {}, None, BAD),
    ("order_calc_margin", ("buy", E, 0.1, 1.1), {}, SystemError, None),
    ("order_calc_margin", (0, 5, 0.1, 1.1), {}, None, BAD),
    ("order_calc_margin", (0, E, "0.1", 1.1), {}, SystemError, None),
    ("order_calc_margin", (0, E, 0.1, None), {}, SystemError, None),
    ("order_calc_profit", (), {"action": 0}, TypeError, None),
    ("order_calc_profit", (0, E, 0.1, 1.1), {}, None, BAD),
    ("order_calc_profit", (0, X, 0.1, 1.1, 1.2), {}, None, BAD),
    ("order_calc_profit", (0.5, E, 0.1, 1.1, 1.2), {}, SystemError, None),
    ("order_calc_profit", (0, E, 0.1, 1.1, "1.2"), {}, SystemError, None),
]

_REQUEST: dict[str, Any] = {"action": 1, "symbol": E, "volume": 0.1, "type": 0}
# What a request field answers to a value of the wrong type; the same for order_send and order_check.
FIELDS: list[tuple[str, Any, Any, tuple[int, str] | None]] = [
    ("volume", 1, None, arg("volume")),
    ("volume", "0.1", None, arg("volume")),
    ("price", 1, None, arg("price")),
    ("price", None, None, arg("price")),
    ("sl", 0, None, arg("sl")),
    ("tp", 0, None, arg("tp")),
    ("tp", np.float32(1.0), None, arg("tp")),
    ("stoplimit", 0, None, arg("stoplimit")),
    ("symbol", 5, None, arg("symbol")),
    ("symbol", None, None, arg("symbol")),
    ("symbol", X, None, arg("symbol")),
    ("comment", 5, None, arg("comment")),
    ("comment", "x" * 30, None, arg("comment")),
    ("action", 1.0, None, arg("action")),
    ("action", "1", None, arg("action")),
    ("type", "buy", None, arg("type")),
    ("type", None, None, arg("type")),
    ("type_filling", 0.0, None, arg("type_filling")),
    ("type_time", None, None, arg("type_time")),
    ("magic", 1.5, None, arg("magic")),
    ("magic", np.int64(5), None, arg("magic")),
    ("magic", -1, SystemError, None),
    ("magic", 2**64, SystemError, None),
    ("deviation", 2.0, None, arg("deviation")),
    ("deviation", -1, SystemError, None),
    ("position", np.int64(5), None, arg("position")),
    ("position", "5", None, arg("position")),
    ("position", -1, SystemError, None),
    ("position_by", 5.0, None, arg("position_by")),
    ("order", None, None, arg("order")),
    ("expiration", DAY, None, arg("expiration")),
    ("expiration", 1.5, None, arg("expiration")),
]
ARGUMENTS += [
    (name, ({**_REQUEST, field: value},), {}, result, error)
    for name in ("order_send", "order_check")
    for field, value, result, error in FIELDS
]
ARGUMENTS += [
    row
    for name in ("order_send", "order_check")
    for row in (
        (name, ([1],), {}, None, BAD),
        (name, (_REQUEST, _REQUEST), {}, None, COUNT),
        (name, (_REQUEST,), {"action": 1}, None, UNNAMED),
        (name, (), {**_REQUEST, "volume": 1}, None, arg("volume")),
        (name, (), {}, None, COUNT),
    )
]

ANSWERS: list[Row] = [
    ("symbol_info", ("NOPE",), {}, None, NOT_FOUND),
    ("symbol_info_tick", ("NOPE",), {}, None, NOT_FOUND),
    ("symbol_info_tick", ("GBPUSD",), {}, None, NOT_FOUND),
    ("symbol_info", ("GBPUSD",), {}, "SymbolInfo", OK),
    ("symbol_info_tick", (E,), {}, "Tick", OK),
    ("symbol_select", ("NOPE",), {}, False, NOT_FOUND),
    ("symbol_select", ("GBPUSD",), {}, True, OK),
    ("symbol_select", ("GBPUSD", False), {}, True, OK),
    ("symbols_get", (), {}, tuple, OK),
    ("symbols_get", ("*USD*",), {}, tuple, OK),
    ("symbols_get", (), {"group": ""}, tuple, OK),
    ("symbols_total", (), {}, 18, OK),
    ("version", (), {}, tuple, OK),
    ("market_book_add", (E,), {}, False, OK),
    ("market_book_add", ("NOPE",), {}, False, OK),
    ("market_book_release", (E,), {}, False, OK),
    ("market_book_get", (E,), {}, None, FAILED),
    ("copy_rates_from_pos", ("NOPE", T, 0, 10), {}, None, FAILED),
    ("copy_rates_from_pos", (E, T, 0, 10), {}, np.ndarray, OK),
    ("copy_rates_from_pos", (E, np.int64(T), np.int32(0), np.int64(10)), {}, np.ndarray, OK),
    ("copy_rates_from_pos", (E, T, 10_000_000, 10), {}, None, FAILED),
    ("copy_rates_from_pos", (E, T, 0, 100_000), {}, None, WRONG),
    ("copy_rates_from_pos", (E, T, 0, 0), {}, None, WRONG),
    ("copy_rates_from_pos", (E, T, 0, -1), {}, None, WRONG),
    ("copy_rates_from_pos", (E, T, -1, 10), {}, None, WRONG),
    ("copy_rates_from_pos", (E, 7, 0, 10), {}, None, WRONG),
    ("copy_rates_from", ("NOPE", T, DAY, 10), {}, None, FAILED),
    ("copy_rates_from", (E, T, DAY, 10), {}, np.ndarray, OK),
    ("copy_rates_from", (E, T, 1_748_000_000.7, 10), {}, np.ndarray, OK),
    ("copy_rates_from", (E, T, 0, 10), {}, None, FAILED),
    ("copy_rates_from", (E, T, LATE, 10), {}, None, FAILED),
    ("copy_rates_range", (E, T, 1_748_000_000, 1_748_100_000), {}, np.ndarray, OK),
    ("copy_rates_range", (E, T, 1_748_100_000, 1_748_000_000), {}, None, WRONG),
    ("copy_rates_range", (E, 1, 1_700_000_000, 1_748_000_000), {}, None, WRONG),
    ("copy_rates_range", (E, T, 1_748_000_000, LATE), {}, None, WRONG),
    ("copy_ticks_from", ("NOPE", 0, 10, -1), {}, None, NOT_FOUND),
    ("copy_ticks_from", (E, 1_748_840_000, 10, -1), {}, np.ndarray, OK),
    ("copy_ticks_from", (E, 1_748_840_000, 10, 5), {}, None, WRONG),
    ("copy_ticks_from", (E, 1_748_840_000, 0, -1), {}, None, WRONG),
    ("copy_ticks_range", (E, 1_848_840_000, 1_848_840_100, 1), {}, np.ndarray, OK),
    ("copy_ticks_range", (E, 1_748_840_000, 1_748_840_100, 2), {}, np.ndarray, OK),
    ("positions_get", (), {}, (), OK),
    ("positions_get", (), {"ticket": 12345}, (), OK),
    ("positions_get", (), {"unknown": 1}, (), OK),
    ("orders_get", (), {"symbol": "NOPE"}, (), OK),
    ("orders_get", (), {"group": ""}, (), OK),
    ("positions_total", (), {}, 0, OK),
    ("orders_total", (), {}, 0, OK),
    ("history_deals_get", (0, 2_000_000_000), {}, tuple, OK),
    ("history_deals_get", (0, 1), {}, (), OK),
    ("history_deals_get", (0, LATE), {}, (), OK),
    ("history_orders_get", (0, 2_000_000_000), {"group": "*"}, (), OK),
    ("history_deals_get", (), {"ticket": 1}, (), OK),
    ("history_orders_get", (), {"position": 1}, (), OK),
    ("history_deals_total", (0, 2_000_000_000), {}, 1, OK),
    ("history_orders_total", (0, 2_000_000_000), {}, 0, OK),
    ("order_calc_margin", (0, E, 1, 1.1), {}, 1100.0, OK),
    ("order_calc_margin", (0, "NOPE", 0.1, 1.1), {}, None, NOT_FOUND),
    ("order_calc_margin", (0, "GBPUSD", 0.1, 1.1), {}, None, NOT_FOUND),
    ("order_calc_margin", (0, E, -0.1, 1.1), {}, None, WRONG),
    ("order_calc_margin", (9, E, 0.1, 1.1), {}, None, WRONG),
    ("order_calc_margin", (0, E, 0.1, float("nan")), {}, None, WRONG),
    ("order_calc_profit", (0, E, 0.1, 1.1, 1.102), {}, 20.0, OK),
    ("order_calc_profit", (np.int64(1), E, np.float64(0.1), 1.1, 1.102), {}, -20.0, OK),
    ("order_calc_profit", (2, E, 0.1, 1.1, 1.102), {}, None, WRONG),
    ("order_send", (), dict(_REQUEST), "OrderSendResult", OK),
    (
        "order_send",
        ({**_REQUEST, "price": np.float64(1.1), "anything": object()},),
        {},
        "OrderSendResult",
        OK,
    ),
    ("order_send", ({},), {}, "OrderSendResult", OK),
    ("order_check", (_REQUEST,), {}, "OrderCheckResult", OK),
    ("order_check", ({**_REQUEST, "comment": "x" * 29},), {}, "OrderCheckResult", OK),
    ("login", (99,), {}, False, (-6, "Terminal: Authorization failed")),
    ("initialize", (), {"login": 99}, False, (-6, "Terminal: Authorization failed")),
    ("initialize", (), {"server": "Elsewhere"}, False, (-6, "Terminal: Authorization failed")),
    ("initialize", ("C:\\terminal64.exe",), {"portable": "yes", "timeout": 0}, True, OK),
    ("shutdown", (), {}, True, OK),
]
