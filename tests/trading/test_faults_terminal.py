"""F01-F28: what the terminal, the broker and the market may do, one test each, judged by the broker's own records."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from qbx_desktop.domain.bots import BotStatus, RunState
from qbx_desktop.domain.events import BotChanged, Notice
from qbx_desktop.domain.journal import JournalAction, JournalState

from .stage import Stage

Make = Callable[..., Stage]


def states(stage: Stage, bot_id: int) -> list[RunState]:
    return [each.state for each in stage.events if isinstance(each, BotChanged) and each.bot_id == bot_id]


def changed(record: Any, **fields: Any) -> Any:
    """The terminal's record with other values."""
    return type(record)({**record._asdict(), **fields}.values())


def answer(stage: Stage, retcode: int) -> Callable[[dict[str, Any]], Any]:
    """`order_send` says `retcode` and does nothing."""

    def refuse(request: dict[str, Any]) -> Any:
        empty = dict.fromkeys(("retcode", "deal", "order"), 0)
        empty |= {"volume": 0.0, "price": 0.0, "bid": 0.0, "ask": 0.0, "comment": "said no", "request_id": 1,
                  "retcode_external": 0, "request": stage.api.api.order_check(request).request}  # fmt: skip
        return stage.api.api.OrderSendResult({**empty, "retcode": retcode}.values())

    return refuse


def dead(stage: Stage) -> None:
    """The pipe is gone."""

    def fail(*_: Any, **__: Any) -> None:
        stage.api.fail(-10004, "No IPC connection")

    for name in ("initialize", "terminal_info", "account_info", "positions_get", "copy_rates_from_pos", "order_send",
                 "symbol_info_tick", "history_deals_get", "sim_state", "symbol_info"):  # fmt: skip
        stage.api.instead[name] = fail


def test_f01_a_dead_terminal_stops_orders_and_its_return_resumes_them(stage: Stage) -> None:
    bot_id = stage.running_bot()
    dead(stage)
    stage.bar(20)
    assert not stage.positions()
    assert states(stage, bot_id)[-1] is RunState.RETRYING
    stage.api.mend()
    stage.wait(120)
    assert states(stage, bot_id)[-1] is RunState.WAITING
    stage.until(lambda: len(stage.positions()) == 1)


def test_f04_no_decision_before_our_own_fill_is_seen(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.api.instead["positions_get"] = lambda **_: ()
    stage.until(lambda: len(stage.deals()) == 1)
    stage.wait(100)
    assert stage.desk.floor.slots[bot_id].unseen is not None
    stage.wait(100)
    stage.bar(20)
    assert len(stage.deals()) == 1
    assert bot_id not in stage.desk.floor.slots, "a fill that never shows is for a person to look at"


@pytest.mark.parametrize("function", ["positions_get", "account_info", "history_deals_get"])
def test_f05_a_failed_read_is_never_nothing_there(stage: Stage, function: str) -> None:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)

    def fail(*_: Any, **__: Any) -> None:
        stage.api.fail(-1, "Terminal: Call failed")

    stage.api.instead[function] = fail
    stage.bar(20)
    assert len(stage.positions()) <= 1
    if function == "positions_get":
        assert len(stage.api.sends) == 1
        assert stage.desk.floor.view.positions, "the last known value stays on the screen"
        assert stage.desk.floor.view.blind
    stage.api.mend()
    stage.until(lambda: len(stage.deals()) >= 3)
    assert bot_id in stage.desk.floor.slots


@pytest.mark.parametrize("retcode", [10004, 10020, 10021])
def test_f06_a_requote_is_tried_three_times_in_a_bar(stage: Stage, retcode: int) -> None:
    bot_id = stage.running_bot()
    stage.api.instead["order_send"] = answer(stage, retcode)
    stage.until(lambda: len(stage.api.sends) > 0)
    for _ in range(5):
        stage.clock.advance(1)
        stage.round()
    rows = stage.journal(bot_id)
    assert [row.attempt for row in rows] == [1, 2, 3]
    assert {row.state for row in rows} == {JournalState.REJECTED}
    assert len({row.uid for row in rows}) == 3
    assert stage.actions(bot_id).count("GAGAL BUKA POSISI") == 1, "said once, counted after that"


