"""One closed trade as it is listed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Trade:
    """Money in account currency, costs negative; times are the opens of the bars (server epoch seconds).

    `sl` and `tp` are 0 where there is none; `mfe` and `mae` are the highest and lowest floating profit, in money
    and without costs; `ambiguous` marks a bar in which both the stop and the target were touched.
    """

    ticket: int
    side: str
    volume: float
    open_time: int
    open_price: float
    sl: float
    tp: float
    close_time: int
    close_price: float
    reason: str
    profit: float
    swap: float
    commission: float
    net: float
    bars_held: int
    mfe: float
    mae: float
    ambiguous: bool
