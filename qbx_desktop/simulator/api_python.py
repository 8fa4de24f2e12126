"""The functions the module writes in Python on top of its core: Buy, Sell and Close, with their known weaknesses."""

from __future__ import annotations

from typing import Any

from .api_market import MarketFunctions
from .api_trade import TradeFunctions

_TRIES = 10
_RETRIED = (10004, 10020)  # requote, price changed
_DONE, _PARTLY = 10009, 10010


class PythonFunctions(TradeFunctions, MarketFunctions):
    """Buy, Sell, Close and what they share. They name no filling mode and need a tick; order_send is the safe way."""

    def Buy(  # noqa: N802 - the module's name
        self, symbol: str, volume: float, price: float | None = None, *, comment: str | None = None,
        ticket: int | None = None,
    ) -> Any:  # fmt: skip
        """Buy at the market, or close the sell position `ticket`."""
        return self._RawOrder(0, symbol, volume, price, comment, ticket)

    def Sell(  # noqa: N802 - the module's name
        self, symbol: str, volume: float, price: float | None = None, *, comment: str | None = None,
        ticket: int | None = None,
    ) -> Any:  # fmt: skip
        """Sell at the market, or close the buy position `ticket`."""
        return self._RawOrder(1, symbol, volume, price, comment, ticket)

    def Close(  # noqa: N802 - the module's name
        self, symbol: str, *, comment: str | None = None, ticket: int | None = None
    ) -> Any:
        """Close all positions of a symbol, or one: True, "Partially" or False; None when they cannot be read."""
        if ticket is not None:
            positions = self.positions_get(ticket=ticket)
        else:
            positions = self.positions_get(symbol=symbol)
        if positions is None:
            return None
        tried = done = 0
        for position in positions:
            if ticket is None and position.symbol != symbol:
                continue
            tried += 1
            for _ in range(_TRIES):
                answer = self._RawOrder(
                    1 - position.type, symbol, position.volume, comment=comment, ticket=position.ticket
                )
                if answer is None or answer.retcode not in _RETRIED:
                    break
            if answer is not None and answer.retcode in (_DONE, _PARTLY):
                done += 1
        if not done:
            return False
        return True if done == tried else "Partially"

    def _RawOrder(  # noqa: N802 - the module's name
        self, order_type: int, symbol: str, volume: float, price: float | None = None,
        comment: str | None = None, ticket: int | None = None,
    ) -> Any:  # fmt: skip
        request: dict[str, Any] = {
            "action": 1, "symbol": symbol, "volume": volume, "type": order_type, "deviation": 10
        }  # fmt: skip
        if comment is not None:
            request["comment"] = comment
        if ticket is not None:
            request["position"] = ticket
        for _ in range(_TRIES):
            tick = self.symbol_info_tick(symbol)
            request["price"] = price if price is not None else (tick.ask if order_type == 0 else tick.bid)
            answer = self.order_send(request)
            if answer is None or answer.retcode not in _RETRIED or price is not None:
                break
        return answer
