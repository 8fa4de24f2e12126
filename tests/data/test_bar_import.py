"""Importing: all of a file or nothing, in memory that does not grow with it, and fuzzed text never lost silently."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qbx_desktop.data.bar_export import export_bars
from qbx_desktop.data.bar_file_check import check_file
from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.data.bar_import import import_file
from qbx_desktop.data.bar_report import Verdict
from qbx_desktop.data.bar_store import BarStore, Stored
from qbx_desktop.domain.errors import QbxError, Stop, UserMistake
from qbx_desktop.domain.timeframe import Timeframe
from tests.data.test_bar_store import same, some_bars

HEADER = "time,open,high,low,close,volume\n"


def exported(folder: Path, count: int, name: str = "EURUSD_H1.csv") -> Path:
    path = folder / name
    export_bars(some_bars(count), path, timeframe=Timeframe.H1, digits=5)
    return path


def test_a_file_is_stored_with_what_is_known_of_it(tmp_path: Path) -> None:
    path = exported(tmp_path, 2_000)
    with BarStore(tmp_path / "bars.db") as store:
        done = import_file(store, path, server="Demo", time_zone="Europe/Athens")
        assert (done.symbol, done.timeframe, done.server, done.digits) == ("EURUSD", Timeframe.H1, "Demo", 5)
        assert done.stored == Stored(2_000, 0, 0, 0)
        assert done.report.bars == 2_000
        series = store.find("EURUSD", Timeframe.H1)
        assert (series.time_zone, series.source, series.server) == ("Europe/Athens", "EURUSD_H1.csv", "Demo")
        assert same(store.get("EURUSD", Timeframe.H1), some_bars(2_000))
        assert import_file(store, path, server="Demo").stored == Stored(0, 0, 2_000, 0)


def test_one_wrong_row_and_the_store_is_as_before(tmp_path: Path) -> None:
    good = exported(tmp_path, 50)
    bad = tmp_path / "EURUSD_H1_bad.csv"
    text = exported(tmp_path, 30_000, "big.csv").read_text().splitlines()
    text[29_000] = text[29_000].replace("\t", ",", 1)
    bad.write_text("\n".join(text))
    with BarStore(tmp_path / "bars.db") as store:
        import_file(store, good)
        with pytest.raises(UserMistake, match="Line 29001 has 8 fields"):
            import_file(store, bad)
        assert same(store.get("EURUSD", Timeframe.H1), some_bars(50))


def test_a_history_of_poor_quality_is_stored_with_its_report(tmp_path: Path) -> None:
    path = tmp_path / "EURUSD_H1.csv"
    rows = [f"{1_577_836_800 + 3_600 * i},1.1,1.2,1.0,1.15,{i}" for i in range(400)]
    del rows[10:300]
    path.write_text(HEADER + "\n".join(rows))
    with BarStore(tmp_path / "bars.db") as store:
        done = import_file(store, path)
        assert done.report.verdict is Verdict.BROKEN
        assert done.stored.added == 110


def test_what_cannot_be_told_must_be_said(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text(HEADER + "2020-01-01 16:00:00,1.1,1.2,1.0,1.15,10\n")
    with BarStore(tmp_path / "bars.db") as store:
        with pytest.raises(UserMistake, match="--symbol"):
            import_file(store, path)
        with pytest.raises(UserMistake, match="--timeframe"):
            import_file(store, path, symbol="X")
        assert import_file(store, path, symbol="X", timeframe=Timeframe.D1).stored.added == 1
        with pytest.raises(UserMistake, match="There is no file"):
            import_file(store, tmp_path / "EURUSD_H1.csv")


def test_an_import_can_be_cancelled_at_any_time(tmp_path: Path) -> None:
    path = exported(tmp_path, 30_000)
    for asked in (0, 3):
        answers = iter([False] * asked + [True] * 100)
        with BarStore(tmp_path / "bars.db") as store:
            with pytest.raises(Stop, match="cancelled"):
                import_file(store, path, cancelled=lambda answers=answers: next(answers))
            assert store.list() == []


def test_digits_that_show_late_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "X_M1.csv"
    rows = [
        f"{1_577_836_800 + 60 * i},1.1,1.2,1.0,1.1{'2345' if i > 35_000 else ''},1" for i in range(40_000)
    ]
    path.write_text(HEADER + "\n".join(rows))
    seen: list[int] = []
    with BarStore(tmp_path / "bars.db") as store:
        done = import_file(store, path, progress=seen.append)
        assert (done.digits, done.stored.added) == (5, 40_000)
        assert same(store.get("X", Timeframe.M1), read_bars(path).bars)
    assert seen != sorted(seen), "read once more with the right digits"


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "X_M1.csv"
    rows = [f"{1_577_836_800 + 60 * i},1.1,1.2,1.0,1.12,1" for i in range(30_000)]
    path.write_text(HEADER + "\n".join(rows))

    def append(read: int) -> None:
        if read < 20_000:
            nonlocal finer
            finer += 1
            at = 1_577_836_800 + 60 * 30_000
            more = [f"{at + 60 * i},1.1,1.2,1.0,1.1{'1' * finer},1" for i in range(2_000 * finer)]
            path.write_text(HEADER + "\n".join(rows + more))

    finer = 4
    with BarStore(tmp_path / "bars.db") as store:
        with pytest.raises(UserMistake, match="changes while it is read"):
            import_file(store, path, progress=append)
        assert store.list() == []


_MEASURE = """
import sys
from pathlib import Path
from qbx_desktop.data.bar_import import import_file
from qbx_desktop.data.bar_store import BarStore
folder = Path(sys.argv[1])
def peak(): return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1]) // 1024
with BarStore(folder / "bars.db") as store:
    import_file(store, folder / "A_M1.csv")
    before = peak()
    done = import_file(store, folder / "B_M1.csv")
    print(done.stored.added, peak() - before, int("pandas" in sys.modules))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    rows = [f"{1_577_836_800 + 60 * i},1.1,1.2,1.0,1.1234{i % 10},{i % 99}\n" for i in range(500_000)]
    (tmp_path / "A_M1.csv").write_text(HEADER + "".join(rows[:250_000]))
    (tmp_path / "B_M1.csv").write_text(HEADER + "".join(rows))
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        timeout=100,
    )
    added, megabytes, pandas = (int(each) for each in done.stdout.split())
    # The 250,000 bars more would take 16 MB as bars alone, and more than 50 with the text.
    assert added == 500_000
    assert megabytes < 12
    assert not pandas


