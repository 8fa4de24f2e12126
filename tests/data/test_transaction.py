"""A transaction is all or nothing, also inside another."""

from __future__ import annotations

from pathlib import Path

import pytest

from qbx_desktop.data.connection import Connection, connect
from qbx_desktop.data.errors import DbFull
from qbx_desktop.data.transaction import transaction


@pytest.fixture
def con(tmp_path: Path) -> Connection:
    con = connect(tmp_path / "x.db")
    con.execute("CREATE TABLE t (x)")
    return con


def values(con: Connection) -> list[object]:
    return [row[0] for row in con.execute("SELECT x FROM t ORDER BY rowid").fetchall()]


def test_commit_and_rollback(con: Connection) -> None:
    with transaction(con):
        con.execute("INSERT INTO t VALUES (1)")
    with pytest.raises(KeyError), transaction(con):  # noqa: PT012 - the block itself is what is tested
        con.execute("INSERT INTO t VALUES (2)")
        raise KeyError
    assert values(con) == [1]
    con.close()


def test_an_inner_failure_that_is_caught_undoes_the_inner_part_only(con: Connection) -> None:
    with transaction(con):
        con.execute("INSERT INTO t VALUES (1)")
        with pytest.raises(KeyError), transaction(con):  # noqa: PT012 - the block itself is what is tested
            con.execute("INSERT INTO t VALUES (2)")
            with transaction(con):
                con.execute("INSERT INTO t VALUES (3)")
            raise KeyError
        with transaction(con):
            con.execute("INSERT INTO t VALUES (4)")
    assert values(con) == [1, 4]
    con.close()


def test_an_inner_part_goes_with_the_outer_one(con: Connection) -> None:
    with pytest.raises(KeyError), transaction(con):  # noqa: PT012 - the block itself is what is tested
        with transaction(con):
            con.execute("INSERT INTO t VALUES (1)")
        raise KeyError
    assert values(con) == []
    con.close()


def test_a_full_disk_that_has_rolled_back_by_itself(con: Connection) -> None:
    con.execute("PRAGMA max_page_count = 3")
    with pytest.raises(DbFull), transaction(con):
        con.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert not con.in_transaction
    assert values(con) == []
    con.close()
