"""CSV: no cell that a spreadsheet would run, and what goes out comes back equal."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qbx_desktop.data import csv_tables
from qbx_desktop.data.csv_cells import TRIGGERS, from_cell, to_cell
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from qbx_desktop.domain.errors import UserMistake
from tests.rights import is_private

TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
VALUE = st.one_of(
    st.none(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), TEXT, st.binary(max_size=10)
)


@given(VALUE, st.booleans())
@example("=1+1", True)
@example("＝1", True)
@example("x'zz'", True)
@example("x'00'", False)
@example("'", True)
@example("", True)
def test_any_value_comes_back_and_is_never_a_formula(value: object, textual: bool) -> None:
    if textual and isinstance(value, int | float):
        return
    cell = to_cell(value, textual)
    back = from_cell(cell, textual)
    assert back == value
    assert type(back) is type(value) or (isinstance(value, float) and back == value)
    if isinstance(value, str):
        assert not cell.startswith(TRIGGERS)


@settings(max_examples=15)
@given(rows=st.lists(st.tuples(TEXT, TEXT, VALUE), max_size=8))
def test_a_table_comes_back_equal(
    rows: list[tuple[str, str, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("csv")

    def content(db: Database) -> list[tuple[object, ...]]:
        return [
            tuple(row) for row in db.reader().execute("SELECT * FROM trade_history ORDER BY id").fetchall()
        ]

    with Database.open(Home(folder / "a").prepare().database) as db:
        for action, details, level in rows:
            db.write(
                lambda con, v=(action, details, level): con.execute(
                    "INSERT INTO trade_history (action, details, ts_ms) VALUES (?, ?, ?)", v
                )
            )
        assert csv_tables.export_table(db.reader(), "trade_history", folder / "out.csv") == len(rows)
        before = content(db)
        assert db.write(lambda con: csv_tables.import_table(con, "trade_history", folder / "out.csv")) == 0
    with Database.open(Home(folder / "b").prepare().database) as db:
        assert db.write(lambda con: csv_tables.import_table(con, "trade_history", folder / "out.csv")) == len(
            rows
        )
        assert content(db) == before


def test_every_exportable_table_goes_out_and_back(tmp_path: Path) -> None:
    from tests.upgrade.store import fill

    with (
        Database.open(Home(tmp_path / "a").prepare().database) as db,
        Database.open(Home(tmp_path / "b").prepare().database) as other,
    ):
        db.write(fill)
        for table in csv_tables.TABLES:
            target = tmp_path / f"{table}.csv"
            count = csv_tables.export_table(db.reader(), table, target)
            assert count > 0
            assert is_private(target)
            if table == "watchlist":
                other.write(
                    lambda con: con.execute(
                        "INSERT INTO users (name, email, password_hash) VALUES ('u', 'u', '!')"
                    )
                )
            assert (
                other.write(lambda con, t=table: csv_tables.import_table(con, t, tmp_path / f"{t}.csv"))
                == count
            )
            ours, theirs = (
                [tuple(row) for row in each.reader().execute(f"SELECT * FROM {table}").fetchall()]
                for each in (db, other)
            )
            assert ours == theirs


def test_large_tables_go_out_page_by_page(db: Database, tmp_path: Path) -> None:
    db.write(
        lambda con: con.executemany(
            "INSERT INTO trade_history (action) VALUES (?)", [(str(n),) for n in range(5_001)]
        )
    )
    assert csv_tables.export_table(db.reader(), "trade_history", tmp_path / "x.csv") == 5_001
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [int(row["id"]) for row in csv.DictReader(file)] == list(range(1, 5_002))


@pytest.mark.parametrize(("text", "line"), [
    ("", 1), ("id,action\n1,START,more\n", 2), ("id,nonsense\n1,x\n", 1), ("action\nSTART\n", 1), ("id,id\n1,1\n", 1),
    ("id,action\n1,a\nabc,b\n", 3), ("id,action\n1,a\n2,\n", 3), ("id,action\n1,a\n" + "9" * 30 + ",b\n", 3),
    ('id,action\n1,"never closed\n', 2), ("id,action,bot_id\n1,a,77\n", 2),
])  # fmt: skip
def test_a_bad_file_is_refused_whole_with_its_line(
    db: Database, tmp_path: Path, text: str, line: int
) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(UserMistake) as caught:
        db.write(lambda con: csv_tables.import_table(con, "trade_history", tmp_path / "x.csv"))
    assert f"Line {line}" in caught.value.sentence or "Line" in caught.value.sentence
    assert db.reader().execute("SELECT count(*) FROM trade_history").fetchone()[0] == 0


@settings(max_examples=40)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_imported_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("bytes")
    (folder / "x.csv").write_bytes(b"id,action\n" + content)
    con = sqlite3.connect(":memory:", isolation_level=None)
    con.row_factory = sqlite3.Row
    con.execute("CREATE TABLE trade_history (id INTEGER PRIMARY KEY, action TEXT NOT NULL)")
    try:
        csv_tables.import_table(con, "trade_history", folder / "x.csv")
    except UserMistake:
        assert con.execute("SELECT count(*) FROM trade_history").fetchone()[0] == 0
    except sqlite3.IntegrityError:
        pass
    con.close()


def test_a_different_row_under_the_same_key_is_not_overwritten(db: Database, tmp_path: Path) -> None:
    db.write(lambda con: con.execute("INSERT INTO trade_history (id, action) VALUES (1, 'mine')"))
    (tmp_path / "x.csv").write_text("id,action\n2,new\n1,other\n")
    with pytest.raises(UserMistake, match="different row"):
        db.write(lambda con: csv_tables.import_table(con, "trade_history", tmp_path / "x.csv"))
    assert [row[0] for row in db.reader().execute("SELECT action FROM trade_history").fetchall()] == ["mine"]


def test_passwords_are_not_for_export(db: Database, tmp_path: Path) -> None:
    for table in ("users", "user_security", "nonsense", "bots; DROP TABLE bots"):
        with pytest.raises(UserMistake):
            csv_tables.export_table(db.reader(), table, tmp_path / "x.csv")
    with pytest.raises(UserMistake, match="cannot be written"):
        csv_tables.export_table(db.reader(), "bots", tmp_path / "no" / "x.csv")
