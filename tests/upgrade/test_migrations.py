"""From every stored format to the present one: nothing lost, all or nothing, and old programs still read it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from qbx_desktop.data import app_meta, bots, migrate
from qbx_desktop.data.backup import backups_in
from qbx_desktop.data.connection import connect
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged, DbFull
from qbx_desktop.data.home import Home
from qbx_desktop.data.keep_backups import drill
from qbx_desktop.data.order_journal import OrderJournal
from qbx_desktop.domain.clock import SystemClock
from qbx_desktop.domain.messages import Message

from .shapes import LEGACY, OURS, build, content

SEEDS = {"users", "bots", "trade_history", "backtest_results", "watchlist"}


@pytest.fixture
def folder(home: Path) -> Home:
    return Home(home).prepare()


def test_every_format_is_stored() -> None:
    assert [f"v{number}" for number in sorted(migrate.STEPS)] == OURS, (
        "store the new format: python -m tests.upgrade.store"
    )
    assert len(LEGACY) >= 4


@pytest.mark.parametrize("shape", [*LEGACY, *OURS])
def test_every_row_and_column_survives(shape: str, folder: Home) -> None:
    before = content(build(shape, folder.database))
    marks = sequence(folder.database)
    Database.open(folder.database).close()
    after = content(folder.database)
    for table, rows in before.items():
        name = table if table in SEEDS or shape in OURS else {"settings": "legacy_settings"}.get(table, table)
        if table == "app_meta":
            continue
        kept = {row.get("id", index): row for index, row in enumerate(after[name])}
        for index, row in enumerate(rows):
            now = kept[row.get("id", index)]
            changed = {key: (value, now[key]) for key, value in row.items() if not same(value, now[key])}
            assert set(changed) <= {"bot_id", "status"}, (table, changed)
            if "bot_id" in changed:
                assert now["bot_id"] is None
                assert now["orphan_bot_id"] == row["bot_id"]
    for table, mark in marks.items():
        assert sequence(folder.database).get(table, 0) >= mark
    con = sqlite3.connect(folder.database)
    assert con.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    broken = {row[0] for row in con.execute("PRAGMA foreign_key_check")}
    assert broken <= {"ai_mentor_reports"}, "a broken link of a table that is not ours stays as it is"
    con.close()


def same(old: object, new: object) -> bool:
    return old == new and type(old) is type(new)


def sequence(path: Path) -> dict[str, int]:
    con = sqlite3.connect(path)
    try:
        return dict(con.execute("SELECT name, seq FROM sqlite_sequence"))
    except sqlite3.OperationalError:
        return {}
    finally:
        con.close()


def schema(path: Path) -> dict[str, list[tuple[object, ...]]]:
    con = sqlite3.connect(path)
    try:
        names = [
            row[0] for row in con.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'index')")
        ]
        return {
            name: sorted(
                con.execute(f'PRAGMA table_info("{name}")').fetchall()
                or con.execute(f'PRAGMA index_info("{name}")').fetchall()
            )
            for name in sorted(names)
            if not name.startswith("sqlite_")
        }
    finally:
        con.close()


@pytest.mark.parametrize("shape", OURS)
def test_an_upgraded_file_has_the_schema_of_a_new_one(shape: str, folder: Home, tmp_path: Path) -> None:
    build(shape, folder.database)
    Database.open(folder.database).close()
    Database.open(tmp_path / "new.db").close()
    assert schema(folder.database) == schema(tmp_path / "new.db")


@pytest.mark.parametrize("shape", LEGACY)
def test_ids_are_never_given_again(shape: str, folder: Home) -> None:
    build(shape, folder.database)
    with Database.open(folder.database) as db:
        new = db.write(
            lambda con: (
                con.execute("INSERT INTO bots (name, market, strategy) VALUES ('n', 'm', 's')").lastrowid
            )
        )
        row = db.write(lambda con: con.execute("INSERT INTO trade_history (action) VALUES ('x')").lastrowid)
    assert new == 9
    assert row > 40


@pytest.mark.parametrize("shape", LEGACY)
def test_queries_of_the_predecessor_run_unchanged(shape: str, folder: Home) -> None:
    build(shape, folder.database)
    Database.open(folder.database).close()
    con = sqlite3.connect(folder.database)
    con.row_factory = sqlite3.Row
    with con:
        con.execute(
            "INSERT INTO bots (name, market, lot_size, sl_pips, tp_pips, timeframe, check_interval_seconds, strategy,"
            " strategy_params, status) VALUES ('o', 'EURUSD', 0.01, 1, 2, 'H1', 60, 's', '{}', 'Dijeda')"
        )
        con.execute(
            "INSERT INTO trade_history (bot_id, action, details, is_notification, is_read) VALUES (2, 'INFO', 'd', 1, 0)"
        )
        con.execute("UPDATE bots SET status = 'Aktif' WHERE id = 2")
    found = con.execute("SELECT * FROM trade_history WHERE bot_id = 2 ORDER BY timestamp DESC").fetchall()
    assert found[0]["details"] == "d"
    assert con.execute("SELECT * FROM bots ORDER BY id DESC").fetchone()["name"] == "o"
    con.close()
    with Database.open(folder.database) as db:
        assert {bot.name: bot.is_startable for bot in bots.list_bots(db.reader())}["o"] is False


@pytest.mark.parametrize("shape", [*LEGACY, "v1"])
def test_a_verified_backup_comes_before_each_step(shape: str, folder: Home) -> None:
    before = content(build(shape, folder.database))
    Database.open(folder.database).close()
    made = {int(each.reason.removeprefix("before-v")): each for each in backups_in(folder.backups)}
    first = 2 if shape == "v1" else 1
    assert sorted(made) == [number for number in sorted(migrate.STEPS) if number >= first]
    oldest = made[min(made)]
    assert content(oldest.path) == before


def test_progress_is_told_and_may_cancel_before_the_commit(folder: Home) -> None:
    build("v0_seed", folder.database)
    con = sqlite3.connect(folder.database)
    con.executemany("INSERT INTO trade_history (bot_id, action) VALUES (2, ?)", [("INFO",)] * 20_000)
    con.commit()
    con.close()
    before = content(folder.database)
    told: set[str] = set()

    class Cancelled(Exception):
        pass

    def cancel(message: Message, _: float) -> None:
        told.add(message.text)
        if message.code == "migrate.step" and message.params["version"] == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        Database.open(folder.database, progress=cancel)
    assert "Backing up the database before changing it" in told
    con = sqlite3.connect(folder.database)
    assert con.execute("PRAGMA user_version").fetchone()[0] == 1
    con.close()
    after = content(folder.database)
    assert {name: after[name] for name in before} == before
    Database.open(folder.database).close()


def test_a_disk_too_full_for_a_backup_refuses_the_upgrade(
    folder: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    build("v0_seed", folder.database)
    before = folder.database.read_bytes()
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1000, "total": 10**9})())
    with pytest.raises(DbFull):
        Database.open(folder.database)
    con = sqlite3.connect(folder.database)
    assert con.execute("PRAGMA user_version").fetchone()[0] == 0
    con.close()
    assert len(before) == folder.database.stat().st_size


def test_an_upgrade_that_would_lose_a_row_is_rolled_back(
    folder: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    build("v0_seed", folder.database)
    before = content(folder.database)
    real = migrate.legacy_repair.prepare

    def loses(con: sqlite3.Connection, report: migrate.legacy_repair.Report) -> None:
        real(con, report)
        con.execute("DELETE FROM trade_history WHERE id = 2")

    monkeypatch.setattr(migrate.legacy_repair, "prepare", loses)
    with pytest.raises(DbDamaged, match="trade_history would change from 4 to 3 rows"):
        Database.open(folder.database)
    after = content(folder.database)
    assert {name: after[name] for name in before} == before


_KILLED = """
import os, signal, sys
from pathlib import Path
from qbx_desktop.data import connection
from qbx_desktop.data.database import Database
left = int(sys.argv[2])
real = connection.Connection.execute
def counted(self, sql, parameters=(), /):
    global left
    # Only the file's: the present format is built in memory to compare with.
    left -= bool(self.path)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, sql, parameters)
