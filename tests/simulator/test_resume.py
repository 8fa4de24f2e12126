"""The saved clock: how stale it may become, and a market that catches up with what it had shown."""

from __future__ import annotations

import json
from typing import Any

import pytest

from qbx_desktop.domain.errors import Stop
from qbx_desktop.domain.messages import Message
from qbx_desktop.simulator.api import SimApi
from qbx_desktop.simulator.terminal import DEFAULT_START, build_terminal
from tests.fakes.clock import FakeClock

from .trader import deal


class Disk:
    """Keeps what is saved; fails on demand."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.fails = False

    def save(self, content: bytes) -> None:
        if self.fails:
            raise Stop(Message("plain", {"text": "disk full"}))
        self.kept.append(content)


def running(wall: FakeClock, disk: Disk, **given: Any) -> SimApi:
    api = build_terminal(
        **{"clock_mode": "accelerated", "speed": 60, "start": DEFAULT_START, **given},
        clock=wall, save=disk.save,
    )  # fmt: skip
    api.initialize()
    api.symbol_select("EURUSD")
    disk.kept.clear()
    return api


def test_the_clock_is_saved_every_two_seconds_while_it_runs() -> None:
    wall, disk = FakeClock(), Disk()
    api = running(wall, disk)
    for _ in range(10):
        wall.advance(1)
        api.symbol_info_tick("EURUSD")
    assert len(disk.kept) == 5
    assert json.loads(disk.kept[-1])["clock"]["utc"] == api.sim_instant()
    api.sim_pause(True)
    disk.kept.clear()
    wall.advance(100)
    api.symbol_info_tick("EURUSD")
    assert disk.kept == []


def test_a_stepped_clock_is_saved_with_changes_only() -> None:
    wall, disk = FakeClock(), Disk()
    api = running(wall, disk, clock_mode="stepped")
    wall.advance(100)
    api.symbol_info_tick("EURUSD")
    assert disk.kept == []


def test_a_disk_that_fails_stops_bookings_and_no_reading() -> None:
    wall, disk = FakeClock(), Disk()
    api = running(wall, disk)
    disk.fails = True
    wall.advance(10)
    assert api.symbol_info_tick("EURUSD").bid > 0
    with pytest.raises(Stop):
        deal(api, "EURUSD", "buy", 0.1)
    with pytest.raises(Stop):
        api.positions_get()
    disk.fails = False
    assert len(api.positions_get()) == 1
    assert len(json.loads(disk.kept[-1])["accounts"][0]["holdings"]) == 1


def test_an_older_snapshot_lives_on_to_what_was_shown() -> None:
    straight = build_terminal(seed=4)
    straight.initialize()
    straight.symbol_select("EURUSD")
    tick = straight.symbol_info_tick("EURUSD")
    deal(straight, "EURUSD", "buy", 0.1, sl=tick.bid - 0.0006, tp=tick.bid + 0.0006)
    older = straight.sim_snapshot()
    straight.sim_advance(2 * 86_400)
    assert straight.positions_get() == ()
    restored = build_terminal(snapshot=older, not_before=straight.sim_instant())
    restored.initialize()
    assert restored.sim_state() == straight.sim_state()
    assert restored.sim_ledger() == straight.sim_ledger()


def test_a_newer_snapshot_stays_where_it_is() -> None:
    api = build_terminal()
    api.sim_advance(600)
    restored = build_terminal(snapshot=api.sim_snapshot(), not_before=api.sim_instant() - 300)
    assert restored.sim_instant() == api.sim_instant()
    assert build_terminal(not_before=api.sim_instant()).sim_state() == api.sim_state()
