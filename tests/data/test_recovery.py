"""After damage: nothing is deleted, the newest good backup comes back, and what the wreck still gives is added."""

from __future__ import annotations

import dataclasses
import os
import random
import shutil
from pathlib import Path

import pytest

from qbx_desktop.data import app_meta, backup, bots, history, recovery, trading_state
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
def test_six_damages_of_each_kind(tmp_path: Path, clock: FakeClock, how: str) -> None:
    many_damages(tmp_path, clock, how, 6)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("how", ["page", "zeros", "cut", "bit", "header"])
def test_three_hundred_damages_of_each_kind(tmp_path: Path, clock: FakeClock, how: str) -> None:
    many_damages(tmp_path, clock, how, 300)


def many_damages(tmp_path: Path, clock: FakeClock, how: str, times: int) -> None:
    a_full_one(Home(tmp_path / "whole").prepare(), clock)
    for seed in range(times):
        shutil.copytree(tmp_path / "whole", tmp_path / str(seed), copy_function=shutil.copyfile)
        found = damage_and_recover(Home(tmp_path / str(seed)), clock, how, seed)
        if how == "header":
            assert found == ROWS
        shutil.rmtree(tmp_path / str(seed))


LARGE = 4_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of about 2 MB without any backup: whatever comes back comes from the wreck."""
    folder = Home(tmp_path_factory.mktemp("large") / "home").prepare()
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, a_bot()))
        for number in range(LARGE):
            db.log(bot_id=1, action="INFO", message=PLAIN(text=f"{number} " + "x" * 250))
        db.write(lambda _: None)
        row = db.write(lambda con: OrderJournal(con).insert(**an_order()))
        assert row.id == 1
    return folder.root


def test_a_lost_page_costs_at_most_one_percent_of_the_rows(
    large: Path, tmp_path: Path, clock: FakeClock
) -> None:
    pages_lost(large, tmp_path, clock, 8)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_lost_page_costs_at_most_one_percent_of_the_rows_wherever_it_is(
    large: Path, tmp_path: Path, clock: FakeClock
) -> None:
    pages_lost(large, tmp_path, clock, (large / "bots.db").stat().st_size // 4096)


def pages_lost(large: Path, tmp_path: Path, clock: FakeClock, times: int) -> None:
    """The first pages (schema and roots) first, then all over the file; zeros and rubbish in turn."""
    count = (large / "bots.db").stat().st_size // 4096
    base = magic(large / "bots.db")
    chance = random.Random(11)
    tree = interior_pages(large / "bots.db")
    chosen = [0, *tree, *chance.sample(range(1, count), count - 1)]
    for number, page in enumerate(chosen[:times]):
        home = Home(tmp_path / str(number))
        shutil.copytree(large, home.root, copy_function=shutil.copyfile)
        content = bytearray(home.database.read_bytes())
        content[page * 4096 : page * 4096 + 4096] = os.urandom(4096) if number % 2 else bytes(4096)
        home.database.write_bytes(content)
        done = recovery.recover(home, clock=clock)
        assert done.from_backup is None
        assert rows(home) >= LARGE * 0.99, f"page {page + 1} lost"
        if page == 0 or page in tree:
            assert rows(home) == LARGE, f"page {page + 1} held no history row itself"
        assert magic(home.database) == base or page not in (0, *tree)
        shutil.rmtree(home.root)


def interior_pages(path: Path) -> list[int]:
    """Pages, from 0, that lead to the pages of a table's rows."""
    data = path.read_bytes()
    return [page for page in range(1, len(data) // 4096) if data[page * 4096] == 0x05]


def magic(path: Path) -> int:
    with Database.open(path, start_new=True) as db:
        return app_meta.magic_base(db.reader())


def test_rows_deleted_before_the_damage_do_not_come_back(folder: Home, clock: FakeClock) -> None:
    a_full_one(folder, clock, backed_up=False)
    with Database.open(folder.database) as db:
        db.write(lambda con: con.execute("DELETE FROM trade_history WHERE id % 3 > 0"))
        left = history.count(db.reader())
    content = bytearray(folder.database.read_bytes())
    for page in interior_pages(folder.database):
        content[page * 4096 : page * 4096 + 4096] = bytes(4096)
    folder.database.write_bytes(content)
    recovery.recover(folder, clock=clock)
    assert rows(folder) == left


def test_what_was_changed_after_the_backup_stays_changed(folder: Home, clock: FakeClock) -> None:
    """The damage is in the history; the tables of bots and settings are whole, and newer than the backup."""
    a_full_one(folder, clock)
    with Database.open(folder.database) as db:
        (bot,) = bots.list_bots(db.reader())
        less = dataclasses.replace(bot, settings=dataclasses.replace(bot.settings, risk_percent=0.25))
        db.write(lambda con: bots.update_bot(con, less))
        gone = db.write(lambda con: bots.create_bot(con, a_bot()))
        db.write(lambda con: bots.delete_bot(con, gone))
    content = bytearray(folder.database.read_bytes())
    page = next(each for each in interior_pages(folder.database))
    content[page * 4096 : page * 4096 + 4096] = bytes(4096)
    folder.database.write_bytes(content)
    recovery.recover(folder, clock=clock)
    with Database.open(folder.database) as db:
        (bot,) = bots.list_bots(db.reader())
        assert bot.settings.risk_percent == 0.25
        assert db.write(lambda con: bots.create_bot(con, a_bot())) > gone, "its number is not given again"
    assert rows(folder) == ROWS


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
    assert rows(folder) >= ROWS * 0.95


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
