"""Backups: complete while others write, checked, rotated, and proved by opening them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qbx_desktop.data import backup, history, keep_backups
from qbx_desktop.data.backup import Backup
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged, DbFull, DbReadOnly
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import PLAIN
from tests.fakes.clock import FakeClock

DAY = 86_400.0


def test_a_backup_holds_what_was_committed_when_it_began(
    db: Database, folder: Home, clock: FakeClock
) -> None:
    for number in range(50):
        db.log(bot_id=None, action="INFO", message=PLAIN(text=str(number))).result()
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            db.log(bot_id=None, action="INFO", message=PLAIN(text="later")).result()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = backup.make_backup(folder.database, folder.backups, "manual", clock=clock)
    finally:
        stop.set()
        writer.join()
    drill = keep_backups.drill(made.path)
    assert drill.rows["trade_history"] >= 50
    assert backup.backups_in(folder.backups) == [made]
    assert [path.name for path in folder.backups.iterdir()] == ["bots-20250615T150640-manual.db"]


def test_a_backup_ends_although_every_step_is_followed_by_a_commit(
    db: Database, folder: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PAGES_PER_STEP", 4)
    for _ in range(100):
        db.log(bot_id=None, action="INFO", message=PLAIN(text="x" * 2_000)).result()
    pages = db.reader().execute("PRAGMA page_count").fetchone()[0]
    told: list[float] = []

    def step(done: float) -> None:
        told.append(done)
        assert len(told) <= pages, "the copy begins anew each time"
        db.log(bot_id=None, action="INFO", message=PLAIN(text="meanwhile")).result()

    backup.copy_database(folder.database, tmp_path / "copy.db", step)
    assert keep_backups.drill(tmp_path / "copy.db").rows["trade_history"] == 100
    assert len(told) > 10


def test_two_of_one_second_do_not_overwrite_each_other(db: Database, folder: Home, clock: FakeClock) -> None:
    for _ in range(3):
        backup.make_backup(folder.database, folder.backups, "daily", clock=clock)
    assert len(backup.backups_in(folder.backups)) == 3
    assert {each.reason for each in backup.backups_in(folder.backups)} == {"daily"}


def test_an_existing_file_is_never_overwritten(db: Database, folder: Home, tmp_path: Path) -> None:
    (tmp_path / "mine.db").write_bytes(b"precious")
    with pytest.raises(DbReadOnly):
        backup.copy_database(folder.database, tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".mine")] == []


def test_a_damaged_database_makes_no_backup(folder: Home) -> None:
    with Database.open(folder.database) as db:
        for _ in range(200):
            db.log(bot_id=None, action="INFO", message=PLAIN(text="x" * 500))
    content = bytearray(folder.database.read_bytes())
    content[4096 * 5 : 4096 * 40] = os.urandom(4096 * 35)
    folder.database.write_bytes(content)
    with pytest.raises(DbDamaged):
        backup.make_backup(folder.database, folder.backups, "daily")
    assert list(folder.backups.iterdir()) == []


def test_no_space_for_a_backup_is_told_before_it_begins(
    db: Database, folder: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(DbFull):
        backup.make_backup(folder.database, folder.backups, "daily")


def test_a_killed_backup_leaves_no_half_file_under_a_final_name(folder: Home) -> None:
    with Database.open(folder.database) as db:
        db.write(
            lambda con: [
                history.append(con, bot_id=None, action="INFO", message=PLAIN(text="x" * 900), ts_ms=1)
                for _ in range(8_000)
            ]
        )
    code = (
        "import sys; from pathlib import Path; from qbx_desktop.data import backup; backup.PAGES_PER_STEP = 4\n"
        "print('go', flush=True)\n"
        "while True: backup.make_backup(Path(sys.argv[1]), Path(sys.argv[2]), 'daily')"
    )
    for delay in (0.01, 0.05, 0.1, 0.2):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(folder.database), str(folder.backups)],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout is not None
        child.stdout.readline()
        threading.Event().wait(delay)
        child.kill()
        child.stdout.close()
        child.wait()
        for each in backup.backups_in(folder.backups):
            assert keep_backups.drill(each.path).rows["trade_history"] == 8_000


def made(day: float, reason: str = "daily", size: int = 1) -> Backup:
    return Backup(Path(f"{reason}-{day}"), 1_750_000_000 + day * DAY, reason, size)


def test_seven_days_four_weeks_twelve_months_stay() -> None:
    backups = [made(-day) for day in range(500)]
    gone = keep_backups.surplus(backups, 1_750_000_000, 10**9)
    kept = [each for each in backups if each not in gone]
    assert kept[:7] == backups[:7]
    assert 16 <= len(kept) <= 7 + 4 + 12
    assert any(300 <= (1_750_000_000 - each.made) / DAY <= 365 for each in kept)


def test_those_before_an_upgrade_stay_a_year() -> None:
    old, older = made(-364, "before-v2"), made(-366, "before-v2")
    assert keep_backups.surplus([made(0), old, older], 1_750_000_000, 10**9) == [older]


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 900), st.sampled_from(["daily", "manual"])), st.integers(1, 100), max_size=40
    ),
    st.integers(0, 5_000),
)
def test_the_newest_always_stays_and_the_rest_fits(sizes: dict[tuple[int, str], int], free: int) -> None:
    backups = sorted(
        (made(-day, reason, size) for (day, reason), size in sizes.items()),
        key=lambda each: (each.made, each.path.name),
        reverse=True,
    )
    gone = set(keep_backups.surplus(backups, 1_750_000_000, free))
    kept = [each for each in backups if each not in gone]
    if backups:
        assert backups[0] in kept
        assert len(kept) == 1 or sum(each.size for each in kept) <= free * 0.1


def test_one_a_day_and_a_clock_set_back_makes_one_too(db: Database, folder: Home, clock: FakeClock) -> None:
    assert keep_backups.back_up_if_due(folder.database, folder.backups, clock) is not None
    assert keep_backups.back_up_if_due(folder.database, folder.backups, clock) is None
    clock.advance(DAY)
    assert keep_backups.back_up_if_due(folder.database, folder.backups, clock) is not None
    clock.jump(-10 * DAY)
    assert keep_backups.back_up_if_due(folder.database, folder.backups, clock) is not None


def test_rotation_deletes_only_backups(db: Database, folder: Home, clock: FakeClock) -> None:
    (folder.backups / "holiday.jpg").write_bytes(b"x")
    (folder.backups / "bots-notes.db").write_bytes(b"x")
    for _ in range(30):
        keep_backups.back_up_if_due(folder.database, folder.backups, clock)
        clock.advance(DAY)
    left = {path.name for path in folder.backups.iterdir()}
    assert {"holiday.jpg", "bots-notes.db"} <= left
    assert 7 <= len(left) - 2 <= 14


def test_a_drill_refuses_what_could_not_be_restored(folder: Home, tmp_path: Path) -> None:
    with Database.open(folder.database):
        pass
    for content in (b"", b"rubbish" * 100):
        (tmp_path / "x.db").write_bytes(content)
        with pytest.raises(DbDamaged):
            keep_backups.drill(tmp_path / "x.db")
    (tmp_path / "x.db").write_bytes(folder.database.read_bytes())
    con = sqlite3.connect(tmp_path / "x.db")
    con.execute("PRAGMA user_version = 99")
    con.close()
    with pytest.raises(DbDamaged, match="99"):
        keep_backups.drill(tmp_path / "x.db")
