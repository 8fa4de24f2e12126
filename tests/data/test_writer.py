"""The background writer: nothing handed over is ever lost without someone being told."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from qbx_desktop.data import history
from qbx_desktop.data.connection import connect
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbBusy, DbFull
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import PLAIN, QbxError, Stop, UserMistake
from tests.rights import needs_posix

from .conftest import a_bot


def rows(db: Database) -> int:
    return history.count(db.reader())


def insert(con: sqlite3.Connection, text: str = "x") -> int:
    return history.append(con, bot_id=None, action="INFO", message=PLAIN(text=text), ts_ms=1)


def test_a_thousand_threads_logging_at_once_lose_nothing(db: Database, bot_id: int) -> None:
    ready = threading.Barrier(1_000)

    def log(number: int) -> None:
        ready.wait()
        for each in range(5):
            db.log(bot_id=bot_id, action="INFO", message=PLAIN(text=f"{number}/{each}")).result()

    threads = [threading.Thread(target=log, args=(number,)) for number in range(1_000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(db) == 5_000
    found = (
        db.reader()
        .execute("SELECT count(DISTINCT details), min(seq), max(seq) FROM trade_history")
        .fetchone()
    )
    assert tuple(found) == (5_000, 1, 5_000)


def test_a_job_that_raises_undoes_itself_only(db: Database) -> None:
    def broken(con: sqlite3.Connection) -> None:
        insert(con, "half")
        raise UserMistake("no")

    hold = threading.Event()
    db.writer.submit(lambda _: hold.wait(10))
    before, bad, after = db.writer.submit(insert), db.writer.submit(broken), db.writer.submit(insert)
    hold.set()
    assert (before.result(), after.result()) == (1, 2)
    with pytest.raises(UserMistake):
        bad.result()
    assert rows(db) == 2


def test_what_is_handed_over_is_written_before_close_returns(folder: Home) -> None:
    db = Database.open(folder.database)
    futures = [db.writer.submit(insert) for _ in range(200)]
    db.close()
    assert all(future.done() and future.exception() is None for future in futures)
    with pytest.raises(Stop):
        db.writer.submit(insert).result()
    with Database.open(folder.database) as again:
        assert rows(again) == 200


def test_a_mistake_goes_to_its_caller_and_a_bug_to_the_trader_too(db: Database) -> None:
    told: list[QbxError] = []
    db.on_problem(told.append)

    def mistake(_: sqlite3.Connection) -> None:
        raise UserMistake("wrong")

    def bug(_: sqlite3.Connection) -> None:
        raise KeyError("bug")

    with pytest.raises(UserMistake):
        db.write(mistake)
    with pytest.raises(KeyError):
        db.write(bug)
    assert len(told) == 1
    assert "KeyError" in told[0].sentence


def test_a_listener_that_fails_does_not_stop_the_writing(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: QbxError) -> None:
        raise RuntimeError("the window is gone")

    db.on_problem(fails)

    def bug(_: sqlite3.Connection) -> None:
        raise KeyError("bug")

    with pytest.raises(KeyError):
        db.write(bug)
    assert db.write(insert) == 1
    assert "the window is gone" in caplog.text


def test_a_text_that_no_file_can_hold_is_a_bug_of_its_caller_and_no_damage(db: Database) -> None:
    with pytest.raises(UnicodeEncodeError):
        db.write(lambda con: insert(con, "\ud800"))
    assert db.write(insert) == 1


def fill_the_disk(db: Database) -> None:
    """Let sqlite find no further page."""

    def job(con: sqlite3.Connection) -> None:
        pages = con.execute("PRAGMA page_count").fetchone()[0]
        con.execute(f"PRAGMA max_page_count = {pages}")

    db.write(job)


def make_room(db: Database) -> None:
    db.write(lambda con: con.execute("PRAGMA max_page_count = 1073741823"))


def test_a_full_disk_is_an_error_that_says_so_and_the_rest_is_still_there(db: Database) -> None:
    told: list[QbxError] = []
    db.on_problem(told.append)
    fill_the_disk(db)
    with pytest.raises(DbFull) as caught:
        db.write(lambda con: [insert(con, "y" * 1000) for _ in range(1000)])
    assert "full" in caught.value.sentence
    assert [type(each) for each in told] == [DbFull]
    assert rows(db) == 0
    make_room(db)
    assert db.write(insert) > 0
    assert rows(db) == 1


def test_every_row_is_written_spooled_or_shown_whatever_fails_when(db: Database, folder: Home) -> None:
    shown: list[QbxError] = []
    db.on_problem(shown.append)
    futures = []
    for number in range(300):
        if number == 100:
            fill_the_disk(db)
        if number == 200:
            assert futures[-1].exception() is not None
            (folder.root / "spool.jsonl").touch()
            db.spool._path = folder.root / "no such folder" / "spool.jsonl"
        futures.append(db.log(bot_id=None, action="INFO", message=PLAIN(text="z" * 2000)))
    written = sum(future.exception() is None for future in futures)
    spooled = (folder.root / "spool.jsonl").read_text().count('"action"')
    assert written + spooled + len(shown) == 300
    assert min(written, spooled, len(shown)) > 0
    assert rows(db) == written
    make_room(db)


def test_spooled_rows_come_back_once_the_database_takes_rows_again(
    db: Database, folder: Home, bot_id: int
) -> None:
    fill_the_disk(db)
    futures = [
        db.log(bot_id=bot_id, action="INFO", message=PLAIN(text=f"{number} " + "z" * 2000))
        for number in range(50)
    ]
    failed = sum(future.exception() is not None for future in futures)
    assert failed > 0
    make_room(db)
    db.write(lambda _: None)
    assert rows(db) == 50
    assert not (folder.root / "spool.jsonl").exists()


def test_a_spool_left_by_a_crash_is_played_back_at_the_next_start_and_only_once(folder: Home) -> None:
    db = Database.open(folder.database)
    fill_the_disk(db)
    for number in range(20):
        db.log(bot_id=None, action="INFO", message=PLAIN(text=f"{number} " + "z" * 4000))
    db.close()
    spool = folder.root / "spool.jsonl"
    kept = spool.read_bytes()
    with Database.open(folder.database) as db:
        db.write(lambda _: None)
        assert rows(db) == 20
    # The crash came after the COMMIT and before the file was removed; its last line is torn.
    spool.write_bytes(kept + b'{"action": "IN')
    with Database.open(folder.database) as db:
        db.write(lambda _: None)
        assert rows(db) == 20
    assert not spool.exists()


def test_a_row_of_a_bot_that_was_deleted_meanwhile_is_kept_without_it(db: Database) -> None:
    db.log(bot_id=77, action="INFO", message=PLAIN(text="late")).result()
    (row,) = history.page(db.reader())
    assert (row.bot_id, row.orphan_bot_id) == (None, 77)


def test_a_database_locked_by_another_program_is_busy_and_history_is_spooled(
    db: Database, folder: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.write(lambda con: con.execute("PRAGMA busy_timeout = 100"))
    other = connect(folder.database)
    other.execute("BEGIN EXCLUSIVE")
    try:
        future = db.log(bot_id=None, action="INFO", message=PLAIN(text="kept"))
        with pytest.raises(DbBusy) as caught:
            future.result()
        assert "in use by another program" in caught.value.sentence
        with pytest.raises(DbBusy):
            db.write(insert)
    finally:
        other.execute("ROLLBACK")
        other.close()
    db.write(lambda _: None)
    assert [row.details for row in history.page(db.reader())] == ["kept"]


def test_two_writers_and_readers_at_once(db: Database, bot_id: int) -> None:
    stop = threading.Event()
    seen: list[int] = []

    def read() -> None:
        while not stop.is_set():
            seen.append(len(history.page(db.reader(), limit=10)))

    reader = threading.Thread(target=read)
    reader.start()
    orders = db.order_connection()
    try:
        futures = []
        for _ in range(200):
            futures.append(db.log(bot_id=bot_id, action="INFO", message=PLAIN(text="a")))
            history.append(orders, bot_id=bot_id, action="INFO", message=PLAIN(text="b"), ts_ms=1)
        for future in futures:
            future.result()
    finally:
        orders.close()
        stop.set()
        reader.join()
    numbers = [row[0] for row in db.reader().execute("SELECT seq FROM trade_history ORDER BY id").fetchall()]
    assert numbers == list(range(1, 401))
    assert seen


@needs_posix
def test_readers_end_with_their_threads(db: Database, tmp_path: Path) -> None:
    import gc
    import os

    def read() -> None:
        rows(db)

    for _ in range(5):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    gc.collect()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(100):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    gc.collect()
    assert len(os.listdir("/proc/self/fd")) <= before + 2


def test_many_calls_leave_the_log_small(db: Database) -> None:
    for _ in range(300):
        db.write(lambda con: insert(con, "x" * 5_000))
        rows(db)
    assert db.path.with_name("bots.db-wal").stat().st_size < 64 * 1024 * 1024


def test_the_bot_of_a_row_names_its_symbol(db: Database) -> None:
    from qbx_desktop.data import bots

    bot = db.write(lambda con: bots.create_bot(con, a_bot(market="XAUUSD")))
    db.log(bot_id=bot, action="INFO", message=PLAIN(text="x")).result()
    assert history.page(db.reader(), symbol="XAUUSD")[0].symbol == "XAUUSD"
