"""F01-F14: what the terminal and the broker may do, one test each, judged by the broker's own records."""

from __future__ import annotations

from typing import Any

import pytest

from qbx_desktop.domain.bots import BotStatus, RunState
from qbx_desktop.domain.journal import JournalAction, JournalState

from .broken_terminal import Make, answer, changed, dead, states
from .stage import Stage


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
