"""Export in MetaTrader 5's format: what is written reads back equal, and no half file is ever left."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from qbx_desktop.data.bar_export import export_bars
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.bars import Bars
from qbx_desktop.domain.errors import UserMistake
from qbx_desktop.domain.timeframe import Timeframe
from tests.data.test_bar_store import same, some_bars


@pytest.mark.parametrize("timeframe", list(Timeframe), ids=lambda each: each.name)
@pytest.mark.parametrize("name", ["bars.csv", "bars.csv.gz"])
def test_what_is_written_reads_back_equal(tmp_path: Path, timeframe: Timeframe, name: str) -> None:
    bars = some_bars(300, step=timeframe.seconds)
    export_bars(bars, tmp_path / name, timeframe=timeframe, digits=5)
    read = read_bars(tmp_path / name)
    assert same(read.bars, bars)
    assert (read.digits, read.source, read.timeframe) == (5, "mt5-export", timeframe)
    assert read.problems == ()


def test_it_looks_as_metatrader_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    bars = Bars.from_prices([1_577_894_400], [1.1], [1.2], [1.0], [1.15], [7], [3])
    export_bars(bars, path, timeframe=Timeframe.H1, digits=5)
    assert path.read_bytes() == (
        b"<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\r\n"
        b"2020.01.01\t16:00:00\t1.10000\t1.20000\t1.00000\t1.15000\t7\t0\t3\r\n"
    )


def test_the_same_bars_make_the_same_packed_file(tmp_path: Path) -> None:
    for name in ("a.csv.gz", "b.csv.gz"):
        export_bars(some_bars(100), tmp_path / name, timeframe=Timeframe.H1, digits=5)
    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.csv.gz").read_bytes()).startswith(b"<DATE>")


def test_an_existing_file_is_kept_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("mine")
    with pytest.raises(UserMistake, match="exists already"):
        export_bars(some_bars(10), path, timeframe=Timeframe.H1, digits=5)
    assert path.read_text() == "mine"
    export_bars(some_bars(10), path, timeframe=Timeframe.H1, digits=5, overwrite=True)
    assert len(read_bars(path).bars) == 10
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(UserMistake, match="cannot be written"):
        export_bars(some_bars(10), tmp_path / "no" / "a.csv", timeframe=Timeframe.H1, digits=5)
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    with pytest.raises(UserMistake, match="cannot be written"):
        export_bars(some_bars(10), folder, timeframe=Timeframe.H1, digits=5, overwrite=True)
    assert list(tmp_path.iterdir()) == [folder]


@given(
    digits=st.integers(0, 8),
    points=arrays.arrays(np.int64, st.tuples(st.integers(1, 30), st.just(4)), elements=st.integers(1, 2**33)),
    counts=st.tuples(st.integers(0, 2**40), st.integers(0, 2**20), st.integers(0, 2**40)),
)
def test_any_prices_survive(
    tmp_path_factory: pytest.TempPathFactory, digits: int, points: np.ndarray, counts: tuple[int, int, int]
) -> None:
    low, opens, close, high = np.sort(points, axis=1).T / 10.0**digits
    n = len(points)
    bars = Bars(
        1_600_000_000 + 60 * np.arange(n), opens, high, low, close, *(np.full(n, each) for each in counts)
    )
    path = tmp_path_factory.mktemp("export") / "x.csv"
    export_bars(bars, path, timeframe=Timeframe.M1, digits=digits)
    assert same(read_bars(path).bars, bars)
