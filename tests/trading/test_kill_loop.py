"""F32: real SIGKILLs at random moments; afterwards nothing is lost, nothing doubled, nothing claimed that is not there."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qbx_desktop.broker.client import TerminalClient
from qbx_desktop.broker.spec import TerminalSpec
from qbx_desktop.broker.terminal import Terminal
from qbx_desktop.broker.transports import ProcessTransport
from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.journal import JournalState
from qbx_desktop.trading.desk import Desk

from .test_faults_program import Flips

ROOT = Path(__file__).resolve().parents[2]


def kill_often(home: Path, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(kills):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.trading.killed_desk", str(home)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"ready"
        time.sleep(rng.uniform(0.05, 2.0))
        process.kill()
        process.wait()
        process.stdout.close()


def settle(home: Path) -> None:
    """One more start without signals, long enough for every open question."""
    clock = SystemClock()
    spec = TerminalSpec(speed=240.0, snapshot_path=home / "practice.json", halt_file=home / "HALT", seed=3)
    db = Database.open(home / "bots.db")
    terminal = Terminal(TerminalClient(ProcessTransport(spec)))
    desk = Desk(db, terminal, clock, strategy_of=lambda _key: Flips())
    try:
        desk.open(clock.monotonic())
        desk.pause_all()
        until = clock.monotonic() + 240
        while clock.monotonic() < until:
            list(desk.run_due(clock.monotonic()))
            time.sleep(0.1)
            if not desk.floor.ledger.journal.open_questions() and desk.floor.login:
                break
        judge(desk, terminal)
    finally:
        desk.close()
        terminal.close()
        db.close()


def judge(desk: Desk, terminal: Terminal) -> None:
    con = desk.floor.ledger.con
    assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    OrderJournal(con).verify()
    deals = terminal.history_deals(0, terminal.server_time() + 86_400)
    ours = {deal.order for deal in deals if desk.floor.view.bot_of_magic(deal.magic) and deal.reason == 3}
    rows = con.execute("SELECT * FROM order_journal").fetchall()
    claimed = [row["order_ticket"] for row in rows if row["state"] in ("FILLED", "PARTIAL")]
    open_rows = [row for row in rows if JournalState(row["state"]).is_open_question]
    assert ours - set(claimed) == set() or open_rows, "a deal nobody knows"
    assert set(claimed) <= ours, "a claim without a deal"
    assert len(claimed) == len(set(claimed))
    assert len(claimed) >= 2, "a run in which nothing was traded proves nothing"
    for bot_id in desk.floor.bots:
        assert len(desk.floor.view.of_bot(bot_id)) <= 1
    log = [json.loads(line) for path in (desk.floor.halt_file or Path()).parent.glob("logs/orders-*.jsonl")
           for line in path.read_text().splitlines()]  # fmt: skip
    sent = [entry["uid"] for entry in log if entry["state"] == "SENDING"]
    assert len(sent) == len(set(sent)), "a row was sent twice"


@pytest.mark.timeout(600)
def test_a_few_kills(tmp_path: Path) -> None:
    kill_often(tmp_path, 2, seed=5)
    settle(tmp_path)


@pytest.mark.long
@pytest.mark.timeout(0)
def test_a_thousand_kills(tmp_path: Path) -> None:
    for part in range(100):
        kill_often(tmp_path, 10, seed=part)
        settle(tmp_path)
