"""Whatever is asked of it, in whatever order: the simulated broker loses no money and no volume."""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.profile import profile_names
from qbx_desktop.simulator.timeline import Timeline

from .trader import EVER, connected

_KINDS = ("BUY_LIMIT", "SELL_LIMIT", "BUY_STOP", "SELL_STOP", "BUY_STOP_LIMIT", "SELL_STOP_LIMIT")


def check_books(api: SimApi) -> None:
    """Every law of the ledger, to the cent."""
    account = api.account_info()
    positions, orders = api.positions_get(), api.orders_get()
    booked = api.history_deals_get(*EVER)
    money = sum(deal.profit + deal.swap + deal.commission + deal.fee for deal in booked)
    assert account.balance == round(money, account.currency_digits)
    floating = sum(position.profit + position.swap for position in positions)
    assert account.profit == pytest.approx(floating, abs=1e-6)
    assert account.equity == pytest.approx(account.balance + account.credit + floating, abs=0.01)
    assert account.margin_free == pytest.approx(account.equity - account.margin, abs=1e-6)
    assert (account.margin_level == 0.0) == (account.margin == 0.0)
    assert account.margin == 0.0 or account.margin_level == pytest.approx(
        account.equity / account.margin * 100
    )
    assert bool(positions) or account.margin == 0.0
    check_volume(booked, positions)
    known = {order.ticket for order in api.history_orders_get(*EVER)} | {order.ticket for order in orders}
    assert {deal.order for deal in booked if deal.position_id} <= known
    tickets = [deal.ticket for deal in booked]
    assert tickets == sorted(set(tickets))
    assert all(order.volume_current <= order.volume_initial for order in orders)


def check_volume(booked: Any, positions: Any) -> None:
    """What the deals bought and sold of each position is what is open, in volume and side."""
    signed: dict[int, float] = defaultdict(float)
    for deal in booked:
        if deal.position_id:
            signed[deal.position_id] += deal.volume if deal.type == 0 else -deal.volume
    opened = {each.identifier: each.volume if each.type == 0 else -each.volume for each in positions}
    for identifier in {*signed, *opened}:
        assert signed[identifier] == pytest.approx(opened.get(identifier, 0.0), abs=1e-7)


def anything(api: SimApi, dice: random.Random) -> None:
    """Send one request, sensible or not."""
    names = [symbol.name for symbol in api.symbols_get("*EUR*,*XAU*,*JPY*,*US500*,*GER40*")]
    name = dice.choice(names)
    info, tick = api.symbol_info(name), api.symbol_info_tick(name)
    if tick is None:
        return
    positions, orders = api.positions_get(), api.orders_get()
    volume = round(info.volume_min * dice.choice([1, 1, 2, 5, 10, 50]), 2)
    filling = dice.choice([0, 1, 1, 2])

    def near(distance: int) -> float:
        raw = tick.bid + distance * dice.randint(5, 400) * info.point
        return round(round(raw / info.trade_tick_size) * info.trade_tick_size, info.digits)

    request: dict[str, Any] = {
        "action": 1, "symbol": name, "volume": volume, "type_filling": filling, "deviation": 5,
        "magic": dice.randint(0, 9),
    }  # fmt: skip
    choice = dice.random()
    if choice < 0.45:
        side = dice.choice([0, 1])
        request |= {"type": side, "price": tick.ask if side == 0 else tick.bid}
        if dice.random() < 0.5:
            request |= {"sl": near(-1 if side == 0 else 1), "tp": near(1 if side == 0 else -1)}
    elif choice < 0.6 and positions:
        target = dice.choice(positions)
        part = dice.choice([target.volume, volume, target.volume * 2])
        quote = api.symbol_info_tick(target.symbol)
        price = quote.bid if target.type == 0 else quote.ask
        request |= {"symbol": target.symbol, "position": target.ticket, "type": 1 - target.type}
        request |= {"volume": part, "price": price}
    elif choice < 0.7:
        kind = dice.choice(_KINDS)
        request |= {
            "action": 5,
            "type": getattr(api, f"ORDER_TYPE_{kind}"),
            "price": near(dice.choice([-1, 1])),
        }
        request |= {
            "stoplimit": near(dice.choice([-1, 1])),
            "type_time": dice.choice([0, 1]),
            "type_filling": 2,
        }
    elif choice < 0.8 and positions:
        target = dice.choice(positions)
        request = {
            "action": 6,
            "symbol": target.symbol,
            "position": target.ticket,
            "sl": near(-1),
            "tp": near(1),
        }
    elif choice < 0.87 and orders:
        target = dice.choice(orders)
        request = {"action": dice.choice([7, 8]), "order": target.ticket, "price": near(dice.choice([-1, 1]))}
    elif choice < 0.92 and len(positions) > 1:
        one, two = dice.sample(list(positions), 2)
        request = {"action": 10, "position": one.ticket, "position_by": two.ticket}
    checked = api.order_check(request)
    answer = api.order_send(request)
    assert answer is not None
    if checked.retcode:
        assert answer.retcode == checked.retcode


