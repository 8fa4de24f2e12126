"""A backtest from the command line counts as a trial where there is a database, and never fails for its sake."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from qbx_desktop.__main__ import main
from qbx_desktop.data.database import Database
from qbx_desktop.data.home import Home
from tests.fakes.prices import walk, write_csv

FULL = [
    "--symbol", "EURUSD", "--strategy", "MA_CROSSOVER", "--set", "fast_period=10", "--set", "slow_period=30",
    "--risk", "1", "--sl-atr", "2", "--baseline", "0",
]  # fmt: skip


@pytest.fixture
def bars(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "EURUSD_H1.csv", walk(700))


def qbx(*arguments: object) -> int:
    return main(["backtest", *map(str, arguments)])


def counted(home: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(Home(home).database)) as con:
        return con.execute("SELECT strategy, symbol, timeframe, runs FROM trials").fetchall()


def test_each_setting_once_and_each_run(bars: Path, home: Path) -> None:
    Database.open(Home(home).prepare().database).close()
    assert qbx("--bars", bars, *FULL) == 0
    assert counted(home) == [("MA_CROSSOVER", "EURUSD", 3_600, 1)]
    assert qbx("--bars", bars, *FULL) == 0
    assert qbx("--bars", bars, *(each.replace("fast_period=10", "fast_period=11") for each in FULL)) == 0
    assert [row[3] for row in counted(home)] == [2, 1]


def test_without_a_database_none_is_made(bars: Path, home: Path) -> None:
    assert qbx("--bars", bars, *FULL) == 0
    assert not Home(home).database.exists()


@pytest.mark.parametrize("spoilt", ["held by another program", "of another format", "no database"])
def test_what_cannot_be_counted_into_is_left_as_it_is(
    spoilt: str, bars: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Home(home).prepare().database
    Database.open(database).close()
    with closing(sqlite3.connect(database, isolation_level=None)) as con:
        if spoilt == "held by another program":
            con.execute("BEGIN IMMEDIATE")
        elif spoilt == "of another format":
            con.execute("PRAGMA user_version = 3")
        else:
            con.close()
            database.write_text("not a database at all, whatever its name says")
        assert qbx("--bars", bars, *FULL) == 0
    said = capsys.readouterr()
    assert "Net profit" in said.out
    assert said.err == ""
    if spoilt == "no database":
        assert database.read_text().startswith("not a database")
    else:
        assert counted(home) == []