def test_f07_refused_stops_are_never_dropped_to_get_filled(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.api.instead["order_send"] = answer(stage, 10016)
    stage.until(lambda: len(stage.api.sends) == 1)
    assert all(request["sl"] > 0 for request in stage.api.sends)
    assert "too close" in stage.details("GAGAL BUKA POSISI")[0]
    assert stage.journal(bot_id)[-1].state is JournalState.REJECTED


def test_f07_a_position_that_lost_its_stop_gets_it_back_within_ten_seconds(stage: Stage) -> None:
    stage.running_bot(check_interval_seconds=5)
    stage.until(lambda: len(stage.positions()) == 1)
    held = stage.positions()[0]
    strip = {"action": 6, "symbol": "EURUSD", "position": held.ticket, "sl": 0.0, "tp": 0.0}
    assert stage.api.api.order_send(strip).retcode == 10009
    assert stage.positions()[0].sl == 0
    stage.wait(10)
    assert stage.positions()[0].sl == held.sl
    assert stage.positions()[0].tp == held.tp


def test_f07_a_stop_that_cannot_be_set_ends_in_a_close_and_a_halt(stage: Stage) -> None:
    bot_id = stage.running_bot(check_interval_seconds=5)
    stage.until(lambda: len(stage.positions()) == 1)
    strip = {"action": 6, "symbol": "EURUSD", "position": stage.positions()[0].ticket, "sl": 0.0, "tp": 0.0}
    stage.api.api.order_send(strip)
    refuse = answer(stage, 10016)
    stage.api.instead["order_send"] = lambda r: refuse(r) if r["action"] == 6 else stage.api.api.order_send(r)
    stage.wait(60)
    assert not stage.positions()
    assert bot_id not in stage.desk.floor.slots
    assert any("has no stop-loss" in text for text in stage.details("ERROR"))


def test_f08_a_partial_fill_keeps_its_real_volume(stage: Stage) -> None:
    bot_id = stage.running_bot(lot_size=0.4)

    def half(request: dict[str, Any]) -> Any:
        done = stage.api.api.order_send({**request, "volume": request["volume"] / 2})
        return changed(done, retcode=10010)

    stage.api.instead["order_send"] = half
    stage.until(lambda: len(stage.positions()) == 1)
    stage.api.mend()
    row = stage.journal(bot_id)[-1]
    assert (row.state, row.filled) == (JournalState.PARTIAL, 0.2)
    stage.bar(2)
    assert len(stage.api.sends) == 1, "the rest is not sent again"
    assert "0.2 of 0.4" in stage.details("POSISI DIBUKA")[0]


def test_f08_a_partial_close_ends_the_cycle(stage: Stage) -> None:
    bot_id = stage.running_bot(lot_size=0.4)
    stage.until(lambda: len(stage.positions()) == 1)

    def half(request: dict[str, Any]) -> Any:
        done = stage.api.api.order_send({**request, "volume": request["volume"] / 2})
        return changed(done, retcode=10010)

    stage.api.instead["order_send"] = half
    stage.until(lambda: len(stage.api.sends) == 2)
    stage.api.mend()
    stage.bar(1)
    rows = stage.journal(bot_id)
    assert [row.action for row in rows] == [JournalAction.OPEN, JournalAction.CLOSE]
    assert rows[-1].state is JournalState.PARTIAL
    assert stage.positions()[0].volume == pytest.approx(0.2)


def test_f09_a_closed_market_is_said_once_and_slept_through(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.api.instead["order_send"] = answer(stage, 10018)
    stage.until(lambda: len(stage.api.sends) == 1)
    assert states(stage, bot_id)[-1] is RunState.MARKET_CLOSED
    stage.api.mend()
    stage.wait(3_600, step=300)
    assert states(stage, bot_id)[-1] is RunState.WAITING
    assert stage.actions(bot_id).count("GAGAL BUKA POSISI") == 1


def test_f10_algo_trading_off_builds_no_queue(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.api.after["terminal_info"] = lambda info: changed(info, trade_allowed=False)
    stage.bar(30)
    assert not stage.api.sends
    assert states(stage, bot_id)[-1] in (RunState.BLOCKED, RunState.WAITING)
    assert "Algo Trading is switched off" in stage.details("GAGAL BUKA POSISI")[0]
    stage.api.mend()
    stage.round(5)
    assert not stage.api.sends, "no burst of what was missed"


def test_f11_another_account_halts_everything(stage: Stage) -> None:
    stage.running_bot()
    stage.api.after["account_info"] = lambda info: changed(info, login=4711)
    stage.bar(30)
    assert not stage.api.sends
    stage.api.mend()
    stage.bar(30)
    assert not stage.api.sends, "halted until a person looked"
    stage.desk.rearm()
    stage.until(lambda: len(stage.positions()) == 1)


def test_f12_real_money_needs_consent(make_stage: Make) -> None:
    stage = make_stage()
    stage.api.after["account_info"] = lambda info: changed(info, trade_mode=2)
    stage.start()
    bot_id = stage.running_bot()
    stage.bar(30)
    assert not stage.api.sends
    assert stage.status(bot_id) is BotStatus.ERROR
    assert "real account" in stage.details("ERROR")[0]


def test_f12_active_bots_wait_for_a_word_on_a_real_account(make_stage: Make) -> None:
    stage = make_stage()
    stage.api.after["account_info"] = lambda info: changed(info, trade_mode=2)
    stage.start()
    bot_id = stage.running_bot(settings={"live_consent": True})
    stage.until(lambda: len(stage.positions()) == 1)
    stage.kill()
    stage.start()
    assert bot_id not in stage.desk.floor.slots
    stage.desk.resume_bots()
    assert bot_id in stage.desk.floor.slots


def test_f13_on_netting_a_symbol_belongs_to_one_bot(make_stage: Make) -> None:
    stage = make_stage(profile="Demo-Netting")
    stage.start()
    first = stage.running_bot()
    second = stage.running_bot()
    stage.bar(40)
    mine = stage.desk.floor.view.magic_of(first)
    assert stage.deals()
    assert {deal.magic for deal in stage.deals()} == {mine}
    assert max(abs(deal.volume) for deal in stage.deals()) == pytest.approx(0.1), "a close never reverses"
    assert second not in stage.desk.floor.slots
    assert "one position" in stage.details("ERROR")[0]


@pytest.mark.parametrize("field", ["digits", "trade_contract_size", "volume_step"])
def test_f14_a_changed_symbol_stops_its_bots(stage: Stage, field: str) -> None:
    bot_id = stage.running_bot()
    stage.api.after["symbol_info"] = lambda info: changed(info, **{field: type(getattr(info, field))(2)})
    stage.bar(30)
    assert not stage.api.sends
    assert bot_id not in stage.desk.floor.slots
    assert "The broker changed EURUSD" in stage.details("ERROR")[0]


def test_f14_a_symbol_that_is_gone_trades_nothing(stage: Stage) -> None:
    bot_id = stage.running_bot()

    def gone(*_: Any) -> None:
        stage.api.fail(-4, "Terminal: Not found")

    for name in ("symbol_info", "symbol_info_tick", "copy_rates_from_pos", "symbol_select"):
        stage.api.instead[name] = gone
    stage.bar(20)
    assert not stage.api.sends
    assert states(stage, bot_id)[-1] in (RunState.RETRYING, RunState.NO_PRICES)


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
