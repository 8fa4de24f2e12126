"""Netting accounts: one position per symbol, which deals add to, reduce, close or turn around."""

from __future__ import annotations

import pytest

from qbx_desktop.simulator.api import SimApi

from .trader import DONE, close, connected, deal, deals


@pytest.fixture
def netting() -> SimApi:
    return connected(profile="Demo-Netting", overrides={"account": {"balance": 1e6}})


def test_deals_of_one_side_merge_by_volume_weighted_price(netting: SimApi) -> None:
    first = deal(netting, "EURUSD", "buy", 1.0, magic=1)
    netting.sim_advance(7_200)
    second = deal(netting, "EURUSD", "buy", 3.0, magic=2, sl=1.0)
    (position,) = netting.positions_get()
    assert (position.ticket, position.volume, position.magic, position.sl) == (first.order, 4.0, 1, 1.0)
    assert position.price_open == pytest.approx((first.price + 3 * second.price) / 4)
    assert {each.position_id for each in deals(netting)} == {position.identifier}


def test_an_opposite_deal_reduces_then_closes(netting: SimApi) -> None:
    deal(netting, "EURUSD", "buy", 1.0)
    deal(netting, "EURUSD", "sell", 0.4)
    (position,) = netting.positions_get()
    assert (position.type, position.volume) == (0, 0.6)
    deal(netting, "EURUSD", "sell", 0.6)
    assert netting.positions_get() == ()
    assert [each.entry for each in deals(netting)] == [0, 1, 1]


def test_a_larger_opposite_deal_turns_the_position_around(netting: SimApi) -> None:
    first = deal(netting, "EURUSD", "buy", 1.0)
    netting.sim_advance(3_600)
    second = deal(netting, "EURUSD", "sell", 1.5, magic=8)
    (position,) = netting.positions_get()
    assert (position.type, position.volume, position.price_open) == (1, 0.5, second.price)
    assert (position.ticket, position.identifier, position.magic) == (second.order, first.order, 8)
    turned = deals(netting)[-1]
    assert (turned.entry, turned.volume) == (2, 1.5)
    assert turned.profit == pytest.approx((second.price - first.price) * 100_000, abs=0.006)


def test_a_close_never_turns_the_position_around(netting: SimApi) -> None:
    deal(netting, "EURUSD", "buy", 1.0)
    (position,) = netting.positions_get()
    assert close(netting, position, 1.5).retcode == 10038
    assert close(netting, position, 1.0).retcode == DONE
    assert close(netting, position, 1.0).retcode == 10036
    assert netting.positions_get() == ()


def test_margin_of_opposite_requests(netting: SimApi) -> None:
    deal(netting, "EURUSD", "buy", 2.0)
    margin = netting.account_info().margin
    request = {"action": 1, "symbol": "EURUSD", "volume": 1.0, "type": 1, "type_filling": 1}
    assert netting.order_check(request).margin < margin
    assert netting.order_check({**request, "type": 0}).margin > margin


def test_stops_are_changed_by_symbol(netting: SimApi) -> None:
    deal(netting, "EURUSD", "buy", 1.0)
    assert netting.order_send({"action": 6, "symbol": "EURUSD", "sl": 1.0, "tp": 0.0}).retcode == DONE
    assert netting.positions_get()[0].sl == 1.0


def test_positions_cannot_be_closed_against_each_other(netting: SimApi) -> None:
    deal(netting, "EURUSD", "buy", 1.0)
    deal(netting, "GBPUSD", "sell", 1.0)
    first, second = netting.positions_get()
    answer = netting.order_send({"action": 10, "position": first.ticket, "position_by": second.ticket})
    assert answer.retcode == 10013
