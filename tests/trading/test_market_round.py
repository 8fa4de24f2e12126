"""A thousand bots ask the terminal no more than their symbols and timeframes need."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qbx_desktop.broker.bar_watch import BarWatch
from qbx_desktop.data import decisions

from .stage import Stage


def _count_histories(stage: Stage) -> list[int]:
    """The sizes of the histories that are read from now on."""
    sizes: list[int] = []

    def before(_symbol: str, _timeframe: int, _start: int, count: int) -> None:
        if count != BarWatch.LOOK_COUNT:
            sizes.append(count)

    stage.api.before["copy_rates_from_pos"] = before
    return sizes


def test_bots_that_are_taken_up_share_one_history(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.start()
    ids = [stage.new_bot(name=f"Bot {number}") for number in range(12)]
    hungry = stage.new_bot(name="Hungry", strategy_params='{"fast_period":2,"slow_period":80}')
    for bot_id in (*ids, hungry):
        stage.events += stage.desk.start_bot(bot_id)
    sizes = _count_histories(stage)
    stage.round()
    alone = sizes[0]
    assert len(sizes) == 1
    stage.bar()
    assert sizes == [alone, alone]
    # Without the hungriest less is needed.
    stage.desk.pause_bot(hungry)
    stage.bar()
    assert sizes[-1] < alone
    stage.end()


def test_after_an_order_only_its_symbol_is_read_again_and_nothing_else_is_forgotten(tmp_path: Path) -> None:
    stage = Stage(tmp_path, symbol="EURUSD", symbols=["EURUSD", "GBPUSD"])
    stage.start()
    stage.api.api.symbol_select("GBPUSD", True)
    stage.bar()
    stage.api.api.order_send(
        {"action": 1, "symbol": "GBPUSD", "volume": 0.1, "type": 0, "type_filling": 0,
         "price": stage.api.api.symbol_info_tick("GBPUSD").ask}
    )  # fmt: skip
    stage.running_bot()
    asked: list[dict[str, Any]] = []
    real = stage.api.api.positions_get

    def get(**named: Any) -> Any:
        asked.append(named)
        return real(**named)

    stage.api.instead["positions_get"] = get
    stage.until(lambda: len(stage.positions()) == 2)
    stage.round()
    assert {"symbol": "EURUSD"} in asked
    assert {each.symbol for each in stage.desk.floor.view.positions} == {"EURUSD", "GBPUSD"}
    assert tuple(stage.desk.floor.view.positions) == stage.terminal.positions()
    stage.end()


def test_a_round_that_is_broken_off_keeps_its_decisions_for_the_next_one(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.start()
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    stage.desk.halt("test")
    stage.desk.rearm()
    stage.events += stage.desk.start_bot(bot_id)
    before = len(decisions.page(stage.db.reader(), bot_id))
    for _ in range(40):
        stage.api.api.sim_step_bar()
        stage.clock.advance(stage.frame_seconds)
        for _event in stage.desk.run_due(stage.clock.monotonic()):
            break
    stage.round(3)
    kept = decisions.page(stage.db.reader(), bot_id)
    assert len(kept) > before
    assert not stage.desk.floor.ledger._undone
    stage.end()
