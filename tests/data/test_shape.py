"""A file that lacks a table or a column of its own format is damage with a name, at opening and at import."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from qbx_desktop.data import legacy
from qbx_desktop.data.database import Database
from qbx_desktop.data.errors import DbDamaged
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import UserMistake
from tests.fakes.clock import FakeClock

CHANGES = {
    "the table users lacks the column email": "ALTER TABLE users RENAME COLUMN email TO e_mail",
    "the table watchlist is missing": "ALTER TABLE watchlist RENAME TO watched",
    "the table decisions lacks the column move": "ALTER TABLE decisions DROP COLUMN move",
}


@pytest.fixture(params=CHANGES)
def why(request: pytest.FixtureRequest, folder: Home) -> str:
    """What the database of `folder` lacks."""
    Database.open(folder.database).close()
    con = sqlite3.connect(folder.database)
    con.execute("PRAGMA legacy_alter_table = ON")
    con.execute(CHANGES[str(request.param)])
    con.commit()
    con.close()
    return str(request.param)


def test_it_is_not_opened(folder: Home, why: str) -> None:
    with pytest.raises(DbDamaged, match=why):
        Database.open(folder.database)


def test_it_is_not_imported(folder: Home, why: str, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.db"
    shutil.move(folder.database, foreign)
    before = foreign.read_bytes()
    new = Home(tmp_path / "new").prepare()
    with pytest.raises(UserMistake, match=why):
        legacy.import_database(foreign, new, clock=FakeClock())
    assert foreign.read_bytes() == before
    assert not new.database.exists()


def test_what_a_file_has_more_is_welcome(folder: Home) -> None:
    Database.open(folder.database).close()
    con = sqlite3.connect(folder.database)
    con.execute("ALTER TABLE users ADD COLUMN nickname TEXT")
    con.execute("CREATE TABLE notes_of_mine (text TEXT)")
    con.commit()
    con.close()
    Database.open(folder.database).close()
