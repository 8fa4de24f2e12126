"""Market orders, stops and closes on a hedging account, and what every refusal is called."""

from __future__ import annotations

from typing import Any

import pytest

from qbx_desktop.simulator.api import SimApi

from .scripted import flat, playing
from .trader import DONE, EVER, close, connected, deal, deals, pending


def test_a_market_order_opens_a_position_and_books_a_deal(api: SimApi) -> None:
    tick = api.symbol_info_tick("EURUSD")
    answer = deal(api, "EURUSD", "buy", 0.1, magic=77, comment="why not", sl=1.05, tp=1.2)
    assert (answer.retcode, answer.volume, answer.price) == (DONE, 0.1, tick.ask)
    assert (answer.bid, answer.ask, answer.comment) == (tick.bid, tick.ask, "Request executed")
    (position,) = api.positions_get()
    assert position.ticket == position.identifier == answer.order
    assert (position.magic, position.comment, position.sl, position.tp) == (77, "why not", 1.05, 1.2)
    (booked,) = deals(api)
    assert (booked.ticket, booked.order, booked.position_id) == (answer.deal, answer.order, answer.order)
    assert (booked.entry, booked.reason, booked.profit) == (0, 3, 0.0)
    (order,) = api.history_orders_get(*EVER)
    assert (order.state, order.volume_initial, order.volume_current) == (4, 0.1, 0.0)
    assert answer.request_id == 1
    assert answer.request.volume == 0.1


def test_hedging_keeps_every_entry_apart(api: SimApi) -> None:
    for side in ("buy", "buy", "sell"):
        assert deal(api, "EURUSD", side, 0.1).retcode == DONE
    assert [position.type for position in api.positions_get()] == [0, 0, 1]


def test_a_partial_close_keeps_the_rest_open(api: SimApi) -> None:
    deal(api, "EURUSD", "buy", 0.3)
    (position,) = api.positions_get()
    assert close(api, position, 0.1).retcode == DONE
    (left,) = api.positions_get()
    assert (left.ticket, left.volume) == (position.ticket, 0.2)
    assert close(api, left).retcode == DONE
    assert api.positions_get() == ()
    assert close(api, left).retcode == 10036
    assert [each.entry for each in deals(api)] == [0, 1, 1]
    assert sum(each.volume for each in deals(api)[1:]) == pytest.approx(0.3)


def test_the_deal_chain_of_the_worked_example() -> None:
    """XAU 0.30 bought at 3.5 per lot and side, 0.10 closed at +12.25 with a swap of -3.50 on that part."""
    api = playing(
        [*flat(2400.0, 2), *flat(2412.25, 3)], symbol="XAUUSD", spread=0, swap_mode=4, swap_long=-35.0,
        commission={"kind": "per_lot", "amount": 3.5}, start=1_748_822_400 - 120,
    )  # fmt: skip
    deal(api, "XAUUSD", "buy", 0.3)
    assert api.account_info().balance == 9_998.95
    api.sim_advance(180)  # over midnight
    (position,) = api.positions_get()
    assert position.swap == 0.0  # the night that ends a Sunday costs nothing
    api = playing(
        [*flat(2400.0, 2), *flat(2412.25, 3)], symbol="XAUUSD", spread=0, swap_mode=4, swap_long=-35.0,
        commission={"kind": "per_lot", "amount": 3.5}, start=1_748_908_800 - 120,
    )  # fmt: skip
    deal(api, "XAUUSD", "buy", 0.3)
    api.sim_advance(180)
    (position,) = api.positions_get()
    assert position.swap == -10.5
    close(api, position, 0.1)
    closing = deals(api)[-1]
    assert (closing.profit, closing.commission, closing.swap) == (122.5, -0.35, -3.5)
    assert api.account_info().balance == 10_117.6
    assert api.positions_get()[0].swap == -7.0


def test_close_by_pays_the_profit_once(api: SimApi) -> None:
    deal(api, "EURUSD", "buy", 0.3)
    api.sim_advance(600)
    deal(api, "EURUSD", "sell", 0.1)
    long, short = api.positions_get()
    answer = api.order_send({"action": 10, "position": long.ticket, "position_by": short.ticket})
    assert answer.retcode == DONE
    (left,) = api.positions_get()
    assert (left.ticket, left.volume) == (long.ticket, 0.2)
    first, second = deals(api)[-2:]
    assert (first.entry, second.entry) == (3, 3)
    assert first.profit == pytest.approx((short.price_open - long.price_open) * 10_000, abs=0.006)
    assert second.profit == 0.0
    assert {first.position_id, second.position_id} == {long.ticket, short.ticket}


def test_stops_can_be_changed_but_not_to_the_same(api: SimApi) -> None:
    deal(api, "EURUSD", "buy", 0.1)
    (position,) = api.positions_get()
    request = {"action": 6, "symbol": "EURUSD", "position": position.ticket, "sl": 1.05, "tp": 1.2}
    answer = api.order_send(request)
    assert (answer.retcode, answer.deal, answer.order, answer.price) == (DONE, 0, 0, 0.0)
    assert api.positions_get()[0].sl == 1.05
    assert api.order_send(request).retcode == 10025
    assert api.order_send({**request, "sl": 1.2}).retcode == 10016
    assert api.order_send({**request, "position": 5}).retcode == 10036
    assert api.order_send({**request, "sl": 0.0, "tp": 0.0}).retcode == DONE
    assert api.positions_get()[0].sl == 0.0


