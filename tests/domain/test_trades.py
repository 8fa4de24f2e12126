"""Trades rebuilt from deals: every cent of the balance is in exactly one of them, on hedging and netting accounts."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.domain.records import TradeDeal
from qbx_desktop.domain.trade_totals import Totals, grouped, totals_of
from qbx_desktop.domain.trades import RebuiltTrade, booked_beside, rebuild
from qbx_desktop.simulator.api import SimApi
from tests.simulator.test_properties import anything
from tests.simulator.trader import EVER, close, connected, deal

COSTS = {"commission": {"kind": "per_lot", "amount": 3.37}}


def market(profile: str) -> SimApi:
    """An account that pays an odd commission per lot and side, so that shares of it do not come out even."""
    return connected(
        profile=profile,
        overrides={
            "account": {"balance": 1e6},
            "symbols": dict.fromkeys(("EURUSD", "XAUUSD", "USDJPY"), COSTS),
        },
    )


def trades_of(api: SimApi) -> list[RebuiltTrade]:
    """The trades of everything booked, after checking them against the account."""
    booked = [TradeDeal(**each._asdict()) for each in api.history_deals_get(*EVER)]
    account = api.account_info()
    trades = rebuild(booked, account.currency_digits)
    whole = booked_beside(booked) + sum(each.net for each in trades)
    assert round(whole, account.currency_digits) == account.balance
    assert all(each.complete for each in trades)
    check_open(trades, api.positions_get())
    check_volume(trades, booked)
    return trades


def check_open(trades: list[RebuiltTrade], positions: Any) -> None:
    """The open rests are the positions: same side, volume, price, time of the first entry."""
    rests = {each.position_id: each for each in trades if each.is_open}
    assert set(rests) == {each.identifier for each in positions}
    for position in positions:
        rest = rests[position.identifier]
        assert rest.side == (1 if position.type == 0 else -1)
        assert rest.volume == pytest.approx(position.volume, abs=1e-8)
        assert rest.open_price == pytest.approx(position.price_open, abs=1e-9)
        assert rest.open_ms == position.time_msc


def check_volume(trades: list[RebuiltTrade], booked: list[TradeDeal]) -> None:
    """Entry and exit of every closed trade, and the entry of every rest, are all the volume there was."""
    entered = sum(each.volume for each in trades)
    left = sum(each.volume for each in trades if not each.is_open)
    assert entered + left == pytest.approx(sum(each.volume for each in booked if each.position_id), abs=1e-6)


@pytest.mark.parametrize("profile", ["Demo-Hedging", "Demo-Netting"])
@given(st.integers(0, 2**32))
@settings(max_examples=8)
def test_whatever_is_traded_the_trades_sum_to_the_balance(profile: str, seed: int) -> None:
    dice = random.Random(seed)
    api = market(profile)
    for _ in range(30):
        anything(api, dice)
        api.sim_advance(dice.choice([0, 60, 3_600, 90_000]))
    trades_of(api)


def test_a_position_closed_in_parts_is_one_trade() -> None:
    api = market("Demo-Hedging")
    deal(api, "EURUSD", "buy", 0.33)
    for part in (0.11, 0.11):
        api.sim_advance(90_000)
        close(api, api.positions_get()[0], part)
    closed, rest = trades_of(api)
    assert (closed.is_open, closed.volume, closed.exits, rest.is_open, rest.volume) == (
        False,
        0.22,
        2,
        True,
        0.11,
    )
    assert closed.commission == pytest.approx(-(0.74 + 2 * 0.37))
    assert rest.net == pytest.approx(-0.37)
    api.sim_advance(90_000)
    close(api, api.positions_get()[0])
    (whole,) = trades_of(api)
    assert (whole.volume, whole.exits, whole.is_open) == (0.33, 3, False)
    assert whole.swap != 0.0


def test_a_reversal_ends_one_trade_and_begins_the_next() -> None:
    api = market("Demo-Netting")
    deal(api, "EURUSD", "buy", 0.5, magic=7)
    api.sim_advance(90_000)
    turn = deal(api, "EURUSD", "sell", 0.8, magic=8)
    api.sim_advance(3_600)
    deal(api, "EURUSD", "buy", 0.3)
    long, short = trades_of(api)
    assert (long.side, long.volume, long.magic, short.side, short.volume, short.magic) == (
        1,
        0.5,
        7,
        -1,
        0.3,
        8,
    )
    assert (long.position_id, long.part) == (short.position_id, 0)
    assert short.part == 1
    assert (long.close_price, short.open_price, short.order) == (turn.price, turn.price, turn.order)
    assert (long.profit, short.profit) == pytest.approx(
        ((long.close_price - long.open_price) * 50_000, (short.open_price - short.close_price) * 30_000),
        abs=0.006,
    )


def test_an_account_joined_late_counts_the_money_and_says_what_it_cannot_know() -> None:
    api = market("Demo-Hedging")
    deal(api, "EURUSD", "buy", 0.3)
    for part in (0.1, 0.2):
        close(api, api.positions_get()[0], part)
    late = [TradeDeal(**each._asdict()) for each in api.history_deals_get(*EVER)][2:]
    (trade,) = rebuild(late)
    assert (trade.complete, trade.open_ms, trade.side, trade.volume, trade.exits) == (False, None, 1, 0.3, 2)
    assert trade.net == pytest.approx(sum(each.profit + each.commission for each in late))


def test_totals() -> None:
    assert totals_of([]) == Totals()
    assert totals_of([]).won_percent is None
    found = totals_of([10.0, -4.0, 0.0, 6.0])
    assert (found.count, found.net, found.won_percent, found.profit_factor) == (4, 12.0, 50.0, 4.0)
    assert totals_of([1.0]).profit_factor is None
    groups = grouped([("a", 1.0), ("b", -2.0), ("a", 3.0)], lambda row: row[0], lambda row: row[1])
    assert {name: each.net for name, each in groups.items()} == {"a": 4.0, "b": -2.0}
