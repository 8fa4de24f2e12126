"""SIGKILL at random moments: every acknowledged row is there afterwards, and the file is sound."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qbx_desktop.data import bots
from qbx_desktop.data.connection import connect
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.data.order_journal import OrderJournal

from .conftest import a_bot


def test_fifteen_kills_of_a_writer_lose_no_acknowledged_row(folder: Home) -> None:
    kill_loop(folder, 15)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_thousand_kills_of_a_writer_lose_no_acknowledged_row(folder: Home) -> None:
    kill_loop(folder, 1_000)


def kill_loop(folder: Home, kills: int) -> None:
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, a_bot()))
    chance = random.Random(7)
    said: set[str] = set()
    for run in range(kills):
        said |= one_kill(folder.database, run, chance.uniform(0.0, 0.12))
    con = connect(folder.database, read_only=True)
    try:
        assert [row[0] for row in con.execute("PRAGMA integrity_check").fetchall()] == ["ok"]
        details = {row[0] for row in con.execute("SELECT details FROM trade_history").fetchall()}
        states = {
            int(row[0]): row[1] for row in con.execute("SELECT bar_time, state FROM order_journal").fetchall()
        }
        numbers = [row[0] for row in con.execute("SELECT seq FROM trade_history ORDER BY id").fetchall()]
        last = 0
        while (checked := OrderJournal(con).verify(last)) > last:
            last = checked
    finally:
        con.close()
    sent = {int(each.split("/")[1]) for each in said if each.startswith("sending/")}
    filled = {int(each.split("/")[1]) for each in said if each.startswith("filled/")}
    logged = {each for each in said if each[0].isdigit()}
    assert logged, "the writers must have got somewhere"
    assert filled
    assert logged <= details
    assert sent <= set(states)
    assert all(states[bar] == "FILLED" for bar in filled)
    assert {f"filled/{bar}" for bar, state in states.items() if state == "FILLED"} == {
        each for each in details if each.startswith("filled/")
    }, "outcome and history row are one transaction"
    assert numbers == list(range(1, len(numbers) + 1))


def one_kill(database: Path, run: int, after: float) -> set[str]:
    """Start a writer, kill it `after` seconds of work, and return what it had been told is safe."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.data.writer_child", str(database), str(run)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert child.stdout is not None
    with child.stdout as out:
        lines = [out.readline()]
        while lines[-1] and lines[-1] != b"ready\n":
            lines.append(out.readline())
        time.sleep(after)
        child.kill()
        lines += out.readlines()
    child.wait()
    assert b"ready\n" in lines, "the writer did not even start"
    return {line.decode().strip() for line in lines if line.endswith(b"\n")} - {"ready"}