REFUSALS: list[tuple[dict[str, Any], int]] = [
    ({"action": 2}, 10013),
    ({"symbol": "NOPE"}, 10013),
    ({"type": 2}, 10013),
    ({"volume": 0.0}, 10014),
    ({"volume": 0.001}, 10014),
    ({"volume": 0.015}, 10014),
    ({"volume": 100.01}, 10014),
    ({"volume": float("nan")}, 10014),
    ({"type_filling": 2}, 10030),
    ({"type_filling": 3}, 10030),
    ({"type_filling": 9}, 10030),
    ({"sl": 1.2}, 10016),
    ({"tp": 1.0}, 10016),
    ({"sl": -1.0}, 10016),
    ({"sl": float("nan")}, 10016),
    ({"volume": 100.0}, 10019),
    ({"position": 12345}, 10036),
]


@pytest.mark.parametrize(("change", "code"), REFUSALS)
def test_refusals(api: SimApi, change: dict[str, Any], code: int) -> None:
    request = {"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, **change}
    before = api.sim_ledger()
    assert api.order_check(request).retcode == code
    answer = api.order_send(request)
    assert (answer.retcode, answer.deal, answer.order, answer.volume) == (code, 0, 0, 0.0)
    assert answer.comment
    assert api.sim_ledger() == before


@pytest.mark.parametrize(
    ("settings", "side", "code"),
    [
        ({"trade_mode": 0}, "buy", 10017),
        ({"trade_mode": 1}, "sell", 10042),
        ({"trade_mode": 2}, "buy", 10043),
        ({"trade_mode": 3}, "buy", 10044),
        ({"order_mode": 126}, "buy", 10035),
        ({"volume_limit": 0.05}, "buy", 10034),
        ({"sessions": "tue 00:00-24:00", "x": "closed"}, "buy", 10018),
        ({"trade_exemode": 1}, "free", 10015),
    ],
)
def test_refusals_by_the_symbols_specification(settings: dict[str, Any], side: str, code: int) -> None:
    closed = settings.pop("x", None) is not None
    overrides = {"always_open": not closed, "symbols": {"EURUSD": settings}}
    api = connected(overrides=overrides)
    more = {"price": 0.0} if side == "free" else {}
    assert deal(api, "EURUSD", "sell" if side == "sell" else "buy", 0.1, **more).retcode == code


def test_a_close_is_always_allowed_where_only_closing_is() -> None:
    api = connected()
    deal(api, "EURUSD", "buy", 0.1)
    api.sim_fault({"kind": "contract_changed", "symbol": "EURUSD", "values": {"trade_mode": 3}})
    (position,) = api.positions_get()
    assert close(api, position).retcode == DONE


def test_closing_more_than_there_is_or_the_wrong_way_is_refused(api: SimApi) -> None:
    deal(api, "EURUSD", "buy", 0.2)
    (position,) = api.positions_get()
    assert close(api, position, 0.3).retcode == 10038
    assert deal(api, "EURUSD", "buy", 0.1, position=position.ticket).retcode == 10013
    assert deal(api, "USDJPY", "sell", 0.1, position=position.ticket).retcode == 10013


def test_stops_level_and_freeze_level() -> None:
    api = playing(flat(1.1, 9), trade_stops_level=20, trade_freeze_level=30)
    assert deal(api, "EURUSD", "buy", 0.1, sl=1.09981).retcode == 10016
    assert deal(api, "EURUSD", "buy", 0.1, sl=1.0998, tp=1.1002).retcode == DONE
    assert deal(api, "EURUSD", "sell", 0.1, sl=1.10029).retcode == 10016
    assert deal(api, "EURUSD", "sell", 0.1, sl=1.1003).retcode == DONE
    (position, _) = api.positions_get()
    assert close(api, position).retcode == 10029
    change = {"action": 6, "position": position.ticket, "sl": 1.09, "tp": 1.1002}
    assert api.order_send(change).retcode == 10029


def test_fifo_and_no_hedging_accounts() -> None:
    api = connected(overrides={"account": {"fifo_close": True}})
    deal(api, "EURUSD", "buy", 0.1)
    deal(api, "EURUSD", "buy", 0.2)
    assert deal(api, "EURUSD", "sell", 0.1).retcode == 10046
    first, second = api.positions_get()
    assert close(api, second).retcode == 10045
    assert close(api, first).retcode == DONE


def test_the_switches_of_terminal_and_account() -> None:
    for kind, code in (("algo_off", 10027), ("experts_off", 10026), ("investor", 10017)):
        api = connected()
        api.sim_fault({"kind": kind, "seconds": 60})
        answer = deal(api, "EURUSD", "buy", 0.1)
        assert answer.retcode == code
        assert code != 10027 or answer.request_id == 0
        api.sim_advance(61)
        assert deal(api, "EURUSD", "buy", 0.1).retcode == DONE
    api = connected()
    api.sim_fault({"kind": "api_disabled"})
    assert deal(api, "EURUSD", "buy", 0.1) is None
    assert api.last_error() == (-8, "Auto-Trading using Python API disabled in Terminal")


def test_instant_execution_fills_at_the_asked_price_or_requotes() -> None:
    api = connected(profile="Demo-Nasty", overrides={"execution": {"requote_probability": 0.0}})
    tick = api.symbol_info_tick("EURUSD.x")
    answer = deal(api, "EURUSD.x", "buy", 0.1, price=round(tick.ask - 0.0001, 5), deviation=10)
    assert (answer.retcode, answer.price) == (DONE, round(tick.ask - 0.0001, 5))
    answer = deal(api, "EURUSD.x", "buy", 0.1, price=round(tick.ask - 0.0002, 5), deviation=10)
    assert (answer.retcode, answer.comment) == (10004, "Requote")
    assert (answer.bid, answer.ask, answer.deal) == (tick.bid, tick.ask, 0)


def test_nasty_brokers_requote_now_and_then() -> None:
    api = connected(profile="Demo-Nasty", overrides={"account": {"balance": 1e7}})
    codes = [deal(api, "EURUSD.x", "buy", 0.01).retcode for _ in range(100)]
    assert set(codes) == {DONE, 10004}
    assert 3 < codes.count(10004) < 40


def test_slippage_is_whole_points_and_bounded() -> None:
    api = connected(profile="Demo-ECN")
    slips = set()
    for _ in range(40):
        tick = api.symbol_info_tick("EURUSD")
        slips.add(round((deal(api, "EURUSD", "buy", 0.01).price - tick.ask) * 1e5))
    assert slips == {-2, -1, 0, 1, 2}


@pytest.mark.parametrize(("filling", "expected"), [(0, (10006, 0.0)), (1, (10010, 0.5))])
def test_partial_fills_by_filling_mode(api: SimApi, filling: int, expected: tuple[int, float]) -> None:
    api.sim_fault({"kind": "partial", "share": 0.5})
    answer = deal(api, "EURUSD", "buy", 1.0, type_filling=filling)
    assert (answer.retcode, answer.volume) == expected
    assert sum(position.volume for position in api.positions_get()) == expected[1]
    assert api.orders_total() == 0


def test_a_return_order_keeps_its_rest_in_the_market() -> None:
    api = connected(profile="Demo-Netting")
    api.sim_fault({"kind": "partial", "share": 0.4})
    answer = deal(api, "EURUSD", "buy", 1.0, type_filling=2)
    assert (answer.retcode, answer.volume) == (10010, 0.4)
    (rest,) = api.orders_get()
    assert (rest.state, rest.volume_current, rest.volume_initial) == (3, 0.6, 1.0)
    api.sim_advance(3_600)
    if api.orders_total():
        api.sim_advance(86_400)
    volumes = [each.volume for each in deals(api)]
    assert sum(volumes) + sum(order.volume_current for order in api.orders_get()) == pytest.approx(1.0)


def test_an_order_larger_than_the_market_is_filled_in_part() -> None:
    api = connected(profile="Demo-ECN", overrides={"account": {"balance": 1e7}})
    answer = deal(api, "EURUSD", "buy", 80.0)
    assert (answer.retcode, answer.volume) == (10010, 50.0)
    assert api.positions_get()[0].volume == 50.0
    assert api.history_orders_get(*EVER)[0].volume_current == 30.0


def test_order_check_tells_the_margin_after_the_trade(api: SimApi) -> None:
    found = api.order_check({"action": 1, "symbol": "EURUSD", "volume": 0.5, "type": 0})
    tick = api.symbol_info_tick("EURUSD")
    assert (found.retcode, found.comment, found.balance) == (0, "Done", 10_000.0)
    assert found.margin == pytest.approx(500 * tick.ask, abs=0.01)
    assert found.margin_free == pytest.approx(10_000 - found.margin)
    assert found.margin_level == pytest.approx(10_000 / found.margin * 100)


def test_pending_limit_of_orders() -> None:
    api = connected(overrides={"account": {"limit_orders": 2}})
    assert [pending(api, "EURUSD", "BUY_LIMIT", 1.0).retcode for _ in range(3)] == [DONE, DONE, 10033]


def test_buy_sell_and_close_of_the_module(api: SimApi) -> None:
    assert api.Buy("EURUSD", 0.1, comment="hello").retcode == DONE
    assert api.Sell("EURUSD", 0.1).retcode == DONE
    assert api.Close("EURUSD") is True
    assert api.positions_total() == 0
    assert api.Close("EURUSD") is False
    opened = api.Sell("USDJPY", 0.2)
    assert api.Buy("USDJPY", 0.1, ticket=opened.order).retcode == DONE
    assert api.Close("USDJPY", ticket=opened.order) is True