def run(profile: str, seed: int, steps: int, balance: float | None = None) -> SimApi:
    dice = random.Random(seed)
    money = dice.choice([800.0, 1e4, 1e6]) if balance is None else balance
    api = connected(profile=profile, seed=seed % 7, overrides={"account": {"balance": money}})
    for _ in range(steps):
        for _ in range(dice.randint(1, 4)):
            anything(api, dice)
            check_books(api)
        api.sim_advance(dice.choice([1, 30, 600, 3_600, 20_000, 90_000]))
        check_books(api)
    return api


@settings(max_examples=12)
@given(profile=st.sampled_from(profile_names()), seed=st.integers(0, 10_000))
def test_money_and_volume_are_kept(profile: str, seed: int) -> None:
    run(profile, seed, 12)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("profile", profile_names())
def test_money_and_volume_are_kept_for_a_long_time(profile: str) -> None:
    for seed in range(40):
        run(profile, seed, 80)


@pytest.mark.parametrize(("profile", "seed"), [("Demo-ECN", 3), ("Demo-Netting", 1)])
def test_skipping_quiet_spans_changes_nothing(
    profile: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    skipped = run(profile, seed, 4).sim_ledger()
    monkeypatch.setattr(Timeline, "_danger", lambda *_: True)
    assert run(profile, seed, 4).sim_ledger() == skipped


def test_random_streams_reach_every_corner() -> None:
    """The streams above would prove nothing if they were all refused."""
    reasons: set[tuple[int, int]] = set()
    states: set[int] = set()
    streams = [
        *((name, 0, None) for name in profile_names()),
        ("Demo-Hedging", 3, 400.0),
        ("Demo-Nasty", 1, 40.0),
    ]
    for profile, seed, balance in streams:
        api = run(profile, seed, 30, balance)
        reasons |= {(deal.entry, deal.reason) for deal in api.history_deals_get(*EVER) if deal.position_id}
        states |= {order.state for order in api.history_orders_get(*EVER)}
    assert reasons >= {(0, 3), (1, 3), (2, 3), (3, 3), (1, 4), (1, 5), (1, 6)}
    assert states >= {2, 4, 6}


@settings(max_examples=40)
@given(
    volumes=st.lists(
        st.tuples(st.sampled_from(("buy", "sell")), st.integers(1, 30)), min_size=1, max_size=12
    ),
    share=st.integers(1, 60),
)
def test_closing_on_a_netting_account_never_turns_a_position_around(
    volumes: list[tuple[str, int]], share: int
) -> None:
    from .trader import close, deal

    api = connected(profile="Demo-Netting", overrides={"account": {"balance": 1e7}})
    for side, lots in volumes:
        deal(api, "EURUSD", side, lots / 100)
    for position in api.positions_get():
        answer = close(api, position, share / 100)
        after = api.positions_get()
        if share / 100 > position.volume + 1e-9:
            assert answer.retcode == 10038
            assert after == api.positions_get(ticket=position.ticket) != ()
        else:
            assert not after or (after[0].type, after[0].identifier) == (position.type, position.identifier)
    check_books(api)