connection.Connection.execute = counted
Database.open(Path(sys.argv[1])).close()
print("done")
"""


def killed_at(path: Path, statement: int) -> bool:
    """Open `path` in a process that dies at its n-th statement; true when it died."""
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(path), str(statement)],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    if done.returncode == -signal.SIGKILL:
        return True
    assert done.stdout == b"done\n", done.stderr.decode()
    return False


def kills(shape: str, folder: Home, tmp_path: Path, step: int) -> None:
    original = content(build(shape, tmp_path / "original.db"), SEEDS)
    statement, died = 1, True
    while died:
        for path in (
            folder.root / name for name in ("bots.db", "bots.db-wal", "bots.db-shm", "bots.db.registry")
        ):
            path.unlink(missing_ok=True)
        for backup in backups_in(folder.backups):
            backup.path.unlink()
        folder.database.write_bytes((tmp_path / "original.db").read_bytes())
        died = killed_at(folder.database, statement)
        con = sqlite3.connect(folder.database)
        version = con.execute("PRAGMA user_version").fetchone()[0]
        assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        con.close()
        if version < 2 or shape in OURS:
            now = content(folder.database, SEEDS)
            for name, rows in original.items():
                # A format may add columns; what stood in a row stays.
                assert [
                    {key: row[key] for key in old} for row, old in zip(now[name], rows, strict=True)
                ] == rows
        Database.open(folder.database).close()
        counts = {name: len(each) for name, each in content(folder.database, SEEDS).items()}
        assert all(counts[name] >= len(each) for name, each in original.items())
        for backup in backups_in(folder.backups):
            drill(backup.path)
        statement += step
    assert statement > (25 if shape == OURS[-1] else 50), "the newest format has nothing to change"


@pytest.mark.parametrize(("shape", "step"), [*((each, 75) for each in LEGACY), ("v3", 90)])
def test_killed_at_some_statements_it_is_all_or_nothing(
    shape: str, step: int, folder: Home, tmp_path: Path
) -> None:
    kills(shape, folder, tmp_path, step)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("shape", [*LEGACY, *OURS])
def test_killed_at_every_statement_it_is_all_or_nothing(shape: str, folder: Home, tmp_path: Path) -> None:
    kills(shape, folder, tmp_path, 1)


@pytest.mark.parametrize("shape", [each for each in OURS if each != "v1"])
def test_an_older_file_of_ours_works_after_the_upgrade(shape: str, folder: Home) -> None:
    build(shape, folder.database)
    base = app_meta.magic_base(connect_for_reading(folder.database))
    with Database.open(folder.database) as db:
        assert app_meta.magic_base(db.reader()) == base
        assert OrderJournal(db.reader()).verify() == 1
        (bot,) = bots.list_bots(db.reader())
        assert bot.is_startable


def connect_for_reading(path: Path) -> sqlite3.Connection:
    con = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    con.row_factory = sqlite3.Row
    return con


def test_a_file_of_another_shape_than_its_number_is_a_sentence(folder: Home) -> None:
    build("v9", folder.database)
    con = sqlite3.connect(folder.database)
    con.execute("ALTER TABLE strategy_trust ADD COLUMN source BLOB")
    con.commit()
    con.close()
    before = content(folder.database)
    with pytest.raises(DbDamaged, match="duplicate column name"):
        Database.open(folder.database)
    assert content(folder.database) == before


def test_statements_of_each_file_are_whole() -> None:
    for name in migrate.STEPS.values():
        assert all(sqlite3.complete_statement(each) for each in migrate.statements(name))


def test_migrating_twice_does_nothing(folder: Home) -> None:
    con = connect(folder.database)
    assert migrate.migrate(con, folder.backups, clock=SystemClock(), fresh=True) == sorted(migrate.STEPS)
    assert migrate.migrate(con, folder.backups, clock=SystemClock()) == []
    con.close()
    assert os.listdir(folder.backups) == []
