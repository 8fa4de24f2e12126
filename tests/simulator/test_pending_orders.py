"""All six kinds of pending orders: where they may wait, when and at what price they fill, how they end."""

from __future__ import annotations

import pytest

from qbx_desktop.simulator.api import SimApi

from .scripted import START, flat, playing
from .trader import DONE, EVER, deals, pending

UP = [*flat(1.1, 2), (1.1, 1.103, 1.1, 1.103), *flat(1.103, 3)]
DOWN = [*flat(1.1, 2), (1.1, 1.1, 1.097, 1.097), *flat(1.097, 3)]
GAP_UP = [*flat(1.1, 2), *flat(1.105, 4)]
GAP_DOWN = [*flat(1.1, 2), *flat(1.095, 4)]


@pytest.mark.parametrize(
    ("rows", "kind", "price", "fill"),
    [
        (DOWN, "BUY_LIMIT", 1.098, 1.098),
        (UP, "SELL_LIMIT", 1.102, 1.102),
        (GAP_DOWN, "BUY_LIMIT", 1.098, 1.098),  # a limit fills at its price, a gap gives nothing away
        (GAP_UP, "SELL_LIMIT", 1.102, 1.102),
        (GAP_UP, "BUY_STOP", 1.102, 1.1051),  # a stop fills at the market: ask after the gap
        (GAP_DOWN, "SELL_STOP", 1.098, 1.095),
    ],
)
def test_fill(rows: list[tuple[float, float, float, float]], kind: str, price: float, fill: float) -> None:
    api = playing(rows)
    placed = pending(api, "EURUSD", kind, price, magic=9, comment="waits")
    assert (placed.retcode, placed.deal, placed.price) == (DONE, 0, 0.0)
    (order,) = api.orders_get()
    assert (order.ticket, order.state, order.price_open, order.magic) == (placed.order, 1, price, 9)
    api.sim_advance(300)
    assert api.orders_get() == ()
    (position,) = api.positions_get()
    assert (position.ticket, position.price_open, position.magic) == (placed.order, fill, 9)
    (booked,) = deals(api)
    assert (booked.price, booked.entry, booked.comment, booked.reason) == (fill, 0, "waits", 3)
    (past,) = api.history_orders_get(*EVER)
    assert (past.state, past.position_id) == (4, placed.order)


@pytest.mark.parametrize(
    ("kind", "price"),
    [("BUY_LIMIT", 1.1001), ("SELL_LIMIT", 1.1), ("BUY_STOP", 1.1001), ("SELL_STOP", 1.1), ("BUY_STOP", 0.0)],
)
def test_a_price_on_the_wrong_side_is_refused(kind: str, price: float) -> None:
    assert pending(playing(UP), "EURUSD", kind, price).retcode == 10015


def test_a_price_too_near_the_market_is_refused() -> None:
    api = playing(UP, trade_stops_level=20)
    assert pending(api, "EURUSD", "BUY_STOP", 1.1002).retcode == 10016
    assert pending(api, "EURUSD", "BUY_STOP", 1.1003).retcode == DONE
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.099, sl=1.0989).retcode == 10016


def test_a_price_off_the_tick_grid_is_refused() -> None:
    api = playing(UP, trade_tick_size=0.0005)
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.0982).retcode == 10015
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.098).retcode == DONE


def test_a_stop_limit_wakes_and_then_waits_as_a_limit() -> None:
    rows = [*UP, (1.103, 1.103, 1.1005, 1.1005), *flat(1.1005, 2)]
    api = playing(rows)
    placed = pending(api, "EURUSD", "BUY_STOP_LIMIT", 1.102, stoplimit=1.101)
    assert placed.retcode == DONE
    api.sim_advance(240)
    (order,) = api.orders_get()
    assert (order.ticket, order.type, order.price_open) == (placed.order, api.ORDER_TYPE_BUY_LIMIT, 1.101)
    api.sim_advance(240)
    assert api.positions_get()[0].price_open == 1.101
    assert pending(api, "EURUSD", "SELL_STOP_LIMIT", 1.1, stoplimit=1.099).retcode == 10015
    assert pending(api, "EURUSD", "BUY_STOP_LIMIT", 1.102, stoplimit=1.103).retcode == 10015


def test_an_order_can_be_changed_and_removed() -> None:
    api = playing(flat(1.1, 30))
    ticket = pending(api, "EURUSD", "BUY_LIMIT", 1.09).order
    change = {"action": 7, "order": ticket, "price": 1.08, "sl": 1.07, "tp": 1.2}
    assert api.order_send(change).retcode == DONE
    (order,) = api.orders_get()
    assert (order.price_open, order.sl, order.tp) == (1.08, 1.07, 1.2)
    assert api.order_send(change).retcode == 10025
    assert api.order_send({**change, "price": 1.2}).retcode == 10015
    assert api.order_send({**change, "price": 1.0810000000000002}).retcode == DONE
    assert api.orders_get()[0].price_open == 1.081
    assert api.order_send({"action": 8, "order": ticket}).retcode == DONE
    assert api.orders_total() == 0
    assert api.history_orders_get(*EVER)[0].state == api.ORDER_STATE_CANCELED
    assert api.order_send({"action": 8, "order": ticket}).retcode == 10013


def test_an_order_near_its_price_is_frozen() -> None:
    api = playing(flat(1.1, 9), trade_freeze_level=30)
    ticket = pending(api, "EURUSD", "BUY_LIMIT", 1.0999).order
    assert api.order_send({"action": 8, "order": ticket}).retcode == 10029


def test_orders_expire_at_their_moment_or_at_midnight() -> None:
    api = playing(flat(1.1, 1_200))
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.0, type_time=2, expiration=START + 90).retcode == DONE
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.0, type_time=1).retcode == DONE
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.0, type_time=3, expiration=START + 10).retcode == DONE
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.0).retcode == DONE
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.0, type_time=2, expiration=START).retcode == 10022
    assert pending(api, "EURUSD", "BUY_LIMIT", 1.0, type_time=7).retcode == 10022
    api.sim_advance(89)
    assert api.orders_total() == 4
    api.sim_advance(1)
    assert api.orders_total() == 3
    (expired,) = api.history_orders_get(*EVER)
    assert (expired.state, expired.time_done) == (api.ORDER_STATE_EXPIRED, START + 90)
    api.sim_advance_to(START + 16 * 3_600)
    assert api.orders_total() == 1


def test_an_order_that_can_no_longer_be_paid_for_is_rejected_when_it_triggers() -> None:
    api = playing(UP, account={"balance": 200.0})
    pending(api, "EURUSD", "BUY_STOP", 1.102, volume=1.0)
    api.sim_advance(300)
    assert api.positions_total() == api.orders_total() == 0
    assert api.history_orders_get(*EVER)[0].state == api.ORDER_STATE_REJECTED


def test_one_tick_can_open_a_position_and_close_it_again(api: SimApi) -> None:
    api = playing([*flat(1.1, 2), *flat(1.105, 4)])
    pending(api, "EURUSD", "BUY_STOP", 1.102, tp=1.104)
    api.sim_advance(300)
    opened, closed = deals(api)
    assert (opened.price, closed.price, closed.reason) == (1.1051, 1.104, 5)
    assert opened.time == closed.time
