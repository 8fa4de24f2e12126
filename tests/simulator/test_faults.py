"""Every disturbance does what it says, when it says it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import DEFAULT_START

from .trader import DONE, close, connected, deal, deals


def buy(api: SimApi, **more: Any) -> Any:
    return deal(api, "EURUSD", "buy", 0.1, **more)


@pytest.mark.parametrize(
    ("kind", "executed", "retcode", "error"),
    [
        ("lost_before", False, None, (-10002, "IPC recv failed")),
        ("lost_after", True, None, (-10002, "IPC recv failed")),
        ("answer", True, 10012, (1, "Success")),
        ("retcode", False, 10004, (1, "Success")),
        ("slippage", True, DONE, (1, "Success")),
    ],
)
def test_orders_whose_answer_is_not_the_truth(
    api: SimApi, kind: str, executed: bool, retcode: int | None, error: tuple[int, str]
) -> None:
    api.sim_fault({"kind": kind})
    answer = buy(api)
    assert (None if answer is None else answer.retcode) == retcode
    assert api.last_error() == error
    api.initialize()
    assert api.positions_total() == int(executed)


def test_after_a_lost_answer_every_call_fails_until_initialize(api: SimApi) -> None:
    api.sim_fault({"kind": "lost_after"})
    assert buy(api) is None
    assert api.positions_get() is None
    assert api.last_error() == (-10004, "No IPC connection")
    assert api.initialize()
    assert api.positions_total() == 1


def test_a_restarted_terminal_keeps_its_pipe_dead(api: SimApi) -> None:
    build = api.terminal_info().build
    api.sim_fault({"kind": "restarted", "after": 60})
    assert api.positions_get() == ()
    api.sim_advance(60)
    for _ in range(3):
        assert api.positions_get() is None
        assert api.last_error() == (-10001, "IPC send failed")
    assert api.initialize()
    assert api.terminal_info().build == build + 1


@pytest.mark.parametrize(("kind", "retcode"), [("late", 10012), ("placed", 10008)])
def test_orders_that_are_executed_later(api: SimApi, kind: str, retcode: int) -> None:
    api.sim_fault({"kind": kind, "seconds": 30})
    assert buy(api).retcode == retcode
    api.sim_advance(29)
    assert api.positions_total() == 0
    api.sim_advance(1)
    (position,) = api.positions_get()
    assert position.time == DEFAULT_START + 30


def test_a_view_that_lags_behind(api: SimApi) -> None:
    api.sim_fault({"kind": "view_lag", "seconds": 5})
    assert buy(api).retcode == DONE
    assert api.positions_get() == ()
    assert len(api.history_deals_get(0, 2**31 - 1)) == 1
    assert api.positions_total() == 0
    api.sim_advance(5)
    assert api.positions_total() == 1
    api.sim_fault({"kind": "view_lag", "seconds": 0, "calls": 2})
    close(api, api.positions_get()[0])
    assert [api.positions_total() for _ in range(3)] == [1, 1, 0]


def test_a_disconnected_terminal_shows_the_past_and_its_stops_still_work(api: SimApi) -> None:
    tick = api.symbol_info_tick("EURUSD")
    buy(api, sl=round(tick.bid - 0.0005, 5), tp=round(tick.bid + 0.0005, 5))
    before = api.positions_get()
    api.sim_fault({"kind": "disconnected", "seconds": 6 * 3_600})
    api.sim_advance(5 * 3_600)
    assert api.terminal_info().connected is False
    assert api.symbol_info_tick("EURUSD") == tick
    assert api.positions_get() == before
    assert buy(api).retcode == 10031
    api.sim_advance(2 * 3_600)
    assert api.terminal_info().connected is True
    assert api.positions_get() == ()
    assert deals(api)[-1].time < DEFAULT_START + 6 * 3_600


def test_quotes_that_stand_still(api: SimApi) -> None:
    tick = api.symbol_info_tick("EURUSD")
    api.sim_fault({"kind": "frozen", "symbol": "EURUSD", "seconds": 300})
    api.sim_advance(299)
    assert api.symbol_info_tick("EURUSD") == tick
    assert api.symbol_info_tick("USDJPY").time > tick.time
    api.sim_advance(2)
    assert api.symbol_info_tick("EURUSD").time > tick.time


def test_spreads_that_widen(api: SimApi) -> None:
    normal = api.symbol_info("EURUSD").spread
    api.sim_fault({"kind": "spread", "symbol": "EURUSD", "factor": 20, "seconds": 10})
    assert api.symbol_info("EURUSD").spread == 20 * normal
    api.sim_advance(10)
    assert api.symbol_info("EURUSD").spread < 5 * normal


def test_prices_that_jump_stay_where_they_jumped(api: SimApi) -> None:
    calm = connected()
    api.sim_fault({"kind": "jump", "symbol": "EURUSD", "points": -2_000, "after": 90})
    for each in (api, calm):
        each.sim_advance(7_200)
    moved = calm.symbol_info_tick("EURUSD").bid - api.symbol_info_tick("EURUSD").bid
    assert moved == pytest.approx(0.02, abs=1e-9)
    bars = api.copy_rates_from_pos("EURUSD", 1, 0, 121)
    assert abs(bars["open"][2] - bars["close"][1]) > 0.019
    assert bars["open"][1] == calm.copy_rates_from_pos("EURUSD", 1, 0, 121)["open"][1]


def test_bars_that_are_revised_or_missing(api: SimApi) -> None:
    api.sim_advance(600)
    before = api.copy_rates_from_pos("EURUSD", 1, 1, 3)
    api.sim_fault({"kind": "bar_revised", "symbol": "EURUSD", "points": 30})
    api.sim_advance(1)
    after = api.copy_rates_from_pos("EURUSD", 1, 1, 3)
    assert after["close"][-1] - before["close"][-1] == pytest.approx(0.0003, abs=1e-9)
    assert (after[:-1] == before[:-1]).all()
    api.sim_fault({"kind": "bars_missing", "symbol": "EURUSD", "length": 300})
    api.sim_advance(900)
    times = api.copy_rates_from_pos("EURUSD", 1, 0, 15)["time"]
    assert max(b - a for a, b in pairwise(times)) == 360


def test_the_brokers_clock_moves(api: SimApi) -> None:
    api.sim_fault({"kind": "clock_shift", "hours": 1})
    assert api.sim_advance(1) == DEFAULT_START + 3_601
    api.sim_fault({"kind": "clock_shift", "hours": -1})
    assert api.sim_advance(1) == DEFAULT_START + 3_601
    assert api.sim_advance(3_600) == DEFAULT_START + 3_602


def test_account_and_symbol_change_under_us(api: SimApi) -> None:
    buy(api)
    api.sim_fault({"kind": "account_switched", "login": 4, "seconds": 60})
    assert (api.account_info().login, api.positions_total()) == (4, 0)
    api.sim_advance(60)
    assert api.positions_total() == 1
    api.sim_fault({"kind": "real_account"})
    assert api.account_info().trade_mode == 2
    api.sim_fault({"kind": "symbol_removed", "symbol": "EURUSD", "seconds": 60})
    assert api.symbol_info("EURUSD") is None
    assert api.symbols_total() == 17
    assert api.order_send({"action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0}).retcode == 10013
    api.sim_advance(61)
    api.sim_fault(
        {"kind": "contract_changed", "symbol": "EURUSD", "values": {"trade_contract_size": 10_000.0}}
    )
    info = api.symbol_info("EURUSD")
    assert (info.trade_contract_size, info.trade_tick_value) == (10_000.0, pytest.approx(0.1))


def test_brokers_that_rewrite_comments_and_number_high(api: SimApi) -> None:
    api.sim_fault({"kind": "comments", "length": 4})
    api.sim_fault({"kind": "big_tickets"})
    answer = buy(api, comment="QBX-1234")
    assert answer.request.comment == "QBX-1234"
    assert api.positions_get()[0].comment == "QBX-"
    assert answer.order > 2**32 < answer.deal


def test_a_stranger_trades_with_our_magic(api: SimApi) -> None:
    api.sim_fault({"kind": "stranger_deal", "symbol": "EURUSD", "magic": 4711, "side": "sell"})
    (position,) = api.positions_get()
    assert (position.magic, position.type, position.volume) == (4711, 1, 0.01)


def test_history_that_is_not_ready_then_short_then_full(api: SimApi) -> None:
    api.sim_fault({"kind": "refuse", "function": "copy_rates_from_pos", "times": 2})
    api.sim_fault({"kind": "short_history", "count": 7})
    lengths = []
    for _ in range(4):
        rates = api.copy_rates_from_pos("EURUSD", 16385, 0, 100)
        lengths.append(None if rates is None else len(rates))
    assert lengths == [None, None, 7, 100]


def test_an_initialize_that_fails(api: SimApi) -> None:
    api.sim_fault({"kind": "refuse", "function": "initialize", "code": -10005, "text": "IPC timeout"})
    assert api.initialize() is False
    assert api.last_error() == (-10005, "IPC timeout")
    assert api.initialize() is True


def test_calls_that_take_their_time(api: SimApi) -> None:
    api.sim_fault(
        {"kind": "latency", "function": "account_info", "seconds": 0.001, "spread": 0.5, "times": 0}
    )
    for _ in range(5):
        assert api.account_info() is not None


def test_a_call_is_counted_from_when_the_disturbance_was_added(api: SimApi) -> None:
    api.positions_get()
    api.sim_fault({"kind": "wrong_answer", "function": "positions_get", "call": 3})
    found = [api.positions_get() for _ in range(5)]
    assert [each is None for each in found] == [False, False, True, False, False]


def test_chance_follows_from_the_seed() -> None:
    def failures(seed: int) -> list[bool]:
        api = connected(
            seed=seed, faults=[{"kind": "wrong_answer", "function": "orders_get", "probability": 0.3}]
        )
        return [api.orders_get() is None for _ in range(60)]

    assert failures(1) == failures(1) != failures(2)
    assert 5 < sum(failures(1)) < 35


def test_a_state_without_end_begins_once() -> None:
    api = connected(faults=[{"kind": "deposit", "amount": 1.0, "after": 5, "times": 0}])
    api.sim_advance(100)
    assert api.account_info().balance == 10_001.0


def test_a_time_can_be_given_as_server_time() -> None:
    api = connected(faults=[{"kind": "deposit", "amount": -500.0, "at": DEFAULT_START + 100}])
    api.sim_advance(99)
    assert api.account_info().balance == 10_000.0
    api.sim_advance(1)
    assert api.account_info().balance == 9_500.0


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"kind": "earthquake"},
        {"kind": "latency", "second": 1},
        {"kind": "latency", "call": "3"},
        {"kind": "algo_off", "at": -1},
        {"kind": "jump", "strength": 1},
    ],
)
def test_what_cannot_be_read_is_refused(api: SimApi, fault: dict[str, Any]) -> None:
    with pytest.raises(UserMistake, match="disturbance"):
        api.sim_fault(fault)
