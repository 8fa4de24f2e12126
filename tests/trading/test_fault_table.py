"""The faults that have no file of their own, and the table itself: every fault has a test named after its number."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qbx_desktop.broker.command import Priority
from qbx_desktop.data import bots
from qbx_desktop.domain.bots import Bot, BotSettings, BotStatus
from qbx_desktop.domain.events import BotChanged
from qbx_desktop.domain.journal import JournalState

from .stage import FREE, Stage, wave

Make = Callable[..., Stage]
TABLE = (*range(1, 29), *range(30, 34), *range(41, 46))


def test_every_fault_of_the_table_has_a_test_of_its_number() -> None:
    tests = Path(__file__).resolve().parents[1]
    found = {
        int(number)
        for path in tests.rglob("test_*.py")
        for number in re.findall(
            r"^\s*def test_(?:u\d+_)?f(\d\d)_", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    assert set(TABLE) - found == set()


@pytest.mark.parametrize("executed", [True, False])
def test_f02_a_terminal_that_updates_itself_in_the_middle_of_an_order(stage: Stage, executed: bool) -> None:
    bot_id = stage.running_bot()
    real = stage.api.api.order_send

    def dies(request: dict[str, Any]) -> None:
        if executed:
            real(request)
        stage.api.api.sim_fault({"kind": "restarted", "build": 9_999})
        stage.api.fail(-10002, "IPC recv failed")

    stage.api.instead["order_send"] = dies
    stage.until(lambda: len(stage.api.sends) == 1)
    del stage.api.instead["order_send"]
    assert stage.journal(bot_id)[-1].state is JournalState.UNKNOWN
    stage.wait(260)
    row = stage.journal(bot_id)[-1]
    assert row.state is (JournalState.FILLED if executed else JournalState.NOT_PLACED)
    assert len(stage.api.sends) == 1, "looked up, never sent again"
    assert len(stage.deals()) == int(executed)
    assert stage.terminal.terminal_info(Priority.RECONCILE).build == 9_999
    stage.until(lambda: len(stage.deals()) > int(executed))
    assert len(stage.positions()) <= 1


def test_f21_the_same_bar_twice_and_a_bar_painted_anew_decide_nothing(stage: Stage) -> None:
    bot_id = stage.running_bot()
    stage.until(lambda: len(stage.api.sends) == 1)
    slot = stage.desk.floor.slots[bot_id]
    seen = slot.bar_time
    rates = stage.api.api.copy_rates_from_pos

    def painted(symbol: str, frame: int, start: int, count: int) -> Any:
        bars = rates(symbol, frame, start, count).copy()
        # Every closed bar upside down: any strategy would want the other side now.
        for name in ("open", "high", "low", "close"):
            bars[name][:-1] = 2.2 - bars[name][:-1]
        bars["high"], bars["low"] = bars["high"].clip(bars["low"]), bars["low"].clip(None, bars["high"])
        return bars

    stage.api.instead["copy_rates_from_pos"] = painted
    for _ in range(5):
        stage.clock.advance(5)
        stage.round(2)
    assert slot.bar_time == seen
    assert len(stage.api.sends) == 1
    stage.desk._closed.extend(list(stage.desk._closed) * 2)
    stage.round(2)
    assert len(stage.api.sends) == 1


def test_f42_two_hundred_bots_wake_on_the_same_bar(make_stage: Make) -> None:
    stage = make_stage(bars=wave(count=260))
    limits = {**FREE, "max_open_lots": 0, "max_open_positions": 0, "min_free_margin_percent": 0}

    def create(con: Any) -> None:
        for number in range(200):
            bots.create_bot(
                con,
                Bot(0, f"B{number}", "EURUSD", "H1", "MA_CROSSOVER", '{"fast_period":2,"slow_period":5}', lot_size=0.01,
                    status=BotStatus.AKTIF, settings=BotSettings(limits=limits)),
            )  # fmt: skip

    stage.db.write(create)
    stage.start()
    stage.round()
    reads: list[Any] = []
    stage.api.before["copy_rates_from_pos"] = lambda *args: reads.append(args)
    stage.events.clear()
    for _ in range(9):
        stage.bar()
    decided: dict[int, list[int]] = {}
    for each in stage.events:
        if isinstance(each, BotChanged) and each.bar_time:
            bars = decided.setdefault(each.bot_id, [])
            if not bars or bars[-1] != each.bar_time:
                bars.append(each.bar_time)
    assert len(decided) == 200
    assert {tuple(bars[-9:]) for bars in decided.values()} == {tuple(decided[1][-9:])}
    assert all(len(bars) == len(set(bars)) for bars in decided.values())
    assert len(reads) <= 9 * 3, "every bar is read for all of them at once"
    held = [each.magic for each in stage.positions()]
    assert len(held) == len(set(held)) == 200, "each has its one position"
