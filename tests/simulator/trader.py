"""Short words for tests that trade."""

from __future__ import annotations

from typing import Any

from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import build_terminal

EVER = (0, 2**31 - 1)
DONE = 10009


def connected(**given: Any) -> SimApi:
    """A terminal with all its symbols in Market Watch."""
    api = build_terminal(**given)
    assert api.initialize()
    for symbol in api.symbols_get():
        api.symbol_select(symbol.name, True)
    return api


def deal(api: SimApi, symbol: str, side: str, volume: float, **more: Any) -> Any:
    """Send a market order at the current price."""
    tick = api.symbol_info_tick(symbol)
    flags = api.symbol_info(symbol).filling_mode
    request = {
        "action": api.TRADE_ACTION_DEAL, "symbol": symbol, "volume": float(volume),
        "type": 0 if side == "buy" else 1, "price": tick.ask if side == "buy" else tick.bid,
        "type_filling": 0 if flags & 1 else 1, "deviation": 20, **more,
    }  # fmt: skip
    return api.order_send(request)


def close(api: SimApi, position: Any, volume: float | None = None, **more: Any) -> Any:
    """Close a position, or part of it."""
    side = "sell" if position.type == 0 else "buy"
    return deal(api, position.symbol, side, volume or position.volume, position=position.ticket, **more)


def pending(api: SimApi, symbol: str, kind: str, price: float, volume: float = 0.1, **more: Any) -> Any:
    """Place a pending order, e.g. `BUY_LIMIT`."""
    return api.order_send(
        {
            "action": api.TRADE_ACTION_PENDING, "symbol": symbol, "volume": volume,
            "type": getattr(api, f"ORDER_TYPE_{kind}"), "price": price,
            "type_filling": api.ORDER_FILLING_RETURN, **more,
        }
    )  # fmt: skip


def deals(api: SimApi) -> list[Any]:
    """All deals but the first deposit."""
    return list(api.history_deals_get(*EVER))[1:]
