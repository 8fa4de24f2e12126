"""F15-F31: what prices, time, strangers and the network may do, one test each, judged by the broker's records."""

from __future__ import annotations

import math
from typing import Any

import pytest

from qbx_desktop.domain.bots import BotStatus, RunState
from qbx_desktop.domain.events import Notice
from qbx_desktop.domain.journal import JournalAction, JournalState

from .broken_terminal import answer, changed, dead, states
from .stage import Stage


def test_f15_a_price_far_from_the_last_close_is_not_traded(stage: Stage) -> None:
    stage.running_bot(limits={"max_gap_atr": 5})
    stage.api.after["symbol_info_tick"] = lambda tick: changed(tick, bid=tick.bid * 1.1, ask=tick.ask * 1.1)
    stage.until(lambda: "GAGAL BUKA POSISI" in stage.actions())
    assert not stage.api.sends
    assert "jumped by" in stage.details("GAGAL BUKA POSISI")[0]


@pytest.mark.parametrize("prices", [(math.nan, 1.1), (0.0, 1.1), (1.2, 1.1), (-1.0, 1.1), (1.1, math.inf)])
def test_f16_prices_that_cannot_be_are_not_traded(stage: Stage, prices: tuple[float, float]) -> None:
    bot_id = stage.running_bot()
    stage.api.after["symbol_info_tick"] = lambda tick: changed(tick, bid=prices[0], ask=prices[1])
    stage.bar(20)
    assert not stage.api.sends
    assert RunState.NO_PRICES in states(stage, bot_id) or RunState.RETRYING in states(stage, bot_id)


def test_f17_a_wide_spread_stops_entries_but_not_exits(stage: Stage) -> None:
    bot_id = stage.running_bot(limits={"max_spread_points": 15})
    stage.until(lambda: len(stage.positions()) == 1)
    stage.api.after["symbol_info_tick"] = lambda tick: changed(tick, ask=tick.bid + 0.002)
    stage.until(lambda: not stage.positions())
    assert [row.action for row in stage.journal(bot_id) if row.sent_ms] == [
        JournalAction.OPEN,
        JournalAction.CLOSE,
    ]
    assert "The spread of EURUSD is 200 points" in stage.details("GAGAL BUKA POSISI")[0]


def test_f18_a_price_that_stands_still_is_not_traded(stage: Stage) -> None:
    bot_id = stage.running_bot(check_interval_seconds=5, limits={"max_price_age": 30})
    frozen = stage.api.api.symbol_info_tick("EURUSD")
    stage.api.instead["symbol_info_tick"] = lambda _name: frozen
    stage.wait(60)
    assert states(stage, bot_id)[-1] is RunState.NO_PRICES
    stage.bar(20)
    assert not stage.api.sends
    stage.api.mend()
    stage.wait(20)
    assert states(stage, bot_id)[-1] is RunState.WAITING


