"""F34: orders stop before the disk is full, closing stays allowed, and the trader is told on the screen and in history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from qbx_desktop.data import history
from qbx_desktop.data.disk_space import MEGABYTE, Space
from qbx_desktop.domain.events import DiskChanged, Notice
from qbx_desktop.domain.journal import JournalState
from qbx_desktop.domain.mt5 import TradeAction
from qbx_desktop.trading.desk import Desk
from qbx_desktop.trading.disk_care import DiskCare

from .stage import Stage

TERA = 10**12


class Disk:
    """A disk whose free space the test sets."""

    def __init__(self) -> None:
        self.free = 10**11
        self.broken = False

    def __call__(self) -> Space:
        if self.broken:
            raise OSError(5, "Input/output error")
        return Space(self.free, 10**9 if self.free < 10**10 else TERA)


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def flipping(make_stage: Callable[..., Stage], disk: Disk) -> Stage:
    stage = make_stage()
    stage.desk_class = lambda *a, **k: Desk(*a, disk=disk, **k)
    stage.start()
    return stage


def opens(stage: Stage) -> list[Any]:
    return [
        each for each in stage.api.sends if each["action"] == TradeAction.DEAL and not each.get("position")
    ]


@pytest.mark.parametrize(("free", "code"), [(150, "guard.disk_low"), (20, "guard.disk_full")])
def test_f34_a_nearly_full_disk_opens_nothing_and_closing_goes_on(
    flipping: Stage, disk: Disk, free: int, code: str
) -> None:
    stage = flipping
    stage.running_bot()
    stage.until(lambda: len(stage.positions()) == 1)
    before = len(opens(stage))
    disk.free = free * MEGABYTE
    stage.bar(20)
    assert len(opens(stage)) == before
    assert stage.positions() == (), "the bot's own signal closed it"
    told = [each for each in stage.events if isinstance(each, DiskChanged)]
    assert [each.reason.code for each in told if each.reason] == [code]
    assert any(isinstance(each, Notice) and each.message.code == code for each in stage.events)
    rows = history.page(stage.db.reader(), limit=100)
    assert f"Only {free} MB are free" in str([row.message.text for row in rows if row.code == code])
    disk.free = 10**11
    stage.until(lambda: len(opens(stage)) > before)
    assert [each for each in stage.events if isinstance(each, DiskChanged)][-1].reason is None


def test_f34_an_entry_decided_before_the_disk_ran_full_does_not_leave(flipping: Stage, disk: Disk) -> None:
    stage = flipping
    bot_id = stage.running_bot()

    def ran_full(*_: object) -> None:
        disk.free = 20 * MEGABYTE
        stage.desk._disk.step(float("inf"))

    stage.api.before["order_calc_margin"] = ran_full
    stage.bar(40)
    assert not opens(stage)
    assert any(row.state is JournalState.EXPIRED for row in stage.journal(bot_id)), "the last look stopped it"


def test_f34_it_neither_flickers_nor_believes_a_disk_that_does_not_answer(
    flipping: Stage, disk: Disk
) -> None:
    care = DiskCare(flipping.desk.floor, disk)
    changes: list[object] = []
    for second, free in enumerate((300, 199, 201, 199, 201, 219, 221)):
        disk.free = free * MEGABYTE
        care.step(float(3 * second))
        changes.append(flipping.desk.floor.disk is None)
    assert changes == [True, False, False, False, False, False, True]
    disk.broken = True
    care.step(100.0)
    assert flipping.desk.floor.disk is None
