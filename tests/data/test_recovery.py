"""After damage: nothing is deleted, the newest good backup comes back, and what the wreck still gives is added."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path

import pytest

from qbx_desktop.data import backup, bots, history, recovery, trading_state
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged, DbError
from qbx_desktop.data.home import Home
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.data.order_log import OrderLog
from qbx_desktop.domain.errors import PLAIN
from qbx_desktop.domain.journal import JournalState
from tests.fakes.clock import FakeClock

from .conftest import a_bot, an_order

ROWS = 400


def a_full_one(folder: Home, clock: FakeClock, backed_up: bool = True) -> Path:
    """A database with a backup after half of its rows."""
    with Database.open(folder.database, clock=clock) as db:
        db.write(lambda con: bots.create_bot(con, a_bot()))
        for half in range(2):
            for number in range(ROWS // 2):
                db.log(bot_id=1, action="INFO", message=PLAIN(text=f"{half}/{number} " + "x" * 300))
            db.write(lambda _: None)
            if half == 0 and backed_up:
                backup.make_backup(folder.database, folder.backups, "daily", clock=clock)
    return folder.database


def rows(folder: Home) -> int:
    with Database.open(folder.database) as db:
        return history.count(db.reader())


def spoil(path: Path, how: str, chance: random.Random) -> None:
    content = bytearray(path.read_bytes())
    pages = len(content) // 4096
    if how == "page":
        page = chance.randrange(1, pages)
        content[page * 4096 : page * 4096 + 4096] = os.urandom(4096)
    elif how == "zeros":
        page = chance.randrange(1, pages)
        content[page * 4096 : page * 4096 + 4096] = bytes(4096)
    elif how == "cut":
        del content[int(len(content) * chance.uniform(0.1, 0.9)) :]
    elif how == "bit":
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    elif how == "empty":
        content.clear()
    elif how == "header":
        content[:100] = bytes(100)
    path.write_bytes(content)


@pytest.mark.parametrize("how", ["page", "zeros", "cut", "bit", "empty", "header", "missing"])
def test_recovery_never_loses_what_the_backup_had(folder: Home, clock: FakeClock, how: str) -> None:
    path = a_full_one(folder, clock)
    damage_and_recover(folder, clock, how, 5)
    assert path.exists()


@pytest.mark.parametrize("how", ["page", "zeros", "cut", "bit", "header"])
def test_ten_damages_of_each_kind(tmp_path: Path, clock: FakeClock, how: str) -> None:
    many_damages(tmp_path, clock, how, 10)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("how", ["page", "zeros", "cut", "bit", "header"])
def test_three_hundred_damages_of_each_kind(tmp_path: Path, clock: FakeClock, how: str) -> None:
    many_damages(tmp_path, clock, how, 300)


def many_damages(tmp_path: Path, clock: FakeClock, how: str, times: int) -> None:
    a_full_one(Home(tmp_path / "whole").prepare(), clock)
    nearly_all = 0
    for seed in range(times):
        shutil.copytree(tmp_path / "whole", tmp_path / str(seed))
        nearly_all += damage_and_recover(Home(tmp_path / str(seed)), clock, how, seed) >= ROWS * 0.9
        shutil.rmtree(tmp_path / str(seed))
    if how in ("page", "zeros", "bit"):
        # The few pages that hold the schema or a table's root cost what came after the backup; leaves cost themselves.
        assert nearly_all >= times * 0.9


def damage_and_recover(folder: Home, clock: FakeClock, how: str, seed: int) -> int:
    """Spoil the file, walk the ladder, and return how many history rows there are then."""
    if how == "missing":
        folder.database.unlink()
    else:
        spoil(folder.database, how, random.Random(seed))
    wreck = folder.database.read_bytes() if folder.database.exists() else None
    done = recovery.recover(folder, clock=clock)
    assert done.from_backup is not None
    if wreck is not None:
        assert done.set_aside is not None
        assert (done.set_aside / "bots.db").read_bytes() == wreck, "the evidence stays as it is"
    found = rows(folder)
    assert found >= ROWS // 2
    with Database.open(folder.database) as db:
        assert db.reader().execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert trading_state.get(db.reader(), trading_state.GLOBAL).state == "HALTED"
        assert len(bots.list_bots(db.reader())) == 1
    return found


def test_without_any_backup_the_wreck_gives_what_it_can(folder: Home, clock: FakeClock) -> None:
    a_full_one(folder, clock, backed_up=False)
    spoil(folder.database, "zeros", random.Random(3))
    done = recovery.recover(folder, clock=clock)
    assert done.from_backup is None
    assert rows(folder) >= ROWS * 0.9


def test_a_bad_backup_is_passed_over_and_named(folder: Home, clock: FakeClock) -> None:
    a_full_one(folder, clock)
    clock.advance(86_400)
    bad = backup.make_backup(folder.database, folder.backups, "daily", clock=clock).path
    bad.write_bytes(bad.read_bytes()[:5_000])
    folder.database.unlink()
    done = recovery.recover(folder, clock=clock)
    assert list(done.refused_backups) == [bad.name]
    assert rows(folder) == ROWS // 2


def test_orders_after_the_backup_come_back_from_the_order_log(folder: Home, clock: FakeClock) -> None:
    log = OrderLog(folder.logs)
    with Database.open(folder.database, clock=clock) as db:
        journal = OrderJournal(con := db.order_connection())
        for number, end in enumerate((JournalState.FILLED, JournalState.SENDING)):
            row = journal.insert(**an_order(bar_time=number, bot_id=number + 1, bot_name="b"))
            entry = {
                "uid": row.uid, "bot_id": row.bot_id, "account": 7, "server": "Demo", "symbol": "EURUSD",
                "action": "OPEN", "side": 1, "volume": 0.1, "magic": 5,
            }  # fmt: skip
            log.append({**entry, "state": "SENDING", "request": '{"comment": "QBX"}'}, 1_750_000_000_000)
            journal.transition(row.id, JournalState.SENDING)
            if end is JournalState.FILLED:
                journal.transition(row.id, end, order_ticket=5, deal_ticket=6)
                log.append(
                    {
                        **entry,
                        "state": "FILLED",
                        "order": 5,
                        "deal": 6,
                        "result": {"retcode": 10009, "volume": 0.1, "price": 1.1},
                    },
                    1_750_000_000_001,
                )
        con.close()
        folder.database.with_name("bots.db.registry").unlink(missing_ok=True)
    folder.database.unlink()
    done = recovery.recover(folder, clock=clock)
    assert done.replayed_orders == 2
    with Database.open(folder.database) as db:
        journal = OrderJournal(db.reader())
        filled = journal.by_order_ticket(7, "Demo", 5)
        assert filled is not None
        assert (filled.state, filled.deal_ticket, filled.filled, filled.fill_price, filled.comment) == (
            JournalState.FILLED, 6, 0.1, 1.1, "QBX",
        )  # fmt: skip
        assert [row.state for row in journal.open_questions()] == [JournalState.UNKNOWN]
        assert journal.verify() == 2


def test_restore_can_be_undone(folder: Home, clock: FakeClock) -> None:
    a_full_one(folder, clock)
    (saved,) = backup.backups_in(folder.backups)
    clock.advance(60)
    done = recovery.restore(saved.path, folder, clock=clock)
    assert rows(folder) == ROWS // 2
    newest = backup.backups_in(folder.backups)[0]
    assert newest.reason == "before-restore"
    assert done.set_aside is not None
    clock.advance(60)
    recovery.restore(newest.path, folder, clock=clock)
    assert rows(folder) == ROWS


def test_a_bad_backup_is_not_restored_and_nothing_changes(
    folder: Home, clock: FakeClock, tmp_path: Path
) -> None:
    a_full_one(folder, clock)
    before = folder.database.read_bytes()
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0" + bytes(5_000))
    with pytest.raises(DbError):
        recovery.restore(tmp_path / "bad.db", folder, clock=clock)
    assert folder.database.read_bytes() == before
    assert not list(folder.root.glob(".restore-*"))


def test_every_truncation_of_a_small_file_is_damage_or_opens(
    folder: Home, clock: FakeClock, tmp_path: Path
) -> None:
    with Database.open(folder.database, clock=clock) as db:
        db.write(lambda con: bots.create_bot(con, a_bot()))
    whole = folder.database.read_bytes()
    damages = 0
    for length in range(0, len(whole), 4_001):
        home = Home(tmp_path / str(length)).prepare()
        home.database.write_bytes(whole[:length])
        home.database.with_name("bots.db-wal").write_bytes(b"\0" * 32)
        try:
            with Database.open(home.database) as db:
                # A page that held nothing may be missing.
                assert len(bots.list_bots(db.reader())) == 1
        except DbDamaged:
            damages += 1
    assert damages >= 40
