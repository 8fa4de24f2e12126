"""Rows without a tree: told by their shape, for every table, with long texts, and never out of rubbish."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qbx_desktop.data import history, recovery
from qbx_desktop.data.connection import connect
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.data.raw_pages import RawFile
from qbx_desktop.domain.errors import PLAIN
from tests.fakes.clock import FakeClock
from tests.upgrade.shapes import content
from tests.upgrade.store import fill

# What a recovery itself writes, and what is about the file and not in it.
_OWN = {"app_meta", "trading_state", "audit_log", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"}


@pytest.mark.parametrize("lost", ["zeros", "rubbish"])
def test_with_the_first_page_lost_every_row_of_every_table_comes_back(
    folder: Home, clock: FakeClock, lost: str
) -> None:
    with Database.open(folder.database, clock=clock) as db:
        db.write(fill)
    before = content(folder.database)
    data = bytearray(folder.database.read_bytes())
    data[:4096] = bytes(4096) if lost == "zeros" else os.urandom(4096)
    folder.database.write_bytes(data)
    recovery.recover(folder, clock=clock)
    after = content(folder.database)
    for table in set(before) - _OWN:
        assert after[table] == before[table], table
    names = ("magic_base", "install_id")
    assert [row for row in after["app_meta"] if row["key"] in names] == [
        row for row in before["app_meta"] if row["key"] in names
    ]


def test_long_texts_are_followed_over_their_pages(folder: Home, clock: FakeClock) -> None:
    texts = [chr(65 + number % 26) * (number * 1_500) for number in range(20)]
    with Database.open(folder.database, clock=clock) as db:
        for text in texts:
            db.log(bot_id=None, action="INFO", message=PLAIN(text=text))
        db.write(lambda _: None)
    data = bytearray(folder.database.read_bytes())
    data[:4096] = bytes(4096)
    folder.database.write_bytes(data)
    recovery.recover(folder, clock=clock)
    with Database.open(folder.database) as db:
        rows = history.page(db.reader(), limit=100)
        assert [row.details for row in rows][::-1] == texts


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.one_of(
                st.none(),
                st.integers(-(2**63), 2**63 - 1),
                st.floats(allow_nan=False),
                st.text(max_size=5_000),
            ),
            st.binary(max_size=9_000),
        ),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([512, 4096, 65_536]),
)
def test_records_read_as_sqlite_wrote_them(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[object, bytes]], page_size: int
) -> None:
    path = tmp_path_factory.mktemp("raw") / "x.db"
    con = sqlite3.connect(path)
    con.execute(f"PRAGMA page_size = {page_size}")
    con.execute("CREATE TABLE t (a, b)")
    con.executemany("INSERT INTO t VALUES (?, ?)", rows)
    con.commit()
    root = con.execute("SELECT rootpage FROM sqlite_schema").fetchone()[0]
    stored = con.execute("SELECT rowid, a, b FROM t ORDER BY rowid").fetchall()
    con.close()
    with RawFile(path, 4096) as file:
        pages, whole = file.reachable(root)
        found = sorted((each.rowid, *each.values) for page in pages for each in file.records(page))
    assert whole
    assert found == [tuple(row) for row in stored]


@given(st.binary(min_size=1, max_size=20_000), st.booleans())
def test_rubbish_gives_nothing_and_never_hangs(
    tmp_path_factory: pytest.TempPathFactory, rubbish: bytes, with_magic: bool
) -> None:
    path = tmp_path_factory.mktemp("raw") / "x.db"
    path.write_bytes((b"SQLite format 3\x00" if with_magic else b"") + rubbish)
    with RawFile(path, 512) as file:
        file.free_pages()
        for page in range(1, file.count + 1):
            file.reachable(page)
            list(file.records(page))


def test_a_wreck_of_any_bytes_is_recovered_from(tmp_path: Path, clock: FakeClock) -> None:
    for number, rubbish in enumerate((b"x", b"SQLite format 3\x00", os.urandom(600), os.urandom(50_000))):
        home = Home(tmp_path / str(number)).prepare()
        home.database.write_bytes(rubbish)
        recovery.recover(home, clock=clock)
        con = connect(home.database, read_only=True)
        assert con.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        con.close()