number = st.one_of(
    st.sampled_from(["1.1", "1.2", "1.0", "1.15", "0", "-1", "nan", "", " ", "1e5", "1e999", "1,5", "1.5969600000000002", ".", "+", "٣", "\x00", '"1.1"']),
    st.floats().map(repr), st.integers().map(str), st.text(max_size=6),
)  # fmt: skip
moment = st.one_of(
    st.datetimes().map(lambda at: at.strftime("%Y-%m-%d %H:%M:%S")),
    st.integers(0, 2**33).map(str),
    st.text(max_size=20),
)
row = st.tuples(moment, st.lists(number, max_size=9)).map(lambda each: ",".join([each[0], *each[1]]))
good_row = st.integers(0, 10**5).map(lambda i: f"{1_577_836_800 + 3_600 * i},1.1,1.2,1.0,1.15,{i}")
EXAMPLES = int(os.environ.get("QBX_FUZZ", "120"))


def judged(folder: Path, content: bytes) -> int | None:
    """The number of bars read, or None when the file was refused; the check must agree and keep count of every row."""
    path = folder / "fuzz_H1.csv"
    path.write_bytes(content)
    try:
        bars = len(read_bars(path).bars)
    except QbxError:
        bars = None
    try:
        report = check_file(path)
    except QbxError:
        assert bars is None
        return None
    wrong = sum(each.count for each in report.findings if each.kind in ("unreadable", "unsorted", "duplicates", "impossible", "not_positive"))  # fmt: skip
    assert (bars is None) == (wrong > 0)
    if report.timeframe is not None and bars is not None:
        assert report.bars == bars
    return bars


@settings(max_examples=EXAMPLES)
@given(
    rows=st.lists(st.one_of(row, good_row), max_size=12), end=st.sampled_from(["\n", "\r\n", "\r", "\n\n"])
)
@example(rows=["2020-01-01 00:00:00,1.1,1.2,1.0,1.15,1", "2020-01-01 00:00:00"], end="\r\n")
def test_no_row_is_lost_silently(tmp_path_factory: pytest.TempPathFactory, rows: list[str], end: str) -> None:
    content = (HEADER + end.join(rows)).encode("utf-8", errors="surrogatepass")
    bars = judged(tmp_path_factory.mktemp("fuzz"), content)
    if bars is not None and end != "\r":
        # Every line with something on it became a bar.
        lines = content.decode("utf-8", errors="replace").replace("\r\n", "\n").split("\n")[1:]
        assert bars == sum(1 for line in lines if line.strip(' \t\r\n\x0b\x0c"'))


@settings(max_examples=EXAMPLES)
@given(
    content=st.binary(max_size=400),
    start=st.sampled_from([b"", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b\x08", HEADER.encode()]),
)
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    judged(tmp_path_factory.mktemp("fuzz"), start + content)


@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_a_good_file_with_one_byte_changed_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    content = bytearray(exported(folder, 20).read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] = data.draw(st.integers(0, 255))
    bars = judged(folder, bytes(content))
    assert bars in (None, 20, 21)
