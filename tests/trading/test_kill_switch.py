"""Pause all, close all, emergency, the HALT file: each may be given twice, each survives a restart."""

from __future__ import annotations

from typing import Any

import pytest

from qbx_desktop.data import trading_state
from qbx_desktop.domain.bots import BotStatus
from qbx_desktop.trading import halt_file

from .stage import Stage


def with_position(stage: Stage) -> int:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    return bot_id


def test_pause_all_sends_nothing_more_and_leaves_positions(stage: Stage) -> None:
    bots = [with_position(stage), stage.running_bot()]
    stage.desk.pause_all()
    assert stage.desk.pause_all() == []
    sent = len(stage.api.sends)
    stage.bar(20)
    assert len(stage.api.sends) == sent
    assert all(stage.status(each) is BotStatus.DIJEDA for each in bots)
    stage.restart()
    assert not stage.desk.floor.slots


def test_close_all_flattens_once(stage: Stage) -> None:
    with_position(stage)
    stage.desk.close_all()
    stage.desk.close_all()
    stage.wait(10)
    assert not stage.positions()
    assert len([each for each in stage.api.sends if "position" in each]) == 1
    assert stage.actions()[-1] == "INFO"
    assert "Everything is closed" in stage.details("INFO")[-1]


def test_close_all_tries_until_the_broker_shows_none_and_survives_a_restart(stage: Stage) -> None:
    with_position(stage)
    closed = stage.api.api.OrderSendResult

    def market_closed(request: Any) -> Any:
        asked = stage.api.api.order_check(request).request
        values = {"retcode": 10018, "deal": 0, "order": 0, "volume": 0.0, "price": 0.0, "bid": 0.0, "ask": 0.0,
                  "comment": "Market closed", "request_id": 1, "retcode_external": 0, "request": asked}  # fmt: skip
        return closed(values.values())

    stage.api.instead["order_send"] = market_closed
    stage.desk.close_all()
    stage.wait(60)
    assert len(stage.positions()) == 1
    assert len(stage.api.sends) < 12, "with a growing pause"
    assert any("could not be closed yet" in text for text in stage.details("INFO"))
    stage.restart()
    stage.wait(60)
    assert not stage.positions()


def test_emergency_halts_flattens_and_stays_halted_over_restarts(stage: Stage) -> None:
    bot_id = with_position(stage)
    stage.desk.emergency("button")
    again = stage.desk.emergency("button")
    assert not [each for each in again if type(each).__name__ == "Notice"]
    assert stage.halt_file.exists()
    stage.wait(10)
    assert not stage.positions()
    stage.restart()
    assert stage.status(bot_id) is BotStatus.DIJEDA
    stage.desk.start_bot(bot_id)
    sent = len(stage.api.sends)
    stage.bar(30)
    assert len(stage.api.sends) == sent, "a start is not enough"
    stage.desk.rearm()
    assert not stage.halt_file.exists()
    stage.until(lambda: len(stage.positions()) == 1)


def test_the_halt_file_stops_the_next_order_without_the_window(stage: Stage) -> None:
    bot_id = stage.running_bot()
    halt_file.pull(stage.halt_file, "by hand")
    stage.bar(30)
    assert not stage.api.sends
    assert stage.status(bot_id) is BotStatus.DIJEDA
    stage.halt_file.unlink()
    assert trading_state.get(stage.db.reader(), "global").state is trading_state.TradingState.HALTED
    stage.desk.start_bot(bot_id)
    stage.bar(30)
    assert not stage.api.sends, "the halt outlives the file"


def test_the_halt_file_can_ask_for_everything_to_be_closed(stage: Stage) -> None:
    with_position(stage)
    halt_file.pull(stage.halt_file, "window frozen", flatten=True)
    stage.wait(10)
    assert not stage.positions()


def test_the_file_made_between_decision_and_send_still_stops_the_order(stage: Stage) -> None:
    stage.running_bot()
    stage.api.before["symbol_info_tick"] = lambda _name: halt_file.pull(stage.halt_file, "now")
    stage.bar(30)
    assert not stage.api.sends


def test_the_trading_switch_keeps_wishes_and_allows_exits(stage: Stage) -> None:
    bot_id = with_position(stage)
    stage.desk.set_algo(False)
    stage.until(lambda: not stage.positions())
    stage.bar(20)
    assert not stage.positions()
    assert stage.status(bot_id) is BotStatus.AKTIF
    stage.restart()
    stage.bar(20)
    assert not stage.positions(), "the switch survives a restart"
    stage.desk.set_algo(True)
    stage.until(lambda: len(stage.positions()) == 1)


def test_one_position_is_closed_by_a_click(stage: Stage) -> None:
    with_position(stage)
    ticket = stage.positions()[0].ticket
    stage.desk.close_position(ticket)
    assert not stage.positions()
    assert "closed by you" in stage.details("POSISI DITUTUP")[0]
    events = stage.desk.close_position(ticket + 7)
    assert "no open position" in events[0].message.text  # type: ignore[union-attr]


@pytest.mark.parametrize("limit", ["daily_loss_percent", "drawdown_percent"])
def test_i15_a_loss_limit_is_not_got_around(stage: Stage, limit: str) -> None:
    bot_id = stage.running_bot(lot_size=1.0, limits={limit: 1.0}, sl_pips=1_000)
    stage.until(lambda: len(stage.positions()) == 1)
    held = stage.positions()[0]
    real = stage.api.api.account_info

    def poorer(info: Any) -> Any:
        return type(info)({**info._asdict(), "equity": info.equity - 500}.values())

    stage.api.after["account_info"] = poorer
    stage.wait(10)
    stage.api.after.clear()
    assert real().equity > 9_600
    tick = stage.api.api.symbol_info_tick("EURUSD")
    stage.api.api.order_send({
        "action": 1, "symbol": "EURUSD", "volume": held.volume, "type": 1 - held.type, "position": held.ticket,
        "price": tick.bid if held.type == 0 else tick.ask, "type_filling": 0,
    })  # fmt: skip
    stage.clock.jump(-7 * 86_400)
    stage.restart()
    stage.desk.start_bot(bot_id)
    sent = len(stage.api.sends)
    stage.bar(8)
    assert len(stage.api.sends) == sent, "neither a restart nor the computer's clock helps"
    if limit == "daily_loss_percent":
        stage.until(lambda: len(stage.positions()) == 1, bars=60)
    else:
        stage.bar(40)
        assert len(stage.api.sends) == sent
        stage.desk.rearm()
        stage.until(lambda: len(stage.positions()) == 1)


def test_a_click_closes_also_while_trading_is_halted(stage: Stage) -> None:
    with_position(stage)
    halt_file.pull(stage.halt_file, "by hand")
    stage.round()
    stage.desk.close_position(stage.positions()[0].ticket)
    assert not stage.positions()
