"""F32: real SIGKILLs at random moments; afterwards nothing is lost, nothing doubled, nothing claimed that is not there."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import InlineTransport
from qbx_desktop.data import snapshots
from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.simulator.terminal import build_terminal
from qbx_desktop.trading.desk import Desk
from tests.fakes.clock import FakeClock

from .kill.harness import judge_desk
from .order_world import Flips

ROOT = Path(__file__).resolve().parents[2]
forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks its victims")


def harness(kind: str, kills: int) -> dict[str, Any]:
    """One run of the harness in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.trading.kill.harness", kind, str(kills)], cwd=ROOT, capture_output=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"}, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def is_clean(found: dict[str, Any]) -> None:
    assert found["damaged"] == 0, "a damaged database"
    assert found["most_positions"] <= 1, "two positions of one bot"
    for what in ("lost", "phantom", "claimed_twice", "sent_twice", "logged_twice", "unsettled", "not_booked"):
        assert found[what] == 0, f"{what}: {found}"
    assert not found["alarms"]
    assert found["deals"] >= 2, "a run in which nothing was traded proves nothing"


@forks
@pytest.mark.timeout(300)
def test_a_few_kills() -> None:
    is_clean(harness("desk", 10))


@forks
@pytest.mark.timeout(300)
def test_the_same_kills_bite_the_predecessors_way() -> None:
    found = harness("old", 12)
    assert found["most_positions"] > 1 or found["open_logged"] != found["opened"], found
    assert found["unknown_deals"] == found["deals"] > 0


@forks
@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_thousand_kills() -> None:
    found = harness("desk", 1_000)
    assert found["deals"] > 500
    is_clean(found)


@forks
@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_thousand_kills_of_the_predecessors_way() -> None:
    found = harness("old", 1_000)
    assert found["most_positions"] > 1
    assert found["open_logged"] > found["opened"]


@pytest.mark.timeout(300)
def test_the_practice_terminal_dies_with_its_desk_and_forgets_nothing(tmp_path: Path) -> None:
    rng = random.Random(5)
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.trading.killed_desk", str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(rng.uniform(0.05, 2.0))
        process.kill()
        process.wait()
        process.stdout.close()
    is_clean(settled(tmp_path))


def settled(home: Path) -> dict[str, Any]:
    """One more start from the snapshot, in a market that is stepped, long enough for every open question."""
    clock = FakeClock()
    spec = TerminalSpec(clock_mode="stepped", speed=1.0, halt_file=home / "HALT")
    api = build_terminal(seed=3, snapshot=snapshots.read(home / "practice.json"), clock=clock)
    terminal = Terminal(TerminalClient(InlineTransport(api, spec), clock=clock), clock=clock)
    db = Database.open(home / "bots.db", clock=clock)
    flips = Flips()
    desk = Desk(db, terminal, clock, strategy_of=lambda _key: flips, detect_sleep=False)
    try:
        desk.open(clock.monotonic())
        desk.pause_all()
        for _ in range(60):
            api.sim_advance(5)
            clock.advance(5)
            list(desk.run_due(clock.monotonic()))
        OrderJournal(desk.floor.ledger.con).verify()
        most = max((len(desk.floor.view.of_bot(bot_id)) for bot_id in desk.floor.bots), default=0)
    finally:
        desk.close()
        db.close()
    deals = [deal for deal in api.history_deals_get(0, 2_000_000_000) or () if deal.type in (0, 1)]
    truth = {
        "twice": [], "deals": [(each.order, each.magic, each.entry, each.position_id, each.reason) for each in deals],
    }  # fmt: skip
    return {"damaged": 0, "most_positions": most, **judge_desk(home, truth)}
