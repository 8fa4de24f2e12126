"""What a terminal answers to a fixed list of harmless questions, so that two terminals can be compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from ..domain.bars import Bars
from ..domain.mt5 import OrderFilling, TradeAction
from ..domain.timeframe import Timeframe
from .client import TerminalClient
from .command import Priority, Reply

FORMAT = 1
_NOBODY = "NOSUCH.symbol"
# Who the trader is: blanked before anything is written.
_PRIVATE = frozenset({"login", "name", "path", "data_path", "commondata_path"})
_DAY = 86_400

Question = tuple[str, tuple[Any, ...], Mapping[str, Any]]


def questions(symbol: str, price: float, server_time: int, most_bars: int) -> list[Question]:
    """The calls of a transcript about `symbol`; none of them sends an order. `price` in its units."""
    minute = Timeframe.M1.mt5
    history = (server_time - 30 * _DAY, server_time + _DAY)
    asked: list[Question] = [
        ("version", (), {}),
        ("terminal_info", (), {}),
        ("account_info", (), {}),
        ("symbols_total", (), {}),
        ("symbol_info", (symbol,), {}),
        ("symbol_info", (_NOBODY,), {}),
        ("symbol_select", (symbol, True), {}),
        ("symbol_select", (_NOBODY, True), {}),
        ("symbol_info_tick", (symbol,), {}),
        ("symbol_info_tick", (_NOBODY,), {}),
        ("copy_rates_from_pos", (symbol, minute, 0, 10), {}),
        ("copy_rates_from_pos", (symbol, minute, 0, most_bars), {}),
        ("copy_rates_from_pos", (symbol, 7, 0, 10), {}),
        ("copy_rates_from_pos", (_NOBODY, minute, 0, 10), {}),
        ("copy_rates_range", (symbol, minute, server_time - 3600, server_time), {}),
        ("copy_ticks_from", (symbol, server_time - 60, 10, -1), {}),
        ("positions_total", (), {}),
        ("positions_get", (), {}),
        ("positions_get", (), {"symbol": symbol}),
        ("positions_get", (), {"ticket": 1}),
        ("orders_total", (), {}),
        ("orders_get", (), {}),
        ("history_orders_get", history, {}),
        ("history_deals_get", history, {}),
        ("history_deals_get", (), {"date_from": history[0]}),
        ("order_calc_margin", (0, symbol, 1.0, price), {}),
        ("order_calc_profit", (0, symbol, 1.0, price, price * 1.01), {}),
        ("order_calc_profit", (0, _NOBODY, 1.0, price, price), {}),
    ]
    order = {"action": int(TradeAction.DEAL), "symbol": symbol, "volume": 0.1, "type": 0, "price": price}
    for filling in OrderFilling:
        asked.append(("order_check", ({**order, "type_filling": int(filling)},), {}))
    asked.append(("order_check", ({**order, "volume": 0.0},), {}))
    asked.append(("order_check", ({**order, "sl": price * 2},), {}))
    return asked


def record(client: TerminalClient, asked: Sequence[Question]) -> list[dict[str, object]]:
    """Ask and write down: function, arguments, shape of the answer, last_error, latency in milliseconds."""
    lines = []
    for name, args, kwargs in asked:
        reply = client.call(name, *args, priority=Priority.DOWNLOAD, **kwargs)
        lines.append(
            {
                "function": name,
                "arguments": list(args),
                "named": dict(kwargs),
                "answer": _shape(reply),
                "error": list(reply.error),
                "latency_ms": round(reply.latency_ms, 3),
            }
        )
    return lines


def compare(mine: Sequence[Mapping[str, Any]], theirs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Where two transcripts differ in kind: another sort of answer, other fields, another error code."""
    differences = []
    for number, (here, there) in enumerate(zip(mine, theirs, strict=False), start=1):
        name = here["function"]
        if name != there["function"]:
            differences.append(f"{number}: {name} here, {there['function']} there")
            continue
        for what in ("kind", "fields"):
            if here["answer"].get(what) != there["answer"].get(what):
                differences.append(
                    f"{number} {name}: {what} {here['answer'].get(what)} here, {there['answer'].get(what)} there"
                )
        if here["error"][0] != there["error"][0]:
            differences.append(f"{number} {name}: error {here['error']} here, {there['error']} there")
    if len(mine) != len(theirs):
        differences.append(f"{len(mine)} calls here, {len(theirs)} there")
    return differences


def _shape(reply: Reply) -> dict[str, object]:
    value = reply.value
    if reply.exception:
        return {"kind": "exception", "value": reply.exception}
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, Bars)):
        fields = {
            each.name: _plain(each.name, getattr(value, each.name)) for each in dataclasses.fields(value)
        }
        return {"kind": type(value).__name__, "fields": list(fields), "value": fields}
    if isinstance(value, Bars):
        return {"kind": "bars", "count": len(value)}
    if hasattr(value, "dtype"):
        return {"kind": "array", "count": len(value)}  # type: ignore[arg-type]  # every array has a length
    if isinstance(value, tuple):
        kinds = sorted({type(each).__name__ for each in value})
        return {"kind": "tuple", "count": len(value), "of": kinds}
    return {"kind": type(value).__name__, "value": value}


def _plain(name: str, value: object) -> object:
    if name in _PRIVATE:
        return "(blanked)"
    return (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
    )
