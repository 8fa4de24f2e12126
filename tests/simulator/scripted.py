"""Terminals that play a price path written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.timeframe import Timeframe
from qbx_desktop.simulator.api import SimApi

from .trader import connected

START = 1_748_851_200  # Monday 2025-06-02, 08:00


def bars_of(rows: Sequence[tuple[float, float, float, float]], step: int = 60, start: int = START) -> Bars:
    """Bars from (open, high, low, close) rows."""
    opened, high, low, close = zip(*rows, strict=True)
    return Bars.from_prices([start + step * i for i in range(len(rows))], opened, high, low, close)


def playing(
    rows: Sequence[tuple[float, float, float, float]], *, symbol: str = "EURUSD", spread: int = 10,
    profile: str = "Demo-Hedging", path: str = "auto", timeframe: Timeframe = Timeframe.M1,
    account: dict[str, Any] | None = None, start: int = START, **symbol_settings: Any,
) -> SimApi:  # fmt: skip
    """A terminal whose `symbol` plays `rows`, with a constant spread."""
    settings = {"spread": spread, "spread_float": False, **symbol_settings}
    return connected(
        profile=profile, path=path, bars={(symbol, timeframe): bars_of(rows, timeframe.seconds, start)},
        overrides={"account": account or {}, "symbols": {symbol: settings}},
    )  # fmt: skip


def flat(price: float, count: int = 1) -> list[tuple[float, float, float, float]]:
    """Bars that do not move."""
    return [(price, price, price, price)] * count
