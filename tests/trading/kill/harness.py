"""Kills a trading process again and again, and judges by the broker: python -m tests.trading.kill.harness KIND KILLS.

Prints one JSON object. The broker lives in a process of its own and forgets nothing; the client is forked, trades, and
gets a SIGKILL at a random moment.
"""

from __future__ import annotations

import collections
import json
import os
import random
import select
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Loaded once, before the first fork: no life is long enough to load it again.
import talib  # noqa: F401

from qbx_desktop.data.database import Database
from qbx_desktop.data.order_journal import OrderJournal

from .broker import ask, serve
from .clients import HASTE, desk_life, make_bots, old_life, open_desk

Life = Callable[[Path, Callable[[], None]], None]
_WHILE_RECOVERING, _LONG = 0.15, 0.08
_told: set[int] = set()
_OPEN = ("QUEUED", "SENDING", "UNKNOWN", "REVIEW")


def fork(work: Callable[[], None]) -> int:
    """Run `work` in a child that ends with it."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException as error:
            sys.stderr.write(f"{type(error).__name__}: {error}\n")
            os._exit(1)
        os._exit(0)
    return pid


def kill_loop(home: Path, life: Life, kills: int, rng: random.Random) -> dict[str, Any]:
    """Let the client live and die `kills` times."""
    left: collections.Counter[str] = collections.Counter()
    damaged = 0
    for _ in range(kills):
        ready, tell = os.pipe()
        pid = fork(lambda tell=tell: life(home, lambda: once(tell)))
        os.close(tell)
        if rng.random() < _WHILE_RECOVERING:
            time.sleep(rng.uniform(0.0, 0.5))
        else:
            select.select([ready], [], [], 30.0)
            # Now and then long enough for an order without an answer to be settled.
            time.sleep(5.0 if rng.random() < _LONG else min(rng.expovariate(0.7), 4.0))
        os.close(ready)
        assert os.waitpid(pid, os.WNOHANG)[0] == 0, "the client ended by itself"
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        left.update(open_states(home))
        damaged += not is_sound(home)
    return {"kills": kills, "damaged": damaged, "left_open": dict(left)}


def once(pipe: int) -> None:
    """Say that the client trades now."""
    if pipe not in _told:
        _told.add(pipe)
        os.close(pipe)


def open_states(home: Path) -> set[str]:
    """In which unfinished states the kill left rows."""
    con = sqlite3.connect(home / "bots.db")
    try:
        rows = con.execute(f"SELECT DISTINCT state FROM order_journal WHERE state IN {_OPEN}").fetchall()
        return {row[0] for row in rows}
    except sqlite3.OperationalError:
        return set()
    finally:
        con.close()


def is_sound(home: Path) -> bool:
    """What SQLite itself says of the file."""
    con = sqlite3.connect(home / "bots.db")
    try:
        return bool(con.execute("PRAGMA integrity_check").fetchone()[0] == "ok")
    finally:
        con.close()


def settle(home: Path) -> None:
    """One more start, without signals and over a good line, long enough for every open question."""
    db = Database.open(home / "bots.db")
    desk = open_desk(home, db)
    clock = desk.floor.clock
    desk.open(clock.monotonic())
    until = clock.monotonic() + 900
    while clock.monotonic() < until:
        list(desk.run_due(clock.monotonic()))
        desk.pause_all()
        time.sleep(0.02)
        if desk.floor.login and not desk.floor.ledger.journal.open_questions():
            break
    # One look more at the deals, so that a stranger would be seen.
    until = clock.monotonic() + 30
    while clock.monotonic() < until:
        list(desk.run_due(clock.monotonic()))
        time.sleep(10 / HASTE)
    OrderJournal(desk.floor.ledger.con).verify()
    desk.close()
    db.close()


def judge_desk(home: Path, truth: dict[str, Any]) -> dict[str, Any]:
    """Journal against broker."""
    con = sqlite3.connect(home / "bots.db")
    con.row_factory = sqlite3.Row
    rows = con.execute("SELECT * FROM order_journal").fetchall()
    alarms = con.execute("SELECT details FROM trade_history WHERE action = 'ERROR'").fetchall()
    booked = con.execute("SELECT count(*) FROM deals WHERE side <> 0").fetchone()[0]
    con.close()
    magics = {row["magic"] for row in rows}
    # Deals of our orders; those of stops and of a hand have their own reasons (3: a program).
    ours = {order for order, magic, _, _, reason in truth["deals"] if magic in magics and reason == 3}
    claimed = [row["order_ticket"] for row in rows if row["state"] in ("FILLED", "PARTIAL")]
    log = [
        json.loads(line)
        for path in (home / "logs").glob("orders-*.jsonl")
        for line in path.read_text().splitlines()
    ]
    sent = collections.Counter(entry["uid"] for entry in log if entry["state"] == "SENDING")
    return {
        "deals": len(ours), "rows": len(rows), "lost": len(ours - set(claimed)), "phantom": len(set(claimed) - ours),
        "claimed_twice": len(claimed) - len(set(claimed)), "sent_twice": len(truth["twice"]),
        "logged_twice": sum(1 for count in sent.values() if count > 1),
        "unsettled": sum(row["state"] in _OPEN for row in rows), "not_booked": len(truth["deals"]) - booked,
        "alarms": [row[0] for row in alarms],
    }  # fmt: skip


def judge_old(home: Path, truth: dict[str, Any]) -> dict[str, Any]:
    """The predecessor's log against the broker; it stores no ticket, so it knows none of its deals."""
    con = sqlite3.connect(home / "bots.db")
    logged = dict(con.execute("SELECT action, count(*) FROM trade_history GROUP BY action").fetchall())
    con.close()
    ours = [deal for deal in truth["deals"] if 0 < deal[1] < 100]
    opened, closed = sum(deal[2] == 0 for deal in ours), sum(deal[2] == 1 for deal in ours)
    return {
        "deals": len(ours), "unknown_deals": len(ours), "open_logged": logged.get("OPEN", 0), "opened": opened,
        "close_logged": logged.get("CLOSE", 0), "closed": closed,
    }  # fmt: skip


def main(kind: str, kills: int, seed: int = 1) -> dict[str, Any]:
    shm = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(dir=shm if shm.is_dir() else None))
    address, begun = str(home / "broker.sock"), time.monotonic()
    bank = fork(lambda: serve(address, seed))
    try:
        while not Path(address).exists():
            time.sleep(0.02)
        if kind == "desk":
            os.waitpid(fork(lambda: make_bots(home)), 0)
        result = kill_loop(home, desk_life if kind == "desk" else old_life, kills, random.Random(seed))
        if kind == "desk":
            ask(address, "calm")
            pid = fork(lambda: settle(home))
            assert os.waitpid(pid, 0)[1] == 0, "the last start failed"
        truth = ask(address, "truth")
        result |= {"most_positions": max(truth["most"].values(), default=0), "struck": truth["struck"]}
        result |= judge_desk(home, truth) if kind == "desk" else judge_old(home, truth)
        result["seconds"] = round(time.monotonic() - begun, 1)
        ask(address, "end")
        return result
    finally:
        os.kill(bank, signal.SIGKILL)
        os.waitpid(bank, 0)
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], int(sys.argv[2]), *map(int, sys.argv[3:4]))) + "\n")
