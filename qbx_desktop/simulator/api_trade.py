"""Positions, orders, history, and the functions that send requests or calculate for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..domain.mt5 import Side
from ..domain.records import OrderSendResult, TradeRequest
from . import arguments, surface
from .api_base import FAILED, NOT_FOUND, WRONG, ApiBase
from .arguments import Refused, bad
from .server import COMMENTS
from .valuation import is_buy, order_margin, profit_at, raw_profit

_API_DISABLED = Refused(-8, "Auto-Trading using Python API disabled in Terminal")
_CLIENT_DISABLES_AT = 10027


class TradeFunctions(ApiBase):
    """The module's functions around trading."""

    def positions_total(self, *args: Any, **kwargs: Any) -> int | None:
        """How many positions are open."""
        arguments.none("positions_total", args, kwargs)
        answer: int | None = self._call("positions_total", tuple, lambda _: len(self._positions()))
        return answer

    def positions_get(self, *args: Any, **kwargs: Any) -> Any:
        """Open positions, all or by ticket, symbol or group (in this order of precedence)."""
        return self._call(
            "positions_get",
            lambda: self._read_filter("positions_get", args, kwargs),
            lambda wanted: _filtered(self._positions(wanted), wanted),
        )

    def orders_total(self, *args: Any, **kwargs: Any) -> int | None:
        """How many orders are waiting."""
        arguments.none("orders_total", args, kwargs)
        answer: int | None = self._call("orders_total", tuple, lambda _: len(self._orders()))
        return answer

    def orders_get(self, *args: Any, **kwargs: Any) -> Any:
        """Waiting orders, filtered like positions."""
        return self._call(
            "orders_get",
            lambda: self._read_filter("orders_get", args, kwargs),
            lambda wanted: _filtered(self._orders(), wanted),
        )

    def history_orders_total(self, *args: Any, **kwargs: Any) -> int | None:
        """How many orders ended between two dates."""
        return self._history_total("history_orders_total", args, kwargs, self._past_orders, "time_done")

    def history_deals_total(self, *args: Any, **kwargs: Any) -> int | None:
        """How many deals were booked between two dates."""
        return self._history_total("history_deals_total", args, kwargs, self._deals, "time")

    def history_orders_get(self, *args: Any, **kwargs: Any) -> Any:
        """Past orders of a span (with a group), or by ticket, or by position."""
        return self._history("history_orders_get", args, kwargs, self._past_orders, "time_done")

    def history_deals_get(self, *args: Any, **kwargs: Any) -> Any:
        """Deals of a span (with a group), or at most one by ticket, or by position."""
        return self._history("history_deals_get", args, kwargs, self._deals, "time")

    def order_calc_margin(self, *args: Any, **kwargs: Any) -> float | None:
        """Margin of an order at a price, in account currency."""

        def read() -> tuple[int, str, float, float]:
            action, name, volume, price = arguments.positional("order_calc_margin", args, kwargs, 4)
            kind = arguments.c_int("order_calc_margin", action)
            numbers = [arguments.c_double("order_calc_margin", each) for each in (volume, price)]
            return kind, arguments.symbol(name), numbers[0], numbers[1]

        def run(wanted: tuple[int, str, float, float]) -> float:
            kind, name, volume, price = wanted
            self._calculable(kind, name, volume, price)
            side = Side.BUY if is_buy(kind) else Side.SELL
            found = order_margin(self._market, self._account, name, side, volume, price, pending=kind > 1)
            if found is None:
                raise FAILED
            return self._account.money(found)

        answer: float | None = self._call("order_calc_margin", read, run)
        return answer

    def order_calc_profit(self, *args: Any, **kwargs: Any) -> float | None:
        """Profit between two prices, in account currency."""

        def read() -> tuple[int, str, float, float, float]:
            given = arguments.positional("order_calc_profit", args, kwargs, 5)
            kind = arguments.c_int("order_calc_profit", given[0])
            numbers = [arguments.c_double("order_calc_profit", each) for each in given[2:]]
            return kind, arguments.symbol(given[1]), numbers[0], numbers[1], numbers[2]

        def run(wanted: tuple[int, str, float, float, float]) -> float:
            kind, name, volume, opened, closed = wanted
            self._calculable(kind, name, volume, opened, closed)
            if kind not in (0, 1):
                raise WRONG
            side, currency = Side.of_type(kind), self._account.currency
            found = raw_profit(self._market, currency, name, side, volume, opened, closed)
            if found is None:
                raise FAILED
            return self._account.money(found)

        answer: float | None = self._call("order_calc_profit", read, run)
        return answer

    def order_check(self, *args: Any, **kwargs: Any) -> Any:
        """Test a request without sending it; retcode 0 means it would be accepted."""

        def run(request: TradeRequest) -> Any:
            return surface.of_record(self._server.check(self._account, request))

        return self._call("order_check", lambda: arguments.request("order_check", args, kwargs), run)

    def order_send(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request to the server. Market reasons are told by the retcode, never by None."""

        def run(request: TradeRequest) -> Any:
            if self._state.flags.get("tradeapi_disabled"):
                raise _API_DISABLED
            if not self._state.flags.get("trade_allowed", True):
                return surface.of_record(
                    OrderSendResult(
                        retcode=_CLIENT_DISABLES_AT, comment=COMMENTS[_CLIENT_DISABLES_AT], request=request
                    )
                )
            return surface.of_record(self._faults.send(self._state, request))

        return self._call("order_send", lambda: arguments.request("order_send", args, kwargs), run)

    # --- shared ---

    def _calculable(self, kind: int, name: str, *numbers: float) -> None:
        if not 0 <= kind <= 7 or any(number <= 0 or number != number for number in numbers):
            raise WRONG
        if not self._is_selected(self._known(name)):
            raise NOT_FOUND

    def _positions(self, wanted: Mapping[str, Any] | None = None) -> list[Any]:
        """TradePosition structs as the terminal knows them now; at least those that `wanted` asks for."""
        account = self._account
        shown = []
        symbol = None if wanted is None or wanted["ticket"] is not None else wanted["symbol"]
        for holding in self._state.view().holdings.values():
            if symbol is not None and holding.symbol != symbol:
                continue
            tick = self._market.shown(holding.symbol, self._shown_ms)
            price = holding.price_open
            if tick is not None:
                price = tick.bid if holding.side is Side.BUY else tick.ask
            profit = account.money(profit_at(self._market, account, holding, price))
            shown.append(surface.of_record(holding.record(price, profit)))
        return shown

    def _orders(self) -> list[Any]:
        made = []
        for order in self._state.view().orders.values():
            quote = self._market.quote(order.symbol) or (0.0, 0.0)
            struct = surface.of_record(order)
            values = struct._asdict()
            values["price_current"] = quote[1] if is_buy(order.type) else quote[0]
            made.append(surface.build("TradeOrder", values))
        return made

    def _past_orders(self, first: int) -> Sequence[Any]:
        return self._state.view().orders_since(first)

    def _deals(self, first: int) -> Sequence[Any]:
        return self._state.view().deals_since(first)

    def _read_filter(self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
        if args:
            raise bad("Unnamed arguments not allowed")
        return {
            "ticket": arguments.keyword_number(function, kwargs, "ticket"),
            "symbol": arguments.keyword_text(kwargs, "symbol", surface.SYMBOL_CHARS),
            "group": arguments.keyword_text(kwargs, "group", surface.GROUP_CHARS),
        }

    def _history_total(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], records: Callable[[int], Sequence[Any]],
        moment: str,
    ) -> int | None:  # fmt: skip
        def read() -> tuple[int, int]:
            first, last = arguments.positional(function, args, kwargs, 2)
            return arguments.date(first), arguments.date(last)

        def run(span: tuple[int, int]) -> int:
            return sum(1 for each in records(span[0]) if span[0] <= getattr(each, moment) <= span[1])

        answer: int | None = self._call(function, read, run)
        return answer

    def _history(
        self, function: str, args: tuple[Any, ...], kwargs: Mapping[str, Any], records: Callable[[int], Sequence[Any]],
        moment: str,
    ) -> Any:  # fmt: skip
        def read() -> dict[str, Any]:
            wanted: dict[str, Any] = {
                "ticket": arguments.keyword_number(function, kwargs, "ticket"),
                "position": arguments.keyword_number(function, kwargs, "position"),
                "group": arguments.keyword_text(kwargs, "group", surface.GROUP_CHARS),
            }
            if len(args) == 2:
                wanted["span"] = arguments.date(args[0]), arguments.date(args[1])
            elif args or (wanted["ticket"] is None and wanted["position"] is None):
                raise bad("Invalid arguments")
            return wanted

        def run(wanted: dict[str, Any]) -> tuple[Any, ...]:
            found = records(wanted["span"][0] if "span" in wanted else 0)
            if wanted["ticket"] is not None:
                found = [each for each in found if each.ticket == wanted["ticket"]]
            elif wanted["position"] is not None:
                found = [each for each in found if each.position_id == wanted["position"]]
            else:
                first, last = wanted["span"]
                found = [each for each in found if first <= getattr(each, moment) <= last]
                if wanted["group"] is not None:
                    group = wanted["group"]
                    found = [each for each in found if arguments.matches_group(each.symbol, group)]
            return tuple(surface.of_record(each) for each in found)

        return self._call(function, read, run)


def _filtered(records: list[Any], wanted: Mapping[str, Any]) -> tuple[Any, ...]:
    if wanted["ticket"] is not None:
        return tuple(each for each in records if each.ticket == wanted["ticket"])
    if wanted["symbol"] is not None:
        return tuple(each for each in records if each.symbol == wanted["symbol"])
    if wanted["group"] is not None:
        return tuple(each for each in records if arguments.matches_group(each.symbol, wanted["group"]))
    return tuple(records)