def test_f19_time_that_goes_back_decides_nothing_twice(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    sends = len(stage.api.sends)
    stage.clock.jump(-3_600)
    rates = stage.api.api.copy_rates_from_pos
    stage.api.instead["copy_rates_from_pos"] = lambda s, tf, start, n: rates(s, tf, start + 1, n)
    stage.clock.advance(60)
    stage.round(3)
    stage.api.mend()
    stage.clock.advance(60)
    stage.round(3)
    assert len(stage.api.sends) == sends
    bars = [row.bar_time for row in stage.journal(bot_id)]
    assert len(bars) == len(set(bars))


def test_f20_the_computers_clock_may_jump(stage: Stage) -> None:
    bot_id = stage.running_bot()
    for jump in (86_400.0, -2 * 86_400.0, 31_536_000.0, -31_536_000.0):
        stage.clock.jump(jump)
        stage.bar(6)
    assert all(row.state is JournalState.FILLED for row in stage.journal(bot_id))
    assert len(stage.positions()) <= 1
    assert len(stage.deals()) >= 3


def test_f22_bars_missed_while_away_are_not_traded(stage: Stage) -> None:
    stage.running_bot()
    dead(stage)
    for _ in range(20):
        stage.api.api.sim_step_bar()
    stage.clock.advance(20 * 3_600)
    stage.round(2)
    stage.api.mend()
    stage.clock.advance(60)
    stage.round(5)
    assert not stage.api.sends
    stage.until(lambda: len(stage.positions()) == 1)


@pytest.mark.parametrize("why", ["stop-loss", "take-profit"])
def test_f23_closes_by_the_broker_are_booked_once(stage: Stage, why: str) -> None:
    bot_id = stage.running_bot(sl_pips=100, tp_pips=10 if why == "take-profit" else 0)
    stage.until(lambda: len(stage.deals()) > 0)
    if why == "stop-loss":
        held, tick = stage.positions()[0], stage.api.api.symbol_info_tick("EURUSD")
        near = tick.bid - 0.0001 if held.type == 0 else tick.ask + 0.0001
        moved = {"action": 6, "symbol": "EURUSD", "position": held.ticket, "sl": round(near, 5), "tp": 0.0}
        assert stage.api.api.order_send(moved).retcode == 10009
    stage.until(lambda: "POSISI DITUTUP" in stage.actions(bot_id))
    assert why in stage.details("POSISI DITUTUP")[0]
    stage.wait(60)
    closed = [deal for deal in stage.deals() if deal.entry == 1]
    assert stage.actions(bot_id).count("POSISI DITUTUP") == len(closed)
    entries = [row.bar_time for row in stage.journal(bot_id) if row.action is JournalAction.OPEN]
    assert len(entries) == len(set(entries)), "no second entry on the bar of the stop"


def test_f23_a_position_closed_while_away_is_booked_at_the_start(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    stage.close()
    stage.api.api.initialize()
    held = stage.positions()[0]
    tick = stage.api.api.symbol_info_tick("EURUSD")
    price = tick.bid if held.type == 0 else tick.ask
    stage.api.api.order_send({
        "action": 1, "symbol": "EURUSD", "volume": held.volume, "type": 1 - held.type, "position": held.ticket,
        "price": price, "type_filling": 0,
    })  # fmt: skip
    stage.start()
    assert stage.actions(bot_id)[-1] == "POSISI DITUTUP"
    assert bot_id in stage.desk.floor.slots


def test_f24_a_strangers_order_with_our_number_halts_the_bot(stage: Stage) -> None:
    bot_id = stage.running_bot()
    magic = stage.desk.floor.view.magic_of(bot_id)
    tick = stage.api.api.symbol_info_tick("EURUSD")
    stage.api.api.order_send({
        "action": 1, "symbol": "EURUSD", "volume": 0.1, "type": 0, "price": tick.ask, "magic": magic, "type_filling": 0,
    })  # fmt: skip
    stage.wait(10)
    assert bot_id not in stage.desk.floor.slots
    assert stage.status(bot_id) is BotStatus.ERROR
    assert "Another copy" in stage.details("ERROR")[0]
    stage.restart()
    stage.bar(10)
    assert bot_id not in stage.desk.floor.slots, "still off after a restart"


def test_foreign_positions_are_shown_and_never_touched(stage: Stage) -> None:
    stage.running_bot()
    tick = stage.api.api.symbol_info_tick("EURUSD")
    order = {
        "action": 1,
        "symbol": "EURUSD",
        "volume": 0.3,
        "type": 0,
        "price": tick.ask,
        "magic": 77,
        "type_filling": 0,
    }
    assert stage.api.api.order_send(order).retcode == 10009
    stage.wait(12)
    foreign = [each for each in stage.desk.floor.view.positions if each.magic == 77]
    assert len(foreign) == 1
    stage.desk.close_all()
    stage.wait(30)
    assert [each.magic for each in stage.positions()] == [77]


def test_f25_refusals_in_a_row_halt_the_bot(stage: Stage) -> None:
    bot_id = stage.running_bot(limits={"refusals_in_a_row": 3})
    stage.api.instead["order_send"] = answer(stage, 10019)
    stage.until(lambda: bot_id not in stage.desk.floor.slots, bars=120)
    assert len(stage.api.sends) == 3
    assert {request["volume"] for request in stage.api.sends} == {0.1}, "the size is not lowered on its own"
    assert "3 orders in a row were refused" in stage.details("ERROR")[0]
    stage.api.mend()
    stage.desk.start_bot(bot_id)
    stage.until(lambda: len(stage.positions()) == 1)


def test_f26_the_answer_to_too_many_requests_is_a_refusal_and_a_pause(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.api.instead["order_send"] = answer(stage, 10024)
    stage.until(lambda: len(stage.api.sends) == 1)
    assert stage.journal(bot_id)[-1].state is JournalState.REJECTED
    stage.round(5)
    assert len(stage.api.sends) == 1


def test_f31_hours_without_link_are_one_notice(stage: Stage) -> None:
    stage.running_bot()
    before = len([each for each in stage.events if isinstance(each, Notice)])
    dead(stage)
    for _ in range(600):
        stage.clock.advance(1)
        stage.round()
    told = [each for each in stage.events if isinstance(each, Notice)][before:]
    assert len([each for each in told if each.message.code == "desk.lost"]) == 1


def test_f07_a_lost_answer_to_a_change_of_stops_is_read_from_the_position(stage: Stage) -> None:
    bot_id = stage.running_bot(check_interval_seconds=5)
    stage.until(lambda: len(stage.positions()) == 1)
    stop = stage.positions()[0].sl
    strip = {"action": 6, "symbol": "EURUSD", "position": stage.positions()[0].ticket, "sl": 0.0, "tp": 0.0}
    stage.api.api.order_send(strip)

    def silent(request: Any) -> None:
        stage.api.api.order_send(request)
        stage.api.fail(-10005, "IPC timeout")

    stage.api.instead["order_send"] = silent
    stage.wait(15)
    assert stage.positions()[0].sl == stop
    assert stage.journal(bot_id)[-1].state is JournalState.FILLED
    assert len([each for each in stage.api.sends if each["action"] == 6]) == 1
