"""SIGKILL in the middle of backup, restore, import, recovery and archive: nothing lost, no half file under a final name."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qbx_desktop.data import backup, bots, history, retention
from qbx_desktop.data.connection import connect
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged
from qbx_desktop.data.home import Home
from qbx_desktop.data.keep_backups import drill
from qbx_desktop.domain.errors import PLAIN
from tests.fakes.clock import FakeClock
from tests.upgrade.shapes import build

from .conftest import a_bot

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
ROWS = 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a bot, everyday rows of long ago, a backup, and the database of a predecessor."""
    home = Home(tmp_path_factory.mktemp("whole") / "home").prepare()
    clock = FakeClock()
    clock.jump(-300 * 86_400)
    with Database.open(home.database, clock=clock) as db:
        db.write(lambda con: bots.create_bot(con, a_bot(name="Mine")))
        for number in range(ROWS):
            db.log(bot_id=None, action="INFO", message=PLAIN(text=f"row {number} " + "x" * 200))
        db.write(lambda _: None)
    backup.copy_database(home.database, home.root / "saved.db")
    backup.make_backup(home.database, home.backups, "manual", clock=clock)
    build("v0_seed", home.root / "old.db")
    return home.root


def killed(what: str, home: Home, step: int) -> bool:
    """Whether the process died at that step; False: it was done before."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.data.killed_child", what, str(home.root), str(step)],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    if ended.returncode == -signal.SIGKILL:
        return True
    assert ended.stdout == b"done\n", ended.stderr.decode()[-2000:]
    return False


def kill_all_over(what: str, whole: Path, tmp_path: Path, step: int) -> None:
    at, died = 1, True
    while died:
        home = Home(tmp_path / f"{what}-{at}")
        shutil.copytree(whole, home.root)
        if what == "recover":
            home.database.write_bytes(home.database.read_bytes()[:9_000])
        died = killed(what, home, at)
        nothing_lost(home)
        shutil.rmtree(home.root)
        at += step
    assert at > 2 * step, f"{what} has more steps than one"


def nothing_lost(home: Home) -> None:
    for each in backup.backups_in(home.backups):
        drill(each.path)
    for name in home.archive.glob("history-*.jsonl.gz"):
        list(retention.read_archive(name))
    try:
        with Database.open(home.database) as db:
            con = db.reader()
            assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            names = {bot.name for bot in bots.list_bots(con)}
            rows = history.count(con)
    except DbDamaged:
        # Between two renames there is no database for a moment; the start says so and nothing begins anew.
        names, rows = set(), 0
        if home.database.exists():
            assert home.database.stat().st_size == 9_000, "the damaged file is untouched"
            return
    if "Mine" in names:
        archived = {
            row["id"]
            for path in home.archive.glob("history-*.jsonl.gz")
            for row in retention.read_archive(path)
        }
        assert rows + len(archived) >= ROWS
        return
    # Another database is in its place, or none: the one that was there lies whole in a folder of its own.
    (aside,) = (
        path for path in home.root.glob("*/bots.db") if path.parent.name.startswith(("before-", "damaged-"))
    )
    if aside.parent.name.startswith("damaged-"):
        assert aside.stat().st_size == 9_000
        return
    con = connect(aside, read_only=True)
    try:
        assert con.execute("SELECT name FROM bots").fetchone()[0] == "Mine"
        assert con.execute("SELECT count(*) FROM trade_history").fetchone()[0] == ROWS
    finally:
        con.close()


@pytest.mark.parametrize(
    ("what", "step"), [("backup", 9), ("restore", 90), ("import", 130), ("recover", 90), ("archive", 40)]
)
def test_killed_here_and_there_nothing_is_lost(what: str, step: int, whole: Path, tmp_path: Path) -> None:
    kill_all_over(what, whole, tmp_path, step)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("what", ["backup", "restore", "import", "recover", "archive"])
def test_killed_at_every_step_nothing_is_lost(what: str, whole: Path, tmp_path: Path) -> None:
    kill_all_over(what, whole, tmp_path, 1)
