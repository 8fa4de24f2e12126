"""The home folder, its lock, small files, retention and the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from qbx_desktop.cli import run
from qbx_desktop.data import bots, history, retention, snapshots
from qbx_desktop.data.database import Database
from qbx_desktop.data.disk_space import Space
from qbx_desktop.data.home import Home, unsuitable
from qbx_desktop.data.instance_lock import InstanceLock
from qbx_desktop.domain.errors import PLAIN, Stop, UserMistake
from tests.fakes.clock import FakeClock
from tests.rights import is_private
from tests.upgrade.shapes import build

from .conftest import a_bot

MEGABYTE = 1024 * 1024


def test_the_home_folder_is_where_the_environment_says(home: Path) -> None:
    assert Home.default().root == home
    assert Home.default().prepare().database == home / "bots.db"
    assert is_private(home)


def test_without_the_environment_it_is_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QBX_HOME")
    assert Home.default().root.name == "QuantumBotX"


@pytest.mark.parametrize(("path", "good"), [
    (r"C:\Users\Ana\AppData\Local\QuantumBotX", True), (r"C:\Users\Ana\OneDrive\QuantumBotX", False),
    (r"C:\Users\Ana\OneDrive - Firma\x", False), (r"D:\Dropbox\x", False), (r"\\server\share\x", False),
    ("//server/share", False), (r"\\?\C:\Users\Ana\x", True), ("/home/ana/.local/share/QuantumBotX", True),
    ("/home/ana/Nextcloud/x", False), ("/home/ana/onedriver/x", True),
])  # fmt: skip
def test_synchronised_and_network_folders_are_no_place_for_a_database(path: str, good: bool) -> None:
    assert (unsuitable(path) == "") is good


def test_such_a_folder_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="synchronised folder"):
        Home(tmp_path / "Dropbox" / "qbx").prepare()
    assert not (tmp_path / "Dropbox").exists()
    (tmp_path / "file").touch()
    with pytest.raises(UserMistake, match="QBX_HOME"):
        Home(tmp_path / "file" / "qbx").prepare()


@pytest.mark.parametrize(("free", "total", "state"), [
    (50 * MEGABYTE - 1, 10**9, "HALTED"), (50 * MEGABYTE, 10**9, "REDUCING"), (50 * MEGABYTE + 1, 10**9, "REDUCING"),
    (200 * MEGABYTE - 1, 10**9, "REDUCING"), (200 * MEGABYTE, 10**9, "ACTIVE"), (200 * MEGABYTE + 1, 10**9, "ACTIVE"),
    (49 * MEGABYTE, 10**12, "HALTED"), (20 * 10**9 - 1, 10**12, "REDUCING"), (20 * 10**9, 10**12, "ACTIVE"),
])  # fmt: skip
def test_orders_stop_before_the_disk_is_full(free: int, total: int, state: str) -> None:
    assert Space(free, total).allows == state


def test_the_lock_is_held_once_and_comes_free(tmp_path: Path) -> None:
    first, second = InstanceLock(tmp_path / "lock"), InstanceLock(tmp_path / "lock")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    first.release()
    with second:
        assert second.acquire()
    assert first.acquire()
    first.release()


def test_f33_of_twenty_starts_one_lives_and_a_dead_holder_blocks_nobody(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from qbx_desktop.data.instance_lock import InstanceLock\n"
        "got = InstanceLock(Path(sys.argv[1])).acquire(); print(got, flush=True)\n"
        "lock = InstanceLock(Path(sys.argv[1])); time.sleep(60 if got else 0)"
    ).replace(
        "got = InstanceLock(Path(sys.argv[1])).acquire()",
        "held = InstanceLock(Path(sys.argv[1])); got = held.acquire()",
    )
    children = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "lock")],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        for _ in range(20)
    ]
    said = [child.stdout.readline().strip() for child in children if child.stdout is not None]
    assert sorted(said) == [b"False"] * 19 + [b"True"]
    holder = children[said.index(b"True")]
    assert not InstanceLock(tmp_path / "lock").acquire()
    holder.kill()
    for child in children:
        child.wait()
        assert child.stdout is not None
        child.stdout.close()
    with InstanceLock(tmp_path / "lock") as lock:
        assert lock.acquire()


def test_a_snapshot_is_whole_or_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "account.json"
    assert snapshots.read(path) is None
    snapshots.write(path, b"one")
    assert is_private(path)

    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(Stop, match="still complete"):
        snapshots.write(path, b"two")
    monkeypatch.undo()
    assert snapshots.read(path) == b"one"
    assert [each.name for each in tmp_path.iterdir() if "account" in each.name] == ["account.json"]
    snapshots.write(path, b"two")
    assert snapshots.read(path) == b"two"
    with pytest.raises(Stop, match="cannot be read"):
        snapshots.read(tmp_path)


def test_a_killed_snapshot_writer_never_leaves_half_a_file(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from qbx_desktop.data import snapshots\n"
        "path = Path(sys.argv[1]); n = 0\n"
        "while True:\n    n += 1; snapshots.write(path, bytes([n % 256]) * 300_000)\n    n == 1 and print('go', flush=True)\n"
    )
    for _ in range(8):
        child = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "s")],
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        assert child.stdout is not None
        child.stdout.readline()
        child.kill()
        child.wait()
        child.stdout.close()
        content = snapshots.read(tmp_path / "s")
        assert content is not None
        assert len(content) == 300_000
        assert len(set(content)) == 1


def test_everyday_rows_leave_for_the_archive_and_nothing_else_does(folder: Home, clock: FakeClock) -> None:
    day = 86_400_000
    now = round(clock.now() * 1000)
    with Database.open(folder.database, clock=clock) as db:
        for name in "ab":
            db.write(lambda con, n=name: bots.create_bot(con, a_bot(name=n)))

        def log(age: int, action: str = "INFO", bot: int = 1, told: bool = False) -> int:
            return db.log(
                bot_id=bot,
                action=action,
                message=PLAIN(text=f"{age}"),
                ts_ms=now - age * day,
                is_notification=told,
            ).result()

        old = [log(age) for age in (300, 299, 200, 150)]
        stays = [log(300, "POSISI DIBUKA"), log(300, told=True), log(60), log(300, bot=2)]
        last = log(1)
        assert retention.archive_old_history(db, folder.archive) == len(old)
        assert retention.archive_old_history(db, folder.archive) == 0
        assert {row.id for row in history.page(db.reader())} == {*stays, last}
        archived = [row for path in sorted(folder.archive.iterdir()) for row in retention.read_archive(path)]
        assert [row["id"] for row in archived] == old
        assert [row["details"] for row in archived] == ["300", "299", "200", "150"]
        clock.advance(200 * 86_400)
        log(0)
        assert retention.archive_old_history(db, folder.archive) == 2
        everything = {row["id"] for path in folder.archive.iterdir() for row in retention.read_archive(path)}
        assert everything == {*old, stays[2], last}
        assert db.log(bot_id=2, action="INFO", message=PLAIN(text="next")).result()
        assert history.page(db.reader(), bot_id=2)[0].seq == 2
    assert run(["db", "check"]) == 0


def answer(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, object]]:
    capsys.readouterr()
    code = run(["db", *arguments, "--json"])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else {}


def test_the_commands_answer_in_words_and_in_json(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answer(capsys, "init")[0] == 0
    assert answer(capsys, "check")[1]["problems"] == []
    code, made = answer(capsys, "backup")
    assert code == 0
    assert answer(capsys, "backup", str(tmp_path / "mine.db"))[0] == 0
    before = (tmp_path / "mine.db").read_bytes()
    code, held = answer(capsys, "drill", str(tmp_path / "mine.db"))
    assert (code, held["rows"]["users"], held["rows"]["bots"]) == (0, 1, 0)  # type: ignore[index]
    assert (tmp_path / "mine.db").read_bytes() == before
    (tmp_path / "torn.db").write_bytes(before[: len(before) // 2])
    assert answer(capsys, "drill", str(tmp_path / "torn.db"))[0] == 2
    code, stats = answer(capsys, "stats")
    assert isinstance(stats["rows"], dict)
    assert stats["rows"]["users"] == 1
    source = build("v0_upstream", tmp_path / "old.db")
    code, report = answer(capsys, "import", str(source))
    assert (code, len(report["legacy_bots"])) == (0, 3)  # type: ignore[arg-type]
    code, check = answer(capsys, "check")
    assert code == 1
    assert "ai_mentor_reports" in str(check["problems"])
    assert answer(capsys, "import", str(source))[0] == 2
    assert answer(capsys, "import", str(source), "--replace")[0] == 0
    code, out = answer(capsys, "export", "bots", str(tmp_path / "bots.csv"))
    assert out["rows"] == 3
    assert answer(capsys, "import", str(tmp_path / "bots.csv"), "--table", "bots")[1] == {
        "table": "bots",
        "added": 0,
    }
    assert answer(capsys, "restore", str(made["path"]))[0] == 0
    assert answer(capsys, "restore", "--newest")[0] == 0
    for wrong in (
        ["restore"],
        ["restore", "x", "--newest"],
        ["restore", "/no/such"],
        ["drill", "/no/such"],
        ["nonsense"],
        [],
        ["import", "/no/such"],
    ):
        assert run(["db", *wrong]) == 2
    for words in (["check"], ["stats"], ["backup"]):
        assert run(["db", *words]) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err


def test_a_running_program_keeps_its_database(
    folder: Home, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["db", "init"]) == 0
    source = build("v0_seed", tmp_path / "old.db")
    with InstanceLock(folder.lock_file) as lock:
        assert lock.acquire()
        for words in (["init", "--force"], ["restore", "--newest"], ["import", str(source)]):
            assert run(["db", *words]) == 2
            assert "is running" in capsys.readouterr().err
        assert run(["db", "check"]) == 0
        assert run(["db", "backup"]) == 0


def test_a_tampered_journal_is_found_by_the_check(folder: Home, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.upgrade.store import fill

    with Database.open(folder.database) as db:
        db.write(fill)
    assert run(["db", "check"]) == 0
    with Database.open(folder.database) as db:
        db.write(lambda con: con.execute("UPDATE order_journal SET filled = 9"))
        db.write(lambda con: con.execute("DELETE FROM trade_history WHERE seq = 2"))
    assert run(["db", "check"]) == 1
    told = capsys.readouterr().out
    assert "Row 1 of the order journal" in told
    assert "is numbered 3 after 1" in told
