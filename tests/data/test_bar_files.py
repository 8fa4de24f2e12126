"""Price files: every format read exactly, every fault named by its line, and nothing used of a file with one."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import numpy as np
import pytest

from qbx_desktop.data.bar_files import read_bars
from qbx_desktop.domain.errors import QbxError, Stop, UserMistake
from qbx_desktop.domain.timeframe import Timeframe

VOLUME = "time,open,high,low,close,volume\n"
RATES = "time,open,high,low,close,tick_volume,spread,real_volume\n"
MT5 = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\r\n"
MT5_DAYS = "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\r\n"
GOOD = "2020-01-01 16:00:00,1.1,1.2,1.0,1.15,10\n"
FIRST = 1_577_894_400  # 2020-01-01 16:00


def written(folder: Path, text: str | bytes, name: str = "bars.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refused(folder: Path, text: str | bytes, name: str = "bars.csv") -> str:
    with pytest.raises(UserMistake) as caught:
        read_bars(written(folder, text, name))
    return caught.value.sentence


def test_the_predecessors_short_header(tmp_path: Path) -> None:
    read = read_bars(written(tmp_path, VOLUME + GOOD + "2020-01-01 17:00:00,1.15,1.25,1.05,1.12345,7\n"))
    assert read.bars.time.tolist() == [FIRST, FIRST + 3600]
    assert read.bars.close.tolist() == [1.15, 1.12345]
    assert read.bars.tick_volume.tolist() == [10, 7]
    assert read.bars.spread.tolist() == [0, 0]
    assert (read.digits, read.timeframe, read.source) == (5, Timeframe.H1, "volume-csv")
    assert read.problems == ()


def test_the_predecessors_long_header_keeps_spread_and_volumes(tmp_path: Path) -> None:
    text = RATES + "2020-01-01 16:00:00,15.07,15.12,15.04,15.1,25,3,8509\n"
    read = read_bars(written(tmp_path, text, "MetaQuotes_META_16385_data.csv"))
    rates = read.bars.to_rates()[0]
    assert rates.tolist() == (FIRST, 15.07, 15.12, 15.04, 15.1, 25, 3, 8509)
    assert (read.symbol, read.timeframe, read.source, read.digits) == ("META", Timeframe.H1, "rates-csv", 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("clock", ["16:00:00", "16:00"])
def test_metatraders_export_in_every_encoding(tmp_path: Path, encoding: str, clock: str) -> None:
    text = MT5 + f"2020.01.01\t{clock}\t1.12100\t1.12200\t1.12000\t1.12150\t100\t250\t5\r\n"
    read = read_bars(written(tmp_path, text.encode(encoding)))
    assert read.bars.to_rates()[0].tolist() == (FIRST, 1.121, 1.122, 1.12, 1.1215, 100, 5, 250)
    # MetaTrader writes every price with all its digits, so the zero at the end counts.
    assert (read.digits, read.source) == (5, "mt5-export")


def test_metatraders_daily_export_has_no_time_column(tmp_path: Path) -> None:
    rows = "".join(f"2020.01.0{day}\t1.1\t1.2\t1.0\t1.15\t100\t0\t5\r\n" for day in (1, 2, 3))
    read = read_bars(written(tmp_path, MT5_DAYS + rows))
    assert read.timeframe is Timeframe.D1
    assert read.bars.time[0] == 1_577_836_800


@pytest.mark.parametrize(
    "text",
    [
        "time;open;high;low;close;volume\n2020-01-01 16:00;1,1;1,2;1,0;1,15;10\n",
        "Time\tOpen\tHigh\tLow\tClose\tVolume\n2020/01/01 16:00:00\t1.1\t1.2\t1.0\t1.15\t10\n",
        '"time","open","high","low","close","volume"\n"2020-01-01T16:00:00","1.1","1.2","1.0","1.15","10.0"\n',
        ",time,open,high,low,close,tick_volume\n0,1577894400,1.1,1.2,1.0,1.15,10\n",
        "\n\ntime,open,high,low,close,volume\r\n\r\n2020-01-01 16:00:00, 1.1, 1.2, +1.0, 11.5e-1, 10\r\n\r\n",
        "time,open,high,low,close,volume\r2020-01-01 16:00:00,1.1,1.2,1.0,1.15,10\r",
        "date,time,open,high,low,close,tick_volume,volume\n2020-01-01,16:00,1.1,1.2,1.0,1.15,10,0\n",
        "time,open,high,low,close,volume\n2020-01-01 16:00:00,1.1,1.2,1.0,1.15,10",
    ],
    ids=["semicolon", "tab", "quotes", "epoch", "blanks", "cr", "two-columns", "no-last-newline"],
)
def test_the_same_bar_written_otherwise(tmp_path: Path, text: str) -> None:
    read = read_bars(written(tmp_path, text))
    assert read.bars.to_rates()[0].tolist() == (FIRST, 1.1, 1.2, 1.0, 1.15, 10, 0, 0)
    assert len(read.bars) == 1
    assert read.digits == 2


def test_gzip_is_known_by_its_bytes(tmp_path: Path) -> None:
    packed = gzip.compress((VOLUME + GOOD).encode())
    assert len(read_bars(written(tmp_path, packed, "a.csv.gz")).bars) == 1
    assert len(read_bars(written(tmp_path, packed, "a.csv")).bars) == 1
    assert len(read_bars(written(tmp_path, VOLUME + GOOD, "b.csv.gz")).bars) == 1


def test_binary_noise_is_taken_out_and_told(tmp_path: Path) -> None:
    row = "2020-01-01 16:00:00,1.5969600000000002,1.59697,1.0104899999999999,1.5969,10\n"
    read = read_bars(written(tmp_path, VOLUME + row))
    assert read.bars.open[0] == 1.59696
    assert read.bars.low[0] == 1.01049
    assert (read.digits, read.noise) == (5, 2)
    assert "binary noise such as 1.5969600000000002: 2" in read.problems[0].text
    assert "line 2" in read.problems[0].text


def test_one_price_with_more_decimals_does_not_change_the_digits(tmp_path: Path) -> None:
    rows = [f"{FIRST + 60 * i},1.12345,1.12346,1.12344,1.12345,1\n" for i in range(1000)]
    rows[500] = rows[500].replace("1.12346", "1.1234567")
    read = read_bars(written(tmp_path, VOLUME + "".join(rows)))
    assert read.digits == 5
    assert read.bars.high[500] == 1.12346
    assert "more than 5 decimals, unlike the rest: 1" in read.problems[0].text
    assert "line 502" in read.problems[0].text


def test_a_mixed_file_keeps_the_finer_digits(tmp_path: Path) -> None:
    rows = "".join(
        f"{FIRST + 3600 * i},28565.{'25' if i < 10 else '5'},28566,28560,28561,1\n" for i in range(90)
    )
    assert read_bars(written(tmp_path, VOLUME + rows)).digits == 2


def test_every_fault_has_its_line_and_nothing_is_used(tmp_path: Path) -> None:
    bad = [
        "2020-01-01 17:00:00,nan,1.2,1.0,1.15,10",
        "2020-13-01 18:00:00,1.1,1.2,1.0,1.15,10",
        "",
        "2020-01-01 19:00:00,1.1,1.2,1.0,1.15",
    ]
    said = refused(tmp_path, VOLUME + GOOD + "\n".join(bad) + "\n")
    assert "3 of 4 rows are wrong" in said
    assert "line 3: open is 'nan'" in said.replace("Line 3", "line 3")
    assert "line 4: the time is '2020-13-01 18:00:00'" in said
    assert "line 6 has 5 fields instead of 6" in said
    assert "nothing of the file was used" in said


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2020-01-01 17:00:00,1.1,1.2,1.0,inf,10", "close is 'inf'"),
        ("2020-01-01 17:00:00,1.1,1.2,1.0,1e999,10", "close is '1e999'"),
        ("2020-01-01 17:00:00,1.1,1.2,1.0,1.1.5,10", "close is '1.1.5'"),
        ("2020-01-01 17:00:00,1.1,1.2,1.0,٣,10", "close is '٣'"),
        ("2020-01-01 17:00:00,1.1,1.2,1.0,.,10", "close is '.'"),
        ("2020-01-01 17:00:00,1.1,1.2,1.0,1.15,", "tick_volume is ''"),
        ("2020-01-01 17:00:00,1.1,1.2,1.0,1.15,2.5", "tick_volume is '2.5'"),
        ("2020-01-01 17:00:00,1.1,1.2,1.0,1.15,-1", "tick_volume is '-1'"),
        (
            "2020-01-01 17:00:00,1.1,1.2,1.0,1.15,99999999999999999999",
            "tick_volume is '99999999999999999999'",
        ),
        ("2020-02-30 17:00:00,1.1,1.2,1.0,1.15,1", "the time is '2020-02-30 17:00:00'"),
        ("2020-01-01 24:00:00,1.1,1.2,1.0,1.15,1", "the time is '2020-01-01 24:00:00'"),
        ("9999-12-30 17:00:00,1.1,1.2,1.0,1.15,1", "the time is '9999-12-30 17:00:00'"),
        ("9999999999,1.1,1.2,1.0,1.15,1", "the time is '9999999999'"),
        ("01.02.2020 17:00:00,1.1,1.2,1.0,1.15,1", "the time is '01.02.2020 17:00:00'"),
        ("2020-01-01 17:00:00,1.1,1.2,1.15,1.1,1", "contradict each other"),
        ("2020-01-01 17:00:00,1.3,1.2,1.0,1.1,1", "contradict each other"),
        ("2020-01-01 17:00:00,0,1.2,0,1.1,1", "zero or negative"),
        ("2020-01-01 17:00:00,1.1,1.2,-1.0,1.1,1", "zero or negative"),
        ("2020-01-01 16:00:00,1.1,1.2,1.0,1.15,10", "already is a bar at 2020-01-01 16:00:00"),
        ("2020-01-01 15:00:00,1.1,1.2,1.0,1.15,10", "does not come after"),
    ],
)
def test_each_fault_refuses_the_file(tmp_path: Path, row: str, words: str) -> None:
    said = refused(tmp_path, VOLUME + GOOD + row + "\n")
    assert words in said
    assert "Line 3" in said


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.csv", "is empty"),
        (b"\n \n", "a.csv", "is empty"),
        (VOLUME.encode(), "a.csv", "a header and no bars"),
        (b"2020.01.01,00:00,1,1,1,1,5\n", "a.csv", "does not name the columns"),
        (b"time,open,high,close\n", "a.csv", "lacks low"),
        (b"time,open,open,high,low,close\n", "a.csv", "names open twice"),
        (b"<DATE>\t<TIME>\t<BID>\t<ASK>\t<LAST>\t<VOLUME>\t<FLAGS>\n", "a.csv", "ticks, not bars"),
        (b"PK\x03\x04stuff", "a.xlsx", "ZIP archive or an Excel workbook"),
        (b"a" * 200_000, "a.csv", "line of more than"),
        (bytes(range(256)) * 50, "a.csv", "does not name the columns"),
        (gzip.compress((VOLUME + GOOD).encode() * 50, mtime=0)[:-12], "a.csv.gz", "damaged or incomplete"),
        (b"\x1f\x8bgarbage", "a.csv.gz", "damaged or incomplete"),
        (b"\xff\xfet\x00i\x00m\x00\x00", "a.csv", "not readable as UTF-16"),
    ],
)
def test_what_is_no_file_of_bars_is_refused(tmp_path: Path, content: bytes, name: str, words: str) -> None:
    assert words in refused(tmp_path, content, name)


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "no.csv", "There is no file"), (tmp_path, "cannot be opened")):
        with pytest.raises(UserMistake, match=words):
            read_bars(path)


def test_reading_can_be_cancelled_and_tells_its_progress(tmp_path: Path) -> None:
    rows = "".join(f"{FIRST + 60 * i},1.1,1.2,1.0,1.15,1\n" for i in range(40_000))
    path = written(tmp_path, VOLUME + rows)
    seen: list[int] = []
    assert len(read_bars(path, progress=seen.append).bars) == 40_000
    assert seen[-1] == 40_000
    assert len(seen) > 1
    with pytest.raises(Stop, match="cancelled"):
        read_bars(path, cancelled=lambda: True)


def test_faults_far_into_a_file_keep_their_line_numbers(tmp_path: Path) -> None:
    rows = [f"{FIRST + 60 * i},1.1,1.2,1.0,1.15,1\n" for i in range(40_000)]
    rows[30_000] = "x\n"
    rows.insert(10, "\n")
    assert "Line 30003 has 1 fields" in refused(tmp_path, VOLUME + "".join(rows))


def real_files() -> list[Path]:
    folder = os.environ.get("QBX_REAL_BARS")
    return sorted(Path(folder).glob("*.csv.gz")) if folder else []


@pytest.mark.skipif(not real_files(), reason="QBX_REAL_BARS names no folder of real price files")
@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.name)
def test_real_files_agree_with_pandas(path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_csv(path, parse_dates=["time"])
    read = read_bars(path)
    assert len(read.bars) == len(frame)
    assert np.array_equal(frame["time"].to_numpy().astype("datetime64[s]").astype(np.int64), read.bars.time)
    for name in ("open", "high", "low", "close"):
        assert np.array_equal(np.round(frame[name].to_numpy(), read.digits), getattr(read.bars, name))
    volume = "tick_volume" if "tick_volume" in frame else "volume"
    assert np.array_equal(frame[volume].to_numpy(), read.bars.tick_volume)


def test_errors_are_the_programs_own(tmp_path: Path) -> None:
    with pytest.raises(QbxError):
        read_bars(written(tmp_path, b"\x00" * 1000))
