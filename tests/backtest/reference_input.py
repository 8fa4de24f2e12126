"""What the naive reference engine is given and what it gives back, in exact decimals."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

ZERO, HUNDRED, DEPOSIT = Decimal(0), Decimal(100), Decimal(10_000)


@dataclass
class Setup:
    """Inputs of one run; numbers as decimals. `signals` are (entry, exit_long, exit_short) per bar."""

    bars: list[tuple[int, Decimal, Decimal, Decimal, Decimal, int]]  # time, open, high, low, close, spread
    signals: list[tuple[int, bool, bool]]
    spec: dict[str, Any]
    currency: str = "USD"
    balance: Decimal = DEPOSIT
    leverage: Decimal = HUNDRED
    stop_out: Decimal = ZERO
    spread: int = 0
    spread_bar: bool = False
    commission: Decimal = ZERO
    slippage: int = 0
    lots: Decimal | None = None
    risk: Decimal | None = None
    sl: tuple[str, Decimal] = ("none", ZERO)
    tp: tuple[str, Decimal] = ("none", ZERO)
    atr_period: int = 14
    reverse: bool = True
    constant: Decimal | None = None
    series: list[tuple[int, Decimal]] | None = (
        None  # (time, close), profit currency's price in account currency
    )
    inverted: bool = False


@dataclass
class Outcome:
    trades: list[dict[str, Any]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    balance: list[Decimal] = field(default_factory=list)
    equity: list[Decimal] = field(default_factory=list)
    equity_low: list[Decimal] = field(default_factory=list)
    in_market: int = 0
    margin_level: Decimal | None = None
