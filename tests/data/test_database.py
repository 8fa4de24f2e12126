"""Opening the file in every state it can be in: each has its error, and nothing is changed on the way to it."""

from __future__ import annotations

import importlib
import os
import shutil
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qbx_desktop.data import app_meta, bots, history, start_check
from qbx_desktop.data.backup import make_backup
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbBusy, DbConstraint, DbDamaged, DbForeign, DbFull, DbNewer, DbReadOnly
from qbx_desktop.data.home import Home
from qbx_desktop.data.migrate import APPLICATION_ID, LATEST
from qbx_desktop.domain.errors import PLAIN, QbxError
from tests.rights import is_private, needs_posix

from .conftest import a_bot


def made(folder: Home) -> Path:
    with Database.open(folder.database) as db:
        db.write(lambda con: bots.create_bot(con, a_bot()))
    return folder.database


def test_a_new_database_is_ours_and_of_the_newest_format(folder: Home) -> None:
    path = made(folder)
    head = path.read_bytes()[:100]
    assert int.from_bytes(head[60:64], "big") == LATEST
    assert int.from_bytes(head[68:72], "big") == APPLICATION_ID == 0x51425844


def test_connection_settings(db: Database) -> None:
    orders = db.order_connection()
    try:
        for con, query_only in ((orders, 0), (db.reader(), 1)):
            wanted = {
                "journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000, "trusted_schema": 0,
                "cell_size_check": 1, "mmap_size": 0, "query_only": query_only,
            }  # fmt: skip
            found = {name: con.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
            assert found == wanted
        assert orders.execute("PRAGMA synchronous").fetchone()[0] == 2
        assert orders.execute("PRAGMA journal_size_limit").fetchone()[0] == 64 * 1024 * 1024
    finally:
        orders.close()


def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(DbReadOnly):
        db.reader().execute("DELETE FROM bots")


def test_each_thread_has_a_reader_of_its_own_and_keeps_it(db: Database) -> None:
    mine = db.reader()
    assert db.reader() is mine
    others: list[sqlite3.Connection] = []
    thread = threading.Thread(target=lambda: others.append(db.reader()))
    thread.start()
    thread.join()
    assert others[0] is not mine


def test_the_magic_base_is_a_random_multiple_that_stays(folder: Home, tmp_path: Path) -> None:
    bases = set()
    for number in range(5):
        with Database.open(tmp_path / f"{number}.db") as db:
            base = app_meta.magic_base(db.reader())
        with Database.open(tmp_path / f"{number}.db") as db:
            assert app_meta.magic_base(db.reader()) == base
        assert base % 100_000 == 0
        assert 10**9 <= base < 2 * 10**9
        bases.add(base)
    assert len(bases) > 1


def refused(folder: Home, kind: type[QbxError]) -> QbxError:
    """Opening must raise `kind` and leave every byte and every file as it is."""
    before = {
        path: path.read_bytes()
        for path in folder.root.rglob("*")
        if path.is_file() and "lock" not in path.name
    }
    with pytest.raises(kind) as caught:
        Database.open(folder.database)
    after = {
        path: path.read_bytes()
        for path in folder.root.rglob("*")
        if path.is_file() and "lock" not in path.name
    }
    assert after == before
    assert str(folder.database) in caught.value.sentence
    return caught.value


def test_newer_is_refused_and_left_byte_identical(folder: Home) -> None:
    path = made(folder)
    con = sqlite3.connect(path)
    con.execute("PRAGMA user_version = 99")
    con.close()
    assert "99" in refused(folder, DbNewer).sentence


def test_newer_in_the_write_ahead_log_is_refused_too(folder: Home, tmp_path: Path) -> None:
    path = made(folder)
    con = sqlite3.connect(path)
    con.execute("PRAGMA user_version = 99")
    for part in (path, Path(f"{path}-wal")):
        shutil.copyfile(part, tmp_path / part.name)
    con.close()
    for part in (path, Path(f"{path}-wal")):
        shutil.copyfile(tmp_path / part.name, part)
    log = Path(f"{path}-wal").read_bytes()
    with pytest.raises(DbNewer):
        Database.open(path)
    assert path.read_bytes() == (tmp_path / path.name).read_bytes()
    assert Path(f"{path}-wal").read_bytes() == log


def test_zero_length_is_damage(folder: Home) -> None:
    folder.database.touch()
    refused(folder, DbDamaged)


def test_zero_length_with_backups_is_damage(folder: Home) -> None:
    path = made(folder)
    make_backup(path, folder.backups, "daily")
    path.write_bytes(b"")
    refused(folder, DbDamaged)


def test_missing_although_it_was_there_is_damage_and_not_a_first_run(folder: Home) -> None:
    made(folder).unlink()
    with pytest.raises(DbDamaged, match="missing"):
        Database.open(folder.database)
    assert not folder.database.exists()
    start_check.registry(folder.database).unlink()
    with Database.open(folder.database):
        pass


def test_missing_while_a_backup_exists_is_damage(folder: Home) -> None:
    path = made(folder)
    make_backup(path, folder.backups, "daily")
    path.unlink()
    start_check.registry(path).unlink()
    with pytest.raises(DbDamaged):
        Database.open(path)


@pytest.mark.parametrize("where", ["header", "middle", "cut", "text"])
def test_damaged(folder: Home, where: str) -> None:
    path = made(folder)
    with Database.open(path) as db:
        for _ in range(300):
            db.log(bot_id=1, action="INFO", message=PLAIN(text="x" * 300))
    content = bytearray(path.read_bytes())
    if where == "header":
        content[:100] = bytes(100)
    elif where == "middle":
        content[4096:] = os.urandom(len(content) - 4096)
    elif where == "cut":
        del content[len(content) // 2 :]
    else:
        content = bytearray(b"this is a letter to my aunt\n" * 100)
    path.write_bytes(content)
    if where == "cut":
        # Only a crash makes a start look at every page.
        Path(f"{path}-wal").write_bytes(b"\0" * 32)
    with pytest.raises(DbDamaged, match="positions at the broker are not affected"):
        Database.open(path).close()


def test_another_programs_database_is_left_alone(folder: Home) -> None:
    con = sqlite3.connect(folder.database)
    con.execute("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
    con.close()
    refused(folder, DbForeign)
    con = sqlite3.connect(folder.database)
    con.execute("PRAGMA application_id = 252006673")
    con.close()
    refused(folder, DbForeign)


def test_locked_for_longer_than_the_time_out_is_busy(folder: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(folder)
    monkeypatch.setattr("qbx_desktop.data.connection.BUSY_SECONDS", 0.2)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    try:
        with pytest.raises(DbBusy) as caught:
            Database.open(path)
        assert "no order was sent" in caught.value.sentence
    finally:
        other.close()


@contextmanager
def nobody() -> Iterator[Path]:
    """A folder that belongs to a user without special rights, as whom the block runs (root may write anything)."""
    place = Path(tempfile.mkdtemp(prefix="qbx-nobody-", dir="/tmp"))
    try:
        if os.geteuid() == 0:
            os.chown(place, 65534, 65534)
            os.seteuid(65534)
            try:
                yield place
            finally:
                os.seteuid(0)
        else:
            yield place
    finally:
        for path in (place, *place.rglob("*")):
            path.chmod(0o700)
        shutil.rmtree(place)


@needs_posix
def test_a_read_only_file_is_named_and_not_opened() -> None:
    with nobody() as place:
        home = Home(place / "home").prepare()
        path = made(home)
        path.chmod(0o400)
        refused(home, DbReadOnly)
        assert "write-protected" in refused(home, DbReadOnly).sentence


@needs_posix
def test_a_read_only_folder_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    from qbx_desktop.cli import run

    # Read now: nobody may not look into the folder of this interpreter.
    importlib.import_module("qbx_desktop.commands.db")
    with nobody() as place:
        home = Home(place / "home").prepare()
        made(home)
        home.root.chmod(0o500)
        with pytest.raises(DbReadOnly):
            Database.open(home.database)
        assert run(["db", "init", "--home", str(place / "home")]) == 2
        told = capsys.readouterr().err
        assert str(place / "home") in told
        assert "Traceback" not in told


@needs_posix
def test_no_disk_space_at_creation_is_told_and_leaves_nothing(folder: Home) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        with pytest.raises(DbFull):
            Database.open(folder.database)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert not folder.database.exists()
    with Database.open(folder.database):
        pass


@needs_posix
def test_a_write_that_the_system_cuts_short_is_a_full_disk(db: Database) -> None:
    import resource
    import signal

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(DbFull):
            db.write(
                lambda con: [
                    history.append(con, bot_id=None, action="INFO", message=PLAIN(text="x" * 3_000), ts_ms=1)
                    for _ in range(2_000)
                ]
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert history.count(db.reader()) == 0
    assert db.reader().execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_files_are_private(folder: Home) -> None:
    made(folder)
    with Database.open(folder.database) as db:
        db.write(lambda con: app_meta.set(con, "a", "b"))
        make_backup(folder.database, folder.backups, "daily")
        made_here = [folder.root, *folder.root.rglob("*")]
        assert [path.name for path in made_here if not is_private(path)] == []
    assert "bots.db-wal" in {path.name for path in made_here}


def test_two_programs_starting_at_once_make_one_database(folder: Home) -> None:
    found: list[int] = []

    def start() -> None:
        with Database.open(folder.database) as db:
            found.append(app_meta.magic_base(db.reader()))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_broken_rule_is_told_as_one(db: Database) -> None:
    with pytest.raises(DbConstraint):
        db.write(lambda con: con.execute("INSERT INTO settings (key, value) VALUES (NULL, NULL)"))
