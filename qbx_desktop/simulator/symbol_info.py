"""SymbolInfo as the terminal shows it now: the specification, and prices once the symbol is in Market Watch."""

from __future__ import annotations

from typing import Any

from ..domain.timeframe import Timeframe
from . import surface
from .market import Market
from .structseq import StructSequence


def symbol_record(
    market: Market, name: str, moment_ms: int, selected: bool, visible: bool, deposit: str
) -> StructSequence:
    """All 96 fields of a symbol; the tick values are in the account currency `deposit`.

    `moment_ms` is the server time whose prices are shown.
    """
    setup = market.setups[name]
    values: dict[str, Any] = dict(setup.info)
    values["select"], values["visible"] = selected, visible
    gain, loss = tick_values(market, name, deposit)
    values["trade_tick_value"] = values["trade_tick_value_profit"] = gain
    values["trade_tick_value_loss"] = loss
    if not selected:
        values["spread"] = 0
        return surface.build("SymbolInfo", values)
    tick = market.shown(name, moment_ms)
    if tick is not None:
        values["time"] = tick.time_ms // 1_000
        values["bid"], values["ask"] = tick.bid, tick.ask
        values["spread"] = round((tick.ask - tick.bid) / setup.point)
        _add_day(market, name, moment_ms, values, tick.ask - tick.bid)
    return surface.build("SymbolInfo", values)


def tick_values(market: Market, name: str, deposit: str) -> tuple[float, float]:
    """Money of one tick of one lot, unrounded: when it is won and when it is lost; 0 without a conversion."""
    setup = market.setups[name]
    converter = market.converter(deposit)
    currency = str(setup.info["currency_profit"])
    gain, loss = converter.gain(currency), converter.loss(currency)
    return setup.tick_price * (gain or 0.0), setup.tick_price * (loss or 0.0)


def _add_day(market: Market, name: str, moment_ms: int, values: dict[str, Any], spread: float) -> None:
    """Extremes of the server day, and the change since the day before."""
    days = market.series[name].rates(Timeframe.D1, moment_ms, 0, 2)
    if days is None or not len(days):
        return
    digits = int(values["digits"])
    today = days[-1]
    values["bidhigh"], values["bidlow"] = float(today["high"]), float(today["low"])
    values["askhigh"] = round(float(today["high"]) + spread, digits)
    values["asklow"] = round(float(today["low"]) + spread, digits)
    values["session_open"] = float(today["open"])
    if len(days) > 1:
        before = float(days[0]["close"])
        values["session_close"] = before
        values["price_change"] = round((values["bid"] / before - 1.0) * 100.0, 4) if before else 0.0
